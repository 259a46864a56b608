"""The sources of the courses, and one built release for the tests that only read it."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest
from builder import build
from ruamel.yaml import YAML
from yanxiu_formats.units import tasks_by_id, unit_of

COURSES = Path(__file__).parents[2] / "courses"
XINXI2 = COURSES / "xinxi2"
A1, B1 = XINXI2 / "a1", XINXI2 / "b1"
#: Every unit of every course that is kept here.
UNITS = sorted(path.parent for path in COURSES.glob("*/*/unit.yaml"))


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    out = tmp_path_factory.mktemp("release") / "xinxi2"
    return build(XINXI2, out), out


@pytest.fixture
def course(tmp_path):
    """A copy of the course with its first unit, which a test may break."""
    ignore = shutil.ignore_patterns("__pycache__", "b1")
    copy = Path(shutil.copytree(XINXI2, tmp_path / "xinxi2", ignore=ignore))
    about = copy / "course.yaml"
    about.write_text(about.read_text("utf-8").replace("  - b1\n", ""), encoding="utf-8")
    return copy


def load(path):
    """Import a file that is no package, as the scoring run does."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def texts(part):
    """Return every text of a unit in both languages: ``(Chinese, English)``."""
    if isinstance(part, dict):
        if "en" in part and "zh_CN" in part:
            yield part["zh_CN"], part["en"]
        for value in part.values():
            yield from texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from texts(value)


class Unit:
    """A unit's source as its tests want it."""

    def __init__(self, folder):
        self.folder = folder
        self.name = f"{folder.parent.name}/{folder.name}"
        self.unit = YAML(typ="safe").load((folder / "unit.yaml").read_text("utf-8"))
        self.tasks = tasks_by_id(unit_of(self.unit))
        self.auto = {k: task.points for k, task in self.tasks.items() if task.kind == "auto"}
        solution = json.loads((folder / "solution/answers.json").read_text("utf-8"))
        self.solution = solution["answers"]
        self.wrong = {
            path.stem: json.loads(path.read_text("utf-8"))
            for path in sorted((folder / "wrong").glob("*.json"))
        }
        self._score = load(folder / "score.py").score

    def score(self, answers):
        """Return the lines of the scoring run."""
        return self._score(answers, self.folder / "data")

    def points(self, answers):
        """Return the points by task."""
        return {line["task"]: line["points"] for line in self.score(answers)}

    def changed(self, **tasks):
        """Return the reference solution with other answers to some tasks."""
        return {**self.solution, **tasks}

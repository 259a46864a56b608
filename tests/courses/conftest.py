"""The sources of the courses, and one built release for the tests that only read it."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from builder import build

COURSES = Path(__file__).parents[2] / "courses"
XINXI2 = COURSES / "xinxi2"
A1 = XINXI2 / "a1"


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    out = tmp_path_factory.mktemp("release") / "xinxi2"
    return build(XINXI2, out), out


@pytest.fixture
def course(tmp_path):
    """A copy of the course that a test may break."""
    ignore = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(XINXI2, tmp_path / "xinxi2", ignore=ignore))


def load(path):
    """Import a file that is no package, as the scoring run does."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

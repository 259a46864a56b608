"""Put a release together and write it in one step.

Everything is made in memory and checked first; then it is written beside the old release
and takes its place, so a failed build leaves what was there. The digest is the SHA-256 of
release.json, which is written as canonical JSON.
"""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from builder.checks import check_unit
from builder.content import check_content
from builder.files import check_files
from builder.hidden import check_hidden
from builder.notebooks import build_notebook
from builder.problems import CourseError, Problems
from builder.reading import read_text, read_yaml
from builder.schema import check_schema
from yanxiu_formats.units import (
    INTRO,
    INTRO_EN,
    UNIT_FILE,
    Course,
    WorksheetUnit,
    canonical,
    unit_json,
)


@dataclass(frozen=True)
class Release:
    """A built release: course id, hex digest, and file name → SHA-256."""

    course: str
    digest: str
    files: dict[str, str]


@dataclass(frozen=True)
class Inspected:
    """A course that was looked through: all problems of all its units, and what it would release.

    :param advice: sentences about what may stay and could be better
    """

    course: Course | None
    units: list[WorksheetUnit]
    files: dict[str, bytes]
    problems: list[str]
    advice: list[str]


def inspect(source: Path) -> Inspected:
    """Look through the course in ``source``, as far as each part can be read."""
    problems, advice = Problems(), Problems()
    course, folders = _read_course(source, problems)
    units, files = [], {}
    for folder in folders:
        unit, made = _read_unit(source / folder, problems, advice)
        if unit is not None:
            units.append(unit)
            files |= made
    return Inspected(course, units, files, problems.found, advice.found)


def build(source: Path, out: Path) -> Release:
    """Build the course in ``source`` into ``out`` and return its digest.

    :raises CourseError: with every problem that was found
    """
    return write(inspect(source), out)


def write(found: Inspected, out: Path) -> Release:
    """Write what was looked through into ``out`` and return its digest.

    :raises CourseError: it has problems
    """
    if found.problems or found.course is None:
        raise CourseError(found.problems)
    names = sorted(found.files)
    manifest = {
        "format": 1,
        "course": found.course.model_dump(mode="json", exclude={"units"}),
        "units": [unit_json(unit) for unit in found.units],
        "files": {name: hashlib.sha256(found.files[name]).hexdigest() for name in names},
    }
    release = canonical(manifest).encode()
    _write({"release.json": release, **found.files}, out)
    digest = hashlib.sha256(release).hexdigest()
    return Release(found.course.id, digest, manifest["files"])


def _read_course(source: Path, problems: Problems) -> tuple[Course | None, list[str]]:
    """Return course.yaml, None if it is of no use, and the folders of the units to look at."""
    if not source.is_dir():
        problems.add(str(source), "没有这个课程文件夹", "请检查路径")
        return None, []
    found = {path.parent.name for path in source.glob("*/unit.yaml")}
    content = read_yaml(source / "course.yaml", "course.yaml", problems)
    course = check_schema(content, Course, "course.yaml", problems) if content is not None else None
    if course is None:
        return None, sorted(found)
    if course.id != source.resolve().name:
        problems.add(
            "course.yaml",
            f"id 是 {course.id}，文件夹却叫 {source.resolve().name}",
            "请改成一样的",
        )
    for unit in course.units:
        if unit not in found:
            problems.add(
                "course.yaml 的 units",
                f"没有单元 {unit}",
                f"已有的单元：{'、'.join(sorted(found)) or '无'}",
            )
    for unit in sorted(found - set(course.units)):
        problems.add("course.yaml 的 units", f"没有写上单元 {unit}", "请写上，或删去它的文件夹")
    if len(set(course.units)) < len(course.units):
        problems.add("course.yaml 的 units", "有单元写了两次", "请删去一个")
    return course, [unit for unit in dict.fromkeys(course.units) if unit in found]


def _read_unit(
    folder: Path, problems: Problems, advice: Problems
) -> tuple[WorksheetUnit | None, dict[str, bytes]]:
    """Return the unit and its files, None and no files if its unit.yaml is of no use."""
    name = f"{folder.name}/unit.yaml"
    content = read_yaml(folder / "unit.yaml", name, problems)
    unit = check_schema(content, WorksheetUnit, name, problems) if content is not None else None
    if unit is None:
        return None, {}
    check_unit(unit, folder.name, problems)
    check_files(folder, unit, problems)
    check_content(folder, unit, problems, advice)
    return unit, _unit_files(folder, unit, problems)


def _unit_files(folder: Path, unit: WorksheetUnit, problems: Problems) -> dict[str, bytes]:
    """Return what the unit brings to learners and to scoring; nothing with a problem in it."""
    mine = Problems()
    name = f"{folder.name}/notebook.py"
    source = read_text(folder / "notebook.py", name, mine)
    notebook = build_notebook(source, unit, name, mine) if source is not None else b""
    whole = not problems.found and not mine.found
    problems.extend(mine)
    wanted = [*(entry.file for entry in unit.data), INTRO, INTRO_EN]
    there = {file: folder / file for file in wanted if (folder / file).is_file()}
    texts = {file: path.read_bytes() for file, path in there.items()}
    learner = {unit.notebook: notebook, UNIT_FILE: canonical(unit_json(unit)).encode(), **texts}
    check_hidden(folder, learner, problems)
    if not whole:
        return {}
    shared = {UNIT_FILE: learner[UNIT_FILE]}
    shared |= {entry.file: texts[entry.file] for entry in unit.data}
    scoring = {"score.py": (folder / "score.py").read_bytes(), **shared}
    return {
        **{f"learner/{unit.id}/{file}": content for file, content in learner.items()},
        **{f"scoring/{unit.id}/{file}": content for file, content in scoring.items()},
    }


def _write(files: dict[str, bytes], out: Path) -> None:
    if out.exists() and any(out.iterdir()) and not (out / "release.json").is_file():
        raise CourseError(
            [f"{out}：里面有别的文件，不是上次生成的课程。请换一个文件夹，或先清空它。"]
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as made:
        new = Path(made) / "new"
        for name, content in files.items():
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if out.exists():
            shutil.move(out, Path(made) / "old")
        new.rename(out)

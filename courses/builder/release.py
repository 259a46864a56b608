"""Put a release together and write it in one step.

Everything is made in memory and checked first; then it is written beside the old release
and takes its place, so a failed build leaves what was there. The digest is the SHA-256 of
release.json, which is written as canonical JSON.
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder.checks import check_unit, with_defaults
from builder.files import check_files
from builder.hidden import check_hidden
from builder.notebooks import build_notebook
from builder.problems import CourseError, Problems
from builder.reading import read_text, read_yaml
from builder.schema import check_schema


@dataclass(frozen=True)
class Release:
    """A built release: course id, hex digest, and file name → SHA-256."""

    course: str
    digest: str
    files: dict[str, str]


def build(source: Path, out: Path) -> Release:
    """Build the course in ``source`` into ``out`` and return its digest.

    :raises CourseError: with every problem of the first step that found any
    """
    course = _read_course(source)
    units, files = [], {}
    for folder in course["units"]:
        unit = _read_unit(source / folder)
        units.append(unit)
        files |= _unit_files(source / folder, unit)
    manifest = {
        "format": 1,
        "course": {key: course[key] for key in ("id", "title", "summary")},
        "units": units,
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)},
    }
    release = canonical(manifest)
    _write({"release.json": release, **files}, out)
    return Release(course["id"], hashlib.sha256(release).hexdigest(), manifest["files"])


def canonical(content: Any) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, no newline at the end."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _read_course(source: Path) -> dict[str, Any]:
    problems = Problems()
    if not source.is_dir():
        raise CourseError([f"{source}：没有这个课程文件夹。请检查路径。"])
    course = read_yaml(source / "course.yaml", "course.yaml", problems)
    if course is not None:
        check_schema(course, "course", "course.yaml", problems)
    problems.stop_if_any()
    if course["id"] != source.resolve().name:
        problems.add(
            "course.yaml",
            f"id 是 {course['id']}，文件夹却叫 {source.resolve().name}",
            "请改成一样的",
        )
    found = {path.parent.name for path in source.glob("*/unit.yaml")}
    for unit in course["units"]:
        if unit not in found:
            problems.add(
                "course.yaml 的 units",
                f"没有单元 {unit}",
                f"已有的单元：{'、'.join(sorted(found)) or '无'}",
            )
    for unit in sorted(found - set(course["units"])):
        problems.add("course.yaml 的 units", f"没有写上单元 {unit}", "请写上，或删去它的文件夹")
    if len(set(course["units"])) < len(course["units"]):
        problems.add("course.yaml 的 units", "有单元写了两次", "请删去一个")
    problems.stop_if_any()
    return course


def _read_unit(folder: Path) -> dict[str, Any]:
    problems = Problems()
    unit = read_yaml(folder / "unit.yaml", f"{folder.name}/unit.yaml", problems)
    if unit is not None:
        check_schema(unit, "unit", f"{folder.name}/unit.yaml", problems)
    problems.stop_if_any()
    unit = with_defaults(unit)
    check_unit(unit, folder.name, problems)
    check_files(folder, unit, problems)
    problems.stop_if_any()
    return unit


def _unit_files(folder: Path, unit: dict[str, Any]) -> dict[str, bytes]:
    problems = Problems()
    name = f"{folder.name}/notebook.py"
    source = read_text(folder / "notebook.py", name, problems)
    problems.stop_if_any()
    notebook = build_notebook(source or "", unit, name, problems)
    problems.stop_if_any()
    shared = {"unit.json": canonical(unit)}
    shared |= {entry["file"]: (folder / entry["file"]).read_bytes() for entry in unit["data"]}
    learner = {unit["notebook"]: notebook, **shared}
    learner |= {intro: (folder / intro).read_bytes() for intro in ("intro.md", "intro.en.md")}
    check_hidden(folder, learner, problems)
    problems.stop_if_any()
    scoring = {"score.py": (folder / "score.py").read_bytes(), **shared}
    return {
        **{f"learner/{unit['id']}/{file}": content for file, content in learner.items()},
        **{f"scoring/{unit['id']}/{file}": content for file, content in scoring.items()},
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

"""Begin a course or a unit: files that build at once, with comments that explain each.

Writes only where nothing is. Called by ``build.py new``; the texts are in ``templates/``.
"""

import re
import shutil
from pathlib import Path

from builder.problems import CourseError
from yanxiu_formats.units import Course, WorksheetUnit
from ruamel.yaml import YAML

TEMPLATES = Path(__file__).parent / "templates"


def new(folder: Path, unit: str | None = None) -> list[Path]:
    """Make the course ``folder`` with a first unit, or add ``unit`` to it; return what was made.

    :raises CourseError: an id of a wrong form, or something is there already
    """
    course, about = folder.resolve().name, folder / "course.yaml"
    _check_id(course, Course)
    unit = unit or _free_id(folder)
    _check_id(unit, WorksheetUnit)
    if (folder / unit).exists():
        raise CourseError([f"{folder / unit}：已经有了。请换一个单元编号，或先把它改名。"])
    if folder.exists() and any(folder.iterdir()) and not about.is_file():
        raise CourseError([f"{folder}：里面有别的文件，没有 course.yaml。请换一个课程编号。"])
    (folder / unit).parent.mkdir(parents=True, exist_ok=True)
    made = _write_unit(folder / unit, unit)
    if about.is_file():
        _list_unit(about, unit)
    else:
        text = (TEMPLATES / "course.yaml").read_text("utf-8")
        about.write_text(text.replace("COURSE", course).replace("UNIT", unit), encoding="utf-8")
        made.insert(0, about)
    return made


def _check_id(name: str, model: type[Course] | type[WorksheetUnit]) -> None:
    rule = model.model_json_schema()["properties"]["id"]
    if not re.fullmatch(rule["pattern"], name):
        raise CourseError([f"“{name}”不能做编号。{rule['description']}。"])


def _free_id(folder: Path) -> str:
    number = 1
    while (folder / f"u{number}").exists():
        number += 1
    return f"u{number}"


def _write_unit(folder: Path, unit: str) -> list[Path]:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TEMPLATES / "unit", folder, ignore=ignore)
    for name in ("unit.yaml", "solution/answers.json"):
        path = folder / name
        path.write_text(path.read_text("utf-8").replace("UNIT", unit), encoding="utf-8")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _list_unit(about: Path, unit: str) -> None:
    """Add the unit to course.yaml, whose comments stay."""
    yaml = YAML()
    yaml.width = 4096
    content = yaml.load(about.read_text("utf-8"))
    units = content.get("units") if isinstance(content, dict) else None
    if not isinstance(units, list):
        raise CourseError([f"{about}：没有 units 列表。请先改好它，再加上“- {unit}”。"])
    units.append(unit)
    with about.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)

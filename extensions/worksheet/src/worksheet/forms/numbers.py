"""Numbers as teachers type them and as code gives them; tables and charts of numbers."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from worksheet.forms.model import Task, TaskType, WrongValue, check_keys, known, touched
from worksheet.lang import pick, say

NUMBER_CHARS = set("0123456789.+-eE")


def parse_number(raw: Any, place: str = "", unit: Any = None) -> float | int | None:
    """Return a finite number; text may have full-width digits, blanks and the unit's word.

    :raises WrongValue: it is something else

    >>> parse_number("１２．５"), parse_number(" "), parse_number("42人", unit={"zh_CN": "人"})
    (12.5, None, 42)
    """
    if raw is None:
        return None
    if isinstance(raw, str):
        return _parse_text(raw, place, unit)
    # NumPy's numbers, which a pandas user has, know float() and is_integer() but not int.
    try:
        value = raw if type(raw) in (int, float) else float(raw)
        if isinstance(raw, bool) or not math.isfinite(value):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise _not_a_number(str(raw), place) from None
    return int(value) if type(raw) is not float and value == int(value) else value


def _parse_text(raw: str, place: str, unit: Any) -> float | int | None:
    plain = unicodedata.normalize("NFKC", raw).strip().replace("−", "-").replace("。", ".")
    for word in unit.values() if isinstance(unit, Mapping) else ():
        plain = plain.removesuffix(unicodedata.normalize("NFKC", str(word))).strip()
    if not plain:
        return None
    # float() also takes "1_000", "nan" and "infinity".
    if len(plain) > 30 or not set(plain) <= NUMBER_CHARS:
        raise _not_a_number(raw, place)
    try:
        value = float(plain)
    except ValueError:
        raise _not_a_number(raw, place) from None
    if not math.isfinite(value):
        raise _not_a_number(raw, place)
    return int(value) if value == int(value) and plain.lstrip("+-").isdigit() else value


def _not_a_number(raw: str, place: str) -> WrongValue:
    name = "not_a_number_at" if place else "not_a_number"
    return WrongValue(say(name, text=raw.strip()[:20], place=place))


def _clean_number(task: Task, raw: Any) -> Any:
    return parse_number(raw, unit=task.get("unit"))


def _missing_number(_task: Task, value: Any) -> str | None:
    return say("empty") if value is None else None


def _clean_table(task: Task, raw: Any) -> Any:
    rows = {row["id"]: pick(row["text"]) for row in task["rows"]}
    columns = {column["id"]: pick(column["text"]) for column in task["columns"]}
    check_keys(task, raw, rows, "want_table")
    for line in raw.values():
        check_keys(task, line if line is not None else {}, columns, "want_table")
    return {
        row: {
            column: parse_number((raw.get(row) or {}).get(column), f"{row_text}·{column_text}")
            for column, column_text in columns.items()
        }
        for row, row_text in rows.items()
    }


def _clean_chart(task: Task, raw: Any) -> Any:
    check_keys(task, raw, dict.fromkeys(("kind", "x", "y", "points"), ""), "want_chart")
    points = raw.get("points") or {}
    labels = {label["id"]: pick(label["text"]) for label in task["labels"]}
    check_keys(task, points, labels, "want_chart")
    value: dict[str, Any] = {
        part: known(raw[part], task[options]) if raw.get(part) else None
        for part, options in (("kind", "kinds"), ("x", "x"), ("y", "y"))
    }
    value["points"] = {
        label: parse_number(points.get(label), text) for label, text in labels.items()
    }
    return value if touched(value) else None


def _missing_cells(task: Task, value: Any) -> str | None:
    if not touched(value):
        return say("empty")
    if task["type"] == "chart":
        cells = [value["kind"], value["x"], value["y"], *value["points"].values()]
    else:
        cells = [cell for line in value.values() for cell in line.values()]
    blank = cells.count(None)
    return say("cells_empty", count=blank) if blank else None


NUMBER = TaskType(lambda _task: None, _clean_number, _missing_number)
TABLE = TaskType(lambda task: _clean_table(task, {}), _clean_table, _missing_cells)
CHART = TaskType(lambda _task: None, _clean_chart, _missing_cells)

"""The task types as form models: what a value may be, when it is complete, what to say.

Pure: no widget, no file. ``views.py`` and ``answer()`` call ``clean`` with what came from a
person or from code; what it returns is what answers.json holds. A draft may be incomplete:
``missing`` says what is still to do, ``WrongValue`` is only for what cannot be kept.
"""

import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from worksheet.lang import pick, say

Task = Mapping[str, Any]
NUMBER_CHARS = set("0123456789.+-eE")
DRAFT_CHARS = 20_000  # beyond this, and beyond four times the limit, it is no draft any more


class WrongValue(ValueError):
    """A value that cannot be kept; its text is a sentence in the teacher's language."""


def empty(task: Task) -> Any:
    """Return the value of a task nobody has touched."""
    if task["type"] == "table":
        return _clean_table(task, {})
    return {"choices": [], "text": ""}.get(task["type"])


def clean(task: Task, raw: Any) -> Any:
    """Return ``raw`` in the one form that answers.json knows.

    :raises WrongValue: with a sentence that says what was possible
    """
    return empty(task) if raw is None else _CLEAN[task["type"]](task, raw)


def missing(task: Task, value: Any) -> str | None:
    """Return what is still to do before ``value`` (cleaned) can be handed in, or None."""
    return _MISSING[task["type"]](task, value)


def touched(value: Any) -> bool:
    """Whether anything at all is filled in."""
    if isinstance(value, dict):
        return any(touched(part) for part in value.values())
    return value is not None and value not in ("", [])


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


def _ids(options: list[Mapping[str, Any]]) -> list[str]:
    return [option["id"] for option in options]


def _known(raw: Any, options: list[Mapping[str, Any]]) -> str:
    if isinstance(raw, str) and raw in _ids(options):
        return raw
    raise WrongValue(say("unknown_option", text=str(raw)[:32], known="、".join(_ids(options))))


def _wrong_shape(task: Task, wanted: str) -> WrongValue:
    return WrongValue(say("wrong_shape", task=task["id"], wanted=say(wanted)))


def _clean_number(task: Task, raw: Any) -> Any:
    return parse_number(raw, unit=task.get("unit"))


def _clean_choice(task: Task, raw: Any) -> Any:
    return None if raw == "" else _known(raw, task["options"])


def _clean_choices(task: Task, raw: Any) -> Any:
    if not isinstance(raw, list | tuple | set | frozenset):
        raise _wrong_shape(task, "want_list")
    chosen = {_known(one, task["options"]) for one in raw}
    return [option for option in _ids(task["options"]) if option in chosen]


def _clean_table(task: Task, raw: Any) -> Any:
    rows = {row["id"]: pick(row["text"]) for row in task["rows"]}
    columns = {column["id"]: pick(column["text"]) for column in task["columns"]}
    _check_keys(task, raw, rows, "want_table")
    for line in raw.values():
        _check_keys(task, line if line is not None else {}, columns, "want_table")
    return {
        row: {
            column: parse_number((raw.get(row) or {}).get(column), f"{row_text}·{column_text}")
            for column, column_text in columns.items()
        }
        for row, row_text in rows.items()
    }


def _check_keys(task: Task, raw: Any, known: Mapping[str, str], wanted: str) -> None:
    if not isinstance(raw, Mapping):
        raise _wrong_shape(task, wanted)
    for key in raw:
        if key not in known:
            raise WrongValue(say("unknown_option", text=str(key)[:32], known="、".join(known)))


def _clean_text(task: Task, raw: Any) -> Any:
    if not isinstance(raw, str):
        raise _wrong_shape(task, "want_text")
    # A lone surrogate or a NUL cannot be written to a UTF-8 file or a database.
    text = raw.replace("\r\n", "\n").replace("\0", "").encode(errors="replace").decode()
    if len(text) > max(4 * task["max_chars"], DRAFT_CHARS):
        raise WrongValue(say("too_long"))
    return text


def _clean_chart(task: Task, raw: Any) -> Any:
    _check_keys(task, raw, dict.fromkeys(("kind", "x", "y", "points"), ""), "want_chart")
    points = raw.get("points") or {}
    labels = {label["id"]: pick(label["text"]) for label in task["labels"]}
    _check_keys(task, points, labels, "want_chart")
    value: dict[str, Any] = {
        part: _known(raw[part], task[options]) if raw.get(part) else None
        for part, options in (("kind", "kinds"), ("x", "x"), ("y", "y"))
    }
    value["points"] = {
        label: parse_number(points.get(label), text) for label, text in labels.items()
    }
    return value if touched(value) else None


def _missing_number(task: Task, value: Any) -> str | None:
    return say("empty") if value is None else None


def _missing_choice(task: Task, value: Any) -> str | None:
    return say("not_chosen") if value is None else None


def _missing_choices(task: Task, value: Any) -> str | None:
    if len(value) < task["min"]:
        return say("choose_more", least=task["min"], count=len(value))
    if len(value) > task["max"]:
        return say("choose_less", most=task["max"], count=len(value))
    return None


def _missing_cells(task: Task, value: Any) -> str | None:
    if not touched(value):
        return say("empty")
    if task["type"] == "chart":
        cells = [value["kind"], value["x"], value["y"], *value["points"].values()]
    else:
        cells = [cell for line in value.values() for cell in line.values()]
    blank = cells.count(None)
    return say("cells_empty", count=blank) if blank else None


def _missing_text(task: Task, value: Any) -> str | None:
    count = len(value.strip())
    if count > task["max_chars"]:
        over = count - task["max_chars"]
        return say("less_chars", most=task["max_chars"], count=count, over=over)
    if count < task["min_chars"]:
        return say("more_chars", least=task["min_chars"], count=count)
    return None


_CLEAN: dict[str, Callable[[Task, Any], Any]] = {
    "number": _clean_number,
    "choice": _clean_choice,
    "choices": _clean_choices,
    "table": _clean_table,
    "text": _clean_text,
    "chart": _clean_chart,
}
_MISSING: dict[str, Callable[[Task, Any], str | None]] = {
    "number": _missing_number,
    "choice": _missing_choice,
    "choices": _missing_choices,
    "table": _missing_cells,
    "text": _missing_text,
    "chart": _missing_cells,
}

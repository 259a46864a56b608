"""Numbers as people type them; and the tasks that are one number."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from yanxiu.errors import N_

from .model import Fields, Filled, Problem, Task, TaskType, first


def number_text(value: Any) -> str:
    """Return a number as a person would type it, empty for anything else.

    >>> number_text(45.0), number_text(0.625), number_text(None), number_text(True)
    ('45', '0.625', '', '')
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def parse_number(text: str, unit: str = "") -> float | int | None:
    """Return the number in ``text``: full-width digits and the unit's word are fine.

    :raises ValueError: it is something else

    >>> parse_number("１２．５"), parse_number("42人", "人"), parse_number(" ")
    (12.5, 42, None)
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("。", ".")
    if unit:
        plain = plain.removesuffix(unicodedata.normalize("NFKC", unit)).strip()
    if not plain:
        return None
    # float() also takes "1_000", "nan" and "infinity".
    if len(plain) > 30 or not set(plain) <= set("0123456789.+-"):
        raise ValueError(text)
    value = float(plain)
    return int(value) if value == int(value) and "." not in plain else value


def read_numbers(
    task: Task, fields: Fields, filled: Filled, wanted: Mapping[str, Any], unit: str = ""
) -> dict[str, float | int | None]:
    """Read ``wanted`` (field name → what the reader calls it)."""
    values: dict[str, float | int | None] = {}
    for name, called in wanted.items():
        text = first(fields, name)
        try:
            values[name] = parse_number(text, unit)
        except ValueError:
            values[name] = None
            message = (
                N_("“{place}”里的“{text}”不是数字。请只填数字，如 12 或 0.6。")
                if called
                else N_("“{text}”不是数字。请只填数字，如 12 或 0.6。")
            )
            filled.wrong.append(
                Problem(task["id"], message, {"place": called, "text": text.strip()[:20]}, (name,))
            )
    return values


def _read(task: Task, fields: Fields, filled: Filled) -> Any:
    name = f"a.{task['id']}"
    before = len(filled.wrong)
    units = task.get("unit") or {}
    value = None
    for unit in dict.fromkeys(units.values() or [""]):
        del filled.wrong[before:]
        value = read_numbers(task, fields, filled, {name: ""}, unit)[name]
        if len(filled.wrong) == before:
            break
    if value is None and len(filled.wrong) == before:
        filled.missing.append(Problem(task["id"], N_("还没有填写。"), fields=(name,)))
    return value


def _flat(_task: Task, value: Any) -> list[tuple[str, Any]]:
    return [("", number_text(value))]


NUMBER = TaskType(_read, _flat)

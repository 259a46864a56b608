"""A unit's tasks as a form: names of its fields, and what was typed as declared answers.

Pure: no request, no page, no store. ``docs/reference/release-format.md`` fixes tasks and
answers. ``http.units`` reads what a browser sent with ``read``; the templates name their
fields with the same names and show again what ``fields`` gives.

Field names: ``a.<task>``, tables ``a.<task>.<row>.<column>``, charts ``a.<task>.kind``,
``.x``, ``.y`` and ``a.<task>.points.<label>``.
"""

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_, Invalid

#: What a browser sends: every field's values in order.
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Problem:
    """Something that cannot be taken, said beside its task.

    :param message: a gettext msgid with ``{placeholders}``
    :param params: what fills them; a ``{zh_CN, en}`` text is chosen from when it is shown
    :param fields: which fields are meant
    """

    task_id: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


@dataclass
class Filled:
    """A form that was read.

    :param answers: what can be kept, all tasks, the empty value where nothing is
    :param wrong: what cannot be kept, not even in a draft
    :param missing: what is still to do before it can be handed in
    """

    answers: dict[str, Any] = field(default_factory=dict)
    wrong: list[Problem] = field(default_factory=list)
    missing: list[Problem] = field(default_factory=list)


def read(unit: Mapping[str, Any], fields: Fields) -> Filled:
    """Read a posted form of ``unit``.

    A field that cannot be read leaves its part of the answer empty and says so in
    ``wrong``; the caller shows what was typed again.
    """
    filled = Filled()
    for task in unit["tasks"]:
        filled.answers[task["id"]] = _READERS[task["type"]](task, fields, filled)
    return filled


def fields(unit: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the fields that show ``answers``: the other way round from ``read``.

    Answers may come from anybody's notebook: a value of a wrong shape shows as empty.
    """
    shown: dict[str, list[str]] = {}
    for task in unit["tasks"]:
        name = f"a.{task['id']}"
        for key, value in _flat(task, answers.get(task["id"])):
            shown[f"{name}{key}"] = [value] if isinstance(value, str) else value
    return shown


def check_answers(unit: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``answers`` with every task of ``unit`` in it; incomplete is fine.

    A value has the right shape when the form could show it and give it back.

    :raises Invalid: a task that the unit does not have, or a value of a wrong shape
    """
    known = {task["id"]: task for task in unit["tasks"]}
    for task_id in answers:
        if task_id not in known:
            raise Invalid(
                "answers.unknown_task",
                N_("答案里的“{task}”不是这个单元的任务。这个单元的任务有：{known}。"),
                task=str(task_id)[:32],
                known="、".join(known),
            )
    kept = read(unit, fields(unit, answers)).answers
    for task_id, value in answers.items():
        task = known[task_id]
        if value is None or value == kept[task_id]:
            continue
        if task["type"] == "text" and isinstance(value, str) and "\0" not in value:
            if kept[task_id] == value.replace("\r\n", "\n").strip():
                continue
        elif task["type"] == "choices" and _is_list(value) and len(set(value)) == len(value):
            if set(value) == set(kept[task_id]):
                continue
        elif task["type"] == "chart" and value == _empty_chart(task):
            continue
        raise Invalid(
            "answers.shape",
            N_("任务“{task}”的答案格式不对，没有保存。请在页面的表单里重新填写这一项。"),
            task=task_id,
        )
    return kept


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


def _first(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def _numbers(
    task: Mapping[str, Any], fields: Fields, filled: Filled, wanted: Mapping[str, Any], unit: str
) -> dict[str, float | int | None]:
    """Read ``wanted`` (field name → what the reader calls it)."""
    values: dict[str, float | int | None] = {}
    for name, called in wanted.items():
        text = _first(fields, name)
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


def _number(task: Mapping[str, Any], fields: Fields, filled: Filled) -> Any:
    name = f"a.{task['id']}"
    before = len(filled.wrong)
    units = task.get("unit") or {}
    value = None
    for unit in dict.fromkeys(units.values() or [""]):
        del filled.wrong[before:]
        value = _numbers(task, fields, filled, {name: ""}, unit)[name]
        if len(filled.wrong) == before:
            break
    if value is None and len(filled.wrong) == before:
        filled.missing.append(Problem(task["id"], N_("还没有填写。"), fields=(name,)))
    return value


def _choice(task: Mapping[str, Any], fields: Fields, filled: Filled) -> Any:
    chosen = _first(fields, f"a.{task['id']}")
    if not chosen:
        filled.missing.append(Problem(task["id"], N_("还没有选择。")))
        return None
    return _known(task, filled, chosen, task["options"])


def _choices(task: Mapping[str, Any], fields: Fields, filled: Filled) -> Any:
    chosen = set(fields.get(f"a.{task['id']}") or ())
    options = [option["id"] for option in task["options"]]
    if not chosen <= set(options):
        filled.wrong.append(Problem(task["id"], _UNKNOWN))
        chosen &= set(options)
    least, most = task.get("min", 0), task.get("max", len(options))
    if len(chosen) < least:
        filled.missing.append(
            Problem(
                task["id"],
                N_("请至少选 {least} 项，现在选了 {count} 项。"),
                {"least": least, "count": len(chosen)},
            )
        )
    elif len(chosen) > most:
        filled.missing.append(
            Problem(
                task["id"],
                N_("最多选 {most} 项，现在选了 {count} 项。"),
                {"most": most, "count": len(chosen)},
            )
        )
    return [option for option in options if option in chosen]


def _table(task: Mapping[str, Any], fields: Fields, filled: Filled) -> Any:
    before = len(filled.wrong)
    names = {
        (row["id"], column["id"]): f"a.{task['id']}.{row['id']}.{column['id']}"
        for row in task["rows"]
        for column in task["columns"]
    }
    called = {
        f"a.{task['id']}.{row['id']}.{column['id']}": {
            lang: f"{text}·{column['text'].get(lang, '')}" for lang, text in row["text"].items()
        }
        for row in task["rows"]
        for column in task["columns"]
    }
    values = _numbers(task, fields, filled, called, "")
    empty = tuple(name for name, value in values.items() if value is None)
    if empty and len(filled.wrong) == before:
        filled.missing.append(
            Problem(task["id"], N_("表格里还有 {count} 格没有填。"), {"count": len(empty)}, empty)
        )
    return {
        row["id"]: {
            column["id"]: values[names[row["id"], column["id"]]] for column in task["columns"]
        }
        for row in task["rows"]
    }


def _text(task: Mapping[str, Any], fields: Fields, filled: Filled) -> Any:
    text = _first(fields, f"a.{task['id']}").replace("\r\n", "\n").strip()
    least, most = task.get("min_chars", 0), task.get("max_chars")
    if most is not None and len(text) > most:
        filled.missing.append(
            Problem(
                task["id"],
                N_("最多 {most} 字，现在 {count} 字。请删去 {over} 字。"),
                {"most": most, "count": len(text), "over": len(text) - most},
            )
        )
    elif len(text) < least:
        filled.missing.append(
            Problem(
                task["id"],
                N_("至少 {least} 字，现在 {count} 字。"),
                {"least": least, "count": len(text)},
            )
        )
    # Far beyond the limit it is not a draft any more; the page still shows what was typed.
    if len(text) > max(4 * (most or 0), 20_000):
        filled.wrong.append(Problem(task["id"], N_("文字太长，没有保存。请先删减。")))
        return ""
    return text


def _chart(task: Mapping[str, Any], fields: Fields, filled: Filled) -> Any:
    name = f"a.{task['id']}"
    before = len(filled.wrong)
    answer: dict[str, Any] = {}
    for part, options in (("kind", "kinds"), ("x", "x"), ("y", "y")):
        chosen = _first(fields, f"{name}.{part}")
        answer[part] = _known(task, filled, chosen, task[options]) if chosen else None
    called = {f"{name}.points.{label['id']}": label["text"] for label in task["labels"]}
    values = _numbers(task, fields, filled, called, "")
    answer["points"] = {
        label["id"]: values[f"{name}.points.{label['id']}"] for label in task["labels"]
    }
    empty = tuple(
        [f"{name}.{part}" for part in ("kind", "x", "y") if answer[part] is None]
        + [field_name for field_name, value in values.items() if value is None]
    )
    if not empty:
        return answer
    if len(filled.wrong) == before:
        filled.missing.append(
            Problem(
                task["id"],
                N_("图表还有 {count} 处没有填（类型、坐标或数值）。"),
                {"count": len(empty)},
                empty,
            )
        )
    return answer if len(empty) < 3 + len(task["labels"]) else None


def _empty_chart(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a chart looks like in Jupyter before anything is chosen."""
    points = {label["id"]: None for label in task["labels"]}
    return {"kind": None, "x": None, "y": None, "points": points}


_UNKNOWN = N_("选了不存在的选项。请刷新页面后重新选择。")


def _known(
    task: Mapping[str, Any], filled: Filled, chosen: str, options: Sequence[Mapping[str, Any]]
) -> str | None:
    if chosen in {option["id"] for option in options}:
        return chosen
    filled.wrong.append(Problem(task["id"], _UNKNOWN))
    return None


_READERS: dict[str, Callable[[Mapping[str, Any], Fields, Filled], Any]] = {
    "number": _number,
    "choice": _choice,
    "choices": _choices,
    "table": _table,
    "text": _text,
    "chart": _chart,
}


def _flat(task: Mapping[str, Any], value: Any) -> list[tuple[str, Any]]:
    """Return ``(suffix of the field's name, text or texts)``."""
    kind = task["type"]
    if kind == "number":
        return [("", number_text(value))]
    if kind == "choices":
        return [("", [one for one in value if isinstance(one, str)] if _is_list(value) else [])]
    if kind == "table":
        rows = value if isinstance(value, dict) else {}
        return [
            (f".{row['id']}.{column['id']}", number_text(_get(_get(rows, row["id"]), column["id"])))
            for row in task["rows"]
            for column in task["columns"]
        ]
    if kind == "chart":
        chosen = [(f".{part}", _as_text(_get(value, part))) for part in ("kind", "x", "y")]
        points = _get(value, "points")
        return chosen + [
            (f".points.{label['id']}", number_text(_get(points, label["id"])))
            for label in task["labels"]
        ]
    return [("", _as_text(value))]


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else ""

"""Tasks that are chosen from options, and texts."""

from typing import Any

from yanxiu.errors import N_

from .model import UNKNOWN, Fields, Filled, Problem, Task, TaskType, as_text, first, known


def _read_choice(task: Task, fields: Fields, filled: Filled) -> Any:
    chosen = first(fields, f"a.{task['id']}")
    if not chosen:
        filled.missing.append(Problem(task["id"], N_("还没有选择。")))
        return None
    return known(task, filled, chosen, task["options"])


def _read_choices(task: Task, fields: Fields, filled: Filled) -> Any:
    chosen = set(fields.get(f"a.{task['id']}") or ())
    options = [option["id"] for option in task["options"]]
    if not chosen <= set(options):
        filled.wrong.append(Problem(task["id"], UNKNOWN))
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


def _flat_choices(_task: Task, value: Any) -> list[tuple[str, Any]]:
    chosen = value if isinstance(value, list) else []
    return [("", [one for one in chosen if isinstance(one, str)])]


def _same_choices(_task: Task, value: Any, kept: Any) -> bool:
    """The order in which options were ticked says nothing."""
    return (
        isinstance(value, list)
        and all(isinstance(one, str) for one in value)
        and sorted(value) == sorted(kept)
    )


def _read_text(task: Task, fields: Fields, filled: Filled) -> Any:
    text = first(fields, f"a.{task['id']}").replace("\r\n", "\n").strip()
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


def _flat_text(_task: Task, value: Any) -> list[tuple[str, Any]]:
    return [("", as_text(value))]


def _same_text(_task: Task, value: Any, kept: Any) -> bool:
    """Blanks around a text and Windows' line ends say nothing."""
    return (
        isinstance(value, str) and "\0" not in value and kept == value.replace("\r\n", "\n").strip()
    )


CHOICE = TaskType(_read_choice, _flat_text)
CHOICES = TaskType(_read_choices, _flat_choices, _same_choices)
TEXT = TaskType(_read_text, _flat_text, _same_text)

"""Things put in order, and things paired: a box with a list for each of them.

An order is the list of its items' ids from first to last, with None where no item has that
place yet; a match gives each left item its right one. Several left items may have the same
right one: sorting into kinds is a match too.
"""

from collections import Counter
from typing import Any

from yanxiu.errors import N_

from .model import Fields, Filled, Problem, Task, TaskType, as_text, first, get, known


def _read_order(task: Task, fields: Fields, filled: Filled) -> Any:
    items = [item["id"] for item in task["items"]]
    texts = {item: first(fields, f"a.{task['id']}.{item}") for item in items}
    places = [str(place) for place in range(1, len(items) + 1)]
    for item, text in texts.items():
        if text and text not in places:
            known(task, filled, text, [])
            texts[item] = ""
    twice = {text for text, times in Counter(texts.values()).items() if text and times > 1}
    for text in sorted(twice, key=int):
        names = tuple(f"a.{task['id']}.{item}" for item, given in texts.items() if given == text)
        message = N_("有 {count} 项都排在第 {place} 位。一个位置只能排一项，请改正。")
        filled.wrong.append(
            Problem(task["id"], message, {"count": len(names), "place": text}, names)
        )
    at = {text: item for item, text in texts.items() if text and text not in twice}
    answer = [at.get(place) for place in places]
    blank = tuple(f"a.{task['id']}.{item}" for item, text in texts.items() if not text)
    if blank:
        message = N_("还有 {count} 项没有排位置。")
        filled.missing.append(Problem(task["id"], message, {"count": len(blank)}, blank))
    return answer if any(answer) else []


def _flat_order(task: Task, value: Any) -> list[tuple[str, Any]]:
    given = value if isinstance(value, list) and len(value) <= len(task["items"]) else []
    places = {item: str(place) for place, item in enumerate(given, 1) if isinstance(item, str)}
    return [(f".{item['id']}", places.get(item["id"], "")) for item in task["items"]]


def _same_order(task: Task, value: Any, kept: Any) -> bool:
    """An order in which nothing has a place yet, and one whose last places are open."""
    return isinstance(value, list) and [*value, *[None] * (len(task["items"]) - len(value))] == (
        kept or [None] * len(task["items"])
    )


def _read_match(task: Task, fields: Fields, filled: Filled) -> Any:
    answer = {}
    for item in task["left"]:
        chosen = first(fields, f"a.{task['id']}.{item['id']}")
        answer[item["id"]] = known(task, filled, chosen, task["right"]) if chosen else None
    blank = tuple(
        f"a.{task['id']}.{item['id']}"
        for item in task["left"]
        if not first(fields, f"a.{task['id']}.{item['id']}")
    )
    if blank:
        message = N_("还有 {count} 项没有配上。")
        filled.missing.append(Problem(task["id"], message, {"count": len(blank)}, blank))
    return answer


def _flat_match(task: Task, value: Any) -> list[tuple[str, Any]]:
    return [(f".{item['id']}", as_text(get(value, item["id"]))) for item in task["left"]]


ORDER = TaskType(_read_order, _flat_order, _same_order)
MATCH = TaskType(_read_match, _flat_match)

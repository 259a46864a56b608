"""Things put in order, and things paired.

An order is the list of its items' ids from first to last, with None where no item has that
place yet; a match gives each left item the id of its right one, and several may share it.
"""

from collections.abc import Mapping
from typing import Any

from worksheet.forms.model import Task, TaskType, WrongValue, check_keys, ids, known, wrong_shape
from worksheet.lang import pick, say


def positions(task: Task, places: Mapping[str, int | None]) -> list[str | None]:
    """Return the order that ``places`` (item id → 1, 2, …) mean.

    :raises WrongValue: two items in one place

    >>> task = {"items": [{"id": "a"}, {"id": "b"}]}
    >>> positions(task, {"a": 2, "b": None})
    [None, 'a']
    """
    order: list[str | None] = [None] * len(task["items"])
    texts = {item["id"]: pick(item.get("text")) for item in task["items"]}
    for item, place in places.items():
        if place is None:
            continue
        taken = order[place - 1]
        if taken is not None:
            raise WrongValue(
                say("same_place", place=place, one=texts[taken][:20], other=texts[item][:20])
            )
        order[place - 1] = item
    return order


def _clean_order(task: Task, raw: Any) -> Any:
    if not isinstance(raw, list | tuple) or len(raw) > len(task["items"]):
        raise wrong_shape(task, "want_order")
    order = [None if one is None else known(one, task["items"]) for one in raw]
    placed = [one for one in order if one is not None]
    if len(set(placed)) < len(placed):
        raise wrong_shape(task, "want_order")
    return [*order, *[None] * (len(task["items"]) - len(order))] if placed else []


def _missing_order(task: Task, value: Any) -> str | None:
    blank = len(task["items"]) - sum(one is not None for one in value)
    return say("not_placed", count=blank) if blank else None


def _clean_match(task: Task, raw: Any) -> Any:
    check_keys(task, raw, dict.fromkeys(ids(task["left"]), ""), "want_match")
    return {
        left: known(raw[left], task["right"]) if raw.get(left) else None
        for left in ids(task["left"])
    }


def _missing_match(_task: Task, value: Any) -> str | None:
    blank = list(value.values()).count(None)
    return say("not_matched", count=blank) if blank else None


ORDER = TaskType(lambda _task: [], _clean_order, _missing_order)
MATCH = TaskType(lambda task: _clean_match(task, {}), _clean_match, _missing_match)

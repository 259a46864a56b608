"""Things put in order, and things paired.

An order is the list of its items' ids from first to last, with None where no item has that
place yet; a match gives each left item its right one. Several left items may have the same
right one: sorting into kinds is a match too.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.numbers import NotANumber, parse_number, shown
from yanxiu_formats.tasks import MatchTask, Option, OrderTask
from yanxiu_formats.texts import both

from .model import Cleaned, Path, Problem, TaskType, Texts, known, mapping, one_text, wrong_shape


def _clean_order(task: OrderTask, raw: Any) -> Cleaned:
    """Take a list of items, or a mapping of each item to its place, as boxes give it."""
    wrong: list[Problem] = []
    count = len(task.items)
    if raw is None:
        return Cleaned([])
    if isinstance(raw, list | tuple) and len(raw) <= count:
        found = [known(task, one, task.items, wrong) for one in raw]
        placed = [(item, place) for place, item in enumerate(found) if item is not None]
    elif isinstance(raw, Mapping):
        ids = [item.id for item in task.items]
        given = mapping(task, raw, ids, "want_order", wrong)
        placed = [
            (item, place)
            for item in ids
            if (place := _place(task, item, given.get(item), wrong)) is not None
        ]
    else:
        return Cleaned([], (wrong_shape(task, "want_order"),))
    if len({item for item, _ in placed}) < len(placed):
        return Cleaned([], (*wrong, wrong_shape(task, "want_order")))
    at = defaultdict(list)
    for item, place in placed:
        at[place].append(item)
    wrong += [_same(task, place, items) for place, items in sorted(at.items()) if len(items) > 1]
    # Nobody knows which of two was meant: neither has the place.
    order = [at[place][0] if len(at[place]) == 1 else None for place in range(count)]
    return Cleaned(order if any(order) else [], tuple(wrong))


def _place(task: OrderTask, item: str, raw: Any, wrong: list[Problem]) -> int | None:
    try:
        place = parse_number(raw)
    except NotANumber:
        place = -1
    if place is None or place in range(1, len(task.items) + 1):
        return None if place is None else int(place) - 1
    places = [str(one) for one in range(1, len(task.items) + 1)]
    params = {"text": shown(raw), "known": places}
    wrong.append(Problem(task.id, "unknown_option", params, ((item,),)))
    return None


def _same(task: OrderTask, place: int, items: list[str]) -> Problem:
    texts = [_quoted(one) for one in task.items if one.id in items]
    at = tuple((one.id,) for one in task.items if one.id in items)
    return Problem(task.id, "same_place", {"items": texts, "place": place + 1}, at)


def _quoted(item: Option) -> Any:
    return both(f"“{item.text.zh_CN[:20]}”", f"“{item.text.en[:20]}”")


def _missing_order(task: OrderTask, value: Any) -> Problem | None:
    blank = tuple((item.id,) for item in task.items if item.id not in value)
    return Problem(task.id, "not_placed", {"count": len(blank)}, blank) if blank else None


def _flatten_order(task: OrderTask, value: Any) -> Texts:
    places = {item: str(place) for place, item in enumerate(value, 1) if item}
    return {(item.id,): [places.get(item.id, "")] for item in task.items}


def _gather_order(task: OrderTask, texts: Mapping[Path, Sequence[str]]) -> Any:
    return {item.id: one_text(texts, item.id) for item in task.items}


def _clean_match(task: MatchTask, raw: Any) -> Cleaned:
    wrong: list[Problem] = []
    given = mapping(task, raw, [one.id for one in task.left], "want_match", wrong)
    value = {one.id: known(task, given.get(one.id), task.right, wrong, one.id) for one in task.left}
    return Cleaned(value, tuple(wrong))


def _missing_match(task: MatchTask, value: Any) -> Problem | None:
    blank = tuple((one.id,) for one in task.left if value[one.id] is None)
    return Problem(task.id, "not_matched", {"count": len(blank)}, blank) if blank else None


def _flatten_match(task: MatchTask, value: Any) -> Texts:
    return {(one.id,): [value[one.id] or ""] for one in task.left}


def _gather_match(task: MatchTask, texts: Mapping[Path, Sequence[str]]) -> Any:
    return {one.id: one_text(texts, one.id) for one in task.left}


ORDER: TaskType[OrderTask] = TaskType(
    lambda _task: [], _clean_order, _missing_order, _flatten_order, _gather_order
)
MATCH: TaskType[MatchTask] = TaskType(
    lambda task: _clean_match(task, None).value,
    _clean_match,
    _missing_match,
    _flatten_match,
    _gather_match,
)

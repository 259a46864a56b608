"""Orders and matches: a list to choose from for each item, so that a keyboard is enough."""

from typing import Any

import ipywidgets as w
from yanxiu_formats.tasks import MatchTask, OrderTask

from worksheet.lang import pick, say
from worksheet.state import Sheet
from worksheet.views.parts import Changed, Inputs, hint, wide


def order(_sheet: Sheet, task: OrderTask, value: Any, changed: Changed) -> Inputs:
    """Show every item with its place; what was saved stands in its order."""
    placed = {item: number for number, item in enumerate(value, 1) if item is not None}
    numbers = list(range(1, len(task.items) + 1))
    boxes = {}
    for item in sorted(task.items, key=lambda one: placed.get(one.id, len(numbers) + 1)):
        box = w.Dropdown(
            options=[(say("place"), None), *((str(number), number) for number in numbers)],
            value=placed.get(item.id),
            description=pick(item.text),
            style={"description_width": "auto"},
        )
        box.observe(changed, "value")
        box.add_class("yx-place")
        boxes[item.id] = wide(box)
    shown = [hint(say("order_hint")), w.VBox(list(boxes.values()))]
    return shown, lambda: {item: box.value for item, box in boxes.items()}


def match(_sheet: Sheet, task: MatchTask, value: Any, changed: Changed) -> Inputs:
    """Show every left item with a list of the right ones."""
    options = [(say("choose"), ""), *((pick(one.text), one.id) for one in task.right)]
    boxes = {}
    for item in task.left:
        box = w.Dropdown(
            options=options,
            value=value[item.id] or "",
            description=pick(item.text),
            style={"description_width": "auto"},
        )
        box.observe(changed, "value")
        boxes[item.id] = wide(box)
    shown = [hint(say("match_hint")), w.VBox(list(boxes.values()))]
    return shown, lambda: {item: box.value for item, box in boxes.items()}

"""Numbers, choices and texts as widgets."""

from typing import Any

import ipywidgets as w
from yanxiu_formats.tasks import ChoicesTask, ChoiceTask, NumberTask, TextTask

from worksheet.lang import pick
from worksheet.state import Sheet
from worksheet.views.parts import Changed, Inputs, label, number_box


def number(_sheet: Sheet, task: NumberTask, value: Any, changed: Changed) -> Inputs:
    """Show one number and its unit."""
    box = number_box(value, task.decimals, pick(task.title), changed)
    return [w.HBox([box, label(pick(task.unit))])], lambda: box.value


def choice(_sheet: Sheet, task: ChoiceTask, value: Any, changed: Changed) -> Inputs:
    """Show options of which one is chosen."""
    options = [(pick(option.text), option.id) for option in task.options]
    radio = w.RadioButtons(options=options, value=value, layout={"width": "max-content"})
    radio.observe(changed, "value")
    return [radio], lambda: radio.value


def choices(_sheet: Sheet, task: ChoicesTask, value: Any, changed: Changed) -> Inputs:
    """Show options of which several are ticked."""
    boxes = {
        option.id: w.Checkbox(
            option.id in value,
            description=pick(option.text),
            indent=False,
            layout={"width": "auto"},
        )
        for option in task.options
    }
    for box in boxes.values():
        box.observe(changed, "value")
    return [w.VBox(list(boxes.values()))], lambda: [i for i, box in boxes.items() if box.value]


def text(_sheet: Sheet, task: TextTask, value: Any, changed: Changed) -> Inputs:
    """Show a field for a text."""
    rows = max(6, min(16, task.max_chars // 80))
    # Every keystroke counts: a power cut must not cost a paragraph.
    area = w.Textarea(
        value,
        rows=rows,
        tooltip=pick(task.title),
        layout={"width": "100%", "max_width": "52em"},
    )
    area.observe(changed, "value")
    return [area], lambda: area.value

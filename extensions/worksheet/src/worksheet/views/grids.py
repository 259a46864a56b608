"""Tables and charts as grids of boxes."""

from typing import Any

import ipywidgets as w
from yanxiu_formats.answers.grids import PARTS, cells
from yanxiu_formats.tasks import ChartTask, TableTask

from worksheet.lang import pick, say
from worksheet.state import Sheet
from worksheet.views.parts import Changed, Inputs, label, number_box


def table(_sheet: Sheet, task: TableTask, value: Any, changed: Changed) -> Inputs:
    """Show a box for each row and column."""
    places = cells(task)
    boxes: dict[tuple[str, str], w.Text] = {}
    children: list[w.Widget] = [label(""), *(label(pick(one.text)) for one in task.columns)]
    for row in task.rows:
        children.append(label(pick(row.text)))
        for column in task.columns:
            key = row.id, column.id
            saved = value[row.id][column.id]
            boxes[key] = number_box(saved, column.decimals, pick(places[key]), changed)
            children.append(boxes[key])
    grid = w.GridBox(
        children,
        layout={"grid_template_columns": f"max-content repeat({len(task.columns)}, 120px)"},
    )

    def read() -> dict[str, dict[str, str]]:
        return {
            row.id: {column.id: boxes[row.id, column.id].value for column in task.columns}
            for row in task.rows
        }

    return [grid], read


def chart(_sheet: Sheet, task: ChartTask, value: Any, changed: Changed) -> Inputs:
    """Show three lists and a box for each label; ``TaskView`` draws what they make."""
    value = value or {"points": {}}
    lists = {}
    for part, options in PARTS:
        texts = [(pick(option.text), option.id) for option in getattr(task, options)]
        lists[part] = w.Dropdown(
            options=[(say("choose"), ""), *texts],
            value=value.get(part) or "",
            tooltip=say(f"chart_{part}"),
            layout={"width": "160px"},
        )
    names = {one.id: pick(one.text) for one in task.labels}
    points = {
        key: number_box(value["points"].get(key), task.decimals, name, changed)
        for key, name in names.items()
    }
    children: list[w.Widget] = []
    for part, box in lists.items():
        box.observe(changed, "value")
        children += [label(say(f"chart_{part}")), box]
    for key, name in names.items():
        children += [label(name), points[key]]
    grid = w.GridBox(children, layout={"grid_template_columns": "max-content 180px"})

    def read() -> dict[str, Any]:
        raw: dict[str, Any] = {part: box.value for part, box in lists.items()}
        return {**raw, "points": {key: box.value for key, box in points.items()}}

    return [grid], read

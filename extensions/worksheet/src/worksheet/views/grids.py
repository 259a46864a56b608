"""Tables and charts as grids of boxes."""

from typing import Any

import ipywidgets as w

from worksheet.lang import pick, say
from worksheet.state import Sheet
from worksheet.views.parts import Changed, Inputs, label, number_box, readable

Task = dict[str, Any]


def table(_sheet: Sheet, task: Task, value: Any, changed: Changed) -> Inputs:
    """Show a box for each row and column."""
    cells: dict[tuple[str, str], w.Text] = {}
    places = {
        (row["id"], column["id"]): f"{pick(row['text'])}·{pick(column['text'])}"
        for row in task["rows"]
        for column in task["columns"]
    }
    children: list[w.Widget] = [label(""), *(label(pick(c["text"])) for c in task["columns"])]
    for row in task["rows"]:
        children.append(label(pick(row["text"])))
        for column in task["columns"]:
            key = row["id"], column["id"]
            saved = value.get(row["id"], {}).get(column["id"])
            cells[key] = number_box(saved, column["decimals"], places[key], changed)
            children.append(cells[key])
    grid = w.GridBox(
        children,
        layout={"grid_template_columns": f"max-content repeat({len(task['columns'])}, 120px)"},
    )

    def read() -> tuple[Any, str]:
        numbers, wrong = readable({places[key]: box.value for key, box in cells.items()})
        raw: dict[str, dict[str, Any]] = {row["id"]: {} for row in task["rows"]}
        for (row, column), place in places.items():
            raw[row][column] = numbers[place]
        return raw, wrong

    return [grid], read


def chart(_sheet: Sheet, task: Task, value: Any, changed: Changed) -> Inputs:
    """Show three lists and a box for each label; ``TaskView`` draws what they make."""
    value = value or {"points": {}}
    lists = {}
    for part, options in (("kind", "kinds"), ("x", "x"), ("y", "y")):
        texts = [(pick(option["text"]), option["id"]) for option in task[options]]
        lists[part] = w.Dropdown(
            options=[(say("choose"), ""), *texts],
            value=value.get(part) or "",
            tooltip=say(f"chart_{part}"),
            layout={"width": "160px"},
        )
    names = {one["id"]: pick(one["text"]) for one in task["labels"]}
    points = {
        key: number_box(value["points"].get(key), task["decimals"], name, changed)
        for key, name in names.items()
    }
    children: list[w.Widget] = []
    for part, box in lists.items():
        box.observe(changed, "value")
        children += [label(say(f"chart_{part}")), box]
    for key, name in names.items():
        children += [label(name), points[key]]
    grid = w.GridBox(children, layout={"grid_template_columns": "max-content 180px"})

    def read() -> tuple[Any, str]:
        numbers, wrong = readable({names[key]: box.value for key, box in points.items()})
        raw: dict[str, Any] = {part: box.value for part, box in lists.items()}
        return {**raw, "points": {key: numbers[names[key]] for key in points}}, wrong

    return [grid], read

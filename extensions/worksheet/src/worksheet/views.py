"""The widgets of the task types: they show a task and give what was typed to ``state``.

Holds no rule: ``forms.py`` decides what a value may be. Without a front end (grading) the
same widgets are made and nobody looks at them.
"""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as w
from markdown_it import MarkdownIt

from worksheet import charts, forms
from worksheet.lang import pick, say
from worksheet.state import Sheet

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
GOOD, BAD, DIM = "#276749", "#c53030", "#4a5568"
NUMBER = {"width": "110px"}


class TaskView(w.VBox):
    """A task on the screen; as plain text (a grader's page without widgets) its answer."""

    def __init__(self, sheet: Sheet, task: dict[str, Any]):
        self._sheet, self._task = sheet, task
        self._status = w.HTML()
        inputs, self._read = _INPUTS[task["type"]](task, sheet.value(task["id"]), self._changed)
        self._chart = w.HTML() if task["type"] == "chart" else None
        parts = [
            w.HTML(_head(task)),
            *inputs,
            *([self._chart] if self._chart else []),
            self._status,
        ]
        super().__init__(
            parts,
            layout={"border_left": "4px solid #90cdf4", "padding": "4px 12px", "margin": "8px 0"},
        )
        value = sheet.value(task["id"])
        self._show(value, saved=forms.touched(value))

    def _changed(self, _change: Any = None) -> None:
        try:
            raw, wrong = self._read()
            value = self._sheet.save(self._task["id"], raw)
        except forms.WrongValue as error:
            self._say(str(error), BAD)
        except OSError as error:
            reason = "disk_full" if error.errno in (28, 122) else "disk_error"  # ENOSPC, EDQUOT
            self._say(say("not_saved", reason=say(reason)), BAD)
        else:
            self._show(value, saved=True)
            if wrong:
                self._say(wrong, BAD)

    def _show(self, value: Any, saved: bool) -> None:
        missing = forms.missing(self._task, value) or ""
        done = say("saved") if saved else ""
        if saved and self._task["type"] == "text" and not missing:
            done = say("saved_chars", count=len(value.strip()))
        self._say(done + (missing if saved else ""), DIM if missing else GOOD)
        if self._sheet.notice:
            self._say(self._sheet.notice, BAD)
            self._sheet.notice = ""
        if self._chart:
            hint = f'<p style="color:{DIM}">{html.escape(say("chart_preview"))}</p>'
            self._chart.value = charts.draw(self._task, value) or hint

    def _say(self, sentence: str, colour: str) -> None:
        self._status.value = (
            f'<span role="status" style="color:{colour}">{html.escape(sentence)}</span>'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        value = self._sheet.value(self._task["id"])
        (bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"] = (
            f"{pick(self._task['title'])}：{value if forms.touched(value) else say('empty')}"
        )
        return bundle


Inputs = tuple[list[w.Widget], Callable[[], tuple[Any, str]]]


def _head(task: dict[str, Any]) -> str:
    points = say(f"points_{task['kind']}", points=task["points"])
    criteria = "".join(
        f"<li>{html.escape(say('criterion', title=pick(one['title']), points=one['points']))}<ul>"
        + "".join(
            f"<li>{html.escape(say('level', points=level['points'], text=pick(level['text'])))}</li>"
            for level in one["levels"]
        )
        + "</ul></li>"
        for one in task.get("criteria", [])
    )
    if criteria:
        criteria = f"<details><summary>{html.escape(say('criteria'))}</summary><ul>{criteria}</ul></details>"
    return (
        f'<div style="line-height:1.6;max-width:52em"><h3 style="margin:4px 0">{html.escape(pick(task["title"]))}'
        f' <small style="color:{DIM};font-weight:normal">{html.escape(points)}</small></h3>'
        f"{_markdown.render(pick(task['prompt']))}{criteria}</div>"
    )


def _label(text: str) -> w.HTML:
    return w.HTML(f'<span style="line-height:1.6">{html.escape(text)}</span>')


def _number_box(value: Any, decimals: int, changed: Callable[[Any], None]) -> w.Text:
    # Text and not FloatText: it can be empty, and takes full-width digits.
    text = "" if value is None else f"{value:.15g}"
    hint = say("places", count=decimals) if decimals else say("whole_number")
    box = w.Text(text, placeholder=hint, continuous_update=False, layout=NUMBER)
    box.observe(changed, "value")
    return box


def _number(task: dict[str, Any], value: Any, changed: Callable[[Any], None]) -> Inputs:
    box = _number_box(value, task["decimals"], changed)
    return [w.HBox([box, _label(pick(task.get("unit")))])], lambda: (box.value, "")


def _choice(task: dict[str, Any], value: Any, changed: Callable[[Any], None]) -> Inputs:
    options = [(pick(option["text"]), option["id"]) for option in task["options"]]
    radio = w.RadioButtons(options=options, value=value, layout={"width": "max-content"})
    radio.observe(changed, "value")
    return [radio], lambda: (radio.value, "")


def _choices(task: dict[str, Any], value: Any, changed: Callable[[Any], None]) -> Inputs:
    boxes = {
        option["id"]: w.Checkbox(
            option["id"] in value,
            description=pick(option["text"]),
            indent=False,
            layout={"width": "auto"},
        )
        for option in task["options"]
    }
    for box in boxes.values():
        box.observe(changed, "value")
    return [w.VBox(list(boxes.values()))], lambda: (
        [i for i, box in boxes.items() if box.value],
        "",
    )


def _table(task: dict[str, Any], value: Any, changed: Callable[[Any], None]) -> Inputs:
    cells: dict[tuple[str, str], w.Text] = {}
    children: list[w.Widget] = [_label(""), *(_label(pick(c["text"])) for c in task["columns"])]
    for row in task["rows"]:
        children.append(_label(pick(row["text"])))
        for column in task["columns"]:
            saved = value.get(row["id"], {}).get(column["id"])
            box = _number_box(saved, column["decimals"], changed)
            cells[row["id"], column["id"]] = box
            children.append(box)
    grid = w.GridBox(
        children,
        layout={"grid_template_columns": f"max-content repeat({len(task['columns'])}, 120px)"},
    )
    places = {
        (row["id"], column["id"]): f"{pick(row['text'])}·{pick(column['text'])}"
        for row in task["rows"]
        for column in task["columns"]
    }

    def read() -> tuple[Any, str]:
        numbers, wrong = _readable({places[key]: box.value for key, box in cells.items()})
        raw: dict[str, dict[str, Any]] = {row["id"]: {} for row in task["rows"]}
        for (row, column), place in places.items():
            raw[row][column] = numbers[place]
        return raw, wrong

    return [grid], read


def _text(task: dict[str, Any], value: Any, changed: Callable[[Any], None]) -> Inputs:
    rows = max(6, min(16, task["max_chars"] // 80))
    # Every keystroke counts: a power cut must not cost a paragraph.
    area = w.Textarea(value, rows=rows, layout={"width": "100%", "max_width": "52em"})
    area.observe(changed, "value")
    return [area], lambda: (area.value, "")


def _chart(task: dict[str, Any], value: Any, changed: Callable[[Any], None]) -> Inputs:
    value = value or {"points": {}}
    lists = {}
    for part, options in (("kind", "kinds"), ("x", "x"), ("y", "y")):
        texts = [(pick(option["text"]), option["id"]) for option in task[options]]
        lists[part] = w.Dropdown(
            options=[(say("choose"), ""), *texts],
            value=value.get(part) or "",
            layout={"width": "160px"},
        )
    points = {
        label["id"]: _number_box(value["points"].get(label["id"]), task["decimals"], changed)
        for label in task["labels"]
    }
    children: list[w.Widget] = []
    for part, box in lists.items():
        box.observe(changed, "value")
        children += [_label(say(f"chart_{part}")), box]
    for label in task["labels"]:
        children += [_label(pick(label["text"])), points[label["id"]]]
    grid = w.GridBox(children, layout={"grid_template_columns": "max-content 180px"})
    names = {label["id"]: pick(label["text"]) for label in task["labels"]}

    def read() -> tuple[Any, str]:
        numbers, wrong = _readable({names[key]: box.value for key, box in points.items()})
        raw: dict[str, Any] = {part: box.value for part, box in lists.items()}
        return {**raw, "points": {key: numbers[names[key]] for key in points}}, wrong

    return [grid], read


def _readable(texts: dict[str, str]) -> tuple[dict[str, Any], str]:
    """Return every number that can be read (else None), and a sentence for the first that cannot."""
    numbers: dict[str, Any] = {}
    wrong = ""
    for place, text in texts.items():
        try:
            numbers[place] = forms.parse_number(text, place)
        except forms.WrongValue as error:
            numbers[place] = None
            wrong = wrong or str(error)
    return numbers, wrong


_INPUTS: dict[str, Callable[[dict[str, Any], Any, Callable[[Any], None]], Inputs]] = {
    "number": _number,
    "choice": _choice,
    "choices": _choices,
    "table": _table,
    "text": _text,
    "chart": _chart,
}

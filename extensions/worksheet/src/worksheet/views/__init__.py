"""The widgets of the task types: they show a task and give what was typed to ``state``.

Holds no rule: ``yanxiu_formats.answers`` decides what a value may be. Without a front end (grading) the
same widgets are made and nobody looks at them. A module here holds a few types of task.
"""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as w
from markdown_it import MarkdownIt
from yanxiu_formats import answers
from yanxiu_formats.tasks import AnyTask, ChartTask, SheetTask, TextTask

from worksheet import charts
from worksheet.lang import language, pick, say
from worksheet.state import Sheet
from worksheet.views import fields, files, grids, ordering
from worksheet.views.parts import BAD, DIM, GOOD, STYLE, Changed, Inputs

__all__ = ["BAD", "DIM", "GOOD", "TaskView"]

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_INPUTS: dict[str, Callable[[Sheet, Any, Any, Changed], Inputs]] = {
    "number": fields.number,
    "choice": fields.choice,
    "choices": fields.choices,
    "table": grids.table,
    "text": fields.text,
    "chart": grids.chart,
    "order": ordering.order,
    "match": ordering.match,
    "file": files.file,
}


class TaskView(w.VBox):
    """A task on the screen; as plain text (a grader's page without widgets) its answer."""

    def __init__(self, sheet: Sheet, task: AnyTask):
        self._sheet, self._task = sheet, task
        self._status = w.HTML()
        self._chart = w.HTML() if isinstance(task, ChartTask) else None
        make = _INPUTS[task.type]
        inputs, self._read = make(sheet, task, sheet.value(task.id), self._changed)
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
        value = sheet.value(task.id)
        self._show(value, saved=answers.touched(value))

    def _changed(self, _change: Any = None) -> None:
        try:
            cleaned = self._sheet.keep(self._task.id, self._read())
        except OSError as error:
            reason = "disk_full" if error.errno in (28, 122) else "disk_error"  # ENOSPC, EDQUOT
            self._say(say("not_saved", reason=say(reason)), BAD)
        else:
            self._show(cleaned.value, saved=True)
            if cleaned.wrong:
                self._say(cleaned.wrong[0].text(language()), BAD)

    def _show(self, value: Any, saved: bool) -> None:
        problem = answers.missing(self._task, value)
        missing = problem.text(language()) if problem else ""
        done = say("saved") if saved else ""
        if saved and isinstance(self._task, TextTask) and not missing:
            done = say("saved_chars", count=len(value))
        self._say(done + (missing if saved else ""), DIM if missing else GOOD)
        if self._sheet.notice:
            self._say(self._sheet.notice, BAD)
            self._sheet.notice = ""
        if self._chart is not None and isinstance(self._task, ChartTask):
            hint = f'<p style="color:{DIM}">{html.escape(say("chart_preview"))}</p>'
            self._chart.value = charts.draw(self._task, value) or hint

    def _say(self, sentence: str, colour: str) -> None:
        self._status.value = (
            f'<span role="status" style="color:{colour}">{html.escape(sentence)}</span>'
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        value = self._sheet.value(self._task.id)
        (bundle[0] if isinstance(bundle, tuple) else bundle)["text/plain"] = (
            f"{pick(self._task.title)}：{value if answers.touched(value) else say('empty')}"
        )
        return bundle


def _head(task: AnyTask) -> str:
    points = say(f"points_{task.kind}", points=task.points)
    criteria = "".join(
        f"<li>{html.escape(say('criterion', title=pick(one.title), points=one.points))}<ul>"
        + "".join(
            f"<li>{html.escape(say('level', points=level.points, text=pick(level.text)))}</li>"
            for level in one.levels
        )
        + "</ul></li>"
        for one in (task.criteria if isinstance(task, SheetTask) else ())
    )
    if criteria:
        criteria = f"<details><summary>{html.escape(say('criteria'))}</summary><ul>{criteria}</ul></details>"
    return (
        f'{STYLE}<div style="line-height:1.6;max-width:52em"><h3 style="margin:4px 0">{html.escape(pick(task.title))}'
        f' <small style="color:{DIM};font-weight:normal">{html.escape(points)}</small></h3>'
        f"{_markdown.render(pick(task.prompt))}{criteria}</div>"
    )

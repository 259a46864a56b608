"""Prepare a unit's tasks for the templates: prompts, typed values, problems, scores, charts.

The form, the feedback and the grading page all show tasks; what they share is here.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from yanxiu_formats.answers.files import KEPT
from yanxiu_formats.tasks import AnyTask, ChartTask, Option, OrderTask
from yanxiu_formats.units import Unit

from yanxiu.courses import charts, forms, kinds
from yanxiu.courses.content import course_markdown
from yanxiu.i18n import Translator
from yanxiu.work.model import TaskScore
from yanxiu.work.rules import Marking


@dataclass
class TaskView:
    """One task as a page shows it.

    :param values: the typed texts by the field's full name
    :param bad: the fields that the problems mean
    :param by_person: a person's marks are its points; a machine's score is only a proposal
    """

    task: AnyTask
    number: int
    prompt: Markup
    values: Mapping[str, Sequence[str]]
    problems: list[str] = field(default_factory=list)
    bad: frozenset[str] = frozenset()
    chart: Markup | None = None
    score: TaskScore | None = None
    marks: Mapping[str, Marking] = field(default_factory=dict)
    files_at: str = ""
    by_person: bool = False

    def value(self, suffix: str = "") -> str:
        """Return the text of one field."""
        values = self.values.get(f"a.{self.task.id}{suffix}")
        return values[0] if values else ""

    def chosen(self, option: str) -> bool:
        """Say whether a box of the task is ticked."""
        return option in self.values.get(f"a.{self.task.id}", ())

    @property
    def ordering(self) -> list[Option]:
        """The items of an order task: those with a place first, in that order."""
        items = self.task.items if isinstance(self.task, OrderTask) else ()
        places = {item.id: self.value(f".{item.id}") for item in items}
        return sorted(
            items,
            key=lambda item: int(place) if (place := places[item.id]).isdecimal() else math.inf,
        )

    @property
    def placed(self) -> list[str]:
        """The ids of an order task's items that have a place."""
        return [item.id for item in self.ordering if self.value(f".{item.id}")]

    @property
    def files(self) -> list[Mapping[str, Any]]:
        """The files of a file task: ``name``, ``size``, ``href`` and what keeps it in a form."""
        task_id = self.task.id
        shown: list[Mapping[str, Any]] = []
        for text in self.values.get(forms.field_name(self.task, KEPT), ()):
            entry = json.loads(text)
            href = f"{self.files_at}{task_id}/{entry['sha256']}" if self.files_at else ""
            shown.append({**entry, "kept": text, "href": href})
        return shown

    @property
    def points(self) -> float | None:
        """What it was given, None while something of it is not marked."""
        if not self.by_person:
            return self.score.points if self.score else None
        if len(self.marks) < len(self.task.criteria):
            return None
        return sum(mark.points or 0.0 for mark in self.marks.values())


def task_views(
    unit: Unit,
    tr: Translator,
    *,
    answers: Mapping[str, Any] | None = None,
    typed: forms.Fields | None = None,
    problems: Sequence[forms.Problem] = (),
    scores: Mapping[str, TaskScore] | None = None,
    marks: Mapping[tuple[str, str], Marking] | None = None,
    files: str = "",
) -> list[TaskView]:
    """Return the tasks of ``unit`` in order.

    :param typed: what a browser sent, shown as it was rather than ``answers``
    :param files: below which address the answers' files can be fetched
    """
    answers = answers or {}
    values = typed if typed is not None else forms.fields(unit, answers)
    by_person = {task.id for task in kinds.by_person(unit)}
    views = []
    for number, task in enumerate(unit.tasks, 1):
        key = task.id
        view = TaskView(task, number, course_markdown(tr.pick(task.prompt)), values)
        mine = [one for one in problems if one.task_id == key]
        view.problems = [one.text(tr.lang) for one in mine]
        view.bad = frozenset[str]().union(*(forms.field_names(unit, one) for one in mine))
        view.score = (scores or {}).get(key)
        view.marks = {c: mark for (t, c), mark in (marks or {}).items() if t == key}
        view.files_at = files
        view.by_person = key in by_person
        if isinstance(task, ChartTask):
            view.chart = charts.draw(task, answers.get(key), tr.pick)
        views.append(view)
    return views

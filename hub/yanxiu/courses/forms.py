"""A unit's tasks as a form: names of its fields, and what was typed as declared answers.

Pure: no request, no page, no store. What an answer may be is ``yanxiu_formats.answers``'; here
are only the names under which a browser sends its parts, and what a refusal says. The pages
read what a browser sent with ``read``; the templates name their fields with the same names and
show again what ``fields`` gives.

Field names: ``a.<task>``, tables ``a.<task>.<row>.<column>``, charts ``a.<task>.kind``,
``.x``, ``.y`` and ``a.<task>.points.<label>``, orders and matches ``a.<task>.<item>``, files
``f.<task>`` and ``f.<task>.kept``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yanxiu_formats import answers as formats
from yanxiu_formats.answers import Answers, Path, Problem
from yanxiu_formats.sentences import SENTENCES, say, source
from yanxiu_formats.tasks import AnyTask, FileTask
from yanxiu_formats.units import Unit, tasks_by_id

from yanxiu.errors import Invalid

__all__ = [
    "Fields",
    "Filled",
    "Problem",
    "WrongAnswer",
    "check_answers",
    "field_names",
    "fields",
    "read",
    "typed_again",
]

#: What a browser sends: every field's values in order.
Fields = Mapping[str, Sequence[str]]


@dataclass
class Filled:
    """A form that was read.

    :param answers: what can be kept, all tasks, the empty value where nothing is
    :param wrong: what cannot be kept, not even in a draft
    :param missing: what is still to do before it can be handed in
    """

    answers: Answers = field(default_factory=dict)
    wrong: list[Problem] = field(default_factory=list)
    missing: list[Problem] = field(default_factory=list)


class WrongAnswer(Invalid):
    """An answer that cannot be kept, said as its task says it.

    What was typed is in the sentence and in no parameter: those are audited.
    """

    def __init__(self, problem: Problem, number: int):
        super().__init__("answers.wrong", source("answers.wrong"), number=number)
        self.problem = problem

    def text(self, gettext: Any = str) -> str:
        """Return the sentence; ``gettext`` shows its language by what it makes of one."""
        lang = "zh_CN" if gettext(source("empty")) == SENTENCES["empty"][0] else "en"
        sentence = self.problem.text(lang)
        return say("answers.wrong", lang, number=self.params["number"], sentence=sentence)


def field_name(task: AnyTask, path: Path = ()) -> str:
    """Return the name of the field that holds a part of an answer."""
    return ".".join(("f" if isinstance(task, FileTask) else "a", task.id, *path))


def field_names(unit: Unit, problem: Problem) -> frozenset[str]:
    """Return the fields that a problem means."""
    task = tasks_by_id(unit)[problem.task_id]
    return frozenset(field_name(task, path) for path in problem.at)


def read(unit: Unit, fields: Fields) -> Filled:
    """Read a posted form of ``unit``.

    A field that cannot be read leaves its part of the answer empty and says so in
    ``wrong``; the caller shows what was typed again.
    """
    filled = Filled()
    for task in unit.tasks:
        prefix = field_name(task)
        texts = {
            tuple(name.removeprefix(prefix).split(".")[1:]): values
            for name, values in fields.items()
            if name == prefix or name.startswith(f"{prefix}.")
        }
        cleaned = formats.clean(task, formats.gather(task, texts))
        filled.answers[task.id] = cleaned.value
        filled.wrong += cleaned.wrong
        # What is wrong is blank as well; that it is wrong says more.
        missing = None if cleaned.wrong else formats.missing(task, cleaned.value)
        filled.missing += [missing] if missing else []
    return filled


def fields(unit: Unit, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the fields that show ``answers``: the other way round from ``read``.

    Answers may come from anybody's notebook: a value of a wrong shape shows as empty.
    """
    return {
        field_name(task, path): texts
        for task in unit.tasks
        for path, texts in formats.flatten(task, answers.get(task.id)).items()
    }


def typed_again(unit: Unit, typed: Fields, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what to show after ``typed`` was sent and ``answers`` kept: the same, but for files.

    A browser's file field cannot be filled in; what was kept of the files is shown instead.
    """
    files = {
        name: values for name, values in fields(unit, answers).items() if name.startswith("f.")
    }
    return {name: list(values) for name, values in typed.items()} | files


def check_answers(unit: Unit, answers: Mapping[str, Any]) -> Answers:
    """Return ``answers`` with every task of ``unit`` in it; incomplete is fine.

    :raises Invalid: a task that the unit does not have, or a value that cannot be kept
    """
    known = list(tasks_by_id(unit))
    for task_id in answers:
        if task_id not in known:
            raise Invalid(
                "answers.unknown_task",
                source("unknown_task"),
                task=str(task_id)[:32],
                known="、".join(known),
            )
    kept, wrong = formats.clean_all(unit, answers)
    if wrong:
        raise WrongAnswer(wrong[0], known.index(wrong[0].task_id) + 1)
    return kept

"""Tasks that are one number, and the reading of numbers for those that are several."""

from collections.abc import Mapping, Sequence
from typing import Any

from yanxiu_formats.numbers import NotANumber, number_text, parse_number
from yanxiu_formats.tasks import AnyTask, NumberTask
from yanxiu_formats.texts import Bilingual

from .model import Cleaned, Path, Problem, TaskType, Texts, one_text


def read_number(
    task: AnyTask,
    raw: Any,
    wrong: list[Problem],
    path: Path = (),
    place: Bilingual | None = None,
    units: Sequence[str] = (),
) -> int | float | None:
    """Return the number that ``raw`` means, None for nothing; note what is none.

    :param place: what its reader calls the place, such as a table's row and column
    """
    try:
        return parse_number(raw, units)
    except NotANumber as error:
        code = f"{error.code}_at" if place else error.code
        params: dict[str, Any] = {"text": error.text} if "not_a" in code else {}
        if place:
            params["place"] = place
        wrong.append(Problem(task.id, code, params, (path,)))
        return None


def _clean(task: NumberTask, raw: Any) -> Cleaned:
    wrong: list[Problem] = []
    units = (task.unit.zh_CN, task.unit.en) if task.unit else ()
    value = read_number(task, raw, wrong, units=units)
    return Cleaned(value, tuple(wrong))


def _missing(task: NumberTask, value: Any) -> Problem | None:
    return Problem(task.id, "empty") if value is None else None


def _flatten(_task: NumberTask, value: Any) -> Texts:
    return {(): [number_text(value)]}


def _gather(_task: NumberTask, texts: Mapping[Path, Sequence[str]]) -> str:
    return one_text(texts)


NUMBER: TaskType[NumberTask] = TaskType(lambda _task: None, _clean, _missing, _flatten, _gather)

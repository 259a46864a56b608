"""A unit as one attempt at it is marked: by hand where the machine gave up.

Pure. Verbs and pages that show or take marks ask here what there is to mark.
"""

from yanxiu_formats.tasks import SheetTask, WholePoints
from yanxiu_formats.units import NbgraderUnit, Unit

from .rules import State

#: The one criterion of an automatic task that a person gives its points.
BY_HAND = "by_hand"
_WITH_THE_MACHINE = frozenset({State.QUEUED, State.GRADING, State.SUPERSEDED})


def as_marked(unit: Unit, state: str, auto_points: float | None) -> Unit:
    """Return a unit as one submission of it is marked: by hand where the machine gave up.

    Its automatic tasks then have one criterion each, worth all their points.

    :param auto_points: what the machine found, None as long as it has found nothing
    """
    if (
        auto_points is not None
        or state in _WITH_THE_MACHINE
        # There a person gives every task its points in any case.
        or isinstance(unit, NbgraderUnit)
    ):
        return unit
    tasks = tuple(task if task.kind == "rubric" else _by_hand(task) for task in unit.tasks)
    return unit.model_copy(update={"tasks": tasks})


def _by_hand(task: SheetTask) -> SheetTask:
    whole = WholePoints(id=BY_HAND, title=task.title, points=task.points)
    return task.model_copy(update={"kind": "rubric", "criteria": (whole,)})

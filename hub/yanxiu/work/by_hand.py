"""A unit as one attempt at it is marked: by hand where the machine gave up.

Pure. ``rules`` asks here what there is to mark, for verbs and pages.
"""

from yanxiu_formats.tasks import SheetTask, WholePoints
from yanxiu_formats.units import NbgraderUnit, Unit

#: The one criterion of an automatic task that a person gives its points.
BY_HAND = "by_hand"


def as_marked(unit: Unit, *, by_hand: bool) -> Unit:
    """Return a unit as an attempt at it is marked: ``by_hand`` where the machine gave up.

    Its automatic tasks then have one criterion each, worth all their points.
    """
    # Of a unit of nbgrader's a person gives every task its points in any case.
    if not by_hand or isinstance(unit, NbgraderUnit):
        return unit
    tasks = tuple(task if task.kind == "rubric" else _by_hand(task) for task in unit.tasks)
    return unit.model_copy(update={"tasks": tasks})


def _by_hand(task: SheetTask) -> SheetTask:
    whole = WholePoints(id=BY_HAND, title=task.title, points=task.points)
    return task.model_copy(update={"kind": "rubric", "criteria": (whole,)})

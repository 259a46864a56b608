"""A unit as one attempt at it is marked: by hand where the machine gave up.

Pure. Verbs and pages that show or take marks ask here what there is to mark.
"""

from collections.abc import Mapping
from typing import Any

from yanxiu.courses.kinds import Definition, kind_of

from .rules import State

#: The one criterion of an automatic task that a person gives its points.
BY_HAND = "by_hand"
_WITH_THE_MACHINE = frozenset({State.QUEUED, State.GRADING, State.SUPERSEDED})


def as_marked(unit: Definition, state: str, auto_points: float | None) -> dict[str, Any]:
    """Return a unit as one submission of it is marked: by hand where the machine gave up.

    Its automatic tasks then have one criterion each, worth all their points.

    :param auto_points: what the machine found, None as long as it has found nothing
    """
    if auto_points is not None or state in _WITH_THE_MACHINE or kind_of(unit).in_kernel:
        return dict(unit)
    tasks = [task if task["kind"] == "rubric" else _by_hand(task) for task in unit["tasks"]]
    return {**unit, "tasks": tasks}


def _by_hand(task: Mapping[str, Any]) -> dict[str, Any]:
    whole = {"id": BY_HAND, "title": task["title"], "points": task["points"], "levels": []}
    return {**task, "kind": "rubric", "criteria": [whole]}

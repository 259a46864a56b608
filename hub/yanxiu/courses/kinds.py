"""What the kinds of units differ in, in one table: ours, and those of nbgrader courses.

Pure. Verbs and pages ask here instead of comparing kinds themselves. How a bundle of each
is judged is ``bundles``' to say, how it is graded ``grading.job``'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yanxiu_formats.tasks import AnyTask
from yanxiu_formats.units import Unit


@dataclass(frozen=True)
class Kind:
    """One kind of unit.

    :param in_kernel: tests run in the learner's own kernel, so the machine's points are
        proposals and a person gives every task its points
    :param has_form: it can be done in the portal's form
    :param page: the template of its page
    :param places: to how many decimals points are kept; None: exactly as nbgrader has them
    """

    name: str
    in_kernel: bool
    has_form: bool
    page: str
    places: int | None


WORKSHEET = Kind("worksheet", in_kernel=False, has_form=True, page="unit.html", places=2)
NBGRADER = Kind("nbgrader", in_kernel=True, has_form=False, page="unit_nbgrader.html", places=None)
_KINDS = {kind.name: kind for kind in (WORKSHEET, NBGRADER)}


def kind_of(unit: Unit) -> Kind:
    """Return a unit's kind."""
    return _KINDS[unit.kind]


def by_person(unit: Unit) -> Sequence[AnyTask]:
    """Return the tasks that a person gives points for."""
    if kind_of(unit).in_kernel:
        return unit.tasks
    return [task for task in unit.tasks if task.kind == "rubric"]


def awaits_person(unit: Unit) -> bool:
    """Say whether anything is left to do for a person once the machine is through."""
    return kind_of(unit).in_kernel or bool(by_person(unit))


def criteria(unit: Unit) -> dict[tuple[str, str], float]:
    """Return the points of every criterion by (task, criterion)."""
    return {
        (task.id, one.id): float(one.points) for task in by_person(unit) for one in task.criteria
    }


def total(unit: Unit, auto_points: float | None, marks: Iterable[float]) -> float:
    """Return a submission's points once every criterion is marked.

    What the machine found counts by itself only where nobody could have told it.
    """
    kind = kind_of(unit)
    machine = 0.0 if kind.in_kernel else (auto_points or 0.0)
    return rounded(unit, machine + sum(marks))


def rounded(unit: Unit, points: float) -> float:
    """Return points as they are kept."""
    places = kind_of(unit).places
    return float(points) if places is None else round(float(points), places)

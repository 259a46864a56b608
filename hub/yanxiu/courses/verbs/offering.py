"""Offer a release of a course: an offering, its assignments, its learners.

Adds what is missing and moves an offering to another release only as long as nobody's
submitted work would then stand beside other tasks than it was made for. Called by
``import_course`` inside its transaction.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from yanxiu.courses.model import Assignment, Enrolment, Offering, ReleaseUnit
from yanxiu.courses.reads import courses, enrolment
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.names import new_id
from yanxiu.people.reads import people
from yanxiu.store.engine import Session

#: Says whether anybody has handed in anything for an assignment; ``work`` knows.
HandedIn = Callable[[Session, uuid.UUID], bool]


@dataclass(frozen=True)
class WantedOffering:
    """An offering that is wanted.

    :param org: code of the county or school whose teachers take the course
    :param due: of each unit by key; ``closes`` for the others
    """

    offering: str
    org: str | None = None
    term: str = ""
    opens: datetime | None = None
    closes: datetime | None = None
    due: Mapping[str, datetime] = field(default_factory=dict)
    max_attempts: int | None = None


@dataclass(frozen=True)
class ChangedOffering:
    """What changed."""

    offering: str
    new: bool
    moved: bool
    added: tuple[str, ...]
    enrolled: int

    @property
    def changed(self) -> bool:
        """Whether anything did."""
        return bool(self.new or self.moved or self.added or self.enrolled)


def update_offering(
    session: Session,
    now: datetime,
    wanted: WantedOffering,
    course_id: str,
    release_id: uuid.UUID,
    handed_in: HandedIn,
) -> ChangedOffering:
    """Bring an offering up to ``release_id``.

    :raises Refused: it holds another course, misses something, or would change tasks that
        somebody has handed in
    """
    found = courses.offering(session, wanted.offering)
    new = found is None
    if found is None:
        found = _open(session, wanted, course_id, release_id)
    elif found.course_id != course_id:
        raise Refused(
            "offering.other_course",
            N_("开课 {offering} 是课程 {course} 的。请换一个 --offering。"),
            status=409,
            offering=wanted.offering,
            course=found.course_id,
        )
    moved = found.release_id != release_id
    if moved:
        _check_move(session, found, release_id, handed_in)
        found.release_id = release_id
    added = _add_units(session, found, wanted)
    missing = enrolment.teachers_not_enrolled(session, [found.org.code], found.id)
    session.add_all(
        Enrolment(offering_id=found.id, person_id=person_id, enrolled_at=now)
        for person_id in missing
    )
    return ChangedOffering(found.id, new, moved, added, len(missing))


def _open(
    session: Session, wanted: WantedOffering, course_id: str, release_id: uuid.UUID
) -> Offering:
    needed = {"org": wanted.org, "opens": wanted.opens, "closes": wanted.closes}
    missing = [f"--{name}" for name, value in needed.items() if value is None]
    if missing:
        raise Invalid(
            "offering.incomplete",
            N_("开课 {offering} 还没有，新开要给出 {missing}。"),
            offering=wanted.offering,
            missing="、".join(missing),
        )
    assert wanted.org and wanted.opens and wanted.closes
    if wanted.opens >= wanted.closes:
        raise Invalid("offering.dates", N_("开课时间要早于结课时间，请改正。"))
    org = people.organization(session, wanted.org)
    if org is None:
        raise NotFound("offering.org", N_("没有代码是 {org} 的县或学校。请核对。"), org=wanted.org)
    found = Offering(
        id=wanted.offering,
        course_id=course_id,
        release_id=release_id,
        org_id=org.id,
        term=wanted.term,
        opens_at=wanted.opens,
        closes_at=wanted.closes,
    )
    session.add(found)
    session.flush()
    return found


def _add_units(session: Session, found: Offering, wanted: WantedOffering) -> tuple[str, ...]:
    known = courses.assignments(session, found.id)
    units = courses.units_of(session, found.release_id)
    position = max((one.position for one in known.values()), default=-1)
    added = []
    for key in units:
        if key in known:
            continue
        position += 1
        due = wanted.due.get(key) or wanted.closes or found.closes_at
        session.add(
            Assignment(
                id=new_id(),
                offering_id=found.id,
                unit_key=key,
                position=position,
                due_at=due,
                late_until=due,
                max_attempts=wanted.max_attempts,
            )
        )
        added.append(key)
    session.flush()
    return tuple(added)


def _check_move(
    session: Session, found: Offering, release_id: uuid.UUID, handed_in: HandedIn
) -> None:
    before = courses.units_of(session, found.release_id)
    after = courses.units_of(session, release_id)
    changed = [
        key
        for key, one in courses.assignments(session, found.id).items()
        if not _same(before.get(key), after.get(key)) and handed_in(session, one.id)
    ]
    if changed:
        raise Refused(
            "offering.handed_in",
            N_(
                "开课 {offering} 里的作业 {units} 已经有人提交，不能换成改过的版本，什么也没有改。"
                "请给改过的作业换一个名字，或新开一期。"
            ),
            status=409,
            offering=found.id,
            units="、".join(changed),
        )


def _same(one: ReleaseUnit | None, other: ReleaseUnit | None) -> bool:
    if one is None or other is None:
        return False
    return (one.definition, one.learner_blob, one.scoring_blob) == (
        other.definition,
        other.learner_blob,
        other.scoring_blob,
    )

"""Change the tree of organizations: a new code, a merger, a teaching point, another parent.

People and works stay with their school (but for a merger, which moves the people); what moves is
under whom a school stands, and with it who may see what. Called by ``yanxiu school``.
"""

from datetime import datetime
from typing import Protocol

from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.names import school_code_problem
from yanxiu.people.model import Organization
from yanxiu.people.permissions import check_can_change_schools
from yanxiu.people.reads import organizations, schools
from yanxiu.people.rules import check_move, check_parent
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor


class Beside(Protocol):
    """What a room above keeps along the tree, and changes in the same transaction."""

    def before(self, session: Session) -> None:
        """Take its locks."""
        ...

    def after(self, session: Session) -> None:
        """Follow the tree."""
        ...


def recode(store: Store, actor: Actor, old: str, new: str, beside: Beside) -> Organization:
    """Give a school a new code; the old one goes on meaning it.

    :raises Refused: it is no code, or another school has it
    """
    audit = Event(actor.person_id, "school.recode", "school", details={"from": old, "to": new})
    with audited(store, audit):
        if school_code_problem(new):
            raise Invalid(
                "school.code",
                N_("{given} 不是学校标识码（10 位数字，前两位是类别，第 3、4 位是省份）。请核对。"),
                given=new,
            )

        def work(session: Session, now: datetime) -> Organization:
            beside.before(session)
            found = _found(session, old)
            check_can_change_schools(actor, found.path)
            if organizations.by_code(session, new) is not None:
                raise Refused(
                    "school.code_taken",
                    N_("已经有代码是 {given} 的学校。两所并成一所请用 yanxiu school merge。"),
                    status=409,
                    given=new,
                )
            schools.recode(session, found, new, now)
            beside.after(session)
            audit.object_id = str(found.id)
            return found

        return store.transact(work, audit)


def merge(
    store: Store, actor: Actor, old: str, into: str, beside: Beside
) -> tuple[Organization, Organization, int]:
    """Move everybody of a school to another and close it; return both, and how many moved.

    :raises Refused: they are one, one lies below the other, or teaching points are left
    """
    audit = Event(actor.person_id, "school.merge", "school", details={"from": old, "to": into})

    def work(session: Session, now: datetime) -> tuple[Organization, Organization, int]:
        beside.before(session)
        gone, target = _found(session, old), _found(session, into)
        check_can_change_schools(actor, gone.path, target.path)
        check_move(gone.path, target.path)
        if gone.kind != "school" or target.kind != "school":
            raise Refused("school.kind", N_("只能把学校并入学校，没有改动。"), status=409)
        if organizations.children(session, gone.id):
            raise Refused(
                "school.points",
                N_("这所学校下面还有教学点或教研组，请先把它们移走或并走。"),
                status=409,
            )
        moved = schools.merge(session, gone, target, now)
        beside.after(session)
        audit.object_id = str(target.id)
        audit.details["moved"] = moved
        return gone, target, moved

    with audited(store, audit):
        return store.transact(work, audit)


def add_teaching_point(store: Store, actor: Actor, above: str, name: str) -> Organization:
    """Add a teaching point below a school or county, with a temporary code."""
    audit = Event(actor.person_id, "school.point", "school")

    def work(session: Session, now: datetime) -> Organization:
        parent = _found(session, above)
        check_can_change_schools(actor, parent.path)
        check_parent("school", parent.kind)
        made = schools.add_point(session, parent, name.strip())
        audit.object_id, audit.school_id = str(made.id), made.id
        audit.details = {"code": made.code}
        return made

    with audited(store, audit):
        return store.transact(work, audit)


def move(
    store: Store, actor: Actor, code: str, above: str, beside: Beside
) -> tuple[Organization, Organization]:
    """Put an organization, with all below it, below another one; return both.

    :raises Refused: it cannot stand there
    """
    audit = Event(
        actor.person_id, "organization.move", "organization", details={"code": code, "to": above}
    )

    def work(session: Session, now: datetime) -> tuple[Organization, Organization]:
        beside.before(session)
        found, parent = _found(session, code), _found(session, above)
        check_can_change_schools(actor, found.path, parent.path)
        check_parent(found.kind, parent.kind)
        check_move(found.path, parent.path)
        audit.object_id = str(found.id)
        found.parent_id = parent.id
        audit.details["below"] = organizations.move_path(
            session, found, f"{parent.path}{found.code}/"
        )
        beside.after(session)
        return found, parent

    with audited(store, audit):
        return store.transact(work, audit)


def _found(session: Session, code: str) -> Organization:
    found = organizations.by_code(session, code)
    if found is None or not found.active:
        raise NotFound("org.unknown", N_("没有代码是 {given} 的单位。请核对代码。"), given=code)
    return found

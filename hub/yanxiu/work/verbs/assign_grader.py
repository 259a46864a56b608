"""Say what a grader is to mark: a unit's submissions from one school.

Marks that were given stay when it ends. Called by the page for roles.
"""

import uuid
from datetime import datetime

from yanxiu.errors import N_, Invalid, NotFound
from yanxiu.names import new_id
from yanxiu.people.loaders import organization_of_role, person_with_roles
from yanxiu.people.model import GraderAssignment
from yanxiu.people.reads import roles
from yanxiu.roles import Role
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work.permissions import check_can_assign_grader
from yanxiu.work.reads import graders


def assign(
    store: Store, actor: Actor, person_id: str, assignment_id: uuid.UUID, school_id: uuid.UUID
) -> bool:
    """Put a grader in charge of a unit's submissions from a school; False if they were.

    :raises Refused: no grader there, not the actor's school, or no such unit there
    """
    audit = Event(actor.person_id, "grader.assign", "person", person_id[:17])

    def work(session: Session, now: datetime) -> bool:
        school = organization_of_role(session, school_id)
        who, held = person_with_roles(session, actor, person_id)
        audit.school_id = school.id
        audit.details = {"assignment": str(assignment_id), "school": school.code}
        check_can_assign_grader(actor, school_path=school.path)
        if school.kind != "school" or not graders.holds_offering(
            session, assignment_id, school.path
        ):
            raise Invalid("grader.place", N_("这所学校没有开这个单元，没有改动。"))
        if not any(role == Role.GRADER and school.path.startswith(path) for role, path in held):
            raise Invalid(
                "grader.no_grader", N_("请先给这位老师这所学校（或全县）的“评分员”角色，再分配。")
            )
        if (assignment_id, school.id) in roles.assigned_keys(session, who.id):
            audit.outcome = "held already"
            return False
        session.add(
            GraderAssignment(
                id=new_id(),
                person_id=who.id,
                assignment_id=assignment_id,
                school_id=school.id,
                given_by=actor.person_id,
                given_at=now,
            )
        )
        return True

    with audited(store, audit):
        return store.transact(work, audit)


def unassign(store: Store, actor: Actor, person_id: str, grader_assignment_id: uuid.UUID) -> None:
    """Take an assignment away; the marks that were given stay.

    :raises Refused: not the actor's to take
    """
    audit = Event(actor.person_id, "grader.unassign", "person", person_id[:17])

    def work(session: Session, now: datetime) -> None:
        found = roles.assignment_by_id(session, grader_assignment_id)
        if found is None or found.person_id != person_id:
            raise NotFound(
                "role.not_found", N_("没有找到这个角色，可能已被别人收回。请刷新页面看看。")
            )
        school = organization_of_role(session, found.school_id)
        audit.school_id = school.id
        audit.details = {"assignment": str(found.assignment_id), "school": school.code}
        check_can_assign_grader(actor, school_path=school.path)
        session.delete(found)

    with audited(store, audit):
        store.transact(work, audit)

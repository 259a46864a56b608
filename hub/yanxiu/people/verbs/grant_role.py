"""Give and take roles, and say what graders are to mark. Each is audited.

What a role is for and who may give it is the table of ``yanxiu.roles``.
"""

import uuid
from datetime import datetime

from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.people.loaders import organization_of_role, person_with_roles
from yanxiu.people.permissions import check_can_give_role, check_can_take_role
from yanxiu.people.reads import roles
from yanxiu.roles import ROLES, Role
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor


def grant(store: Store, actor: Actor, person_id: str, role: Role, org_id: uuid.UUID) -> bool:
    """Give a role in an organization; False when it was held already.

    :raises Refused: not the actor's to give, or not a role of that kind of organization
    """
    audit = Event(actor.person_id, "role.grant", "person", person_id[:17])
    audit.details = {"role": role.value}

    def work(session: Session, now: datetime) -> bool:
        org = organization_of_role(session, org_id)
        who, held = person_with_roles(session, actor, person_id)
        audit.school_id, audit.details = org.id, {"role": role.value, "org": org.code}
        check_can_give_role(actor, role=role, org_path=org.path)
        if org.kind not in ROLES[role].kinds:
            raise Invalid("role.place", N_("这个角色不能设在这个单位，没有改动。"))
        if (role.value, org.path) in held:
            audit.outcome = "held already"
            return False
        roles.add_grant(session, who.id, role, org.id)
        return True

    with audited(store, audit):
        return store.transact(work, audit)


def withdraw(store: Store, actor: Actor, person_id: str, grant_id: uuid.UUID) -> None:
    """Take a role back; what a grader was assigned below it ends with it.

    :raises Refused: not the actor's to take, one's own, or the last county organizer
    """
    audit = Event(actor.person_id, "role.withdraw", "person", person_id[:17])

    def work(session: Session, now: datetime) -> None:
        found = roles.grant_by_id(session, grant_id)
        if found is None or found.person_id != person_id:
            raise _gone()
        # Locked, so that two organizers cannot take each other's role at the same moment.
        org = roles.organization(session, found.org_id, for_update=True)
        assert org is not None
        role = Role(found.role)
        audit.school_id, audit.details = org.id, {"role": role.value, "org": org.code}
        check_can_take_role(actor, role=role, org_path=org.path, person_id=person_id)
        session.delete(found)
        session.flush()
        last = role is Role.COUNTY_ORGANIZER and not roles.active_holders(session, role, org.id)
        if last:
            raise Refused(
                "role.last",
                N_("这是最后一位县管理员，不能收回。请先给另一位老师这个角色。"),
                status=409,
            )
        if role is Role.GRADER:
            audit.details["assigned"] = roles.end_assignments(session, person_id, org.path)

    with audited(store, audit):
        store.transact(work, audit)


def _gone() -> NotFound:
    return NotFound("role.not_found", N_("没有找到这个角色，可能已被别人收回。请刷新页面看看。"))

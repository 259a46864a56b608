"""A person, and an organization, whose roles are about to be seen or changed: found and permitted.

One look for the page, for giving and taking roles, and for what graders mark: they cannot
disagree on whom an organizer sees. Called by ``verbs.grant_role``, ``work.verbs.assign_grader``
and the page of roles.
"""

import uuid

from yanxiu.errors import N_, NotFound
from yanxiu.people.model import Organization, Person
from yanxiu.people.permissions import check_can_see_roles_of
from yanxiu.people.reads import people, roles
from yanxiu.store.engine import Session
from yanxiu.web.actor import Actor

#: (role, path of the organization), for every role that somebody holds.
Held = list[tuple[str, str]]


def person_with_roles(session: Session, actor: Actor, person_id: str) -> tuple[Person, Held]:
    """Return an active person and what they hold. :raises NotFound: not the actor's to see"""
    who = people.active_person(session, person_id)
    if who is None:
        raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))
    held = people.grants(session, who.id)
    check_can_see_roles_of(actor, school_path=who.school.path, grants=held)
    return who, held


def organization_of_role(session: Session, org_id: uuid.UUID) -> Organization:
    """Return where a role is or will be. :raises NotFound: there is no such organization"""
    org = roles.organization(session, org_id)
    if org is None:
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
    return org

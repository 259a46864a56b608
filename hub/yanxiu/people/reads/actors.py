"""Load who is asking from the store: once per request, never cached over requests."""

from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from yanxiu.people.model import Consent, Credential, Organization, Person, RoleGrant
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor, Role, Way

from . import roles

_SCHOOL, _PLACE = aliased(Organization), aliased(Organization)
_PERSON: Any = bindparam("person")
_AGREED = select(func.max(Consent.version)).where(Consent.person_id == _PERSON).scalar_subquery()
#: One row for each role, one without if there is none. Made once: every request asks it.
_WHO = (
    select(
        Person.school_id,
        Person.name,
        _SCHOOL.path,
        Credential.must_change,
        _AGREED,
        RoleGrant.role,
        _PLACE.path,
    )
    .join(_SCHOOL, _SCHOOL.id == Person.school_id)
    .outerjoin(Credential, Credential.person_id == Person.id)
    .outerjoin(RoleGrant, RoleGrant.person_id == Person.id)
    .outerjoin(_PLACE, _PLACE.id == RoleGrant.org_id)
    .where(Person.id == _PERSON, Person.active.is_(True))
)


def load_actor(store: Store, person_id: str, way: Way = Way.SESSION) -> Actor | None:
    """Return the actor, or None when there is no such active person.

    One query, and one more for a grader.
    """
    with store.read() as session:
        rows = session.connection().execute(_WHO, {"person": person_id}).all()
        if not rows:
            return None
        school_id, name, school_path, must_change, consent, *_ = rows[0]
        held = frozenset((Role(row[5]), row[6]) for row in rows if row[5] is not None)
        grades = any(role is Role.GRADER for role, _ in held)
        return Actor(
            person_id=person_id,
            school_id=school_id,
            school_path=school_path,
            grants=held,
            way=way,
            must_change_password=bool(must_change),
            assigned=roles.assigned_keys(session, person_id) if grades else frozenset(),
            consent=consent or "",
            name=name,
        )

"""SQL about accounts of identity providers: bindings, requests, and what a binding changes.

Called by ``login.sso`` (logins) and by ``pages.bindings`` (the organizer's queue).
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, case, delete, false, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from yanxiu.cleaning import clean_teacher_no
from yanxiu.login.model import SsoBinding, SsoRequest
from yanxiu.names import new_id
from yanxiu.people.model import Organization, OrganizationAlias, Person, RoleGrant
from yanxiu.people.reads.organizations import below
from yanxiu.people.rules import county_of


@dataclass(frozen=True)
class Found:
    """A person of the roster who could be meant."""

    person_id: str
    name: str
    teacher_no: str | None
    mobile: str | None
    id_hmac: str | None
    id_last4: str | None
    active: bool
    school: str
    school_code: str
    school_path: str
    taken: bool

    @property
    def county_code(self) -> str:
        """Code of the county above the school."""
        return county_of(self.school_path)


@dataclass(frozen=True)
class Wanted:
    """By what people are found; empty texts find nobody.

    :param last4: end of an ID number, within the school of ``school_code`` only
    """

    provider: str
    school_code: str = ""
    last4: str = ""
    name: str = ""
    teacher_no: str = ""
    mobile: str = ""
    id_hmac: str = ""
    words: str = ""


def binding(session: Session, provider: str, subject: str) -> SsoBinding | None:
    """Return whom an account is bound to."""
    return session.get(SsoBinding, (provider, subject))


def canonical_code(session: Session, code: str) -> str:
    """Return the present code of an organization that had ``code`` before, else ``code``."""
    now = session.scalar(
        select(Organization.code)
        .join(OrganizationAlias, OrganizationAlias.org_id == Organization.id)
        .where(OrganizationAlias.code == code)
    )
    return now or code


def bind(session: Session, made: SsoBinding) -> SsoBinding:
    """Keep a binding; return the one that another login made a moment earlier, if any."""
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return session.scalars(
            select(SsoBinding).where(
                SsoBinding.provider == made.provider,
                or_(SsoBinding.subject == made.subject, SsoBinding.person_id == made.person_id),
            )
        ).one()
    return made


def unbind(session: Session, provider: str, *, person_id: str = "", subject: str = "") -> int:
    """Undo the bindings of a person or an account at a provider; return how many."""
    doomed = select(SsoBinding).where(
        SsoBinding.provider == provider,
        or_(SsoBinding.person_id == person_id, SsoBinding.subject == subject),
    )
    rows = list(session.scalars(doomed))
    for row in rows:
        set_grants(session, row, row.person_id, set())
        session.delete(row)
    session.flush()
    return len(rows)


def people_like(
    session: Session, wanted: Wanted, *, paths: Iterable[str] | None = None, limit: int = 50
) -> list[Found]:
    """Return people who share something with ``wanted``.

    :param paths: only in these subtrees; None for the whole roster
    """
    taken = (
        select(SsoBinding.subject)
        .where(SsoBinding.provider == wanted.provider, SsoBinding.person_id == Person.id)
        .exists()
    )
    numbers = [
        column == value
        for column, value in (
            (Person.id_hmac, wanted.id_hmac),
            (Person.teacher_no, wanted.teacher_no),
            (Person.mobile, wanted.mobile),
        )
        if value
    ]
    same = list(numbers)
    if wanted.last4 and wanted.school_code:
        same.append(and_(Organization.code == wanted.school_code, Person.id_last4 == wanted.last4))
    if wanted.name:
        same.append(Person.name == wanted.name)
    if wanted.words:
        same.append(Person.name.contains(wanted.words, autoescape=True))
        same.append(Person.teacher_no == clean_teacher_no(wanted.words))
    rows = session.execute(
        select(
            Person.id,
            Person.name,
            Person.teacher_no,
            Person.mobile,
            Person.id_hmac,
            Person.id_last4,
            Person.active,
            Organization.name,
            Organization.code,
            Organization.path,
            taken,
        )
        .join(Organization, Person.school_id == Organization.id)
        .where(or_(false(), *same), *([] if paths is None else [below(paths)]))
        # Namesakes are many in a county: whoever shares a number comes first.
        .order_by(case((or_(false(), *numbers), 0), else_=1), Organization.path, Person.name)
        .limit(limit)
    )
    return [Found(*tuple(row)) for row in rows]


def request(session: Session, provider: str, subject: str) -> SsoRequest | None:
    """Return the request of an account."""
    return session.scalars(
        select(SsoRequest).where(SsoRequest.provider == provider, SsoRequest.subject == subject)
    ).one_or_none()


def request_by_id(
    session: Session, request_id: uuid.UUID, *, for_update: bool = False
) -> SsoRequest | None:
    """Return a request, wherever it is: the caller checks."""
    return session.get(
        SsoRequest, request_id, with_for_update={"of": SsoRequest} if for_update else None
    )


def add_request(session: Session, made: SsoRequest) -> SsoRequest:
    """Keep a request; return the one that another login made a moment earlier, if any."""
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        found = request(session, made.provider, made.subject)
        assert found is not None
        return found
    return made


def requests_page(
    session: Session, paths: Iterable[str], state: str, *, offset: int, limit: int
) -> list[SsoRequest]:
    """Return the requests in the subtrees in a state, the longest waiting first."""
    return list(
        session.scalars(
            select(SsoRequest)
            .join(Organization, SsoRequest.org_id == Organization.id)
            .where(SsoRequest.state == state, below(paths))
            .order_by(SsoRequest.created_at, SsoRequest.id)
            .offset(offset)
            .limit(limit)
        )
    )


def request_counts(session: Session, paths: Iterable[str]) -> dict[str, int]:
    """Return how many requests there are in each state."""
    rows = session.execute(
        select(SsoRequest.state, func.count())
        .join(Organization, SsoRequest.org_id == Organization.id)
        .where(below(paths))
        .group_by(SsoRequest.state)
    )
    return dict(rows.all())


def move(session: Session, person: Person, school: Organization) -> list[str]:
    """Make ``school`` the person's; return the other roles that end at the old one.

    Being a teacher moves along; whoever organized the old school does not any more.
    """
    held = session.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person.id, RoleGrant.org_id == person.school_id
        )
    ).all()
    ended = [grant.role for grant in held if grant.role != "teacher"]
    for grant in held:
        session.delete(grant)
    person.school_id, person.school = school.id, school
    session.flush()
    if len(held) > len(ended):
        _grant(session, person.id, "teacher", school.id)
    return sorted(ended)


def set_grants(
    session: Session, bound: SsoBinding, person_id: str, wanted: set[tuple[str, uuid.UUID]]
) -> bool:
    """Make the grants that came by ``bound`` be ``wanted``; say whether anything changed.

    Grants that somebody gave by hand are neither counted nor taken.
    """
    mine = {
        (grant.role, grant.org_id): grant.id
        for grant in session.scalars(
            select(RoleGrant).where(
                RoleGrant.person_id == person_id,
                RoleGrant.id.in_([uuid.UUID(one) for one in bound.granted]),
            )
        )
    }
    surplus = [key for key in mine if key not in wanted]
    for key in surplus:
        session.execute(delete(RoleGrant).where(RoleGrant.id == mine.pop(key)))
    added = [_grant(session, person_id, *key) for key in sorted(wanted - set(mine), key=str)]
    fresh = [one for one in added if one is not None]
    kept = sorted(str(one) for one in [*mine.values(), *fresh])
    changed = kept != sorted(bound.granted)
    if changed:
        bound.granted = kept
    return changed


def granted_by(session: Session, bound: SsoBinding) -> set[tuple[str, uuid.UUID]]:
    """Return the grants that came by ``bound`` and are still there."""
    rows = session.execute(
        select(RoleGrant.role, RoleGrant.org_id).where(
            RoleGrant.id.in_([uuid.UUID(one) for one in bound.granted])
        )
    )
    return {(role, org_id) for role, org_id in rows}


def grants_of(session: Session, person_id: str) -> set[tuple[str, uuid.UUID]]:
    """Return all grants of a person."""
    rows = session.execute(
        select(RoleGrant.role, RoleGrant.org_id).where(RoleGrant.person_id == person_id)
    )
    return {(role, org_id) for role, org_id in rows}


def _grant(session: Session, person_id: str, role: str, org_id: uuid.UUID) -> uuid.UUID | None:
    there = session.scalar(
        select(RoleGrant.id).where(
            and_(
                RoleGrant.person_id == person_id,
                RoleGrant.role == role,
                RoleGrant.org_id == org_id,
            )
        )
    )
    if there is not None:
        return None
    made = RoleGrant(id=new_id(), person_id=person_id, role=role, org_id=org_id)
    session.add(made)
    session.flush()
    return made.id

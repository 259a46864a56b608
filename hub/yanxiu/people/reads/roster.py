"""SQL of the roster: everybody at once, and many changes at once.

Called by ``people.roster``. 35,000 people are read as plain tuples and written in a few
statements to the tables themselves; one object a person would take minutes.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, case, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from yanxiu.people.model import (
    Credential,
    Organization,
    OrganizationAlias,
    Person,
    RoleGrant,
    RosterUpload,
)
from yanxiu.store.base import Base
from yanxiu.store.model import AuditEvent

from .organizations import below

#: Columns that are unique: emptied before they are set, so that two people may swap.
_UNIQUE = frozenset({"teacher_no", "mobile", "id_hmac"})


class Known(NamedTuple):
    """A person as the roster has them."""

    id: str
    name: str
    teacher_no: str | None
    mobile: str | None
    id_hmac: str | None
    id_last4: str | None
    school_id: uuid.UUID
    stage: str
    subject: str
    active: bool


class Org(NamedTuple):
    """A county or school."""

    id: uuid.UUID
    kind: str
    code: str
    name: str
    path: str
    active: bool


def _table(model: type[Base]) -> Table:
    """Return a model's table: inserting into it leaves the unit of work out, which is slow."""
    return cast(Table, model.__table__)


def everybody(session: Session) -> list[Known]:
    """Return all people, also those who have left."""
    columns = [getattr(Person, name) for name in Known._fields]
    return [Known(*row) for row in session.execute(select(*columns).order_by(Person.id))]


def organizations(session: Session) -> list[Org]:
    """Return all organizations."""
    columns = [getattr(Organization, name) for name in Org._fields]
    return [Org(*row) for row in session.execute(select(*columns).order_by(Organization.code))]


def aliases(session: Session) -> dict[str, uuid.UUID]:
    """Return ``old code → organization``."""
    found = session.scalars(select(OrganizationAlias))
    return {alias.code: alias.org_id for alias in found}


def grants(session: Session) -> dict[str, set[tuple[str, uuid.UUID]]]:
    """Return ``person → {(role, organization)}``."""
    found: dict[str, set[tuple[str, uuid.UUID]]] = defaultdict(set)
    for person_id, role, org_id in session.execute(
        select(RoleGrant.person_id, RoleGrant.role, RoleGrant.org_id)
    ):
        found[person_id].add((role, org_id))
    return dict(found)


def lock(session: Session) -> None:
    """Let one import wait for the other; on SQLite a writer has locked everything already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7310001)"))


def add_people(session: Session, people: Sequence[dict[str, Any]]) -> None:
    """Add people who cannot log in yet."""
    if people:
        session.execute(insert(_table(Person)), people)
        session.execute(
            insert(_table(Credential)),
            [{"person_id": one["id"], "must_change": True} for one in people],
        )


def change_people(session: Session, changes: dict[str, dict[str, Any]]) -> None:
    """Set columns of people, by id."""
    freed = [
        {"id": person_id, **dict.fromkeys(_UNIQUE & values.keys())}
        for person_id, values in changes.items()
        if _UNIQUE & values.keys()
    ]
    for rows in (freed, [{"id": key, **values} for key, values in changes.items()]):
        # One statement sets the same columns of all its rows.
        alike: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            alike[frozenset(row)].append(row)
        for same in alike.values():
            session.execute(update(Person), same)


def add_grants(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add roles."""
    if rows:
        session.execute(insert(_table(RoleGrant)), rows)


def drop_grants(session: Session, pairs: Iterable[tuple[str, str, uuid.UUID]]) -> None:
    """Take roles away, by person, role and organization."""
    for person_id, role, org_id in pairs:
        session.execute(
            delete(RoleGrant).where(
                RoleGrant.person_id == person_id,
                RoleGrant.role == role,
                RoleGrant.org_id == org_id,
            )
        )


def add_events(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add what an import did with each person to the audit."""
    if rows:
        session.execute(insert(_table(AuditEvent)), rows)


def add_upload(session: Session, upload: RosterUpload) -> None:
    """Keep an uploaded file's record."""
    session.add(upload)


def upload(session: Session, upload_id: uuid.UUID) -> RosterUpload | None:
    """Return an uploaded file's record."""
    return session.get(RosterUpload, upload_id)


def expired_uploads(session: Session, now: datetime) -> list[RosterUpload]:
    """Return the uploads whose time is over."""
    return list(session.scalars(select(RosterUpload).where(RosterUpload.expires_at <= now)))


def drop_upload(session: Session, found: RosterUpload) -> None:
    """Forget an upload; its blob is the caller's to remove."""
    session.delete(found)


class Waiting(NamedTuple):
    """A person who cannot log in without a one-time code."""

    id: str
    name: str
    login: str
    subject: str


def without_password(session: Session, school_id: uuid.UUID) -> list[Waiting]:
    """Return the active people of a school who have not chosen a password, by name."""
    rows = session.execute(
        select(Person.id, Person.name, Person.teacher_no, Person.mobile, Person.subject)
        .join(Credential, Credential.person_id == Person.id)
        .where(
            Person.school_id == school_id,
            Person.active.is_(True),
            Credential.password_hash.is_(None),
        )
        .order_by(Person.name, Person.id)
    )
    return [
        Waiting(person_id, name, number or mobile or "", subject)
        for person_id, name, number, mobile, subject in rows
    ]


def powers(session: Session, school_id: uuid.UUID) -> list[tuple[str, str]]:
    """Return ``(person, path)`` of every role but teacher that a school's people hold."""
    rows = session.execute(
        select(RoleGrant.person_id, Organization.path)
        .join(Person, Person.id == RoleGrant.person_id)
        .join(Organization, Organization.id == RoleGrant.org_id)
        .where(Person.school_id == school_id, RoleGrant.role != "teacher")
    )
    return [(person_id, path) for person_id, path in rows]


class SchoolAccounts(NamedTuple):
    """How far a school is with its accounts."""

    id: uuid.UUID
    code: str
    name: str
    people: int
    waiting: int


def school_accounts(session: Session, paths: Iterable[str]) -> list[SchoolAccounts]:
    """Return the organizations below ``paths`` that have people, by code."""
    rows = session.execute(
        select(
            Organization.id,
            Organization.code,
            Organization.name,
            func.count(Person.id),
            func.sum(case((Credential.password_hash.is_(None), 1), else_=0)),
        )
        .join(Person, Person.school_id == Organization.id)
        .join(Credential, Credential.person_id == Person.id)
        .where(below(paths), Person.active.is_(True))
        .group_by(Organization.id, Organization.code, Organization.name)
        .order_by(Organization.code)
    )
    return [SchoolAccounts(*row) for row in rows]


def set_codes(session: Session, digests: dict[str, str]) -> None:
    """Replace one-time codes; a password that somebody has chosen meanwhile stays."""
    for person_id, digest in digests.items():
        session.execute(
            update(Credential)
            .where(Credential.person_id == person_id, Credential.password_hash.is_(None))
            .values(activation_sha256=digest, must_change=True)
        )

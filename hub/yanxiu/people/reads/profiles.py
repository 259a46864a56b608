"""SQL about consents, what people say of themselves, and names they want corrected."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from yanxiu.people.model import Consent, Credential, NameRequest, Organization, Person, Profile

from .organizations import below


def owed(session: Session, person_id: str) -> tuple[bool, str]:
    """Return what a person may still owe before anything else, in one query.

    :returns: whether they must choose a password, and the newest version of the privacy
        notice that they agreed to (``""`` when to none)
    """
    agreed = select(func.max(Consent.version)).where(Consent.person_id == person_id)
    row = session.execute(
        select(Credential.must_change, agreed.scalar_subquery()).where(
            Credential.person_id == person_id
        )
    ).first()
    return (bool(row[0]), row[1] or "") if row else (False, "")


def consents(session: Session, person_id: str) -> list[Consent]:
    """Return all consents of a person, the newest version first."""
    return list(
        session.scalars(
            select(Consent).where(Consent.person_id == person_id).order_by(Consent.version.desc())
        )
    )


def add_consent(session: Session, person_id: str, version: str, at: datetime) -> bool:
    """Keep a consent; the first instant stays. Say whether it was the first."""
    if session.get(Consent, (person_id, version)) is not None:
        return False
    session.add(Consent(person_id=person_id, version=version, at=at))
    return True


def profile(session: Session, person_id: str) -> Profile | None:
    """Return what a person said of themselves, None before they did."""
    return session.get(Profile, person_id)


def set_profile(
    session: Session, person_id: str, stages: list[str], subjects: list[str], at: datetime
) -> None:
    """Keep what a person says of themselves."""
    session.merge(Profile(person_id=person_id, stages=stages, subjects=subjects, changed_at=at))


def add_name_request(session: Session, made: NameRequest) -> bool:
    """Keep a request; False when another of the same person waits already."""
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return False
    return True


def name_request(
    session: Session, request_id: uuid.UUID, *, for_update: bool = False
) -> NameRequest | None:
    """Return a request, wherever its person is: the caller checks."""
    return session.get(
        NameRequest, request_id, with_for_update={"of": NameRequest} if for_update else None
    )


def name_requests(session: Session, person_id: str) -> list[NameRequest]:
    """Return the requests of one person, the newest first."""
    return list(
        session.scalars(
            select(NameRequest)
            .where(NameRequest.person_id == person_id)
            .order_by(NameRequest.created_at.desc(), NameRequest.id.desc())
        )
    )


def open_name_requests(
    session: Session, paths: Iterable[str], *, offset: int, limit: int
) -> list[NameRequest]:
    """Return what waits in the subtrees, the longest waiting first."""
    return list(
        session.scalars(
            select(NameRequest)
            .join(Person, NameRequest.person_id == Person.id)
            .join(Organization, Person.school_id == Organization.id)
            .where(NameRequest.state == "open", below(paths))
            .order_by(NameRequest.created_at, NameRequest.id)
            .offset(offset)
            .limit(limit)
        )
    )


def open_name_requests_count(session: Session, paths: Iterable[str]) -> int:
    """Return how many wait in the subtrees."""
    return (
        session.scalar(
            select(func.count(NameRequest.id))
            .join(Person, NameRequest.person_id == Person.id)
            .join(Organization, Person.school_id == Organization.id)
            .where(NameRequest.state == "open", below(paths))
        )
        or 0
    )

"""Everything that is kept of one person, for that person: to look at and to take along.

Never the whole ID number, and of marks only what was released. Called by ``verbs.copy_own_data``.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from yanxiu_formats.texts import Bilingual

from yanxiu.courses.model import Assignment, Offering, ReleaseUnit
from yanxiu.people.model import Consent, GroupMember, NameRequest, Organization, Person, Profile
from yanxiu.people.reads import people, profiles, roles
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt, CreditEntry, Draft, Standing

#: The newest events of one's own log; more than a year of daily work.
MOST_EVENTS = 5000


@dataclass(frozen=True)
class Own:
    """One person and all that hangs on them.

    :param grants: roles, as the page for roles shows them
    :param groups: ``(name of the research group, lead or member)``
    :param works: ``(submission, unit's title)``, the newest first
    :param credits: ``(entry, unit's title)``
    :param drafts: ``(draft, unit's title)``
    :param events: what the person did, the newest first
    """

    person: Person
    profile: Profile | None
    grants: list[roles.Grant]
    consents: list[Consent]
    requests: list[NameRequest]
    groups: list[tuple[str, str]]
    works: list[tuple[Attempt, Bilingual | None]]
    credits: list[tuple[CreditEntry, Bilingual | None]]
    drafts: list[tuple[Draft, Bilingual | None]]
    events: list[AuditEvent]


def everything(session: Session, person_id: str) -> Own:
    """Return what is kept of an active person; ten queries, whatever there is."""
    who = people.active_person(session, person_id)
    assert who is not None
    titles = _titles(session)
    works = session.scalars(
        select(Attempt)
        .options(joinedload(Attempt.standing, innerjoin=True).joinedload(Standing.grading))
        .where(Attempt.person_id == person_id)
        .order_by(Attempt.received_at.desc(), Attempt.id)
    ).all()
    credits = session.scalars(
        select(CreditEntry)
        .where(CreditEntry.person_id == person_id)
        .order_by(CreditEntry.granted_at, CreditEntry.id)
    ).all()
    drafts = session.scalars(select(Draft).where(Draft.person_id == person_id)).all()
    groups = session.execute(
        select(Organization.name, GroupMember.role)
        .join(GroupMember, GroupMember.org_id == Organization.id)
        .where(GroupMember.person_id == person_id)
        .order_by(Organization.name)
    )
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.actor == person_id)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(MOST_EVENTS)
    ).all()
    return Own(
        person=who,
        profile=profiles.profile(session, person_id),
        grants=roles.grants_below(session, person_id, [""]),
        consents=profiles.consents(session, person_id),
        requests=profiles.name_requests(session, person_id),
        groups=[(name, role) for name, role in groups],
        works=[(one, titles.get(one.assignment_id)) for one in works],
        credits=[(one, titles.get(one.assignment_id)) for one in credits],
        drafts=[(one, titles.get(one.assignment_id)) for one in drafts],
        events=list(events),
    )


def _titles(session: Session) -> dict[uuid.UUID, Bilingual]:
    rows = session.execute(
        select(Assignment.id, ReleaseUnit.definition)
        .join(Offering, Assignment.offering_id == Offering.id)
        .join(
            ReleaseUnit,
            (ReleaseUnit.release_id == Offering.release_id)
            & (ReleaseUnit.unit_key == Assignment.unit_key),
        )
    )
    return {key: unit.title for key, unit in rows}

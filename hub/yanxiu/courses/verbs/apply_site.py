"""Bring the database up to the site's settings, without overwriting what people edited.

Adds what is missing; what differs is *drift*, returned as sentences and left alone,
because the database wins at run time. Called by ``yanxiu apply`` and ``yanxiu up``.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from yanxiu.clock import local
from yanxiu.courses.model import Assignment, Enrolment, Offering
from yanxiu.courses.reads import courses, enrolment
from yanxiu.errors import SettingsError
from yanxiu.names import new_id
from yanxiu.people.model import GroupMember, Organization, Person
from yanxiu.people.reads import organizations, people
from yanxiu.people.rules import check_parent
from yanxiu.settings.model import OfferingSettings, Site
from yanxiu.settings.tree import tree_of
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .publish_course import publish_course

_ACTOR = "system:apply"


def apply_organizations(store: Store, site: Site) -> list[str]:
    """Add the organizations that are missing, from the root down; return the drift."""
    audit = Event(_ACTOR, "site.organizations", "site")

    def work(session: Session, now: datetime) -> list[str]:
        drift: list[str] = []
        wanted = tree_of(site)
        known = people.organizations(session, [node.code for node in wanted])
        added = 0
        for node in wanted:
            found = known.get(node.code)
            above = known.get(node.parent) if node.parent else None
            if found is None:
                known[node.code] = _add(session, node.kind, node.code, node.name, above)
                added += 1
                continue
            if found.name != node.name:
                drift.append(
                    f"{node.place}.name: 设置里是 {node.name}，"
                    f"平台里是 {found.name}（保留平台里的）"
                )
            if above is not None and found.parent_id != above.id:
                drift.append(
                    f"{node.place}.parent: 设置里在 {above.name} 下，平台里不在（保留平台里的；"
                    "要移动请用 yanxiu school move）"
                )
        audit.details = {"added": added}
        return drift

    return store.transact(work, audit)


def _add(
    session: Session, kind: str, code: str, name: str, above: Organization | None
) -> Organization:
    check_parent(kind, above.kind if above else None)
    made = Organization(
        id=new_id(),
        kind=kind,
        code=code,
        name=name,
        parent_id=above.id if above else None,
        path=f"{above.path if above else '/'}{code}/",
    )
    session.add(made)
    session.flush()
    return made


def apply_courses(store: Store, site: Site, folder: Path) -> list[str]:
    """Keep the releases, add offerings with their assignments and enrolments; return the drift."""
    drift: list[str] = []
    releases = {
        key: publish_course(store, (folder / source.release).resolve(), _ACTOR)[0]
        for key, source in site.courses.items()
    }
    for key, wanted in site.offerings.items():
        audit = Event(_ACTOR, "site.offering", "offering", key)
        work = partial(_offer, site, releases[wanted.course], key, wanted, audit)
        drift += store.transact(work, audit)
    return drift


def _offer(
    site: Site,
    release_id: uuid.UUID,
    key: str,
    wanted: OfferingSettings,
    audit: Event,
    session: Session,
    now: datetime,
) -> list[str]:
    """Add an offering with its assignments and enrolments; return its drift."""
    drift = []
    found = courses.offering(session, key)
    if found is None:
        county = people.organization(session, site.county.code)
        assert county is not None
        found = Offering(
            id=key,
            course_id=wanted.course,
            release_id=release_id,
            org_id=county.id,
            term=wanted.term,
            opens_at=wanted.opens,
            closes_at=wanted.closes,
        )
        session.add(found)
        session.flush()
    elif found.release_id != release_id:
        drift.append(f"offerings.{key}: 课程 {wanted.course} 有新的发布，已开的课继续用原来的发布")
    drift += _assignments(session, key, found, wanted)
    audit.details = {"enrolled": _enrol(session, now, site, key, wanted)}
    return drift


def _assignments(
    session: Session, key: str, offering: Offering, wanted: OfferingSettings
) -> list[str]:
    drift = []
    known = courses.assignments(session, key)
    for position, (unit_key, dates) in enumerate(wanted.units.items()):
        due = dates.due
        late = dates.late_until or due
        if unit_key in known:
            if known[unit_key].due_at != due:
                drift.append(
                    f"offerings.{key}.units.{unit_key}.due: 设置里是 {local(due):%Y-%m-%d %H:%M}，"
                    f"平台里是 {local(known[unit_key].due_at):%Y-%m-%d %H:%M}（保留平台里的）"
                )
            continue
        units = courses.release_units(session, offering.release_id)
        if unit_key not in units:
            raise SettingsError(
                f"site.yaml: offerings.{key}.units 里的 {unit_key!r} 不在课程 "
                f"{offering.course_id} 里。已知单元: {'，'.join(units)}。请改正。"
            )
        session.add(
            Assignment(
                id=new_id(),
                offering_id=key,
                unit_key=unit_key,
                position=position,
                due_at=due,
                late_until=late,
                max_attempts=dates.max_attempts,
            )
        )
    return drift


def _enrol(session: Session, now: datetime, site: Site, key: str, wanted: OfferingSettings) -> int:
    """Enrol the teachers of the offering's schools who are not enrolled yet."""
    codes = list(site.schools) if wanted.schools == "all" else list(wanted.schools)
    missing = enrolment.teachers_not_enrolled(session, codes, key)
    session.add_all(
        Enrolment(offering_id=key, person_id=person_id, enrolled_at=now) for person_id in missing
    )
    return len(missing)


def enrol_newcomers(
    store: Store,
    site: Site,
    actor: str,
    beside: Callable[[Session, int], None] = lambda session, added: None,
) -> int:
    """Enrol teachers who came after their schools' courses began; return how many.

    :param beside: writes what must be there exactly if they are enrolled
    """
    audit = Event(actor, "site.enrol", "site")

    def work(session: Session, now: datetime) -> int:
        added = sum(
            _enrol(session, now, site, key, wanted)
            for key, wanted in site.offerings.items()
            if courses.offering(session, key) is not None
        )
        beside(session, added)
        audit.details = {"enrolled": added}
        return added

    return store.transact(work, audit)


def apply_groups(store: Store, site: Site) -> list[str]:
    """Add research groups and their members; return the drift."""
    audit = Event(_ACTOR, "site.groups", "site")

    def work(session: Session, now: datetime) -> None:
        known = organizations.research_groups(session)
        schools = people.organizations(session, site.schools)
        for key, wanted in site.research_groups.items():
            if key in known:
                continue
            group = _add(session, "research_group", key, wanted.name, schools[wanted.owner_school])
            for number in dict.fromkeys((wanted.lead, *wanted.members)):
                who = _member(session, key, number)
                role = "lead" if number == wanted.lead else "member"
                session.add(GroupMember(org_id=group.id, person_id=who.id, role=role))
        audit.details = {"groups": len(site.research_groups)}

    store.transact(work, audit)
    return []


def _member(session: Session, group: str, number: str) -> Person:
    who = people.by_login_name(session, number)
    if who is None:
        raise SettingsError(
            f"site.yaml: research_groups.{group} 里的教师编号 {number!r} 不在花名册里。请改正。"
        )
    return who

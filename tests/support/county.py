"""A county in a store: two schools, the cast, one course of one unit.

艾老师 (alice) and 包老师 (bob) are at school 1, 柴老师 (charlie) at school 2; each school
has an organizer, the county has one, and another county has one too.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from yanxiu.courses.model import Assignment, Course, Enrolment, Offering, Release, ReleaseUnit
from yanxiu.names import new_id, new_person_id
from yanxiu.people.model import Consent, Credential, Organization, Person, RoleGrant
from yanxiu.people.reads.actors import load_actor
from yanxiu.settings.model import Site
from yanxiu.settings.notice import load_notice
from yanxiu.store.engine import Session, Store
from yanxiu.web.actor import Actor, Way
from yanxiu_formats.bundle import pack
from yanxiu_formats.units import unit_of

from .units import SCORE, UNIT
from .writing import writing

START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
DUE = START + timedelta(days=30)
#: Everybody of the cast has agreed to the privacy notice that comes with the platform.
AGREED = load_notice().version

SITE = Site.model_validate(
    {
        "name": {"zh_CN": "云溪县教师研修中心"},
        "county": {"code": "330199", "name": "云溪县"},
        "schools": {"2133000001": {"name": "县三小"}, "2133000002": {"name": "城关镇中心校"}},
        "bundle": {"max_mb": 1, "max_files": 5},
    }
)


@dataclass
class County:
    """The ids of what was made."""

    store: Store
    assignment: uuid.UUID
    people: dict[str, str]
    schools: dict[str, uuid.UUID]
    site: Site = field(default_factory=lambda: SITE)

    def actor(self, who: str, way: Way = Way.SESSION) -> Actor:
        """Return somebody as an actor."""
        found = load_actor(self.store, self.people[who], way)
        assert found is not None
        return found

    def add(self, who: str, name: str, org: str, *roles: tuple[str, str], number: str = "") -> str:
        """Add somebody at ``org`` who holds ``roles`` (role, organization)."""
        person_id = self.people[who] = new_person_id()
        with writing(self.store) as session:
            session.add(
                Person(
                    id=person_id,
                    name=name,
                    teacher_no=number or None,
                    school_id=self.schools[org],
                    created_at=START,
                )
            )
            session.flush()
            session.add(Credential(person_id=person_id, must_change=False))
            session.add(Consent(person_id=person_id, version=AGREED, at=START))
            for role, where in roles:
                self.give(who, role, where, session)
        return person_id

    def give(self, who: str, role: str, org: str, session: Session) -> None:
        """Give a role without asking anybody."""
        session.add(
            RoleGrant(id=new_id(), person_id=self.people[who], role=role, org_id=self.schools[org])
        )


def make_county(store: Store, unit: dict[str, Any] | None = None) -> County:
    """Fill an empty store."""
    unit = unit or UNIT
    learner = store.blobs.put(iter([pack({"u1.ipynb": b"{}", "data/quiz.csv": b"pupil\n"})]))
    scoring = store.blobs.put(iter([pack({"score.py": SCORE.encode()})]))
    people: dict[str, str] = {}
    with writing(store) as session:
        orgs: dict[str, Organization] = {}
        for key, kind, code, name, parent in (
            ("county", "county", "330199", "云溪县", None),
            ("county2", "county", "330198", "邻县", None),
            ("school1", "school", "2133000001", "县三小", "county"),
            ("school2", "school", "2133000002", "城关镇中心校", "county"),
            ("school9", "school", "2133000009", "邻县一小", "county2"),
        ):
            above = orgs[parent] if parent else None
            orgs[key] = Organization(
                id=new_id(),
                kind=kind,
                code=code,
                name=name,
                parent_id=above.id if above else None,
                path=f"{above.path if above else '/'}{code}/",
            )
            session.add(orgs[key])
            session.flush()
        for key, name, number, org, role in (
            ("alice", "艾老师", "1001", "school1", "teacher"),
            ("bob", "包老师", "1002", "school1", "teacher"),
            ("charlie", "柴老师", "2001", "school2", "teacher"),
            ("organizer1", "校管理员", "1900", "school1", "school_organizer"),
            ("organizer2", "中心校管理员", "2900", "school2", "school_organizer"),
            ("county", "县管理员", "9000", "county", "county_organizer"),
            ("county2", "邻县管理员", "8000", "county2", "county_organizer"),
        ):
            people[key] = new_person_id()
            session.add(
                Person(
                    id=people[key],
                    name=name,
                    teacher_no=number,
                    mobile=f"1200000{number}",
                    school_id=orgs[org].id,
                    created_at=START,
                )
            )
            session.flush()
            session.add(Credential(person_id=people[key], must_change=False))
            session.add(Consent(person_id=people[key], version=AGREED, at=START))
            session.add(
                RoleGrant(id=new_id(), person_id=people[key], role=role, org_id=orgs[org].id)
            )
        session.add(Course(id="c1", title={"zh_CN": "试用课程", "en": "Trial"}, summary={}))
        session.flush()
        release = Release(id=new_id(), course_id="c1", digest="0" * 64, created_at=START)
        session.add(release)
        session.flush()
        session.add(
            ReleaseUnit(
                release_id=release.id,
                unit_key=unit["id"],
                definition=unit_of(unit),
                learner_blob=learner,
                scoring_blob=scoring,
            )
        )
        session.add(
            Offering(
                id="c1-demo",
                course_id="c1",
                release_id=release.id,
                org_id=orgs["county"].id,
                term="2026",
                opens_at=START,
                closes_at=DUE + timedelta(days=60),
            )
        )
        session.flush()
        assignment = Assignment(
            id=new_id(),
            offering_id="c1-demo",
            unit_key=unit["id"],
            position=0,
            due_at=DUE,
            late_until=DUE + timedelta(days=7),
            max_attempts=3,
        )
        session.add(assignment)
        for key in ("alice", "bob", "charlie"):
            session.add(Enrolment(offering_id="c1-demo", person_id=people[key], enrolled_at=START))
        schools = {key: org.id for key, org in orgs.items()}
    return County(store, assignment.id, people, schools)

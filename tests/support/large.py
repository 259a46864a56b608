"""A county of 35,000 teachers in 120 schools, with work in every state: for bounds on pages.

Plain bulk inserts; a few seconds on SQLite.
"""

import random
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from yanxiu.courses.model import Assignment, Enrolment, ReleaseUnit
from yanxiu.names import new_id
from yanxiu.people.model import Organization, Person
from yanxiu.store.audit import Event
from yanxiu.work.model import GradingJob, Submission

from tests.support.county import START, County

PEOPLE, SCHOOLS, UNITS = 35_000, 120, 12
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN = "秀兰建国红海燕志强丽敏伟芳军平华明玉英"
_STATES = ("released", "released", "released", "waiting", "waiting", "marked", "failed", "queued")


def fill(county: County) -> None:
    """Add schools, people, units and submissions to the county; the cast stays as it is."""
    choose = random.Random(7)
    store = county.store
    with store.read() as session:
        unit = session.query(ReleaseUnit).one()
        release_id, definition = unit.release_id, unit.definition
    schools = _schools(county)
    people = [_person(number, schools, choose) for number in range(PEOPLE)]
    assignments = [county.assignment] + [new_id() for _ in range(UNITS - 1)]
    submissions = [
        _submission(number, choose.choice(people), choose.choice(assignments), release_id, choose)
        for number in range(2 * PEOPLE)
    ]
    taken: dict[tuple[Any, Any], int] = {}
    for row in submissions:
        key = row["person_id"], row["assignment_id"]
        row["attempt"] = taken[key] = taken.get(key, 0) + 1
    with store.write(Event("system:test", "test.large", "site")) as session:
        session.execute(insert(Organization), schools)
        session.execute(insert(Person), people)
        session.execute(
            insert(Enrolment),
            [
                {"offering_id": "c1-demo", "person_id": one["id"], "enrolled_at": START}
                for one in people
            ],
        )
        session.execute(
            insert(ReleaseUnit),
            [
                {
                    "release_id": release_id,
                    "unit_key": f"every{number}",
                    "definition": definition.model_copy(update={"id": f"every{number}"}),
                    "learner_blob": unit.learner_blob,
                    "scoring_blob": unit.scoring_blob,
                }
                for number in range(1, UNITS)
            ],
        )
        session.execute(
            insert(Assignment),
            [
                {
                    "id": key,
                    "offering_id": "c1-demo",
                    "unit_key": f"every{number}",
                    "position": number,
                    "due_at": START + timedelta(days=30),
                    "late_until": START + timedelta(days=37),
                    "max_attempts": None,
                }
                for number, key in enumerate(assignments)
                if number
            ],
        )
        session.execute(insert(Submission), submissions)
        session.execute(
            insert(GradingJob),
            [
                {
                    "id": new_id(),
                    "submission_id": row["id"],
                    "state": "failed",
                    "tries": 3,
                    "failure": "run_a.timeout",
                    "received_at": row["received_at"],
                    "queued_at": row["received_at"],
                }
                for row in submissions
                if row["state"] == "failed"
            ],
        )


def _schools(county: County) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "kind": "school",
            "code": f"21331{number:05}",
            "name": f"第{number}小学",
            "parent_id": county.schools["county"],
            "path": f"/330199/21331{number:05}/",
            "active": True,
        }
        for number in range(SCHOOLS)
    ]


def _person(number: int, schools: list[dict[str, Any]], choose: random.Random) -> dict[str, Any]:
    return {
        "id": f"u{number:016}".translate(str.maketrans("0189", "abcd")),
        "name": choose.choice(_FAMILY) + "".join(choose.choices(_GIVEN, k=2)),
        "teacher_no": f"33{number:08}",
        "school_id": schools[number % SCHOOLS]["id"],
        "subject": choose.choice(("语文", "数学", "英语")),
        "stage": "小学",
        "active": True,
        "created_at": START,
    }


def _submission(
    number: int,
    person: dict[str, Any],
    assignment: uuid.UUID,
    release: uuid.UUID,
    choose: random.Random,
) -> dict[str, Any]:
    state = choose.choice(_STATES)
    received = START + timedelta(seconds=30 * number)
    return {
        "id": new_id(),
        "assignment_id": assignment,
        "person_id": person["id"],
        "school_id": person["school_id"],
        "release_id": release,
        "attempt": 1,
        "via": "form",
        "client_key": f"k{number}",
        "digest": "0" * 64,
        "bundle_blob": "0" * 64,
        "has_notebook": False,
        "late": False,
        "received_at": received,
        "receipt_no": f"R{number}",
        "state": state,
        "auto_points": 30.0,
        "comment": "",
        "answers": {},
        "total_points": 80.0 if state in ("released", "marked") else None,
        "passed": True if state == "released" else None,
        "released_at": received if state == "released" else None,
    }

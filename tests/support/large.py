"""A county of 35,000 teachers in 300 schools, with work in every state: for bounds on pages.

Plain bulk inserts; a few seconds on SQLite.
"""

import json
import random
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from yanxiu.courses.model import Assignment, Enrolment, ReleaseUnit
from yanxiu.names import new_id
from yanxiu.people.model import Organization, Person
from yanxiu.work.model import Attempt, GradingJob, Standing, Work
from yanxiu_formats.bundle import pack

from tests.support.county import START, County

from .writing import writing

PEOPLE, SCHOOLS, UNITS = 35_000, 300, 12
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
    answers = pack({"answers.json": json.dumps({"answers": {}}).encode()})
    blob = store.blobs.put([answers])
    schools = _schools(county)
    people = [_person(number, schools, choose) for number in range(PEOPLE)]
    assignments = [county.assignment] + [new_id() for _ in range(UNITS - 1)]
    submissions = [
        _submission(
            number, choose.choice(people), choose.choice(assignments), release_id, blob, choose
        )
        for number in range(2 * PEOPLE)
    ]
    taken: dict[tuple[Any, Any], int] = {}
    for row, _ in submissions:
        key = row["person_id"], row["assignment_id"]
        row["number"] = row["version"] = taken[key] = taken.get(key, 0) + 1
    with writing(store) as session:
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
        session.execute(
            insert(Work),
            [
                {"person_id": who, "assignment_id": what, "version": count}
                for (who, what), count in taken.items()
            ],
        )
        session.execute(insert(Attempt), [attempt for attempt, _ in submissions])
        session.execute(insert(Standing), [found for _, found in submissions])
        session.execute(
            insert(GradingJob),
            [
                {
                    "id": new_id(),
                    "attempt_id": row["id"],
                    "school_id": row["school_id"],
                    "state": "failed",
                    "tries": 3,
                    "failure": "run_a.timeout",
                    "received_at": row["received_at"],
                    "queued_at": row["received_at"],
                }
                for row, found in submissions
                if found["state"] == "failed"
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
    blob: str,
    choose: random.Random,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an attempt, and where it stands."""
    state = choose.choice(_STATES)
    received = START + timedelta(seconds=30 * number)
    attempt = {
        "id": new_id(),
        "assignment_id": assignment,
        "person_id": person["id"],
        "school_id": person["school_id"],
        "release_id": release,
        "via": "form",
        "client_key": f"k{number}",
        "digest": "0" * 64,
        "bundle_bytes": 1000,
        "bundle_blob": blob,
        "has_notebook": False,
        "late": False,
        "received_at": received,
        "receipt_no": f"R{number}",
    }
    return attempt, {
        "attempt_id": attempt["id"],
        "assignment_id": assignment,
        "school_id": person["school_id"],
        "received_at": received,
        "state": state,
        "auto_points": 30.0,
        "comment": "",
        "appealed": False,
        "facts": 0 if state == "queued" else 1,
        "total_points": 80.0 if state in ("released", "marked") else None,
        "passed": True if state == "released" else None,
        "released_at": received if state == "released" else None,
    }

"""200 teachers move to another school: their works stay theirs, their hub groups follow."""

import pytest
from sqlalchemy import select
from yanxiu.courses.hub_groups import hub_groups
from yanxiu.courses.model import Enrolment
from yanxiu.people.model import Person
from yanxiu.work.model import Attempt

from tests.support.county import make_county
from tests.support.every_task import EVERY_TASK
from tests.support.rosters import SCHOOL1, SCHOOL2, id_number, imported, xlsx
from tests.support.work import released

MOVED = 200


def rows(code):
    return [
        (
            f"{'赵钱孙李周吴郑王冯陈'[n % 10]}{chr(0x4E00 + n)}",
            f"7{n:04}",
            "",
            id_number(n),
            code,
            "",
            "",
            "",
        )
        for n in range(MOVED)
    ]


@pytest.fixture
def moved(store):
    county = make_county(store, EVERY_TASK)
    imported(county.store, xlsx(rows(SCHOOL1)))
    with county.store.engine.begin() as connection:
        ids = list(
            connection.execute(select(Person.id).where(Person.teacher_no.startswith("7"))).scalars()
        )
        connection.execute(
            Enrolment.__table__.insert(),
            [
                {"offering_id": "c1-demo", "person_id": one, "enrolled_at": county.store.clock()}
                for one in ids
            ],
        )
    county.people["mover"] = ids[0]
    return county, ids


def test_works_stay_and_groups_follow(moved):
    county, ids = moved
    work = released(county, "mover")
    assert hub_groups(county.store, ids[0]) == ["course-c1", f"school-{SCHOOL1}"]
    counts = imported(county.store, xlsx(rows(SCHOOL2)))
    assert (counts["move"], counts["add"], counts["problems"]) == (MOVED, 0, 0)
    for one in ids:
        assert hub_groups(county.store, one) == ["course-c1", f"school-{SCHOOL2}"]
    with county.store.read() as session:
        assert session.get_one(Attempt, work).person_id == ids[0]
        everybody = set(session.scalars(select(Person.id).where(Person.teacher_no.startswith("7"))))
    assert everybody == set(ids)
    assert imported(county.store, xlsx(rows(SCHOOL2)))["same"] == MOVED

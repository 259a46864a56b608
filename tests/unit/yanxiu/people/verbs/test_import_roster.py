"""The import of a roster survives crashes between its statements, and is done once."""

from sqlalchemy import func, select
from yanxiu.courses.model import Enrolment
from yanxiu.people.model import Person, RosterUpload
from yanxiu.people.verbs.import_roster import ask_import, preview_roster, upload_roster
from yanxiu.store.model import AuditEvent

from tests.support.crash import spawn, survive
from tests.support.rosters import SCHOOL1, id_number, xlsx
from tests.support.tasks import KEY, row, site_kinds

ROWS = [
    (
        "新老师" + "甲乙丙丁戊"[number],
        f"11{number:02d}",
        "",
        id_number(number + 1),
        SCHOOL1,
        "小学",
        "数学",
        "",
    )
    for number in range(5)
]


def ask(county):
    actor = county.actor("organizer1")
    upload_id = upload_roster(county.store, KEY, actor, xlsx(ROWS), "r.xlsx")
    _, _, plan = preview_roster(county.store, KEY, actor, upload_id)
    assert plan.counts()["add"] == len(ROWS), plan.problems
    task_id = ask_import(county.store, KEY, actor, upload_id, expected=plan.digest(), whole=False)
    return upload_id, task_id


def count(county, statement):
    with county.store.read() as session:
        return session.scalar(statement)


def events(county, verb):
    return count(
        county, select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == verb)
    )


def check(county, upload_id, task_id):
    task = row(county.store, task_id)
    assert task.state == "done", task.refusal
    assert (task.result["add"], task.result["enrolled"]) == (5, 5)
    people = select(func.count()).where(Person.teacher_no.startswith("11"))
    assert count(county, people) == 5
    new = select(func.count()).where(
        Enrolment.person_id.in_(select(Person.id).where(Person.teacher_no.startswith("11")))
    )
    assert count(county, new) == 5
    with county.store.read() as session:
        assert session.get(RosterUpload, upload_id).applied_at is not None
    verbs = ("roster.import", "person.add", "site.enrol", "task.done", "roster.import_refuse")
    assert [events(county, verb) for verb in verbs] == [1, 5, 1, 1, 0]


def test_a_crash_costs_nothing_but_time(county, clock):
    upload_id, task_id = ask(county)
    deaths = survive(county.store, site_kinds, clock=clock, stride=2)
    assert deaths > 20
    check(county, upload_id, task_id)


def test_two_processes_at_once_import_once(county):
    upload_id, task_id = ask(county)
    both = [spawn(county.store, site_kinds) for _ in range(2)]
    for one in both:
        one.join(120)
    assert [one.exitcode for one in both] == [0, 0]
    check(county, upload_id, task_id)

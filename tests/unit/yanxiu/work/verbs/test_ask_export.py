"""A course as a zip for whoever holds it, and nothing of it for anybody else."""

import io
import json
import os
import zipfile

import pytest
from sqlalchemy import func, select, update
from yanxiu.courses.model import ReleaseUnit
from yanxiu.errors import NotFound, Refused
from yanxiu.store import leases
from yanxiu.store.model import AuditEvent
from yanxiu.store.runner import carry_out
from yanxiu.web.actor import Way
from yanxiu.work.model import Attempt
from yanxiu.work.verbs.ask_export import ask_export
from yanxiu.work.verbs.submit import submit_form
from yanxiu_formats.bundle import pack, write

from tests.support.county import County
from tests.support.crash import spawn, survive
from tests.support.memory import Large, peak
from tests.support.tasks import row, site_kinds, work_off
from tests.support.units import notebook
from tests.support.writing import writing

OFFERING = "c1-demo"
ANSWERS = {"mean": 6.5, "pick": ["a", "b"], "report": "多数学生在第三题出错。"}


@pytest.fixture
def county(county) -> County:
    """A county whose course has a real notebook, with works of two schools."""
    return with_notebook(county)


def with_notebook(county: County) -> County:
    learner = pack({"u1.ipynb": json.dumps(notebook()).encode(), "data/quiz.csv": b"pupil\n"})
    blob = county.store.blobs.put([learner])
    with writing(county.store) as session:
        session.execute(update(ReleaseUnit).values(learner_blob=blob))
    for who in ("alice", "charlie"):
        submit_form(county.store, county.site, county.actor(who), county.assignment, ANSWERS)
    return county


def ask(county, who="county", *, names=False, way=Way.SESSION):
    return ask_export(county.store, county.actor(who, way), OFFERING, names=names)


def unzipped(county, task_id):
    content = county.store.blobs.read(row(county.store, task_id).file_blob)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def events(county, verb):
    with county.store.read() as session:
        found = select(func.count()).select_from(AuditEvent).where(AuditEvent.verb == verb)
        return session.scalar(found)


def scratch(county):
    return [path for path in county.store.blobs.staging.iterdir() if path.is_dir()]


@pytest.mark.parametrize("names", [False, True])
def test_the_zip_has_the_gradebook_and_the_works(county, names):
    task_id = ask(county, names=names)
    work_off(county)
    task = row(county.store, task_id)
    assert (task.state, task.file_name) == ("done", f"{OFFERING}.zip")
    counts = {"assignments": 1, "people": 2, "submissions": 2}
    assert task.result == {**counts, "unfinished": 2, "incomplete": 0}
    files = unzipped(county, task_id)
    assert "c1/gradebook.db" in files
    assert any(county.people["alice"] in name for name in files)
    assert ("艾老师".encode() in files["c1/gradebook.db"]) is names
    assert scratch(county) == []
    assert events(county, "course.export") == 1


@pytest.mark.parametrize(
    ("who", "way", "refused"),
    [
        ("organizer1", Way.SESSION, NotFound),  # takes the course, and does not hold it
        ("county2", Way.SESSION, NotFound),
        ("charlie", Way.SESSION, Refused),
        ("county", Way.LEARN_TOKEN, Refused),
        ("county", Way.TEACH_TOKEN, Refused),
    ],
)
def test_nobody_else_gets_any_of_it(county, who, way, refused):
    with pytest.raises(refused):
        ask(county, who, way=way)
    assert work_off(county) == 0
    assert events(county, "course.export") == 0
    with county.store.read() as session:
        outcomes = session.scalars(
            select(AuditEvent.outcome).where(AuditEvent.verb == "course.export_ask")
        ).all()
    assert len(outcomes) == 1 and outcomes[0].startswith("refused")


def test_it_survives_crashes_between_its_statements_and_leaves_nothing(county, clock):
    task_id = ask(county)
    assert survive(county.store, site_kinds, clock=clock, stride=5) > 10
    assert row(county.store, task_id).state == "done"
    assert "c1/gradebook.db" in unzipped(county, task_id)
    left = scratch(county)
    assert left  # of those that were killed
    county.store.blobs.clear_old_staging(left[0].stat().st_mtime + 1e6)
    assert scratch(county) == []


def test_two_processes_at_once_export_once(county):
    task_id = ask(county)
    both = [spawn(county.store, site_kinds) for _ in range(2)]
    for one in both:
        one.join(120)
    assert [one.exitcode for one in both] == [0, 0]
    assert row(county.store, task_id).state == "done"
    assert events(county, "course.export") == events(county, "task.done") == 1


def test_asked_to_end_in_the_middle_it_goes_back_and_is_done_later(county):
    task_id = ask(county)
    kinds = site_kinds(county.store)
    asked = []

    def stopping():
        asked.append(1)
        return len(asked) > 2

    run = leases.lease(county.store, kinds, "one", stopping=stopping)
    assert carry_out(run) == "given_back"
    assert scratch(county) == []
    work_off(county)
    assert row(county.store, task_id).state == "done"


def test_an_export_of_two_hundred_megabytes_holds_one_file_at_a_time(lite):
    with_notebook(lite)
    size, noise = 4_900_000, os.urandom(1_000_000)
    with lite.store.read() as session:
        handed_in = session.scalars(select(Attempt.bundle_blob)).all()
    for digest in handed_in:
        with lite.store.blobs.path(digest).open("wb") as tar:
            write(tar, ((f"{n}.bin", size, Large(b"x", size, noise)) for n in range(20)))
    task_id = ask(lite)
    _, most = peak(lambda: work_off(lite))
    with (
        lite.store.blobs.open(row(lite.store, task_id).file_blob) as made,
        zipfile.ZipFile(made) as archive,
    ):
        sizes = [one.file_size for one in archive.infolist() if one.filename.endswith(".bin")]
        # What is written is more than all that may be in memory.
        assert made.seek(0, os.SEEK_END) > 40_000_000
    assert sizes == [size] * 40
    # nbgrader itself, which is imported meanwhile, takes 30 MB.
    assert most < 50_000_000

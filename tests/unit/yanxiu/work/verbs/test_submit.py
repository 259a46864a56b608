"""A receipt means a submission, a job and an event; a refusal leaves nothing but its event."""

import io
import json
import tarfile
import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from yanxiu.courses.model import Assignment, Enrolment, Offering, Release
from yanxiu.errors import Invalid, NotFound, Refused
from yanxiu.names import new_id
from yanxiu.store.model import AuditEvent
from yanxiu.web.actor import Way
from yanxiu.work.model import Attempt, Draft, GradingJob
from yanxiu.work.verbs.submit import submit, submit_form
from yanxiu.work.verbs.submit_uploads import submit_uploads
from yanxiu_formats.bundle import pack, unpack

from tests.support.county import DUE, County
from tests.support.units import ANSWERS, notebook
from tests.support.writing import writing

OTHER = new_id()


def bundle(**extra: bytes) -> list[bytes]:
    return [pack({"u1.ipynb": json.dumps(notebook()).encode(), **extra})]


def send(county: County, who: str = "alice", files: list[bytes] | None = None, **kwargs):
    return submit(
        county.store,
        county.site,
        county.actor(who, Way.LEARN_TOKEN),
        county.assignment,
        iter(files or bundle()),
        via="jupyter",
        **kwargs,
    )


def count(county: County, model: type) -> int:
    with county.store.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def events(county: County, verb: str) -> list[AuditEvent]:
    with county.store.read() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.verb == verb)))


def test_a_receipt_means_submission_job_and_event(county):
    receipt = send(county)
    with county.store.read() as session:
        row = session.get_one(Attempt, receipt.submission_id)
        job = session.scalars(select(GradingJob)).one()
    assert (row.receipt_no, row.number, row.state) == (receipt.number, 1, "queued")
    assert row.received_at == county.store.clock() == receipt.received_at
    assert job.attempt_id == row.id
    assert county.store.blobs.read(row.bundle_blob)
    [event] = events(county, "submission.accept")
    assert (event.actor, event.object_id) == (county.people["alice"], str(row.id))


def test_the_same_key_is_the_same_attempt_even_with_other_content(county):
    first = send(county, client_key="k1")
    again = send(county, files=bundle(extra=b"more"), client_key="k1")
    assert again == first
    assert count(county, Attempt) == 1


def test_without_a_key_the_same_content_as_the_latest_is_the_same_attempt(county):
    first = send(county)
    assert send(county) == first
    second = send(county, files=bundle(extra=b"x"))
    third = send(county)
    assert [first.attempt, second.attempt, third.attempt] == [1, 2, 3]


def test_the_clients_timestamp_does_not_make_a_new_attempt(county):
    first = send(county, files=bundle(**{"timestamp.txt": b"2026-09-02"}))
    assert send(county, files=bundle(**{"timestamp.txt": b"2026-09-03"})) == first


def test_a_newer_attempt_supersedes_the_one_before(county):
    first = send(county)
    send(county, files=bundle(extra=b"x"))
    with county.store.read() as session:
        assert session.get_one(Attempt, first.submission_id).state == "superseded"
        states = session.scalars(select(GradingJob.state).order_by(GradingJob.queued_at)).all()
    assert sorted(states) == ["cancelled", "queued"]


@pytest.mark.parametrize(
    ("after_due", "outcome"),
    [
        (timedelta(seconds=59), False),  # the minute that is printed lasts until its end
        (timedelta(seconds=60), True),  # late, taken
        (timedelta(days=7, seconds=59), True),  # the last second at all
        (timedelta(days=7, seconds=60), "submit.closed"),
    ],
)
def test_deadlines_are_the_servers(county, clock, after_due, outcome):
    clock.now = DUE + after_due
    if isinstance(outcome, bool):
        assert send(county).late is outcome
        return
    with pytest.raises(Refused) as refused:
        send(county)
    assert refused.value.code == outcome
    assert count(county, Attempt) == 0


def test_nothing_is_taken_before_the_course_opens(county, clock):
    clock.advance(days=-2)
    with pytest.raises(Refused, match=r"submit\.not_open"):
        send(county)


def test_the_fourth_of_three_attempts_is_refused(county):
    for n in range(3):
        send(county, files=bundle(extra=bytes([n])))
    with pytest.raises(Refused) as refused:
        send(county, files=bundle(extra=b"4"))
    assert "3 次" in refused.value.text()
    assert send(county, files=bundle(extra=b"\x02")).attempt == 3  # a repeat is not an attempt


@pytest.mark.parametrize("who", ["organizer1", "county", "county2"])
def test_who_is_not_enrolled_is_told_there_is_no_such_unit(county, who):
    with pytest.raises(NotFound) as refused:
        send(county, who)
    assert refused.value.code == "assignment.not_found"
    assert count(county, Attempt) == 0
    [event] = events(county, "submission.refuse")
    assert event.outcome == "refused assignment.not_found"


def test_charlies_work_is_charlies_whatever_alice_sent(county):
    mine, theirs = send(county, client_key="k"), send(county, "charlie", client_key="k")
    assert mine.submission_id != theirs.submission_id
    with county.store.read() as session:
        row = session.get_one(Attempt, theirs.submission_id)
    assert (row.person_id, row.school_id) == (county.people["charlie"], county.schools["school2"])


def test_two_tabs_at_once_make_one_attempt(county):
    results, barrier = [], threading.Barrier(4)

    def press() -> None:
        barrier.wait()
        results.append(send(county))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert len(set(results)) == 1
    assert count(county, Attempt) == 1


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([b"not a tar at all" * 100], "bundle.broken"),
        ([pack({"u1.ipynb": b"{"})], "notebook.cut"),
        ([pack({"other.ipynb": b"{}"})], "bundle.nothing"),
        ([pack({"u1.ipynb": json.dumps(notebook(())).encode()})], "notebook.foreign"),
        (
            [pack({"u1.ipynb": json.dumps({**notebook(), "nbformat": 7}).encode()})],
            "notebook.version",
        ),
        ([pack({"answers.json": b'{"format": 1, "unit": "x", "answers": {}}'})], "answers.broken"),
        ([pack({"u1.ipynb": b"x" * 1_000_001})], "bundle.too_large"),
    ],
)
def test_a_bundle_that_cannot_be_taken_leaves_only_an_event(county, files, code):
    with pytest.raises(Invalid) as refused:
        send(county, files=files)
    assert refused.value.code == code
    assert refused.value.text()
    assert count(county, Attempt) == count(county, GradingJob) == 0
    files = (p for p in county.store.blobs.root.rglob("*") if p.is_file())
    assert [p for p in files if p.name != ".lock"] == kept(county)
    [event] = events(county, "submission.refuse")
    assert event.outcome == f"refused {code}"


@pytest.mark.parametrize(
    "tasks",
    [("mean", "pick"), ("mean", "mean", "pick", "report")],
    ids=["one deleted", "one doubled"],
)
def test_task_cells_that_are_not_as_they_were_refuse_nothing(county, tasks):
    """Grading puts them back; at a deadline a refusal would cost more than it saves."""
    content = json.dumps(notebook(tasks)).encode()
    assert send(county, files=[pack({"u1.ipynb": content})]).attempt == 1


def kept(county: County) -> list:
    """The blobs of the release, which were there before."""
    from yanxiu.courses.model import ReleaseUnit

    with county.store.read() as session:
        unit = session.scalars(select(ReleaseUnit)).one()
    wanted = {unit.learner_blob, unit.scoring_blob}
    found = [p for p in county.store.blobs.root.rglob("*") if p.name in wanted]
    assert len(found) == 2
    return found


def test_a_form_needs_no_notebook_and_clears_its_draft(county):
    actor = county.actor("alice")
    from yanxiu.work.verbs.save_draft import save_draft

    save_draft(county.store, actor, county.assignment, {"mean": 1.0})
    assert count(county, Draft) == 1
    receipt = submit_form(county.store, county.site, actor, county.assignment, ANSWERS)
    with county.store.read() as session:
        row = session.get_one(Attempt, receipt.submission_id)
    assert (row.has_notebook, row.via) == (False, "form")
    assert count(county, Draft) == 0


def test_an_uploaded_notebook_may_have_any_name_but_must_be_one(county):
    data = json.dumps(notebook()).encode()
    declared = json.dumps({"format": 1, "unit": "u1", "answers": {"mean": 6.5}}).encode()
    where = (county.store, county.site, county.actor("alice"), county.assignment)

    def upload(**files: bytes):
        sent = [(name, io.BytesIO(content)) for name, content in files.items()]
        return submit_uploads(*where, sent)

    receipt = upload(**{"学情 (1).ipynb": data, "answers (1).json": declared})
    with county.store.read() as session:
        blob = session.get_one(Attempt, receipt.submission_id).bundle_blob
    with tarfile.open(fileobj=io.BytesIO(county.store.blobs.read(blob))) as tar:
        assert tar.getnames() == ["answers.json", "u1.ipynb"]
    with pytest.raises(Invalid, match=r"upload\.wrong_type"):
        upload(**{"report.docx": data})
    with pytest.raises(Invalid, match=r"bundle\.too_large"):
        upload(**{"big.ipynb": b"x" * 1_200_000})


def test_an_uploaded_notebook_without_its_answers_is_not_graded_as_empty(county):
    where = (county.store, county.site, county.actor("alice"), county.assignment)
    alone = json.dumps(notebook()).encode()
    with pytest.raises(Invalid) as refused:
        submit_uploads(*where, [("u1.ipynb", io.BytesIO(alone))])
    assert refused.value.code == "upload.no_answers"
    assert "answers.json" in refused.value.text()
    by_code = notebook()
    by_code["cells"][0]["source"] += '\nworksheet.answer("mean", 6.5)'
    content = json.dumps(by_code).encode()
    assert submit_uploads(*where, [("u1.ipynb", io.BytesIO(content))]).attempt == 1


def by_code() -> dict:
    book = notebook()
    book["cells"].append({**book["cells"][0], "metadata": {"tags": ["选做,加分"]}, "id": "own"})
    book["cells"][-1]["source"] = 'worksheet.answer("mean", 6.5)  # 平均分'
    return book


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    "name", ["u1.ipynb", "u1.ipynb.json", "u1.ipynb.txt", "学情.ipynb (1).json"]
)
def test_a_notebook_that_answers_by_code_is_known_in_every_encoding(county, encoding, name):
    content = json.dumps(by_code(), ensure_ascii=False).encode(encoding)
    sent = [(name, io.BytesIO(content))]
    receipt = submit_uploads(
        county.store, county.site, county.actor("alice"), county.assignment, sent
    )
    with county.store.read() as session:
        blob = session.get_one(Attempt, receipt.submission_id).bundle_blob
    assert unpack(county.store.blobs.read(blob)) == {"u1.ipynb": content}, "as it was sent"


@pytest.mark.parametrize(
    "name, named",
    [("../up.txt", "../up.txt"), ("a" * 300, "a" * 60), ("x\u202egpj.exe", "x_gpj.exe")],
)
def test_a_name_that_is_refused_is_told_and_not_audited(county, name, named):
    with pytest.raises(Invalid) as refused:
        send(county, files=[pack({"u1.ipynb": json.dumps(notebook()).encode(), name: b"x"})])
    assert refused.value.code == "bundle.bad_name"
    assert f"“{named}”" in refused.value.text()
    [event] = events(county, "submission.refuse")
    assert named not in str(event.details)


@pytest.mark.parametrize(
    "change, code",
    [
        (lambda now: update(Assignment).values(due_at=now, late_until=now), "submit.closed"),
        (lambda now: update(Offering).values(opens_at=now + timedelta(days=1)), "submit.not_open"),
        (lambda _: delete(Enrolment), "assignment.not_found"),
        (lambda _: update(Offering).values(release_id=OTHER), "submit.course_moved"),
    ],
    ids=["deadline", "opening", "enrolment", "release"],
)
def test_a_first_attempt_is_judged_by_what_holds_when_its_last_byte_is_there(county, change, code):
    """Half an hour may lie between the two on a slow line."""
    with writing(county.store) as session:
        course = session.scalar(select(Offering.course_id))
        session.add(
            Release(id=OTHER, course_id=course, digest="e" * 64, created_at=county.store.clock())
        )

    def slowly():
        yield from bundle()
        with writing(county.store) as session:
            session.execute(change(county.store.clock() - timedelta(minutes=2)))

    with pytest.raises(Refused) as refusal:
        send(county, files=slowly())
    assert refusal.value.code == code
    assert count(county, Attempt) == count(county, GradingJob) == 0

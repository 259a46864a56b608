"""A bundle in pieces: it goes on where it stood, for its owner alone, and leaves nothing."""

import hashlib
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from yanxiu.portal.app import build_app
from yanxiu.store import tasks
from yanxiu.store.model import AuditEvent
from yanxiu.work import uploads as upload_files
from yanxiu.work.model import Attempt
from yanxiu.work.uploads import Upload, Uploads
from yanxiu.work.verbs.release import release
from yanxiu_formats.bundle import digest_of, pack

from tests.support.browser import HOST, PREFIX, Browser, make_portal
from tests.support.county import DUE, START
from tests.support.every_task import ANSWERS
from tests.support.tasks import site_kinds, work_off
from tests.support.work import marked

API = f"{PREFIX}api/v1"
FILES = {
    "answers.json": json.dumps({"format": 1, "unit": "every", "answers": ANSWERS}).encode(),
    "notes.txt": b"0123456789" * 3000,
}


def sha(files):
    return digest_of({name: hashlib.sha256(data).hexdigest() for name, data in files.items()})


BODY, DIGEST = pack(FILES), sha(FILES)


@pytest.fixture
def client(app, hub, site):
    """Give programs of the cast, each with their server's token."""
    opened = []

    def open_for(who: str) -> Browser:
        token = hub.token(site.people[who], "custom:records:learn")
        program = Browser(app, base_url=HOST, headers={"authorization": f"token {token}"})
        opened.append(program)
        return program

    yield open_for
    for one in opened:
        one.close()


def begin(program, site, key="key", body=BODY, digest=DIGEST):
    content = {"digest": digest, "bytes": len(body), "client_key": key}
    return program.post(f"{API}/units/{site.assignment}/uploads", json=content)


def piece(program, upload, offset, data):
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return program.patch(f"{API}/uploads/{upload}", content=data, headers=headers)


def events(site, outcome):
    with site.store.read() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.outcome == f"refused {outcome}"))
        return list(rows)


def files_left(site):
    root = site.store.blobs.root / "uploads"
    return [path for path in root.rglob("*") if path.name != "swept"]


def test_pieces_become_the_same_submission_as_one_request(client, site):
    alice = client("alice")
    opened = begin(alice, site)
    assert opened.status_code == 201
    assert opened.json() == {
        "upload": opened.json()["upload"],
        "offset": 0,
        "chunk_bytes": 1024 * 1024,
    }
    upload = opened.json()["upload"]
    assert piece(alice, upload, 0, BODY[:1000]).headers["upload-offset"] == "1000"
    again = begin(alice, site).json()
    assert (again["upload"], again["offset"]) == (upload, 1000)
    head = alice.head(f"{API}/uploads/{upload}")
    assert (head.headers["upload-offset"], head.headers["upload-length"]) == (
        "1000",
        str(len(BODY)),
    )
    assert alice.get(f"{API}/uploads/{upload}").json() == {"upload": upload, "offset": 1000}
    assert piece(alice, upload, 1000, BODY[1000:]).status_code == 204
    answer = alice.post(f"{API}/uploads/{upload}/submit", json={})
    assert answer.status_code == 201
    plain = client("bob").post(f"{API}/units/{site.assignment}/submissions", content=BODY).json()
    assert answer.json()["digest"] == plain["digest"] == DIGEST
    assert answer.json().keys() == plain.keys()
    with site.store.read() as session:
        blobs = {row.bundle_blob for row in session.scalars(select(Attempt))}
    assert len(blobs) == 1
    assert files_left(site) == []


def test_a_receipt_whose_answer_was_lost_is_given_again(client, site):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    piece(alice, upload, 0, BODY)
    receipt = alice.post(f"{API}/uploads/{upload}/submit", json={}).json()
    again = begin(alice, site)
    assert (again.status_code, again.json()) == (200, {"receipt": receipt})
    assert alice.post(f"{API}/uploads/{upload}/submit", json={}).status_code == 404
    assert files_left(site) == []


@pytest.mark.parametrize("offset", [0, 999, 1001])
def test_a_wrong_offset_is_told_the_right_one(client, site, offset):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    piece(alice, upload, 0, BODY[:1000])
    answer = piece(alice, upload, offset, BODY[offset : offset + 10])
    assert answer.status_code == 409
    assert answer.json()["offset"] == 1000
    assert answer.headers["upload-offset"] == "1000"
    assert "从第 1000 字节" in answer.json()["message"]


def test_a_line_that_comes_back_late_writes_nothing(site):
    uploads = Uploads(site.store.blobs)
    upload = upload_files.Upload(
        "0" * 32, site.people["alice"], site.assignment, "k", DIGEST, 10, site.store.clock()
    )
    uploads.create(upload)
    with uploads.writing(upload, 0) as old, uploads.writing(upload, 0) as new:
        old.write(b"012")
        with pytest.raises(upload_files.Overtaken):
            new.write(b"0123")
        with uploads.writing(upload, 3) as third:
            third.write(b"345678999")
        with pytest.raises(upload_files.Overtaken):
            old.write(b"3")
    with uploads.writing(upload, 9) as last:
        uploads.remove(upload)
        with pytest.raises(upload_files.Overtaken):
            last.write(b"9")
    assert files_left(site) == []


def test_more_than_was_announced_is_dropped(client, site):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    assert piece(alice, upload, 0, BODY + b"more").headers["upload-offset"] == str(len(BODY))
    assert alice.post(f"{API}/uploads/{upload}/submit", json={}).status_code == 201


@pytest.mark.parametrize("who", ["charlie", "bob", "organizer1"])
def test_an_upload_is_nobody_elses(client, site, who):
    upload = begin(client("alice"), site).json()["upload"]
    other = client(who)
    answers = [
        piece(other, upload, 0, b"x"),
        other.get(f"{API}/uploads/{upload}"),
        other.post(f"{API}/uploads/{upload}/submit", json={}),
    ]
    assert [one.status_code for one in answers] == [404] * 3
    assert client("alice").get(f"{API}/uploads/{upload}").json()["offset"] == 0
    assert len(events(site, "upload.not_found")) == 3


@pytest.mark.parametrize("name", ["..", "0" * 31, "x" * 32, "%2e%2e%2fswept"])
def test_a_strange_name_is_no_upload(client, site, name):
    assert client("alice").get(f"{API}/uploads/{name}").status_code == 404


@pytest.mark.parametrize(
    "change, status, code",
    [
        ({"digest": "x" * 64}, 422, "request.format"),
        ({"digest": "a" * 63}, 422, "request.format"),
        ({"bytes": 0}, 422, "request.format"),
        ({"bytes": 10**12}, 413, "bundle.too_large"),
        ({"client_key": ""}, 422, "submit.bad_key"),
        ({"client_key": "k" * 65}, 422, "submit.bad_key"),
        ({"client_key": "\ud800"}, 422, "submit.bad_key"),
        ({"client_key": "a\0b"}, 422, "submit.bad_key"),
        ({"client_key": "钥匙"}, 422, "submit.bad_key"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(client, site, change, status, code):
    content = {"digest": DIGEST, "bytes": len(BODY), "client_key": "k", **change}
    body, kind = json.dumps(content), {"Content-Type": "application/json"}
    answer = client("alice").post(
        f"{API}/units/{site.assignment}/uploads", content=body, headers=kind
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(events(site, code)) == 1
    assert files_left(site) == []


def test_who_does_not_take_the_course_uploads_nothing(client, site):
    answer = begin(client("organizer1"), site)
    assert (answer.status_code, answer.json()["code"]) == (404, "assignment.not_found")
    assert files_left(site) == []


def test_after_the_end_nothing_begins_and_nothing_is_handed_in(client, site, clock):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    piece(alice, upload, 0, BODY)
    clock.now = DUE + timedelta(days=7, minutes=1)
    assert begin(alice, site, "other").json()["code"] == "submit.closed"
    # Kept for a day: there is nothing to hand in any more either.
    assert alice.post(f"{API}/uploads/{upload}/submit", json={}).status_code == 404


def test_half_a_bundle_is_not_handed_in(client, site):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    piece(alice, upload, 0, BODY[:-1])
    answer = alice.post(f"{API}/uploads/{upload}/submit", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload.incomplete")
    assert "已收到" in answer.json()["message"]
    assert len(events(site, "upload.incomplete")) == 1
    piece(alice, upload, len(BODY) - 1, BODY[-1:])
    assert alice.post(f"{API}/uploads/{upload}/submit", json={}).status_code == 201


def test_bytes_that_changed_on_their_way_are_not_taken(client, site):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    piece(alice, upload, 0, BODY.replace(b"0123456789", b"0123456788", 1))
    answer = alice.post(f"{API}/uploads/{upload}/submit", json={})
    assert (answer.status_code, answer.json()["code"]) == (422, "bundle.changed")
    assert begin(alice, site).json()["offset"] == 0


@pytest.mark.parametrize("hours, known", [(23, True), (24, False)])
def test_an_upload_is_kept_for_a_day(client, site, clock, hours, known):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    piece(alice, upload, 0, BODY[:1000])
    clock.advance(hours=hours)
    assert (alice.get(f"{API}/uploads/{upload}").status_code == 200) is known
    assert begin(alice, site).json()["offset"] == (1000 if known else 0)


def test_what_is_not_finished_goes_by_itself(client, site, clock):
    begin(client("bob"), site)
    clock.advance(hours=25)
    begin(client("alice"), site)
    crashed = site.store.blobs.root / "uploads" / site.people["charlie"]
    crashed.mkdir()
    for name, age in (("0" * 32 + ".new", 1), ("1" * 32 + ".part", 1), ("2" * 32 + ".new", -1)):
        (crashed / name).write_bytes(b"x")
        then = (clock() - timedelta(hours=24 + age)).timestamp()
        os.utime(crashed / name, (then, then))
    tasks.schedule(site.store, site_kinds(site.store))
    work_off(site)
    left = {path.name for path in files_left(site) if path.is_dir()}
    assert left == {site.people["alice"], site.people["charlie"]}
    assert [path.name for path in crashed.iterdir()] == ["2" * 32 + ".new"]  # on its way
    with site.store.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.verb == "upload.expire"))
        assert [event.details for event in events] == [{"uploads": 1}]


def test_an_upload_begins_while_its_folder_is_being_removed(site, monkeypatch):
    """The sweep removes an empty folder between the making of it and of the first file."""
    uploads = Uploads(site.store.blobs)
    folder = site.store.blobs.root / "uploads" / site.people["alice"]
    write = Path.write_text
    swept = []

    def write_after_the_sweep(path, *args, **more):
        if not swept:
            swept.append(uploads.expire(START))
            assert not folder.exists()
        return write(path, *args, **more)

    monkeypatch.setattr(Path, "write_text", write_after_the_sweep)
    upload = Upload("0" * 32, site.people["alice"], site.assignment, "key", "0" * 64, 10, START)
    uploads.create(upload)
    assert uploads.find(site.people["alice"], "0" * 32) == upload


def test_the_oldest_of_too_many_goes(client, site, clock):
    alice = client("alice")
    names = []
    for number in range(6):
        names.append(begin(alice, site, f"key{number}").json()["upload"])
        clock.advance(seconds=1)
    states = [alice.get(f"{API}/uploads/{name}").status_code for name in names]
    assert states == [404] + [200] * 5


def test_a_full_disk_is_said_and_what_came_stays(client, site, monkeypatch):
    alice = client("alice")
    upload = begin(alice, site).json()["upload"]
    piece(alice, upload, 0, BODY[:1000])
    real = upload_files.os.write

    def full(descriptor, data):
        if len(data) > 10:
            return real(descriptor, data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upload_files.os, "write", full)
    answer = piece(alice, upload, 1000, BODY[1000:1020])
    monkeypatch.undo()
    assert (answer.status_code, answer.json()["code"]) == (507, "storage.full")
    assert len(events(site, "storage.full")) == 1
    assert alice.get(f"{API}/uploads/{upload}").json()["offset"] == 1010
    piece(alice, upload, 1010, BODY[1010:])
    assert alice.post(f"{API}/uploads/{upload}/submit", json={}).status_code == 201


def test_another_process_goes_on(client, site, hub):
    upload = begin(client("alice"), site).json()["upload"]
    piece(client("alice"), upload, 0, BODY[:1000])
    token = hub.token(site.people["alice"], "custom:records:learn")
    again = Browser(
        build_app(make_portal(site, hub)),
        base_url=HOST,
        headers={"authorization": f"token {token}"},
    )
    assert again.get(f"{API}/uploads/{upload}").json()["offset"] == 1000
    again.close()


def test_a_browsers_session_alone_uploads_nothing(browse, site):
    browser = browse("alice")
    assert begin(browser, site).json()["code"] == "form.token"


def test_units_say_what_a_client_needs(client, site):
    [unit] = client("alice").get(f"{API}/units").json()
    assert unit["release"] == "0" * 64
    assert site.store.blobs.path(unit["learner"]).is_file()
    assert unit["notebooks"] == ["every.ipynb"]
    assert (unit["attempts"], unit["max_attempts"]) == (0, 3)
    assert unit["opens_at"] < unit["due_at"] < unit["late_until"]
    assert (unit["state"], unit["passed"]) == ("open", None)
    one = marked(site)
    [unit] = client("alice").get(f"{API}/units").json()
    assert (unit["attempts"], unit["state"], unit["passed"]) == (1, "marked", None)
    release(site.store, site.actor("county"), one)
    [unit] = client("alice").get(f"{API}/units").json()
    assert (unit["attempts"], unit["state"], unit["passed"]) == (1, "released", True)
    [unit] = client("charlie").get(f"{API}/units").json() or [None]
    assert unit is None or unit["passed"] is None


def test_refusals_come_in_the_programs_language(client, site):
    answer = client("alice").get(f"{API}/uploads/{'0' * 32}", headers={"accept-language": "en"})
    assert "expired" in answer.json()["message"]

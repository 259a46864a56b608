"""Files go in with the form, stay with the draft, travel with the bundle, and come out harmless."""

import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from yanxiu.clock import FrozenClock
from yanxiu.courses.model import ReleaseUnit
from yanxiu.errors import Invalid, Refused
from yanxiu.store import tasks
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Draft
from yanxiu.work.reads import attempts
from yanxiu.work.verbs import assign_grader, draft_files, submit
from yanxiu.work.verbs.save_draft import save_draft
from yanxiu.work.verbs.submit import submit_form
from yanxiu_formats.bundle import pack

from tests.support.browser import PREFIX
from tests.support.county import make_county
from tests.support.ordering import ANSWERS, ARRANGED, FIELDS, LESSON, entry
from tests.support.tasks import site_kinds, work_off
from tests.support.writing import writing

NAME = "艾老师教案.docx"


@pytest.fixture
def site(sqlite_template: Path, tmp_path: Path, clock: FrozenClock):
    path = tmp_path / "db.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(make_engine(f"sqlite:///{path}"), Blobs(tmp_path / "blobs"), clock)
    county = make_county(store, ARRANGED)
    blob = store.blobs.put([pack({"arranged.ipynb": b"{}"})])
    with writing(store) as session:
        session.execute(update(ReleaseUnit).values(learner_blob=blob))
    yield county
    store.close()


@pytest.fixture
def unit(site):
    return f"units/{site.assignment}"


def send(browser, unit, *files, do="save", **fields):
    """Send the form with ``files`` (name, bytes) in the file task."""
    parts = [("f.lesson", (name, content)) for name, content in files]
    return browser.submit(unit, {**FIELDS, "do": do, **fields}, files=parts or None)


def saved(site):
    with site.store.read() as session:
        draft = session.scalar(select(Draft))
        return draft.answers if draft else None


def kept_field(*entries):
    return {"f.lesson.kept": [json.dumps(one, ensure_ascii=False) for one in entries]}


def files_of_draft(site, who="alice"):
    return draft_files.folder(site.store, site.people[who], site.assignment).digests()


def submission(site):
    with site.store.read() as session:
        mine = attempts.attempts(session, site.assignment, site.people["alice"])
    return mine[0] if mine else None


def kept_names(site):
    return [one["name"] for one in saved(site)["lesson"]]


def test_two_photos_of_one_name_in_one_sending_are_both_kept(site, browse, unit):
    browser = browse("alice")
    one, two, three = (LESSON + bytes([number]) for number in (1, 2, 3))
    assert send(browser, unit, ("image.pdf", one), ("IMAGE.pdf", two)).status_code == 303
    assert kept_names(site) == ["image.pdf", "IMAGE（2）.pdf"]
    assert len(files_of_draft(site)) == 2
    # A name that is made up takes no other file's place; a name that is given does: it is newer.
    kept = saved(site)["lesson"]
    assert kept[1]["name"] == "IMAGE（2）.pdf"
    keep = kept_field(kept[1])
    send(browser, unit, ("image.pdf", one), ("IMAGE.pdf", three), **keep)
    assert kept_names(site) == ["IMAGE（2）.pdf", "image.pdf"], "two at most: the third is said"
    assert saved(site)["lesson"][0] == kept[1]


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("长" * 80 + ".docx", "长" * 48 + ".docx"),
        ("aux.docx", "_aux.docx"),
        ("教案.docx . ", "教案.docx"),
        ("\u202excod.docx", "_xcod.docx"),
        ("王\U000323b0.docx", "王\U000323b0.docx"),
        ("C:\\教案\\第1课: 导入?.docx", "第1课_ 导入_.docx"),
    ],
)
def test_a_file_is_kept_under_a_name_that_every_system_has(site, browse, unit, sent, kept):
    assert send(browse("alice"), unit, (sent, LESSON)).status_code == 303
    assert kept_names(site) == [kept]


def test_a_name_that_came_in_gbk_is_read(site, browse, unit):
    """Some programs send a form's file names in the encoding of their Windows."""
    browser = browse("alice")
    answer = send(browser, unit, ("教案.docx".encode("gbk").decode("latin-1"), LESSON))
    assert answer.status_code == 303
    assert kept_names(site) == ["教案.docx"]


def test_a_draft_keeps_its_file(site, browse, unit):
    browser = browse("alice")
    assert send(browser, unit, (NAME, LESSON)).status_code == 303
    assert saved(site)["lesson"] == [entry(NAME)]
    page = browser.page(unit).text
    assert NAME in page
    assert 'enctype="multipart/form-data"' in page
    got = browser.page(f"{unit}/files/lesson/{entry(NAME)['sha256']}")
    assert got.content == LESSON


def test_nothing_is_lost_when_another_field_is_wrong(site, browse, unit):
    browser = browse("alice")
    wrong = {"a.steps.a": "1", "a.steps.b": "1", "a.why": "还没写完"}
    answer = send(browser, unit, (NAME, LESSON), do="submit", **wrong)
    assert answer.status_code == 422
    assert "“核对”、“看题”都排在第 1 位" in answer.text
    assert NAME in answer.text
    assert "还没写完" in answer.text
    assert saved(site)["lesson"] == [entry(NAME)]
    # The next sending names the file that is kept and brings none.
    answer = send(browser, unit, do="submit", **kept_field(entry(NAME)))
    assert answer.status_code == 303
    assert submission(site).answers is None


def test_a_file_of_a_refused_submission_is_in_the_form_that_comes_back(
    site, browse, unit, monkeypatch
):
    def full(*_args):
        raise Refused("storage.full", "平台的存储空间满了。", status=507)

    browser = browse("alice")
    monkeypatch.setattr(submit, "submit_form", full)  # the draft still found room
    answer = send(browser, unit, (NAME, LESSON), do="submit", **{"a.why": "写了一半"})
    assert answer.status_code == 507
    assert "写了一半" in answer.text
    # What the form that comes back holds is what the next sending keeps.
    assert entry(NAME)["sha256"] in answer.text
    assert files_of_draft(site) == {entry(NAME)["sha256"]}


def test_a_box_that_is_not_ticked_any_more_takes_the_file_away(site, browse, unit):
    browser = browse("alice")
    send(browser, unit, (NAME, LESSON), ("图.pdf", b"%PDF"))
    assert len(files_of_draft(site)) == 2
    send(browser, unit, **kept_field(entry("图.pdf", b"%PDF")))
    assert [one["name"] for one in saved(site)["lesson"]] == ["图.pdf"]
    assert files_of_draft(site) == {entry("图.pdf", b"%PDF")["sha256"]}


@pytest.mark.parametrize(
    "name, content, sentence",
    [
        ("病毒.exe", b"MZ", "不是这里收的文件"),
        ("空.pdf", b"", "是空文件"),
        ("大.pdf", b"x" * 1_000_001, "超过 1 MB"),
    ],
)
def test_a_file_that_is_not_wanted_is_named_and_not_kept(
    site, browse, unit, name, content, sentence
):
    answer = send(browse("alice"), unit, (name, content))
    assert answer.status_code == 422
    assert f"“{name}”" in answer.text
    assert sentence in answer.text
    assert saved(site)["lesson"] == []
    assert saved(site)["why"] == "先看题"
    assert files_of_draft(site) == set()


def test_the_file_travels_in_the_bundle_and_leaves_with_the_draft(site, browse, unit):
    browser = browse("alice")
    answer = send(browser, unit, (NAME, LESSON), do="submit")
    assert answer.status_code == 303
    assert saved(site) is None
    assert files_of_draft(site) == set()
    assert not draft_files.folder(site.store, site.people["alice"], site.assignment).root.exists()
    got = browser.page(f"submissions/{submission(site).id}/files/lesson/{entry(NAME)['sha256']}")
    assert got.content == LESSON


def test_what_was_handed_in_can_be_handed_in_again_without_choosing_it_again(site, browse, unit):
    browser = browse("alice")
    send(browser, unit, (NAME, LESSON), do="submit")
    assert NAME in browser.page(unit).text
    answer = send(browser, unit, do="submit", **{**kept_field(entry(NAME)), "a.why": "改过了"})
    assert answer.status_code == 303
    again = submission(site)
    assert again.number == 2
    got = browser.page(f"submissions/{again.id}/files/lesson/{entry(NAME)['sha256']}")
    assert got.content == LESSON


def test_it_comes_as_an_attachment_that_nothing_can_run(site, browse, unit):
    evil = b"<script>alert(document.domain)</script>"
    name = '教 案";x=".pdf'
    browser = browse("alice")
    send(browser, unit, (name, evil), do="submit")
    digest = entry(name, evil)["sha256"]
    for who, path in (
        ("alice", f"{unit}/files/lesson/{digest}"),
        ("organizer1", f"submissions/{submission(site).id}/files/lesson/{digest}"),
    ):
        got = browse(who).page(path)
        assert got.status_code == 200
        assert got.headers["content-type"] == "application/octet-stream"
        assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert '"' not in got.headers["content-disposition"]
        assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert got.headers["x-content-type-options"] == "nosniff"


@pytest.fixture
def handed(site, browse, unit):
    """Alice's submission with a file, and a grader in charge of her school, another elsewhere."""
    send(browse("alice"), unit, (NAME, LESSON), do="submit")
    for who, school in (("grader", "school1"), ("other", "school2")):
        site.add(who, "评分员", "school2", ("grader", school))
        assign_grader.assign(
            site.store,
            site.actor("county"),
            site.people[who],
            site.assignment,
            site.schools[school],
        )
    return f"submissions/{submission(site).id}/files/lesson/{entry(NAME)['sha256']}"


@pytest.mark.parametrize("who", ["alice", "organizer1", "county", "grader"])
def test_its_author_and_those_who_mark_it_can_have_it(browse, handed, who):
    assert browse(who).page(handed).content == LESSON


@pytest.mark.parametrize("who", ["bob", "charlie", "organizer2", "county2", "other"])
def test_for_everybody_else_there_is_no_such_file(browse, handed, who):
    theirs = browse(who).page(handed)
    never = browse(who).page(handed.replace(handed.split("/")[1], str(uuid.UUID(int=7))))
    assert theirs.status_code == never.status_code == 404
    assert len(theirs.text) == len(never.text)
    assert NAME not in theirs.text


def test_a_marker_finds_the_link(browse, handed):
    page = browse("organizer1").page(f"organize/submissions/{handed.split('/')[1]}").text
    assert f'href="{PREFIX}{handed}"' in page
    assert NAME in page
    assert "<li value=" in page  # the order, from first to last


def test_charlie_cannot_take_alices_file_into_his_own_draft(site, browse, handed, unit):
    """He may know its name, size and digest, and still gets nothing."""
    answer = send(browse("charlie"), unit, **kept_field(entry(NAME)))
    assert answer.status_code == 422
    assert "有一个文件没有收到" in answer.text
    assert files_of_draft(site, "charlie") == set()
    got = browse("charlie").page(f"{unit}/files/lesson/{entry(NAME)['sha256']}")
    assert got.status_code == 404
    with site.store.read() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    refused = [one for one in event if one.outcome == "refused draft.file_gone"]
    assert [one.actor for one in refused] == [site.people["charlie"]]


def test_no_event_of_the_audit_holds_a_files_name(site, browse, handed, unit):
    send(browse("alice"), unit, ("艾老师.exe", b"MZ"))
    send(browse("charlie"), unit, **kept_field(entry(NAME)))
    with site.store.read() as session:
        for event in session.scalars(select(AuditEvent)):
            assert "艾老师" not in json.dumps([event.object_id, event.details], ensure_ascii=False)


def test_the_same_file_in_two_drafts_is_kept_twice_and_removed_once(site, browse, unit):
    for who in ("alice", "charlie"):
        send(browse(who), unit, (NAME, LESSON))
    send(browse("alice"), unit)
    assert files_of_draft(site, "alice") == set()
    assert files_of_draft(site, "charlie") == {entry(NAME)["sha256"]}


def test_a_file_that_another_tab_cleaned_away_is_there_again(site, tmp_path):
    """Saving puts it back inside its own transaction."""
    alice, assignment = site.actor("alice"), site.assignment
    kept = draft_files.folder(site.store, alice.person_id, assignment)
    before = draft_files.keep
    calls = []

    def cleaned_in_between(*args):
        if calls:
            for digest in kept.digests():
                kept.remove(digest)
        calls.append(1)
        before(*args)

    draft_files.keep = cleaned_in_between
    try:
        with (tmp_path / "f").open("w+b") as file:
            file.write(LESSON)
            save_draft(site.store, alice, assignment, ANSWERS, {entry("教案.docx")["sha256"]: file})
    finally:
        draft_files.keep = before
    assert len(calls) == 2
    assert kept.digests() == {entry("教案.docx")["sha256"]}


def test_cleaning_that_is_run_again_spares_what_a_draft_has_come_to_name(
    site, tmp_path, monkeypatch
):
    """The first run met another tab's saving, which named the file, and was taken back."""
    alice, assignment, store = site.actor("alice"), site.assignment, site.store
    digest = entry("教案.docx")["sha256"]
    kept = draft_files.folder(store, alice.person_id, assignment)

    def save():
        with (tmp_path / "f").open("w+b") as file:
            file.write(LESSON)
            save_draft(store, alice, assignment, ANSWERS, {digest: file})

    save()
    with writing(store) as session:
        session.execute(delete(Draft))
    transact = store.transact

    def again(work, audit):
        monkeypatch.undo()
        with store.read() as session:
            work(session, store.clock())
        save()
        return transact(work, audit)

    monkeypatch.setattr(store, "transact", again)
    draft_files.clean(store, alice.person_id, assignment)
    assert kept.digests() == {digest}


def test_a_form_cannot_be_handed_in_without_the_bytes(site):
    with pytest.raises(Invalid) as refusal:
        submit_form(site.store, site.site, site.actor("alice"), site.assignment, ANSWERS)
    assert refusal.value.code == "draft.file_gone"


def test_a_full_disk_keeps_the_draft_that_was_there(site, browse, unit, monkeypatch):
    browser = browse("alice")
    send(browser, unit, (NAME, LESSON))

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = send(browser, unit, ("新.pdf", b"%PDF new"), **kept_field(entry(NAME)))
    assert answer.status_code == 507
    assert "平台的存储空间满了" in answer.text
    assert "先看题" in answer.text
    monkeypatch.undo()
    assert [one["name"] for one in saved(site)["lesson"]] == [NAME]
    assert files_of_draft(site) == {entry(NAME)["sha256"]}


def test_after_the_session_ended_the_texts_are_kept_and_the_file_is_asked_for_again(
    site, browse, unit
):
    browser = browse("alice")
    token = browser.token_of(unit)
    browser.end_session()
    answer = browser.post(
        PREFIX + unit,
        data={"_csrf": token, **FIELDS, **kept_field(entry("旧.pdf")), "do": "save"},
        files=[("f.lesson", (NAME, LESSON))],
        follow_redirects=False,
    )
    assert answer.status_code == 401
    assert "刚才选的文件不能保留" in answer.text
    assert 'name="a.why" value="先看题"' in answer.text
    assert 'type="hidden" name="f.lesson.kept"' in answer.text
    assert "重新发送" in answer.text


def test_what_a_crash_left_beside_a_draft_goes_by_itself(site, browse, unit, clock):
    send(browse("alice"), unit, (NAME, LESSON))
    kept = draft_files.folder(site.store, site.people["alice"], site.assignment)
    left = kept.put([b"put before a crash, named by nobody"])
    nobodys = draft_files.folder(site.store, site.people["bob"], site.assignment)
    nobodys.put([b"the same, without a draft"])
    clock.now = datetime.now(UTC) + timedelta(hours=1)  # the files' age is the file system's
    tasks.schedule(site.store, site_kinds(site.store))
    work_off(site)
    assert kept.digests() == {entry(NAME)["sha256"], left}  # may still be on its way
    clock.advance(days=2)
    work_off(site)
    assert kept.digests() == {entry(NAME)["sha256"]}
    assert nobodys.digests() == set()

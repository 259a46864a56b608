"""The page of tasks: one's own, as far as they are, and nothing of anybody else's."""

import os
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from yanxiu.errors import Refused
from yanxiu.housekeeping.kinds import ASKED
from yanxiu.portal import tasks as page
from yanxiu.store import leases, runner, tasks
from yanxiu.store.collect import collect
from yanxiu.store.model import AuditEvent, BackgroundTask
from yanxiu.store.tasks import Kind

from tests.support.tasks import COUNT, ask, count, kinds, row
from tests.support.writing import writing

ADDRESS = "organize/tasks"


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """The kind that only counts, as a kind that people can ask for."""
    kind = Kind(COUNT, title="数一数", told="数了 {items} 个。", back=("organize/people", "回去"))
    monkeypatch.setitem(ASKED, COUNT, kind)


def mine(site, **more):
    return ask(site.store, by=site.people["organizer1"], **more)


def carry_out(site, handler=count):
    return runner.work_off(site.store, kinds(handler))


def refresh(answer):
    found = re.search(r'http-equiv="refresh" content="(\d+)"', answer.text)
    return int(found[1]) if found else None


def test_a_task_from_the_queue_to_its_result(site, browse, clock):
    task_id = mine(site, params={"items": 3})
    browser = browse("organizer1")
    waiting = browser.page(f"{ADDRESS}/{task_id}")
    assert "数一数" in waiting.text and "排队中" in waiting.text and "马上开始" in waiting.text
    assert waiting.headers["cache-control"] == "no-store"
    run = leases.lease(site.store, kinds(), "one")
    run.step(1, 3)
    at_work = browser.page(f"{ADDRESS}/{task_id}")
    assert (
        "已完成 1 / 3" in at_work.text
        and '<progress id="progress" max="3" value="1">' in at_work.text
    )
    assert runner.carry_out(run) == "done"
    done = browser.page(f"{ADDRESS}/{task_id}")
    assert "数了 3 个。" in done.text and refresh(done) is None
    assert "数了 3 个。" in browser.page(ADDRESS).text


def test_the_page_asks_again_less_often_and_then_no_more(site, browse, clock):
    """A page that lies open on a shared computer must not keep the session alive for ever."""
    task_id = mine(site)
    browser = browse("organizer1")
    asked = [refresh(browser.page(f"{ADDRESS}/{task_id}"))]
    for seconds in (20, 200, 1000):
        clock.advance(seconds=seconds)
        asked.append(refresh(browser.page(f"{ADDRESS}/{task_id}")))
    assert asked == [1, 3, 15, None]
    assert "请手动刷新" in browser.page(f"{ADDRESS}/{task_id}").text


def test_who_waits_is_told_how_many_are_before(site, browse, clock):
    for who in ("county", "organizer2"):
        ask(site.store, by=site.people[who])
    clock.advance(seconds=1)
    task_id = mine(site)
    assert "前面还有 2 项任务" in browse("organizer1").page(f"{ADDRESS}/{task_id}").text


@pytest.mark.parametrize("lang, text", [("zh_CN", "没有做"), ("en", "Not done")])
def test_a_refusal_is_told_in_the_readers_language(site, browse, lang, text):
    def refuses(run):
        raise Refused("roster.not_found", "没有找到这份花名册。上传后一小时内有效，请重新上传。")

    task_id = mine(site)
    carry_out(site, refuses)
    shown = browse("organizer1").page(f"{ADDRESS}/{task_id}?lang={lang}").text
    assert text in shown
    assert ("没有找到这份花名册" in shown) is (lang == "zh_CN")
    assert 'href="/services/records/organize/people"' in shown


def made(site, content=b"a course"):
    def gives(run):
        run.attach(site.store.blobs.put([content]), "课程.zip")
        return {"items": 1}

    task_id = mine(site)
    carry_out(site, gives)
    return task_id


def test_a_file_is_given_to_who_asked_and_noted(site, browse):
    task_id = made(site)
    assert "下载 课程.zip" in browse("organizer1").page(f"{ADDRESS}/{task_id}").text
    answer = browse("organizer1").page(f"{ADDRESS}/{task_id}/file")
    assert answer.content == b"a course"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "no-store"
    with site.store.read() as session:
        events = select(AuditEvent).where(AuditEvent.verb == "task.download")
        assert [event.object_id for event in session.scalars(events)] == [str(task_id)]


def test_a_files_time_is_over(site, browse, clock):
    task_id = made(site)
    digest = row(site.store, task_id).file_blob
    os.utime(site.store.blobs.path(digest), (0, 0))
    collect(site.store, "system:test", clock(), lambda *_: None)
    assert site.store.blobs.has(digest)  # a file to be downloaded is needed
    with writing(site.store) as session:
        session.execute(update(BackgroundTask).values(file_blob=None))
    collect(site.store, "system:test", clock(), lambda *_: None)
    assert not site.store.blobs.has(digest)
    assert "请再导出一次" in browse("organizer1").page(f"{ADDRESS}/{task_id}").text
    assert browse("organizer1").page(f"{ADDRESS}/{task_id}/file").status_code == 404


@pytest.mark.parametrize("who", ["organizer2", "county", "county2", "alice", "charlie"])
def test_nobody_else_sees_any_of_it(site, browse, who):
    """The organizer of 柴老师's school sees none, nor does one above; teachers have no such page."""
    task_id = made(site, b"names and marks")
    status = 403 if who in ("alice", "charlie") else 404
    for path in (f"{ADDRESS}/{task_id}", f"{ADDRESS}/{task_id}/file"):
        answer = browse(who).page(path)
        assert answer.status_code == status
        assert "数一数" not in answer.text and b"names" not in answer.content
    answer = browse(who).page(ADDRESS)
    assert answer.status_code == (200 if status == 404 else 403)
    assert str(task_id) not in answer.text


def test_what_people_can_ask_for_has_words(site):
    """A kind without a title or a result would show its name, and a placeholder too many breaks."""
    for name, kind in ASKED.items():
        assert kind.title, name
        assert kind.told or name == COUNT, name
        assert kind.every is None, name
        assert page.STATES.keys() >= {tasks.QUEUED, tasks.RUNNING, tasks.DONE}


def test_a_task_of_a_kind_that_is_no_more_is_shown_all_the_same(site, browse):
    task_id = mine(site, kind="gone.kind")
    kind = replace(Kind("gone.kind").by(lambda run: {"n": 1}))
    runner.work_off(site.store, {"gone.kind": kind})
    assert browse("organizer1").page(f"{ADDRESS}/{task_id}").status_code == 200
    assert "gone.kind" in browse("organizer1").page(ADDRESS).text


def test_one_persons_many_tasks_are_refused_with_a_sentence(site, browse):
    for _ in range(tasks.MOST_OPEN):
        mine(site)
    with (
        pytest.raises(Refused, match="too_many"),
        writing(site.store) as session,
    ):
        tasks.add(session, COUNT, asked_by=site.people["organizer1"], now=site.store.clock())

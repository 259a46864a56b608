"""Who runs what: the school's own organizer sees it and ends it with a message; nobody else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from yanxiu.culler.process import Unwanted
from yanxiu.quota.model import Place, ServerStop
from yanxiu.quota.rules import PlaceState
from yanxiu.store.model import AuditEvent

from tests.support.browser import PREFIX
from tests.support.writing import writing

LIST = "organize/servers"
TOLD = "今晚 8 点县里公开课，请 9 点后再用"


def place_of(pools, who):
    with pools.county.store.read() as session:
        found = session.scalar(select(Place.id).where(Place.person_id == pools.county.people[who]))
    return found


def events(pools, verb):
    with pools.county.store.read() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.verb == verb)))


def stop(browser, place_id, message=TOLD):
    return browser.submit(f"{LIST}/{place_id}/stop", {"message": message}, form_of=LIST)


def test_the_organizer_sees_who_runs_what_since_when(pools, browse, clock):
    pools.run("alice")
    clock.advance(hours=2, minutes=5)
    pools.start("bob")
    page = browse("organizer1").page(LIST).text
    assert page.index("艾老师") < page.index("包老师")  # the longest first
    assert "2 小时 5 分钟" in page
    assert re.findall(r"badge--(?:open|waiting)\">([^<]+)", page) == ["正在运行", "正在启动"]
    assert "160 MB · 0.02 核" in page


def test_another_school_s_organizer_sees_nothing_of_it(pools, browse):
    pools.run("alice")
    assert "艾老师" not in browse("organizer2").page(LIST).text
    assert "现在没有人在用" in browse("organizer2").page(LIST).text
    assert "艾老师" in browse("county").page(LIST).text
    assert "艾老师" not in browse("county2").page(LIST).text
    assert browse("alice").page(LIST).status_code == 403


@pytest.mark.parametrize(("query", "found"), [("艾", True), ("1001", True), ("1002", False)])
def test_the_list_is_searched(pools, browse, query, found):
    pools.run("alice")
    assert ("艾老师" in browse("organizer1").page(f"{LIST}?q={query}").text) is found


def test_ending_one_tells_its_owner_and_the_culler(pools, browse, clock):
    pools.run("alice")
    pools.run("bob")
    unwanted = Unwanted(pools.county.store)
    alice, bob = (pools.county.people[who] for who in ("alice", "bob"))
    answer = stop(browse("organizer1"), place_of(pools, "alice"))
    assert answer.status_code == 303
    page = browse("organizer1").get(answer.headers["location"]).text
    assert "已经安排停止" in page
    assert "正在停止" in page
    assert TOLD in page
    clock.advance(seconds=89)
    assert unwanted(alice, "") is False, "whoever sits there is to read it first"
    clock.advance(seconds=1)
    unwanted = Unwanted(pools.county.store)
    assert (unwanted(alice, ""), unwanted(bob, "")) == (True, False)
    [event] = events(pools, "server.stop")
    assert event.actor == pools.county.people["organizer1"]
    assert event.school_id == pools.county.schools["school1"]
    assert event.details == {"person": alice, "server": ""}  # what was said is not for the audit
    home = browse("alice").page("").text
    assert "马上要停止您的 Jupyter" in home
    assert TOLD in home
    assert TOLD not in browse("bob").page("").text
    pools.stop("alice")
    assert "管理员停止了您的 Jupyter" in browse("alice").page("").text


def test_a_new_server_is_not_the_one_that_was_to_end(pools, browse, clock):
    pools.run("alice")
    stop(browse("organizer1"), place_of(pools, "alice"))
    clock.advance(seconds=90)
    pools.stop("alice")
    pools.run("alice")
    assert Unwanted(pools.county.store)(pools.county.people["alice"], "") is False


def test_the_culler_looks_again_in_its_next_round(pools, browse, clock):
    now = [0.0]
    unwanted = Unwanted(pools.county.store, lambda: now[0])
    alice = pools.county.people["alice"]
    pools.run("alice")
    assert unwanted(alice, "") is False
    stop(browse("organizer1"), place_of(pools, "alice"))
    clock.advance(seconds=90)
    assert unwanted(alice, "") is False  # the same round
    now[0] += Unwanted.FRESH_S
    assert unwanted(alice, "") is True


@pytest.mark.parametrize("who", ["organizer2", "county2"])
def test_nobody_ends_another_school_s_server(pools, browse, who):
    pools.run("alice")
    pools.run("charlie")  # so that there is a form to take a token from
    answer = browse(who).submit(
        f"{LIST}/{place_of(pools, 'alice')}/stop", {"message": TOLD}, form_of="account/profile"
    )
    assert answer.status_code == 404
    with pools.county.store.read() as session:
        assert session.scalars(select(ServerStop)).all() == []
    [event] = events(pools, "server.stop")
    assert event.outcome == "refused server.not_found"


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_teacher_ends_nobody_s_by_this_way(pools, browse, who):
    pools.run("alice")
    answer = browse(who).submit(
        f"{LIST}/{place_of(pools, 'alice')}/stop", {"message": TOLD}, form_of="account/profile"
    )
    assert answer.status_code in (403, 404)
    assert Unwanted(pools.county.store)(pools.county.people["alice"], "") is False


@pytest.mark.parametrize("place", ["nonsense", "00000000-0000-7000-8000-000000000000"])
def test_what_is_not_there_is_not_found(pools, browse, place):
    pools.run("alice")
    assert stop(browse("organizer1"), place).status_code == 404


@pytest.mark.parametrize(
    ("message", "sentence"), [("  ", "请写一句话"), ("长" * 201, "最多 200 个字，现在是 201 个")]
)
def test_without_a_fit_message_nothing_ends_and_what_was_typed_stays(
    pools, browse, message, sentence
):
    pools.run("alice")
    answer = stop(browse("organizer1"), place_of(pools, "alice"), message)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{message}"' in answer.text
    assert "<details" in answer.text and " open>" in answer.text
    assert Unwanted(pools.county.store)(pools.county.people["alice"], "") is False


def test_what_nobody_sees_is_no_message(pools, browse):
    pools.run("alice")
    nothing = stop(browse("organizer1"), place_of(pools, "alice"), "\u200b\u202e\0 \u2066")
    assert nothing.status_code == 422
    assert "请写一句话" in nothing.text
    stop(browse("organizer1"), place_of(pools, "alice"), "\u202e请 9 点\0后再用\u200b")
    with pools.county.store.read() as session:
        assert session.scalars(select(ServerStop.message)).one() == "请 9 点后再用"


def test_a_place_that_is_only_kept_is_no_server(pools, browse):
    pools.run("alice")
    place_id = place_of(pools, "alice")
    with writing(pools.county.store) as session:
        session.get(Place, place_id).state = PlaceState.HELD
    page = browse("organizer1").page(LIST).text
    assert "给排队的老师留着" in page
    assert f"{place_id}/stop" not in page
    answer = browse("organizer1").submit(
        f"{LIST}/{place_id}/stop", {"message": TOLD}, form_of="account/profile"
    )
    assert answer.status_code == 409


def test_a_message_goes_when_it_is_read_and_after_two_weeks(pools, browse, clock):
    pools.run("alice")
    place_id = place_of(pools, "alice")
    stop(browse("organizer1"), place_id)
    path = f"servers/stops/{place_id}/read"
    others = browse("bob").submit(path, {}, form_of="account/profile")
    assert others.status_code == 404
    assert TOLD in browse("alice").page("").text
    own = browse("alice").submit(path, {}, form_of="account/profile")
    assert own.status_code == 303
    assert TOLD not in browse("alice").page("").text


def test_an_old_message_is_no_news(pools, browse, clock, site):
    pools.run("alice")
    stop(browse("organizer1"), place_of(pools, "alice"))
    with writing(pools.county.store) as session:
        session.scalars(select(ServerStop)).one().asked_at = clock() - timedelta(days=15)
    assert TOLD not in browse("alice").page("").text


def test_what_is_typed_is_text_wherever_it_is_shown(pools, browse):
    pools.run("alice")
    stop(browse("organizer1"), place_of(pools, "alice"), "<script>alert(1)</script>")
    for who, path in (("alice", ""), ("organizer1", LIST)):
        assert "<script>alert" not in browse(who).page(path).text
        assert "&lt;script&gt;" in browse(who).page(path).text


def test_the_page_is_reached_by_those_who_may(browse):
    for who, there in (("alice", False), ("organizer1", True), ("county", True)):
        assert (f'href="{PREFIX}organize/quota"' in browse(who).page("").text) is there

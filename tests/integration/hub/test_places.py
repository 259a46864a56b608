"""Places in a school that is full: refused, in line, started; and every way in which one ends.

A real hub that would end itself after five failures, a real portal, the records database; the
launcher is the stand-in of these tests.
"""

import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import httpx
import pytest
from jupyterhub import orm
from jupyterhub.scopes import define_custom_scopes
from sqlalchemy import select
from yanxiu.names import new_id
from yanxiu.people.model import Credential, Organization, RoleGrant
from yanxiu.quota.model import Place, QuotaLimit, QuotaUsage, ServerLife, Waiter
from yanxiu.quota.rules import PlaceState, Resource
from yanxiu.scopes import CUSTOM_SCOPES

from tests.integration.hub.support import (
    Installation,
    Up,
    at_server,
    log_in,
    make_installation,
    new_browser,
    serving,
    start_server,
    wait_until,
)
from tests.support.writing import writing

FAILURE_LIMIT = 5
NEXT = "/services/records/line"


def limit_servers(installation: Installation, ceiling: float) -> None:
    """Set how many servers the school may run at once."""
    store = installation.store()
    with writing(store) as session:
        school = session.scalars(select(Organization).where(Organization.kind == "school")).one()
        limit = session.get(QuotaLimit, (school.id, Resource.SERVERS))
        if limit is None:
            limit = QuotaLimit(org_id=school.id, resource=Resource.SERVERS, changed_by="system:cli")
            session.add(limit)
        limit.ceiling, limit.changed_at = ceiling, store.clock()
    store.close()


def make_full_school(folder) -> Installation:
    """A school of three with one place, and an organizer to ask."""
    installation = make_installation(folder)
    store = installation.store()
    with writing(store) as session:
        school = session.scalars(select(Organization).where(Organization.kind == "school")).one()
        session.get(Credential, installation.people["charlie"]).must_change = False
        session.add(
            RoleGrant(
                id=new_id(),
                person_id=installation.people["charlie"],
                role="school_organizer",
                org_id=school.id,
            )
        )
    store.close()
    limit_servers(installation, 1)
    return installation


def running(installation: Installation, *options: str) -> AbstractContextManager[Up]:
    limit = f"--hub=--Spawner.consecutive_failure_limit={FAILURE_LIMIT}"
    return serving(installation, limit, *options)


@pytest.fixture(scope="module")
def full(tmp_path_factory) -> Iterator[Up]:
    with running(make_full_school(tmp_path_factory.mktemp("full"))) as up:
        yield up


@pytest.fixture
def visit(full: Up) -> Iterator[Callable[[str], httpx.Client]]:
    """Log people in; at the end nobody's server runs and nobody waits."""
    opened: dict[str, httpx.Client] = {}
    numbers = {"alice": "T0001", "bob": "T0002", "charlie": "T0003"}

    def open_for(who: str) -> httpx.Client:
        if who not in opened:
            opened[who] = new_browser(full.installation.url)
            log_in(opened[who], numbers[who])
        return opened[who]

    yield open_for
    for who, browser in opened.items():
        leave(browser)
        stop_server(browser, full.installation.people[who])
        browser.close()
    wait_until(lambda: not rows(full, Place), 20, "every place is free")


def rows(up: Up, table: type) -> list:
    store = up.installation.store()
    try:
        with store.read() as session:
            return list(session.scalars(select(table)))
    finally:
        store.close()


def api(browser: httpx.Client, method: str, path: str, **more) -> httpx.Response:
    """Call the hub's API as a page of its own would."""
    browser.get("/hub/home")
    token = browser.cookies.get("_xsrf", path="/hub/") or ""
    return browser.request(
        method,
        f"/hub/api/{path}",
        headers={"X-XSRFToken": token, "Sec-Fetch-Mode": "cors", "Accept": "application/json"},
        **more,
    )


def stop_server(browser: httpx.Client, person: str) -> None:
    api(browser, "DELETE", f"users/{person}/server")
    wait_until(lambda: "没有运行" in browser.get("/hub/home").text, 20, "stopped")


def leave(browser: httpx.Client) -> httpx.Response:
    page = browser.get(NEXT)
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    if token is None:
        return page
    origin = str(browser.base_url).rstrip("/")
    return browser.post(f"{NEXT}/leave", data={"_csrf": token[1]}, headers={"Origin": origin})


def lose(up: Up, part: str) -> None:
    """Kill a part as a crash does, and wait until the supervisor has brought it back."""
    pid = up.tree()[part]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: up.tree().get(part) not in (None, pid), 30, f"{part} is back")


def counters(up: Up) -> set[float]:
    return {row.used for row in rows(up, QuotaUsage) if row.resource == Resource.SERVERS}


def test_who_finds_the_school_full_is_told_all_that_helps(full, visit):
    start_server(visit("alice"), full.installation.people["alice"])
    refused = visit("bob").get("/hub/spawn")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    for words in (
        "县三小 1/1 台在用",
        "您是下一位",
        "请联系本校管理员：柴老师",
        "您的文件都在，不受影响",
        "不开 Jupyter 也可以交作业",
        f'href="{NEXT}"',
    ):
        assert words in refused.text
    # What the hub remembers of it says the same, and so do its API and the progress of a start.
    bob = full.installation.people["bob"]
    pending = visit("bob").get(f"/hub/spawn-pending/{bob}")
    assert (pending.status_code, "县三小 1/1 台在用" in pending.text) == (429, True)
    assert int(pending.headers["Retry-After"]) > 0
    events = api(visit("bob"), "GET", f"users/{bob}/server/progress").text
    [event] = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: ")]
    assert event["failed"]
    assert "县三小 1/1 台在用" in event["message"]
    asked = api(visit("bob"), "POST", f"users/{bob}/server")
    assert asked.status_code == 429
    assert asked.json()["message"] in event["message"]
    assert int(asked.headers["Retry-After"]) > 0


def test_ten_refusals_in_a_row_leave_the_hub_alive_and_the_next_start_works(full, visit):
    alice, bob = full.installation.people["alice"], full.installation.people["bob"]
    start_server(visit("alice"), alice)
    hub = full.tree()["hub"]
    for turn in range(2 * FAILURE_LIMIT):
        if turn % 2:
            assert api(visit("bob"), "POST", f"users/{bob}/server").status_code == 429
        else:
            assert visit("bob").get("/hub/spawn").status_code == 429
    time.sleep(3)  # the hub would end itself two seconds after the fifth
    assert full.tree()["hub"] == hub
    assert [row.person_id for row in rows(full, Place)] == [alice]
    stop_server(visit("alice"), alice)
    start_server(visit("bob"), bob)
    log = (full.installation.data / "log" / "hub.log").read_text()
    assert "consecutive" not in log
    assert "Traceback" not in log
    assert "柴老师" not in log


def test_the_line_starts_the_next_one_by_itself_and_in_turn(full, visit):
    people = full.installation.people
    start_server(visit("alice"), people["alice"])
    for who in ("bob", "charlie"):
        assert visit(who).get("/hub/spawn").status_code == 429
    first, second = visit("bob").get(NEXT), visit("charlie").get(NEXT)
    assert "您是下一位" in first.text
    assert "您排在第 2 位，前面有 1 人" in second.text
    assert 'http-equiv="refresh"' in first.text
    # Nobody sees who is before or behind, nor whose server runs.
    for page in (first, second):
        for who in people.values():
            assert who not in page.text.replace(f"/hub/spawn/{who}", "")
        assert not {"艾老师", "包老师"} & set(re.findall(r"[艾包]老师", page.text)) - {
            "包老师" if page is first else ""
        }
    stop_server(visit("alice"), people["alice"])
    # The first one's page finds the place and starts the server; the second waits on.
    assert "您是下一位" in visit("charlie").get(NEXT).text
    answer = visit("bob").get(NEXT)
    assert "/hub/spawn-pending/" in str(answer.url) or answer.status_code == 200
    wait_until(
        lambda: "JUPYTERHUB_USER" in at_server(visit("bob"), people["bob"]).text,
        20,
        "the next in line has a server",
    )
    assert rows(full, Waiter)[0].person_id == people["charlie"]
    assert visit("charlie").get("/hub/spawn").status_code == 429


def test_leaving_the_line_lets_the_next_one_pass(full, visit):
    people = full.installation.people
    start_server(visit("alice"), people["alice"])
    for who in ("bob", "charlie"):
        visit(who).get("/hub/spawn")
    assert "您现在没有在排队" in leave(visit("bob")).text
    assert "您是下一位" in visit("charlie").get(NEXT).text


def test_nobody_leaves_for_another_and_nobody_sees_anothers_place(full, visit):
    people = full.installation.people
    start_server(visit("alice"), people["alice"])
    visit("bob").get("/hub/spawn")
    # 柴老师 asks for what is 包老师's, in every way there is.
    charlie = visit("charlie")
    assert charlie.get(f"/hub/spawn/{people['bob']}").status_code in (403, 404)
    assert api(charlie, "POST", f"users/{people['bob']}/server").status_code in (403, 404)
    assert api(charlie, "GET", f"users/{people['bob']}/server/progress").status_code in (403, 404)
    assert "您现在没有在排队" in charlie.get(NEXT, params={"person_id": people["bob"]}).text
    charlie.get("/hub/spawn")
    page = charlie.get(NEXT)
    token = re.search(r'name="_csrf" value="([^"]+)"', page.text)[1]
    origin = full.installation.url
    forged = {"_csrf": token, "person_id": people["bob"]}
    charlie.post(f"{NEXT}/leave", data=forged, headers={"Origin": origin})
    assert [row.person_id for row in rows(full, Waiter)] == [people["bob"]]
    # And without a form of one's own page nobody leaves at all.
    stranger = visit("bob").post(f"{NEXT}/leave", data={}, headers={"Origin": origin})
    assert stranger.status_code >= 400
    assert [row.person_id for row in rows(full, Waiter)] == [people["bob"]]


def test_a_start_in_many_tabs_takes_one_place(full, visit):
    limit_servers(full.installation, 3)
    try:
        alice = full.installation.people["alice"]
        browser = visit("alice")
        with ThreadPoolExecutor(8) as tabs:
            answers = list(tabs.map(lambda _: browser.get("/hub/spawn"), range(8)))
        assert {answer.status_code for answer in answers} == {200}
        start_server(browser, alice)
        assert [row.person_id for row in rows(full, Place)] == [alice]
        assert counters(full) == {1.0}
    finally:
        limit_servers(full.installation, 1)


def test_named_servers_are_refused_as_ever_and_take_no_place(full, visit):
    alice = full.installation.people["alice"]
    for name in ("second", "%2e%2e%2fhome", "a%2fb", "x" * 300, "%00", "县三小"):
        answer = api(visit("alice"), "POST", f"users/{alice}/servers/{name}")
        assert answer.status_code in (400, 403, 404)
        assert visit("alice").get(f"/hub/spawn/{alice}/{name}").status_code in (400, 403, 404)
    assert rows(full, Place) == []


def test_a_program_with_a_token_gets_no_more_than_a_page(full, visit):
    people = full.installation.people
    visit("alice")
    visit("bob")
    define_custom_scopes(CUSTOM_SCOPES)
    session = orm.new_session_factory(f"sqlite:///{full.installation.data}/db/hub.sqlite")()
    tokens = {
        who: orm.User.find(session, people[who]).new_api_token(
            scopes=["servers!user"], note="a program"
        )
        for who in ("alice", "bob")
    }
    session.close()

    def post(who: str) -> httpx.Response:
        return httpx.post(
            f"{full.installation.url}/hub/api/users/{people[who]}/server",
            headers={"Authorization": f"token {tokens[who]}"},
            timeout=20,
        )

    assert post("alice").status_code in (201, 202)
    refused = post("bob")
    assert refused.status_code == 429
    assert refused.json()["message"].startswith("县三小 1/1 台在用")
    assert [row.person_id for row in rows(full, Place)] == [people["alice"]]


def test_a_lost_launcher_gives_the_places_back(full, visit):
    people = full.installation.people
    start_server(visit("alice"), people["alice"])
    visit("bob").get("/hub/spawn")
    os.kill(full.tree()["launcher"], signal.SIGKILL)
    wait_until(
        lambda: people["alice"] not in {row.person_id for row in rows(full, Place)},
        60,
        "the place is free again",
    )
    assert [row.stopped_at for row in rows(full, ServerLife) if row.person_id == people["alice"]][
        -1
    ]


def test_a_server_that_the_culler_ends_gives_its_place_back(full, visit):
    people = full.installation.people
    start_server(visit("alice"), people["alice"])
    visit("bob").get("/hub/spawn")
    full.installation.set_active("alice", False)
    try:
        wait_until(
            lambda: [row.person_id for row in rows(full, Place)] == [people["bob"]],
            60,
            "the place of who has gone is kept for the next in line",
        )
    finally:
        full.installation.set_active("alice", True)


def test_the_line_survives_a_restart_of_the_hub_and_of_the_portal(full, visit):
    people = full.installation.people
    start_server(visit("alice"), people["alice"])
    for who in ("bob", "charlie"):
        visit(who).get("/hub/spawn")
    lose(full, "hub")
    lose(full, "records")
    wait_until(lambda: "您排在第 2 位" in visit("charlie").get(NEXT).text, 60, "the place in line")
    assert "您是下一位" in visit("bob").get(NEXT).text


def test_a_hub_that_crashes_loses_no_place_and_keeps_none(full, visit):
    people = full.installation.people
    alice = people["alice"]
    limit_servers(full.installation, 3)
    try:
        start_server(visit("alice"), alice)
        [place] = rows(full, Place)
        wait_until(
            lambda: rows(full, Place)[0].state == PlaceState.RUNNING, 10, "it is known to run"
        )
        # In the middle of a start: a reservation whose start no hub knows any more.
        store = full.installation.store()
        with writing(store) as session:
            session.add(
                Place(
                    id=new_id(),
                    person_id=people["bob"],
                    server_name="",
                    kind="server",
                    org_id=place.org_id,
                    path=place.path,
                    memory_mb=1,
                    cpus=0.01,
                    state=PlaceState.RESERVED,
                    since=store.clock(),
                    expires_at=None,
                )
            )
        store.close()
        lose(full, "hub")
        wait_until(
            lambda: [row.person_id for row in rows(full, Place)] == [alice],
            60,
            "the reservation is healed, and the server that runs has its place",
        )
        assert counters(full) == {1.0}
        assert rows(full, Place)[0].id == place.id
    finally:
        limit_servers(full.installation, 1)


@contextmanager
def silence(installation: Installation) -> Iterator[None]:
    """Hold the database's only write lock, as a process that hangs does."""
    connection = sqlite3.connect(installation.data / "db" / "yanxiu.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_start_is_allowed_without_an_answer_and_counted_afterwards(full, visit):
    alice = full.installation.people["alice"]
    visit("alice")
    with silence(full.installation):
        start_server(visit("alice"), alice)
    wait_until(
        lambda: [(row.person_id, row.state) for row in rows(full, Place)] == [(alice, "running")],
        60,
        "the recount has found the server",
    )
    assert (
        "A start is allowed without an answer"
        in (full.installation.data / "log" / "hub.log").read_text()
    )


def test_a_start_is_refused_without_an_answer_where_the_site_says_so(tmp_path):
    installation = make_full_school(tmp_path)
    site = installation.site / "site.yaml"
    site.write_text(site.read_text() + "quota: {on_silence: refuse, silence_s: 1}\n")
    with running(installation) as up, new_browser(installation.url) as browser:
        log_in(browser, "T0001")
        with silence(installation):
            browser.get("/hub/spawn")
            wait_until(
                lambda: (
                    "现在查不到本校还有没有 Jupyter 的空位"
                    in browser.get(f"/hub/spawn-pending/{installation.people['alice']}").text
                ),
                20,
                "the start is refused",
            )
        wait_until(lambda: rows(up, Place) == [], 30, "what came late is given back")
        start_server(browser, installation.people["alice"])

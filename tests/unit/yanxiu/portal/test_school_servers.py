"""The page of a school's servers: limits, what holds them, and the peak hours."""

import asyncio
import json
import threading
from contextlib import contextmanager

import pytest
from yanxiu.portal.app import build_app
from yanxiu.portal.school_servers import HELD_BY

from tests.support.browser import HOST, Browser, log_in, make_portal

PAGE = "organize/school-servers"


def test_an_organizer_of_one_school_sets_its_hours_and_sees_them(site, browse):
    browser = browse("organizer1")
    one = f"{PAGE}/{site.schools['school1']}"
    assert browser.page(PAGE).headers["location"].endswith(one)
    typed = {"begins": "18:30", "ends": "21:30", "minutes": "30"}
    browser.submit(one, typed, form_of=one)
    page = browser.page(one).text
    for value in typed.values():
        assert f'value="{value}"' in page
    assert "1536 MB" in page
    browser.submit(one, dict.fromkeys(typed, ""), form_of=one)
    assert 'value="18:30"' not in browser.page(one).text


def test_what_is_refused_comes_back_with_what_was_typed(site, browse):
    browser = browse("organizer1")
    one = f"{PAGE}/{site.schools['school1']}"
    typed = {"begins": "18:30", "ends": "<script>", "minutes": "30"}
    answer = browser.submit(one, typed, form_of=one)
    assert answer.status_code == 422
    assert "时间请写成 18:30 这样" in answer.text
    assert 'value="18:30"' in answer.text
    assert "<script>" not in answer.text


def test_a_county_sees_all_of_its_schools_and_an_organizer_no_others(site, browse):
    listed = browse("county").page(PAGE).text
    assert listed.count(f"{PAGE}/") >= 2
    for who in ("organizer2", "county2"):
        answer = browse(who).get(f"{PAGE}/{site.schools['school1']}")
        assert answer.status_code == 404


@contextmanager
def launcher(path, says):
    """A launcher that says one thing: what only a machine of another kind would show."""
    loop = asyncio.new_event_loop()

    async def answer(reader, writer):
        while await reader.readline():
            writer.write(json.dumps(says).encode() + b"\n")
        writer.close()

    server = loop.run_until_complete(asyncio.start_unix_server(answer, path))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.parametrize("by", ["cgroup1", "cgroup2", "rlimit", ""])
def test_the_page_says_what_holds_the_limits(site, hub, tmp_path, by):
    socket = tmp_path / "l.sock"
    app = build_app(make_portal(site, hub, launcher_socket=socket))
    says = {
        "sandboxes": 0,
        "limits_by": by,
        "isolation": True,
        "own_ids": True,
        "not_isolated": [],
    }
    with Browser(app, base_url=HOST, headers={"origin": HOST}) as browser:
        log_in(browser, hub, site.people["organizer1"])
        one = f"{PAGE}/{site.schools['school1']}"
        if by:
            with launcher(socket, says):
                assert HELD_BY[by] in browser.page(one).text
        else:
            assert HELD_BY[""] in browser.page(one).text

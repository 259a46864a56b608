"""Starts that are refused, servers that nobody uses, and the same with another spawner."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import httpx
import pytest

from tests.integration.hub.support import (
    HERE,
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

IDLE_S = 5
FAILURE_LIMIT = 5


def running(installation: Installation, *extra: str) -> AbstractContextManager[Up]:
    return serving(installation, f"--server-idle={IDLE_S}", *extra)


@pytest.fixture(scope="module")
def ours(tmp_path_factory) -> Iterator[Up]:
    """The launcher's spawner, and a hub that ends after five failures in a row."""
    installation = make_installation(tmp_path_factory.mktemp("ours"))
    limit = f"--hub=--Spawner.consecutive_failure_limit={FAILURE_LIMIT}"
    with running(installation, limit) as up:
        yield up


@pytest.fixture(scope="module")
def simple(tmp_path_factory) -> Iterator[Up]:
    """The hub's own simple spawner; nothing else differs."""
    installation = make_installation(tmp_path_factory.mktemp("simple"))
    homes = tmp_path_factory.mktemp("homes")
    with running(
        installation,
        "--hub=--JupyterHub.spawner_class=simple",
        f"--hub=--SimpleLocalProcessSpawner.home_dir_template={homes}/{{username}}",
        f"--hub=--Spawner.cmd={sys.executable}",
        f"--hub=--Spawner.args={HERE / 'echo_server.py'}",
    ) as up:
        yield up


@pytest.fixture
def browser(ours) -> Iterator[httpx.Client]:
    with new_browser(ours.installation.url) as client:
        yield client


def report_use(installation: Installation, env: dict[str, str]) -> None:
    """Report activity as a server does."""
    used = datetime.now(UTC).isoformat()
    person = env["JUPYTERHUB_USER"]
    answer = httpx.post(
        f"{installation.url}/hub/api/users/{person}/activity",
        headers={"Authorization": f"token {env['JUPYTERHUB_API_TOKEN']}"},
        json={"servers": {"": {"last_activity": used}}, "last_activity": used},
    )
    assert answer.status_code == 200


def runs(browser: httpx.Client, person: str) -> bool:
    return "JUPYTERHUB_USER" in at_server(browser, person).text


def refuse_many(up: Up, times: int) -> None:
    """Let 柴老师, who must change the password first, ask ``times`` times and be told why."""
    with new_browser(up.installation.url) as browser:
        log_in(browser, "T0003")
        for _ in range(times):
            answer = browser.get("/hub/spawn")
            assert answer.status_code == 403
            assert "请先在研修门户修改初始密码" in answer.text


def test_ten_refusals_in_a_row_leave_the_hub_alive(ours):
    hub = ours.tree()["hub"]
    refuse_many(ours, 2 * FAILURE_LIMIT)
    time.sleep(3)  # the hub would end itself two seconds after the fifth
    assert ours.tree()["hub"] == hub
    assert httpx.get(f"{ours.installation.url}/hub/health").status_code == 200
    log = (ours.installation.data / "log" / "hub.log").read_text()
    # Each was a start of its own, and none was an error.
    assert log.count("Not starting") >= 2 * FAILURE_LIMIT
    assert "consecutive" not in log
    assert "Traceback" not in log


def test_a_server_that_nobody_uses_is_ended_and_one_in_use_is_not(ours, browser):
    alice, bob = ours.installation.people["alice"], ours.installation.people["bob"]
    log_in(browser, "T0001")
    used = start_server(browser, alice)
    with new_browser(ours.installation.url) as other:
        log_in(other, "T0002")
        start_server(other, bob)

        def ended() -> bool:
            report_use(ours.installation, used)
            return not runs(other, bob)

        wait_until(ended, IDLE_S + 20, "the unused server has ended")
        # The hub says so when its place is free as well.
        wait_until(lambda: "没有运行" in other.get("/hub/home").text, 20, "the hub knows it too")
    report_use(ours.installation, used)
    assert runs(browser, alice)


def test_options_that_somebody_sends_to_the_api_change_nothing_and_are_not_kept(ours, browser):
    alice = ours.installation.people["alice"]
    log_in(browser, "T0001")
    headers = {"X-XSRFToken": "", "Sec-Fetch-Mode": "cors"}
    browser.get("/hub/home")
    headers["X-XSRFToken"] = browser.cookies.get("_xsrf", path="/hub/") or ""
    browser.delete(f"/hub/api/users/{alice}/server", headers=headers)
    wait_until(lambda: "没有运行" in browser.get("/hub/home").text, 10, "stopped")
    answer = browser.post(
        f"/hub/api/users/{alice}/server",
        headers=headers,
        json={"user_options": {"mem_limit": "64G", "limits": {"memory_mb": 65536}}},
    )
    assert answer.status_code in (201, 202)
    env = start_server(browser, alice)
    assert env["LIMITS"]["memory_mb"] == 700
    model = browser.get(f"/hub/api/users/{alice}", headers=headers).json()
    assert model["servers"][""]["user_options"] == {}


def test_the_same_hooks_work_on_another_spawner_class(simple):
    installation = simple.installation
    alice = installation.people["alice"]
    refuse_many(simple, 1)
    with new_browser(installation.url) as browser:
        log_in(browser, "T0001")
        env = start_server(browser, alice)
        assert env["YANXIU_RECORDS_URL"].endswith("/services/records")
        assert env["YANXIU_IDLE_MINUTES"] == "120"
        assert (env["MEM_LIMIT"], env["CPU_LIMIT"]) == (str(700 << 20), "1.0")
        wait_until(lambda: not runs(browser, alice), IDLE_S + 20, "the unused server has ended")

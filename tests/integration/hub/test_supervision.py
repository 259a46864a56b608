"""Parts are killed, the whole is killed, two are started: nothing is left, all is back."""

import os
import signal
import subprocess

import httpx
import pytest

from tests.integration.hub.support import (
    Up,
    alive,
    all_below,
    at_server,
    log_in,
    new_browser,
    serving,
    wait_until,
)

HEALTH = "/services/records/healthz"
#: The promise is 10 s on a machine that has nothing else to do; tests share theirs.
PATIENCE_S = 20
PARTS = ("launcher", "records", "hub", "proxy", "culler", "worker")


def serves(url: str, path: str = HEALTH) -> bool:
    try:
        return httpx.get(url + path, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_part_is_back_within_five_seconds(up, part):
    before = up.tree()
    assert set(before) == set(PARTS)
    os.kill(before[part], signal.SIGKILL)
    wait_until(
        lambda: up.tree().get(part, before[part]) != before[part], 5, f"{part} started again"
    )
    took = wait_until(
        lambda: serves(up.installation.url) and serves(up.installation.url, "/hub/login"),
        PATIENCE_S,
        "the portal and the login page answer again",
    )
    assert not alive(before[part])
    assert set(up.tree()) == set(PARTS)
    print(f"{part}: serving again after {took:.1f} s")


def test_the_portal_answers_while_the_hub_is_away(up):
    """The routes are the proxy's: a killed hub takes none of them along."""
    os.kill(up.tree()["hub"], signal.SIGKILL)
    assert serves(up.installation.url)
    wait_until(lambda: serves(up.installation.url, "/hub/login"), PATIENCE_S, "the hub is back")


def test_a_running_server_survives_the_hub(up, installation):
    alice = installation.people["alice"]
    with new_browser(installation.url) as browser:
        log_in(browser, "T0001")
        browser.get("/hub/spawn")
        wait_until(lambda: "JUPYTERHUB_USER" in at_server(browser, alice).text, 15, "started")
        os.kill(up.tree()["hub"], signal.SIGKILL)
        assert "JUPYTERHUB_USER" in at_server(browser, alice).text
        wait_until(lambda: serves(installation.url, "/hub/login"), PATIENCE_S, "the hub is back")
        assert "正在运行" in browser.get("/hub/home").text
        assert "JUPYTERHUB_USER" in at_server(browser, alice).text


@pytest.mark.parametrize("part", PARTS)
def test_a_part_may_open_as_many_files_as_the_account(up, part):
    import psutil

    soft, hard = psutil.Process(up.tree()[part]).rlimit(psutil.RLIMIT_NOFILE)
    assert soft == hard


def test_a_second_up_on_the_same_data_refuses(up):
    refused = subprocess.run(
        up.installation.command(), capture_output=True, text=True, timeout=30, check=False
    )
    assert refused.returncode != 0
    assert "正被另一个 yanxiu up 使用" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr


def test_the_processes_show_no_secret(up):
    import psutil

    secrets = [file.read_text().strip() for file in (up.installation.data / "secrets").iterdir()]
    lines = [" ".join(psutil.Process(pid).cmdline()) for pid in all_below(up.process.pid)]
    assert len(secrets) >= 6
    assert not [secret for secret in secrets if any(secret in line for line in lines)]
    logs = up.logs()
    assert not [secret for secret in secrets if secret in logs]


# The rest ends what the module's fixture runs, so each test starts its own on the same data.


def test_killing_up_ends_everything_and_the_next_start_serves(up, installation):
    up.stop()
    with serving(installation) as first:
        below = all_below(first.process.pid)
        assert len(below) >= len(PARTS)
        first.process.kill()
        first.process.wait()
        wait_until(lambda: not any(alive(pid) for pid in below), 2, "all parts ended")
    second = Up(installation, "--no-isolation")
    try:
        # The same port, at once: nothing holds it.
        second.wait_for("已就绪", within_s=PATIENCE_S)
        assert serves(installation.url)
        below = all_below(second.process.pid)
    finally:
        code = second.stop(signal.SIGINT)
    assert code == 0
    assert not any(alive(pid) for pid in below)


def test_a_refusing_launcher_is_the_message_and_nothing_is_left(installation, up):
    up.stop()
    (installation.data / "refuse").touch()
    refused = Up(installation)
    try:
        refused.wait_for("本机不允许创建用户命名空间", within_s=10)
        assert refused.process.wait(timeout=10) == 1
    finally:
        refused.stop()
        (installation.data / "refuse").unlink()

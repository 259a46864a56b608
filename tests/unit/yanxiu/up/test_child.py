"""A part is kept alive, tied to its keeper, and leaves nothing behind. Real processes."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
from yanxiu.up.child import Child, Part

LIVES = "import time; time.sleep(60)"


def part(code: str, ready=None) -> Part:
    async def always() -> bool:
        return True

    return Part(
        name="part",
        title="部件",
        command=(sys.executable, "-c", textwrap.dedent(code)),
        env={"PATH": os.environ["PATH"]},
        ready=ready or always,
    )


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def never_ready() -> bool:
    return False


async def until(question, within_s: float = 5):
    async with asyncio.timeout(within_s):
        while not question():
            await asyncio.sleep(0.02)


async def test_a_killed_part_is_started_again_at_once(tmp_path):
    child = Child(part(LIVES), tmp_path)
    child.start()
    try:
        assert await child.wait_ready()
        first = child.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.pid not in (None, first), within_s=2)
    finally:
        await child.stop(1)
    assert child.pid is None


async def test_a_part_that_ignores_sigterm_is_killed(tmp_path):
    stubborn = """
        import signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("deaf", flush=True)
        time.sleep(60)
    """
    child = Child(part(stubborn), tmp_path)
    child.start()
    await until(lambda: child.last_lines() == ["deaf"])
    pid = child.pid
    await child.stop(grace_s=0.2)
    assert not alive(pid)


async def test_what_a_dead_part_left_in_its_session_is_killed(tmp_path):
    leaves = f"""
        import subprocess, sys, time
        left = subprocess.Popen([sys.executable, "-c", {LIVES!r}])
        print(left.pid, flush=True)
        time.sleep(60)
    """
    child = Child(part(leaves), tmp_path)
    child.start()
    try:
        await until(child.last_lines)
        left = int(child.last_lines()[0])
        assert alive(left)
        os.kill(child.pid, signal.SIGKILL)
        await until(lambda: not alive(left))
    finally:
        await child.stop(1)


@pytest.mark.parametrize("code", [2, 78])
async def test_a_refusal_ends_the_waiting_and_its_words_are_kept(tmp_path, code):
    refuses = f"import sys; print('请先改正设置。'); sys.exit({code})"
    child = Child(part(refuses, never_ready), tmp_path)
    child.start()
    try:
        assert not await child.wait_ready()
        assert child.refused
        assert child.last_lines() == ["请先改正设置。"]
    finally:
        await child.stop(1)


async def test_a_part_that_keeps_dying_before_it_serves_is_given_up(tmp_path):
    child = Child(part("raise SystemExit(1)", never_ready), tmp_path)
    child.start()
    try:
        assert not await child.wait_ready(give_up_after=2)
        assert not child.refused
    finally:
        await child.stop(1)


async def test_a_part_without_a_log_still_runs(tmp_path):
    (tmp_path / "file").touch()
    child = Child(part(LIVES), tmp_path / "file" / "no-folder")
    child.start()
    try:
        assert await child.wait_ready()
    finally:
        await child.stop(1)


KEEPER = """
import asyncio, sys
sys.path[:0] = {path!r}
from pathlib import Path
from yanxiu.up.child import Child, Part

async def ready():
    return True

async def main():
    command = (sys.executable, "-c", {lives!r})
    child = Child(Part("part", "部件", command, {{}}, ready), Path({log!r}))
    child.start()
    await child.wait_ready()
    print(child.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("tied", [True, False])
def test_killing_the_keeper_kills_its_part_only_because_they_are_tied(tmp_path, tied):
    """Without the tie the part lives on: that is the orphan which the tie is for."""
    keeper = KEEPER.format(path=sys.path, lives=LIVES, log=str(tmp_path))
    if not tied:
        keeper = keeper.replace(
            "asyncio.run", "import yanxiu.up.tied as t\nfrom pathlib import Path\n"
            f"loose = Path({str(tmp_path)!r}) / 'loose.py'\n"
            "loose.write_text('import os, sys; os.execv(sys.argv[2], sys.argv[2:])')\n"
            "t.__file__ = str(loose)\nasyncio.run",
        )  # fmt: skip
    with subprocess.Popen([sys.executable, "-c", keeper], stdout=subprocess.PIPE, text=True) as up:
        pid = int(up.stdout.readline())
        # The wrapper may still be about to become the part.
        time.sleep(0.3)
        up.kill()
    deadline = time.monotonic() + 2
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        assert alive(pid) is not tied
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)

"""Logs of bounded size."""

import asyncio
import os
from pathlib import Path

import pytest
from yanxiu.sandbox.logfile import LogFile


async def write(log: LogFile, size: int) -> None:
    """Write like a sandbox: as fast as the pipe takes it."""
    data = b"x" * size
    os.set_blocking(log.writer, False)
    while data:
        try:
            data = data[os.write(log.writer, data) :]
        except BlockingIOError:
            await asyncio.sleep(0.001)


async def test_what_is_printed_is_kept(tmp_path):
    log = LogFile(tmp_path / "log", 1000, begin_anew=False)
    await write(log, 300)
    log.close()
    assert (tmp_path / "log").stat().st_size == 300
    assert not log.full


async def test_a_run_that_prints_too_much_is_noticed_and_its_log_stays_small(tmp_path):
    log = LogFile(tmp_path / "log", 100_000, begin_anew=False)
    await write(log, 1_000_000)
    log.close()
    assert log.full
    assert (tmp_path / "log").stat().st_size <= 100_000


async def test_a_server_s_log_begins_anew(tmp_path):
    log = LogFile(tmp_path / "log", 100_000, begin_anew=True)
    await write(log, 1_000_000)
    log.close()
    assert 0 < (tmp_path / "log").stat().st_size <= 100_000


async def test_a_link_in_place_of_the_log_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("keep")
    (tmp_path / "log").symlink_to(tmp_path / "secret")
    try:
        LogFile(tmp_path / "log", 10, begin_anew=True)
    except OSError:
        assert (tmp_path / "secret").read_text() == "keep"
    else:
        raise AssertionError("the link was followed")


@pytest.mark.parametrize("most", [1000, 100_000_000])
async def test_a_full_disk_holds_up_nobody(most):
    log = LogFile(Path("/dev/full"), most, begin_anew=True)
    async with asyncio.timeout(60):
        await write(log, 1_000_000)  # far more than a pipe holds: it is emptied all the time
    os.write(log.writer, b"x" * 300)
    log.close()

"""A server leaves out what costs dear; the test shows the cost first, in a process of its own."""

import ctypes
import os
import subprocess
import sys

import pytest

ASK = """
import asyncio, os, sys
if sys.argv[1] == "left out":
    from yanxiu.sandbox.inside import quick
    quick.leave_out()
import aiohttp

async def main():
    async with aiohttp.ClientSession() as session:
        try:
            await session.get("http://localhost:9/", timeout=aiohttp.ClientTimeout(5))
        except aiohttp.ClientError:
            pass
        folder = "/proc/self/fd"
        links = [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder) if os.path.islink(f"{folder}/{fd}")]
        print(sum("inotify" in link for link in links))

asyncio.run(main())
"""


@pytest.mark.parametrize(("left_out", "inotify"), [("no", 1), ("left out", 0)])
def test_a_server_takes_no_inotify_instance_to_resolve_names(left_out, inotify):
    """A user has 128 of them: a hundred servers with ``aiodns`` would leave none for traefik."""
    # Without one left for this account, nothing could take one.
    spare = ctypes.CDLL(None).inotify_init()
    if spare < 0:
        pytest.skip("needs an inotify instance: this account has no more of them")
    os.close(spare)
    asked = subprocess.run(
        [sys.executable, "-c", ASK, left_out], capture_output=True, text=True, check=True
    )
    assert int(asked.stdout) == inotify

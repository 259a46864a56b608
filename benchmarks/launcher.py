"""300 idle sandboxes, and twenty that start at once: what the launcher and its helpers take.

Everything is real but JupyterLab: in its place stands a program that says that it runs and
sleeps, so that 300 fit into any memory. As root with control groups, as an ordinary user
without. Stock is the launcher before it was taken apart (commit 535bc80), measured once with
``python -m benchmarks.launcher HUB`` and written down in docs/reference/benchmarks.md.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from yanxiu.sandbox.client import Launcher, LauncherGone

from benchmarks.result import Result
from tests.integration.sandbox.accounts import ACCOUNTS, Account, command, why_not

NAME = "launcher"
IDLE, AT_ONCE = 300, 20
WATCH_S = 12.0
HUB = Path(__file__).resolve().parents[1] / "hub"
#: Percent of a core, by what holds the limits: of 300 idle sandboxes, and of 40, because
#: stock did not come further without control groups.
STOCK = {"cgroup": 8.2, "rlimit": 34.4}
PROGRAM = """
import os
try:
    from . import rlimits
    rlimits.apply()
except ImportError:
    pass
os.close(os.open("/home/teacher/runs", os.O_CREAT | os.O_WRONLY))
os.execv("/bin/sleep", ["sleep", "infinity"])
"""


def run() -> Result:
    """Measure as every account that there is."""
    found = {}
    for account in ACCOUNTS:
        if why_not(account) is None:
            figures = measure(HUB, account)
            found[figures["limits_by"].rstrip("12")] = figures
    worst = max(found, key=lambda kind: found[kind]["percent"])
    ours, stock = found[worst]["percent"], STOCK[worst]
    return Result(ours, stock, "% of a core", stock / ours, {"by": found, "stock": STOCK})


def measure(hub: Path, account: Account) -> dict[str, Any]:
    """Return the figures of one launcher.

    :param hub: the folder of the package ``yanxiu`` to measure
    """
    with (
        tempfile.TemporaryDirectory(prefix="yanxiu-launcher-") as top,
        started(hub, Path(top), account) as process,
    ):
        return asyncio.run(Measuring(Path(top, "data"), process.pid).run())


@contextmanager
def started(hub: Path, top: Path, account: Account) -> Iterator[subprocess.Popen[bytes]]:
    """Run a launcher of a copy of ``hub`` whose servers sleep."""
    top.chmod(0o755)
    shutil.copytree(hub / "yanxiu", top / "yanxiu", ignore=shutil.ignore_patterns("__pycache__"))
    (top / "yanxiu/sandbox/inside/server.py").write_text(PROGRAM)
    data = top / "data"
    data.mkdir()
    if account.uid is not None:
        os.chown(data, account.uid, account.uid)
    argv = [sys.executable, "-m", "yanxiu.sandbox.launcher", "--data", str(data)]
    argv += ["--hub-api", "127.0.0.1:1", "--records", "127.0.0.1:2"]
    with (top / "log").open("wb") as log:  # it tells of each of 340 ends
        process = subprocess.Popen(
            command(account, argv),
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(top)},
            stdout=log,
            stderr=log,
            cwd="/",
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


class Measuring:
    """One launcher under measurement."""

    def __init__(self, data: Path, pid: int):
        self.data = data
        self.launcher = Launcher(data / "run/launcher/launcher.sock")
        self.process = psutil.Process(pid)
        self.number = 0

    async def run(self) -> dict[str, Any]:
        """Start twenty alone, then 300, then twenty more."""
        while True:
            try:
                limits_by = (await self.launcher.ping()).limits_by
                break
            except LauncherGone:
                await asyncio.sleep(0.05)
        await self.start(AT_ONCE)  # a round that is not counted
        empty = await self.start(AT_ONCE)
        while self.number < IDLE:
            await self.start(AT_ONCE)
        percent = await self.busy()
        full = await self.start(AT_ONCE)
        return {
            "limits_by": limits_by,
            "percent": percent,
            "start_s_empty": median(empty),
            "start_s_at_300": median(full),
            "slowest_s_empty": max(empty),
            "slowest_s_at_300": max(full),
        }

    async def start(self, count: int) -> list[float]:
        """Start so many at once; return the seconds until each one ran."""
        first, self.number = self.number, self.number + count
        return await asyncio.gather(*(self._start(first + one) for one in range(count)))

    async def _start(self, number: int) -> float:
        person = f"u{number:016d}".translate(str.maketrans("0123456789", "abcdefghij"))
        began = time.perf_counter()
        await self.launcher.start_server(person, {})
        while not (self.data / "homes" / person / "runs").exists():
            await asyncio.sleep(0.002)
        return time.perf_counter() - began

    async def busy(self) -> float:
        """Return the percent of a core that the launcher and its helpers take."""
        await asyncio.sleep(3)
        before, began = self.cpu_s(), time.perf_counter()
        await asyncio.sleep(WATCH_S)
        return 100 * (self.cpu_s() - before) / (time.perf_counter() - began)

    def cpu_s(self) -> float:
        """Return the processor seconds of the launcher and its helpers up to now."""
        helpers = [
            child
            for child in self.process.children()
            if any("yanxiu.sandbox." in word for word in child.cmdline())
        ]
        times = [one.cpu_times() for one in (self.process, *helpers)]
        return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    for each in ACCOUNTS:
        print(json.dumps(measure(Path(sys.argv[1]), each)), flush=True)

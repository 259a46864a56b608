"""What another teacher notices of an attack, and what the platform's parts hold meanwhile.

Decides for how long, and prints. Called by ``python -m tests.attacks`` (``make attack``).
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import psutil

from benchmarks.support.site import our_site, visitor
from benchmarks.support.visitor import Visitor
from tests.attacks.attacks import NAMES, RECORDS, UNCOUNTED, WATCHES, Attacker
from tests.soak.readings import read

#: Whose memory is told.
PARTS = ("hub", "records", "proxy", "launcher", "worker")


@dataclass
class Noticed:
    """During one attack.

    :param portal: seconds of each of another teacher's pages; ``server``: of their own server's
    :param failed: how many of these were not answered with 200
    :param memory: part → the most that it held, MB
    """

    name: str
    portal: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    failed: int = 0
    memory: dict[str, float] = field(default_factory=dict)

    def row(self) -> str:
        """Return a row of the table."""
        cells = [
            self.name,
            *(_seconds(times) for times in (self.portal, self.server)),
            f"{self.failed}/{len(self.portal) + len(self.server) + self.failed}",
            *(f"{self.memory.get(part, 0):.0f}" for part in PARTS),
        ]
        return "| " + " | ".join(cells) + " |"


def _seconds(times: list[float]) -> str:
    return f"{median(times):.2f} / {max(times):.2f}" if times else "–"


HEAD = (
    "| attack | portal page, s (median / most) | own server, s | failed | "
    + " | ".join(f"{part}, MB" for part in PARTS)
    + " |\n|"
    + " --- |" * (4 + len(PARTS))
)


def measure(
    folder: Path, seconds: float, tell: Callable[[str], None], only: str = ""
) -> list[Noticed]:
    """Attack a platform with each in turn.

    :param folder: of the site and its data
    :param seconds: of each attack
    :param only: a word of the names of those that are wanted, beside the calm before
    """
    found = []
    with our_site(folder, 2) as running:
        evil, other = visitor(running, 1), visitor(running, 2)
        root = psutil.Process(running.process.pid)
        for one in (evil, other):
            one.start_server()
            one.enter_server()
        url = httpx.URL(evil.url)
        attacker = Attacker(evil, (url.host, url.port or 80))
        attacks = {
            "nothing": attacker.nothing,
            "anonymous bodies of 400 MB, 16 at once": attacker.bodies,
            "800 half-sent forms": attacker.half_sent,
            "90 logins at once, unknown names": attacker.logins,
            "costly notebooks handed in": attacker.submissions,
            "40 views of their pages at once": attacker.views,
            "inotify and epoll watches": attacker.cell(WATCHES),
            "pipes and memfd": attacker.cell(UNCOUNTED),
            "60,000 links made and removed, again and again": attacker.cell(NAMES),
            "nothing, afterwards": attacker.nothing,
        }
        for name, attack in attacks.items():
            if only not in name and name != "nothing":
                continue
            if attack == attacker.views:
                attacker.pages = [attacker.page()]
            noticed = Noticed(name)
            with _going_on(attacker, attack):
                _watch(noticed, other, root, seconds)
            tell(noticed.row())
            found.append(noticed)
    return found


@contextlib.contextmanager
def _going_on(attacker: Attacker, attack: Callable[[], None]) -> Iterator[None]:
    attacker.stopped.clear()
    thread = threading.Thread(target=attack, daemon=True)
    thread.start()
    try:
        yield
    finally:
        attacker.stopped.set()
        thread.join(120)


def _watch(noticed: Noticed, other: Visitor, root: psutil.Process, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for times, address in (
            (noticed.portal, f"{RECORDS}/"),
            (noticed.server, f"{other.home}api/kernels"),
        ):
            began = time.perf_counter()
            try:
                other.http.get(address).raise_for_status()
                times.append(time.perf_counter() - began)
            except httpx.HTTPError:
                noticed.failed += 1
        for part, reading in read(root).items():
            noticed.memory[part] = max(noticed.memory.get(part, 0.0), reading.memory_mb)
        time.sleep(0.2)

"""Run a platform with many teachers at work for a while, and read what its parts hold.

Decides how long and how often; ``teacher`` is what each does, ``readings`` what counts as
growth. Called by ``python -m tests.soak`` (``make soak``) and by a short test.
"""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.support.site import our_site, visitor
from tests.soak.readings import Reading, growth, read
from tests.soak.teacher import Teacher

#: So many start their server at the same time. How long a start takes when all come at once on a
#: busy machine is another question (benchmark ``launcher``); here it would end evenings early.
AT_THE_DOOR = 4


@dataclass(frozen=True)
class Soak:
    """What came of it.

    :param done: how many requests of each kind succeeded
    :param failed: a sentence for each teacher whose evening ended early
    :param taken: readings of all parts, the first when everybody worked
    """

    done: Counter[str]
    failed: list[str]
    taken: list[dict[str, Reading]]

    @property
    def grown(self) -> list[str]:
        """Return what became more."""
        return growth(self.taken)

    def table(self) -> str:
        """Return first and last reading of each part, as text."""
        rows = [f"{'part':<14}{'processes':>12}{'descriptors':>14}{'threads':>12}{'MB':>14}"]
        first, last = self.taken[0], self.taken[-1]
        for part in sorted({*first, *last}):
            a, b = first.get(part, Reading()), last.get(part, Reading())
            rows.append(
                f"{part:<14}{f'{a.processes}→{b.processes}':>12}"
                f"{f'{a.descriptors}→{b.descriptors}':>14}{f'{a.threads}→{b.threads}':>12}"
                f"{f'{a.memory_mb:.0f}→{b.memory_mb:.0f}':>14}"
            )
        return "\n".join(rows)


def soak(
    folder: Path,
    teachers: int,
    minutes: float,
    pause_s: float,
    tell: Callable[[str], None] = lambda text: None,
) -> Soak:
    """Let ``teachers`` work for ``minutes`` after all have begun.

    :param folder: of the site and its data
    :param pause_s: seconds between two rounds of one teacher
    """
    with our_site(folder, teachers) as running:
        people = [
            Teacher(visitor(running, number), number, pause_s) for number in range(1, teachers + 1)
        ]
        over, chairs = threading.Event(), threading.Semaphore(AT_THE_DOOR)
        root = psutil.Process(running.process.pid)
        with ThreadPoolExecutor(teachers) as pool:
            evenings = [pool.submit(_evening, one, over, chairs) for one in people]
            try:
                _wait(people)
                for one in people:
                    for said in one.failed:
                        tell(said)
                tell(f"{teachers} teachers are at work")
                taken = _readings(root, minutes, tell)
            finally:
                over.set()
            for evening in evenings:
                evening.result()
    done = sum((one.done for one in people), Counter[str]())
    return Soak(done, [said for one in people for said in one.failed], taken)


def _evening(teacher: Teacher, over: threading.Event, chairs: threading.Semaphore) -> None:
    asyncio.run(teacher.work(lambda: not over.is_set(), chairs))


def _wait(people: list[Teacher]) -> None:
    """Wait until everybody has handed in once, or failed."""
    while not all(one.done["handed in"] or one.failed for one in people):
        time.sleep(0.5)


def _readings(
    root: psutil.Process, minutes: float, tell: Callable[[str], None]
) -> list[dict[str, Reading]]:
    every_s = max(3.0, minutes * 60 / 60)
    ends = time.monotonic() + minutes * 60
    taken = [read(root)]
    while time.monotonic() < ends or len(taken) < 4:
        time.sleep(every_s)
        taken.append(read(root))
        whole = sum(taken[-1].values(), Reading())
        left = max(0.0, ends - time.monotonic()) / 60
        tell(f"{left:.0f} min left: {whole.descriptors} descriptors, {whole.memory_mb:.0f} MB")
    return taken

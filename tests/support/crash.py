"""Housekeeping in real processes that are killed at a chosen statement.

``survive`` lets one task be carried out by process after process, each of which dies one
statement later than the one before (or ``stride`` later), until one lives to the end: so a
crash is tried between the statements that a handler executes, and each time the next process
must go on.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from yanxiu.clock import FrozenClock
from yanxiu.store import runner
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.tasks import Kinds

#: Takes the store and the arguments of the test, in the other process.
Factory = Callable[..., Kinds]
LEASE = timedelta(seconds=61)
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.support.crash", "tests.support.tasks", "nbgrader.api"])


def spawn(
    store: Store, factory: Factory, *args: Any, die_at: int = 0, now: datetime | None = None
) -> "multiprocessing.process.BaseProcess":
    """Start a process that works off what waits, and dies before its ``die_at``-th statement."""
    url = store.engine.url.render_as_string(hide_password=False)
    process = _context.Process(
        target=_live, args=(url, store.blobs.root, now or store.clock(), factory, args, die_at)
    )
    process.start()
    return process


def _live(
    url: str, blobs: Path, now: datetime, factory: Factory, args: tuple[Any, ...], die_at: int
) -> None:
    store = Store(make_engine(url), Blobs(blobs), FrozenClock(now))
    # However often it died before: this test kills more often than any real fault.
    kinds = {name: replace(kind, tries=10_000) for name, kind in factory(store, *args).items()}
    count = 0

    def tick(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store.engine, "before_cursor_execute", tick)
    event.listen(store.engine, "commit", tick)
    runner.work_off(store, kinds, worker=f"pid {os.getpid()}")
    store.close()


def survive(store: Store, factory: Factory, *args: Any, clock: FrozenClock, stride: int = 1) -> int:
    """Carry out what waits through crashes; return at how many statements there were some."""
    die_at = 1
    while True:
        process = spawn(store, factory, *args, die_at=die_at)
        process.join(120)
        assert process.exitcode in {0, -signal.SIGKILL}, process.exitcode
        if process.exitcode == 0:
            return die_at
        die_at += stride
        clock.now += LEASE

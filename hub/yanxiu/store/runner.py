"""Carry tasks out, one after the other, whatever happens to any of them.

Decides what becomes of a task whose handler refuses, breaks, is overtaken or takes too long.
Logs kinds, ids, outcomes and seconds, and nothing that a handler touched. Which process runs
it, and for which kinds, is ``housekeeping``'s.
"""

import logging
import os
import random
import threading
import time
from collections.abc import Callable

from yanxiu.errors import Refused, place

from . import leases, tasks
from .engine import Store
from .full import Full
from .leases import LeaseLost, Run, Stopping
from .retry import Busy
from .tasks import Kind, Kinds

LOG = logging.getLogger(__name__)
IDLE_S = 0.5
SCHEDULE_EVERY_S = 60.0


def work(
    store: Store,
    kinds: Kinds,
    *,
    worker: str,
    stopping: threading.Event,
    lease_s: float = leases.LEASE_S,
    idle_s: float = IDLE_S,
) -> None:
    """Carry out tasks of ``kinds`` until ``stopping`` is set; one that is in hand goes back."""
    looked = 0.0
    away = 0
    while not stopping.is_set():
        try:
            if not looked or time.monotonic() - looked > SCHEDULE_EVERY_S:
                tasks.schedule(store, kinds)
                looked = time.monotonic()
            run = leases.lease(store, kinds, worker, lease_s=lease_s, stopping=stopping.is_set)
            away = 0
        except Exception as error:
            # The database is away, or busy for longer than we may wait.
            away += 1
            LOG.warning("waiting: %s at %s", type(error).__name__, place(error))
            stopping.wait(min(30.0, 2.0 ** min(away, 5)))
            continue
        if run is None:
            stopping.wait(idle_s * random.uniform(0.8, 1.2))  # noqa: S311 spreads, guards nothing
        else:
            carry_out(run)


def work_off(store: Store, kinds: Kinds, *, worker: str = "once") -> int:
    """Carry out what waits now and return how many tasks that were; for commands and tests."""
    count = 0
    while (run := leases.lease(store, kinds, worker)) is not None:
        carry_out(run)
        count += 1
    return count


def carry_out(run: Run, overrun: Callable[[Run], None] | None = None) -> str:
    """Carry out a task that is leased, and write down how it ended; return the log's word."""
    began = time.monotonic()
    ended = threading.Event()
    beating = threading.Thread(
        target=_beat, args=(run, ended, overrun or _overrun), name="lease", daemon=True
    )
    beating.start()
    try:
        outcome = _carried_out(run)
    except LeaseLost:
        outcome = "lost"
    except Exception as error:
        # The end could not be written: the lease runs out, and somebody tries again.
        LOG.warning("task=%s not ended: %s", run.id, type(error).__name__)
        outcome = "not_ended"
    finally:
        ended.set()
        beating.join()
    LOG.info(
        "task=%s kind=%s outcome=%s tries=%d seconds=%.2f",
        *(run.id, run.kind.name, outcome, run.tries, time.monotonic() - began),
    )
    return outcome


def _carried_out(run: Run) -> str:
    assert run.kind.handler is not None, f"nothing carries out {run.kind.name}"
    try:
        result = run.kind.handler(run)
    except LeaseLost:
        raise
    except Stopping:
        leases.give_back(run)
        return "given_back"
    except (Busy, Full):
        return f"busy_{leases.try_again(run, 'task.busy')}"
    except Refused as refusal:
        leases.end(run, tasks.REFUSED, refusal=refusal)
        return refusal.code
    except Exception as error:
        # Not the message: it may quote what somebody wrote.
        LOG.error("task=%s %s at %s", run.id, type(error).__name__, place(error))
        return f"broken_{leases.try_again(run, 'task.broken')}"
    leases.end(run, tasks.DONE, result=result)
    return tasks.DONE


def _beat(run: Run, ended: threading.Event, overrun: Callable[[Run], None]) -> None:
    """Hold the lease while the handler works, but not for a handler that hangs."""
    deadline = time.monotonic() + run.kind.limit_s
    while not ended.wait(min(run.lease_s / 3, max(0.0, deadline - time.monotonic()))):
        if time.monotonic() >= deadline:
            overrun(run)
            return
        try:
            run.beat()
        except LeaseLost:
            return
        except Exception as error:
            LOG.warning("task=%s lease not extended: %s", run.id, type(error).__name__)


def _overrun(run: Run) -> None:
    """End the process: nothing else ends a thread that hangs. The supervisor starts it again."""
    LOG.error("task=%s kind=%s ran over its limit", run.id, run.kind.name)
    os._exit(70)


def split(kinds: Kinds) -> tuple[dict[str, Kind], dict[str, Kind]]:
    """Return what comes by itself and what is asked for: neither is to wait for the other."""
    regular = {name: kind for name, kind in kinds.items() if kind.every is not None}
    return regular, {name: kind for name, kind in kinds.items() if name not in regular}

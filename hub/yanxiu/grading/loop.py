"""The worker's day: wait for both neighbours, lease a job, grade it, tell records, again.

Decides what happens to a job when something gives way in the middle of it, and how long
to wait when there is nothing to do. Logs job ids, outcomes and seconds and nothing of
the learner's. Called by ``worker``.
"""

import logging
import random
import threading
import time

from yanxiu.errors import Refused, place
from yanxiu.sandbox.client import LauncherGone, SyncLauncher

from .client import Lease, LeaseLost, Records, RecordsAway, RecordsRefused
from .heartbeat import Heartbeat
from .job import grade
from .result import Failure
from .sandbox_runs import LauncherAway

LOG = logging.getLogger(__name__)
IDLE_S = 1.0
MAX_PAUSE_S = 30.0


def work(
    records: Records,
    launcher: SyncLauncher,
    *,
    name: str,
    stopping: threading.Event,
    lease_s: int | None = None,
    idle_s: float = IDLE_S,
) -> None:
    """Grade jobs one after another until ``stopping`` is set.

    A job in hand then is given back to the queue at once, rather than after its lease.

    :param lease_s: how long to lease a job for; None leaves it to the site's settings
    """
    away = 0
    while not stopping.is_set():
        try:
            # First: a job that cannot be run here would only use up one of its tries.
            launcher.ping()
            lease = records.lease(name, lease_s)
            away = 0
        except (LauncherGone, Refused, RecordsAway, RecordsRefused, LeaseLost) as error:
            away += 1
            if away == 1:
                LOG.warning("waiting: %s %s", type(error).__name__, error)
            stopping.wait(_pause(away, idle_s))
            continue
        if lease is None:
            stopping.wait(idle_s * random.uniform(0.8, 1.2))  # noqa: S311 spreads workers, guards nothing
        else:
            one(records, launcher, lease, stopping=stopping)


def one(
    records: Records,
    launcher: SyncLauncher,
    lease: Lease,
    *,
    stopping: threading.Event,
) -> str:
    """Grade one job and tell records; return the word that the log has for it.

    Nothing that one job does ends the worker.
    """
    began = time.monotonic()
    heartbeat = Heartbeat(records, launcher, lease, stopping)
    try:
        with heartbeat:
            result = grade(records, launcher, lease, heartbeat.announce)
            if heartbeat.over != "lost":
                records.report(lease, result.report, result.executed, result.rendered)
        outcome = "lost" if heartbeat.over == "lost" else result.outcome
    except LeaseLost:
        outcome = "lost"
    except RecordsAway:
        # The lease runs out by itself, and the job returns to the queue.
        outcome = "records_away"
    except Exception as error:
        failure = _failure(error)
        outcome = "lost" if heartbeat.over == "lost" else failure.code
        if outcome != "lost":
            _give_back(records, lease, failure)
    LOG.info("job=%s outcome=%s seconds=%.2f", lease.job, outcome, time.monotonic() - began)
    return outcome


def _failure(error: Exception) -> Failure:
    if isinstance(error, Failure):
        return error
    if isinstance(error, LauncherAway):
        LOG.warning("launcher: %s", error)
        return Failure("launcher_away", retry=True)
    if isinstance(error, RecordsRefused):
        return Failure("report_refused")
    LOG.error("unexpected %s at %s", type(error).__name__, place(error))
    # A full disk passes; a mistake of ours would meet the same bytes again.
    return Failure("worker_error", retry=isinstance(error, OSError))


def _give_back(records: Records, lease: Lease, failure: Failure) -> None:
    try:
        records.failed(lease, failure.code, retry=failure.retry)
    except (RecordsAway, RecordsRefused, LeaseLost) as error:
        LOG.warning("job=%s not given back: %s", lease.job, type(error).__name__)


def _pause(away: int, idle_s: float) -> float:
    """Return how long to wait after the ``away``-th vain try: doubling, with jitter."""
    longest = min(MAX_PAUSE_S, idle_s * 2 ** min(away, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 spreads workers, guards nothing

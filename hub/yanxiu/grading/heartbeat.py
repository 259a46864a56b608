"""Keep a lease alive while its job runs, and end the run when there is no point in it.

Decides when a lease counts as lost: records says so, or has not answered for as long as
the lease lasts. A thread, because the worker itself waits for the launcher meanwhile.
Used by ``loop`` around each job.
"""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from yanxiu.errors import Refused
from yanxiu.sandbox.client import LauncherGone, SyncLauncher

from .client import Lease, LeaseLost, Records, RecordsAway, RecordsRefused

LOG = logging.getLogger(__name__)
TICK_S = 0.2


class Heartbeat:
    """The heartbeat of one job. After ``with``, ``over`` says why the job must be dropped.

    ``over`` is None (carry on), ``lost`` (the lease is) or ``stopping`` (the worker is).
    """

    def __init__(
        self,
        records: Records,
        launcher: SyncLauncher,
        lease: Lease,
        stopping: threading.Event,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ):
        self.over: str | None = None
        self._records = records
        self._launcher = launcher
        self._lease = lease
        self._stopping = stopping
        self._lease_s = lease.seconds
        self._monotonic = monotonic
        self._kept_at = monotonic()
        self._next_beat = self._kept_at + lease.seconds / 3
        self._handle: str | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def announce(self, handle: str | None) -> None:
        """Name the run that is going on, so that it can be stopped; None: there is none."""
        self._handle = handle

    def beat(self) -> None:
        """Do what is due now: ask, notice, stop. The thread calls it; tests may."""
        now = self._monotonic()
        if self.over is None and self._stopping.is_set():
            self.over = "stopping"
        if self.over is None and now >= self._next_beat:
            self._next_beat = now + self._lease_s / 3
            self._ask(now)
        if self.over is not None and (handle := self._handle) is not None:
            try:
                self._launcher.stop(handle, 0)
            except Refused:
                pass  # it had just ended
            except LauncherGone:
                LOG.warning(
                    "job=%s the launcher is away, its run cannot be stopped", self._lease.job
                )

    def _ask(self, now: float) -> None:
        try:
            self._records.heartbeat(self._lease)
            self._kept_at = now
        except (LeaseLost, RecordsRefused):
            self.over = "lost"
        except RecordsAway:
            if now - self._kept_at >= self._lease_s:
                self.over = "lost"

    def _keep(self) -> None:
        while not self._done.wait(TICK_S):
            self.beat()

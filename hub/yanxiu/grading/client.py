"""Speak to records' internal API: one method for each call of the contract.

Decides how long to be patient and what an answer means for the job (``LeaseLost``,
``RecordsAway``, ``RecordsRefused``). Does not know what a grade is. Called by ``loop``,
``job`` and ``heartbeat``; the contract is docs/reference/records-api.md.
"""

import io
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

import httpx
from yanxiu_formats.units import Unit, unit_of

from yanxiu.clock import Clock, utcnow

MAX_DOWNLOAD = 96 * 1024 * 1024
#: The shortest and longest that records lends a job for.
SHORTEST_LEASE_S, LONGEST_LEASE_S = 5.0, 3600.0
GONE = (404, 409, 410)


class RecordsAway(Exception):
    """Records does not answer, or answers that it cannot now (5xx, 429)."""


class RecordsRefused(Exception):
    """Records will not have this request, however often it comes; ``status`` is its answer."""

    def __init__(self, status: int):
        super().__init__(f"HTTP {status}")
        self.status = status


class LeaseLost(Exception):
    """The job is no longer ours: somebody else has it, or nobody needs it."""


@dataclass(frozen=True)
class Lease:
    """A job that is ours for ``seconds``, and that long again after each heartbeat.

    ``lease`` is a secret: never log it.
    """

    job: str
    lease: str = field(repr=False)
    unit: Unit = field(repr=False)
    has_notebook: bool
    limits: dict[str, Any]
    seconds: float


class Records:
    """Records as a grading worker sees it. Safe to use from two threads.

    :param http: with the base URL of ``/internal/v1`` and the worker's token
    :param patience_s: how long a call that the job depends on is tried again
    :param wait: waits that many seconds; true when there is no more time (the worker ends)
    """

    def __init__(
        self,
        http: httpx.Client,
        *,
        patience_s: float = 60,
        wait: Callable[[float], bool | None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Clock = utcnow,
    ):
        self._http = http
        self._patience_s = patience_s
        self._wait = wait
        self._monotonic = monotonic
        self._clock = clock

    def lease(self, worker: str, lease_s: int | None) -> Lease | None:
        """Take the next job for ``lease_s`` seconds; None if there is none.

        Asked once: the caller is the loop that asks again.
        """
        body = self._once("POST", "jobs/lease", json={"worker": worker, "lease_s": lease_s})
        if not body:
            return None
        found = json.loads(body)
        return Lease(
            job=str(found["job"]),
            lease=found["lease"],
            unit=unit_of(found["unit"]),
            has_notebook=bool(found["has_notebook"]),
            limits=found.get("limits") or {},
            seconds=self._seconds_until(found["lease_until"]),
        )

    def fetch(self, lease: Lease, what: str) -> IO[bytes]:
        """Return a tar of the job, at its start: ``bundle``, ``learner`` or ``scoring``."""
        params, tar = {"lease": lease.lease}, spooled()
        try:
            self._patiently("GET", f"jobs/{lease.job}/{what}", into=tar, params=params)
        except BaseException:
            tar.close()
            raise
        tar.seek(0)
        return tar

    def started(self, lease: Lease) -> None:
        """Say that the runs begin now."""
        self._patiently("POST", f"jobs/{lease.job}/started", json={"lease": lease.lease})

    def heartbeat(self, lease: Lease) -> None:
        """Keep the lease. Asked once: the next beat comes soon.

        :raises LeaseLost: it is lost
        """
        self._once("POST", f"jobs/{lease.job}/heartbeat", json={"lease": lease.lease})

    def report(
        self,
        lease: Lease,
        report: dict[str, Any],
        executed: bytes | None,
        rendered: bytes | None = None,
    ) -> None:
        """Hand in the scores; saying it twice is harmless."""
        whole = json.dumps({"lease": lease.lease} | report, ensure_ascii=False, allow_nan=False)
        # A file, by its name: records takes no field of more than a megabyte.
        parts: dict[str, Any] = {"report": ("report.json", whole.encode(), "application/json")}
        if executed is not None:
            parts["executed"] = ("executed.ipynb", executed, "application/x-ipynb+json")
        if rendered is not None:
            parts["rendered"] = ("executed.html", rendered, "text/html")
        self._patiently("POST", f"jobs/{lease.job}/report", files=parts)

    def failed(self, lease: Lease, code: str, *, retry: bool) -> None:
        """Say that the job cannot be graded (``retry``: by this worker, now)."""
        body = {"lease": lease.lease, "code": code, "retry": retry}
        self._once("POST", f"jobs/{lease.job}/failed", json=body)

    def _seconds_until(self, instant: str) -> float:
        # Two machines' clocks may differ a little: a sensible lease all the same.
        left = (datetime.fromisoformat(instant) - self._clock()).total_seconds()
        return min(max(left, SHORTEST_LEASE_S), LONGEST_LEASE_S)

    def _patiently(
        self, method: str, path: str, into: IO[bytes] | None = None, **request: Any
    ) -> bytes:
        deadline = self._monotonic() + self._patience_s
        pause = 0.25
        while True:
            try:
                return self._once(method, path, into, **request)
            except RecordsAway:
                if self._monotonic() + pause > deadline or self._wait(pause):
                    raise
            pause = min(pause * 2, 8)

    def _once(self, method: str, path: str, into: IO[bytes] | None = None, **request: Any) -> bytes:
        """Return what is answered, but if ``into`` is given, what it says when it agrees."""
        said = io.BytesIO()
        out: IO[bytes] = said
        try:
            with self._http.stream(method, path, **request) as answer:
                if into is not None and answer.is_success:
                    out = into
                    out.seek(0)
                    out.truncate()
                _copy_bounded(answer, out)
        except httpx.TransportError as error:
            raise RecordsAway(type(error).__name__) from None
        status = answer.status_code
        if status >= 500 or status == 429:
            raise RecordsAway(f"HTTP {status}")
        if status in GONE:
            raise LeaseLost
        if not answer.is_success:
            raise RecordsRefused(status)
        return said.getvalue()


def spooled() -> IO[bytes]:
    """Return a file without a name that stays in memory while it is small."""
    return tempfile.SpooledTemporaryFile(max_size=2_000_000)


def _copy_bounded(answer: httpx.Response, out: IO[bytes]) -> None:
    taken = 0
    for chunk in answer.iter_bytes():
        taken += len(chunk)
        if taken > MAX_DOWNLOAD:
            raise RecordsRefused(413)
        out.write(chunk)

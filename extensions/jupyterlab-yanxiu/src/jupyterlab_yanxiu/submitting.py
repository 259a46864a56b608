"""Hand in a unit's folder in the background, once, whatever breaks meanwhile.

Decides what the browser is told of it. ``nbgrader_yanxiu`` packs, sends, and keeps the key
in the folder, so after a broken line, a closed page or a restarted server the same work goes
on as the same attempt. Called by ``api``.
"""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader_yanxiu import bundle
from nbgrader_yanxiu.errors import NotPacked, RecordsError, TryAgain
from nbgrader_yanxiu.folder import KEY, keep_key, key_for, read_json, unit_in
from nbgrader_yanxiu.records import Receipt, Records

DISK_FULL = {
    "zh_CN": "您的存储空间已满，还没有提交。请先在左侧文件列表里删除不需要的文件，再试一次。",
    "en": "Your storage is full, so nothing was submitted yet. Please delete files that you do not need, then try again.",
}


@dataclass
class Job:
    """One submit on its way.

    :param state: ``packing``, ``sending``, ``done``, ``failed``
    :param sent: bytes that arrived, of ``total``
    :param notes: sentences about what was handed in, such as under which name, and what was not
    :param error: ``{"code", "message", "again"}``; ``again`` says whether another try helps
    """

    id: str
    folder: Path
    state: str = "packing"
    sent: int = 0
    total: int = 0
    notes: list[str] = field(default_factory=list)
    receipt: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @property
    def running(self) -> bool:
        """Whether something may still come of it."""
        return self.state in ("packing", "sending")

    def described(self) -> dict[str, Any]:
        """Return what the browser may know."""
        return {
            "job": self.id,
            "state": self.state,
            "sent": self.sent,
            "total": self.total,
            "notes": self.notes,
            "receipt": self.receipt,
            "error": self.error,
        }


class Submitter:
    """The submits of one server, by assignment; the newest of each."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, assignment: str, folder: Path, records: Records, language: str) -> Job:
        """Begin to hand in ``folder``; while one is on its way, return that one."""
        known = self._jobs.get(assignment)
        if known is not None and known.running:
            return known
        job = self._jobs[assignment] = Job(uuid.uuid4().hex, folder)
        task = asyncio.create_task(asyncio.to_thread(run, job, assignment, records, language))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def described(self, assignment: str, folder: Path | None) -> dict[str, Any]:
        """Return how the newest submit goes; ``none``, or ``interrupted`` before a restart."""
        if (job := self._jobs.get(assignment)) is not None:
            return job.described()
        unfinished = folder is not None and _unfinished(folder)
        return {**Job("", Path()).described(), "state": "interrupted" if unfinished else "none"}


def run(job: Job, assignment: str, records: Records, language: str) -> None:
    """Pack and send; everything that happens is told in ``job``. Raises nothing."""
    try:
        packed = _packed(job.folder, assignment, records)
        job.total = len(packed.body)
        job.notes = [note.text(language) for note in packed.notes]
        key = key_for(job.folder, packed.digest, lambda: _newest(records, assignment))
        job.state = "sending"
        receipt = records.submit(assignment, packed, key, _teller(job))
        # The next try with the same work would get the same receipt: nothing is lost.
        keep_key(job.folder, packed.digest, key, receipt.receipt)
        job.receipt, job.state = _shown(receipt), "done"
    except RecordsError as error:
        again = isinstance(error, TryAgain | NotPacked)
        job.error = {"code": error.code, "message": error.text(language), "again": again}
        job.state = "failed"
    except OSError:
        job.error = {"code": "disk", "message": DISK_FULL[language], "again": True}
        job.state = "failed"
    except Exception:
        # Said to the teacher before it goes to the log: a thread's error is else seen by nobody.
        trouble = TryAgain("server_trouble")
        job.error = {"code": "ours", "message": trouble.text(language), "again": True}
        job.state = "failed"
        raise


def _teller(job: Job) -> Callable[[int, int], None]:
    def tell(sent: int, total: int) -> None:
        job.sent, job.total = sent, total

    return tell


def _packed(folder: Path, assignment: str, records: Records) -> bundle.Bundle:
    """Return the folder's bundle; of a plain nbgrader course the service knows the notebooks."""
    unit = unit_in(folder)
    if unit is not None:
        return bundle.pack(folder, unit)
    found = (one["notebooks"] for one in records.units() if one["assignment"] == assignment)
    return bundle.pack(folder, None, next(found, []))


def _newest(records: Records, assignment: str) -> str | None:
    attempts = records.attempts(assignment)
    newest = max(attempts, key=lambda one: int(one["attempt"]), default=None)
    return str(newest["receipt"]) if newest else None


def _unfinished(folder: Path) -> bool:
    kept = read_json(folder / KEY)
    return bool(kept.get("key")) and kept.get("receipt") is None


def _shown(receipt: Receipt) -> dict[str, Any]:
    return {
        "receipt": receipt.receipt,
        "attempt": receipt.attempt,
        "received_at": receipt.local_time,
        "late": receipt.late,
        "url": receipt.url,
    }

"""What the platform does for itself: blobs that nobody needs, tasks that ended long ago."""

from datetime import datetime, timedelta
from typing import Any

from yanxiu.settings.model import Retention
from yanxiu.store import tasks
from yanxiu.store.collect import collect
from yanxiu.store.engine import Session
from yanxiu.store.leases import Run
from yanxiu.store.tasks import SYSTEM, Kind


def kinds(retention: Retention) -> list[Kind]:
    """Return the kinds of this module."""

    def collect_blobs(run: Run) -> dict[str, Any]:
        before = run.store.clock() - timedelta(hours=retention.blobs_hours)
        return collect(run.store, SYSTEM, before, run.step)

    def forget_tasks(run: Run) -> dict[str, Any]:
        def work(session: Session, now: datetime) -> int:
            return tasks.forget(
                session,
                ended_before=now - timedelta(days=retention.tasks_days),
                files_before=now - timedelta(hours=retention.files_hours),
            )

        return {"tasks": run.store.bookkeep(work)}

    return [
        Kind("blobs.collect", every=timedelta(hours=6)).by(collect_blobs),
        Kind("tasks.forget", every=timedelta(hours=1)).by(forget_tasks),
    ]

"""Say how things stand now: the queue, tasks, the disk, the launcher.

Asks the database and the launcher once a scrape; each that does not answer is said to be down
and its numbers are left out, because an old number looks like a good one. Called by ``page``.
"""

import logging
import shutil
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from yanxiu import __version__
from yanxiu.clock import Clock
from yanxiu.errors import YanxiuError, place
from yanxiu.quota.kueue_objects import FACT
from yanxiu.quota.reads import levels
from yanxiu.sandbox.client import SyncLauncher
from yanxiu.store import facts, tasks
from yanxiu.store.engine import Store
from yanxiu.work.reads import jobs
from yanxiu.work.rules import JobState

from .watch import Watch

log = logging.getLogger("yanxiu.metrics")

#: A launcher that takes longer is down, for a monitor.
PATIENCE_S = 3.0


class Standing(Collector):
    """What is asked at each scrape, and the counters, which are brought up to date with it.

    :param launcher: its socket; None where there is none, as on a cluster
    :param ids_clock: see ``Watch``
    """

    def __init__(
        self, store: Store, launcher: Path | None, registry: CollectorRegistry, ids_clock: Clock
    ):
        self._store = store
        self._launcher = SyncLauncher(launcher) if launcher else None
        # Before the counters: a registry asks in the order of registration.
        registry.register(self)
        self._watch = Watch(store, registry, ids_clock)

    def collect(self) -> Iterable[Metric]:
        """Return the families, the doubtful ones only where their source answers."""
        yield InfoMetricFamily(
            "yanxiu_build", "The version that runs.", value={"version": __version__}
        )
        yield from self._of_the_store()
        if self._launcher:
            yield from self._of_the_launcher(self._launcher)
        yield from self._of_the_disk()

    def _of_the_store(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("yanxiu_store_up", "Whether the database answers.")
        try:
            self._watch.look()
            found = [*self._queue(), *self._tasks(), *self._quota()]
        except Exception as error:
            # Not the message: it may quote a row.
            log.warning("the store: %s at %s", type(error).__name__, place(error))
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [up, *found]

    def _queue(self) -> Iterable[Metric]:
        now = self._store.clock()
        with self._store.read() as session:
            found = jobs.standing(session)
        count = GaugeMetricFamily(
            "yanxiu_grading_jobs",
            "Grading jobs: queued, leased (a worker has it), failed (a person decides).",
            labels=["state"],
        )
        for state in (JobState.QUEUED, JobState.LEASED, JobState.FAILED):
            count.add_metric([state], found[state][0] if state in found else 0)
        oldest = found.get(JobState.QUEUED)
        age = GaugeMetricFamily(
            "yanxiu_grading_oldest_job_age_seconds",
            "How long the oldest queued grading job has waited; 0 when none waits.",
            value=max(0.0, (now - oldest[1]).total_seconds()) if oldest else 0,
        )
        return [count, age]

    def _tasks(self) -> Iterable[Metric]:
        now = self._store.clock()
        with self._store.read() as session:
            found = tasks.open_by_kind(session)
            troubles = tasks.troubles(session, now)
        count = GaugeMetricFamily(
            "yanxiu_tasks", "Background tasks that are open.", labels=["kind", "state"]
        )
        overdue = GaugeMetricFamily(
            "yanxiu_task_overdue_seconds",
            "How long the oldest queued task of a kind has been due.",
            labels=["kind"],
        )
        for kind, state, many, due in found:
            count.add_metric([kind, state], many)
            if state == tasks.QUEUED:
                overdue.add_metric([kind], max(0.0, (now - due).total_seconds()))
        trouble = GaugeMetricFamily(
            "yanxiu_task_troubles",
            "Kinds that come by themselves and failed, or are an hour late.",
            labels=["kind", "what"],
        )
        for one in troubles:
            trouble.add_metric([one.kind, one.what], 1)
        return [count, overdue, trouble]

    def _quota(self) -> Iterable[Metric]:
        with self._store.read() as session:
            found, waiting = levels.levels(session), levels.waiting(session)
            cluster = facts.get(session, FACT)
        labels = ["org", "resource"]
        used, guarantee, ceiling = (
            GaugeMetricFamily(f"yanxiu_quota_{name}", text, labels=labels)
            for name, text in (
                ("used", "What is in use, by the organization's code; empty: everywhere."),
                ("guarantee", "What an organization is sure of, where it is set."),
                ("ceiling", "The most that an organization may use, where it is set."),
            )
        )
        for one in found:
            key = [one.code, one.resource]
            used.add_metric(key, one.used)
            if one.guarantee is not None:
                guarantee.add_metric(key, one.guarantee)
            if one.ceiling is not None:
                ceiling.add_metric(key, one.ceiling)
        line = GaugeMetricFamily(
            "yanxiu_quota_waiting",
            "People in line, by the code of the organization whose pool they wait for.",
            labels=["org"],
        )
        for code, count in sorted(waiting.items()):
            line.add_metric([code], count)
        total = GaugeMetricFamily(
            "yanxiu_quota_waiting_everywhere", "People in line.", value=sum(waiting.values())
        )
        drift = GaugeMetricFamily(
            "yanxiu_quota_cluster_drift",
            "Objects of Kueue that were not as the tree says, at the last look; only on a cluster.",
        )
        if cluster is not None:
            drift.add_metric([], cluster["drift"])
        return [used, guarantee, ceiling, line, total, drift]

    def _of_the_launcher(self, launcher: SyncLauncher) -> Iterable[Metric]:
        up = GaugeMetricFamily("yanxiu_launcher_up", "Whether the sandbox launcher answers.")
        try:
            status = launcher.ping(PATIENCE_S)
            counts = launcher.counts(PATIENCE_S)
        except YanxiuError:
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        how = InfoMetricFamily(
            "yanxiu_launcher",
            "What holds the limits of sandboxes (cgroup1, cgroup2, rlimit), and how far they "
            "are apart.",
            value={
                "limits_by": status.limits_by,
                "isolation": str(status.isolation).lower(),
                "own_ids": str(status.own_ids).lower(),
            },
        )
        running = GaugeMetricFamily(
            "yanxiu_sandboxes", "Sandboxes now: teachers' servers, grading runs.", labels=["kind"]
        )
        for kind, many in counts.running.items():
            running.add_metric([kind], many)
        asked = CounterMetricFamily(
            "yanxiu_launcher_requests",
            "Requests to the launcher by verb and outcome: ok, or the code of the refusal.",
            labels=["verb", "outcome"],
        )
        for verb, outcome, times in counts.requests:
            asked.add_metric([verb, outcome], times)
        ends = CounterMetricFamily(
            "yanxiu_sandbox_ends", "Sandboxes that ended, by outcome.", labels=["kind", "outcome"]
        )
        for kind, outcome, times in counts.ends:
            ends.add_metric([kind, outcome], times)
        return [up, how, running, asked, ends]

    def _of_the_disk(self) -> Iterable[Metric]:
        found = shutil.disk_usage(self._store.blobs.root)
        return [
            GaugeMetricFamily(
                "yanxiu_disk_size_bytes", "The disk of the data folder.", value=found.total
            ),
            GaugeMetricFamily(
                "yanxiu_disk_free_bytes",
                "What is free on the disk of the data folder.",
                value=found.free,
            ),
        ]

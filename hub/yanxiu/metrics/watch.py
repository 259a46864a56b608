"""Count what happened since this process started, out of the audit's events.

Every deed has its event in its own transaction, whichever process did it; so a count of events
is right for several processes of a kind and over their crashes. Reads a little behind: a
transaction that began earlier may be committed later. Knows which events there are; ``collector``
shows the counts.
"""

import re
import uuid
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram

from yanxiu.clock import Clock, utcnow
from yanxiu.store import audit
from yanxiu.store.audit import Told
from yanxiu.store.engine import Store
from yanxiu.work.reads import jobs

#: A transaction that takes longer from its event to its commit is not counted.
BEHIND = timedelta(seconds=20)
_BATCH = 5000
#: How a login is refused before the password is looked at, and after.
_LOGIN = {"login": "ok"}
_GRADING = {"job.report": "scored", "job.fail": "given_back", "job.expire": "lost"}
_SUBMIT = {
    "submission.accept": "accepted",
    "submission.withdraw": "withdrawn",
}
_REFUSED = re.compile(r"(?:refused )?([a-z][a-z0-9_.]{1,50})")
#: Codes of refusals are ours and few; should a text ever come here, it stays few.
_MOST_CODES = 100
SECONDS = (0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 900, 3600)


class Watch:
    """The counters, and where in the audit they have come to.

    :param ids_clock: what time it is where ids are made; they have their instant in them
    """

    def __init__(self, store: Store, registry: CollectorRegistry, ids_clock: Clock = utcnow):
        self._store = store
        self._clock = ids_clock
        self._seen = audit.id_at(ids_clock() - BEHIND)
        self._codes: set[str] = set()
        self.logins = Counter("yanxiu_logins", "Logins by outcome.", ["outcome"], registry=registry)
        self.submissions = Counter(
            "yanxiu_submissions", "Submissions by outcome.", ["outcome"], registry=registry
        )
        self.refusals = Counter(
            "yanxiu_submission_refusals",
            "Submissions that were refused, by the code of the sentence.",
            ["code"],
            registry=registry,
        )
        self.gradings = Counter(
            "yanxiu_gradings",
            "Grading jobs that workers ended: scored, given_back (with a reason), lost (the "
            "worker died).",
            ["outcome"],
            registry=registry,
        )
        self.seconds = Histogram(
            "yanxiu_grading_seconds",
            "Seconds that graded jobs waited in the queue (wait) and were at work (run).",
            ["phase"],
            buckets=SECONDS,
            registry=registry,
        )
        # A rate of what has never happened is to be 0 and not missing.
        for outcome in ("ok", "wrong", "unknown", "busy", "too_early"):
            self.logins.labels(outcome)
        for outcome in (*_SUBMIT.values(), "refused"):
            self.submissions.labels(outcome)
        for outcome in _GRADING.values():
            self.gradings.labels(outcome)
        for phase in ("wait", "run"):
            self.seconds.labels(phase)

    def look(self) -> None:
        """Count what has come since the last look."""
        until = audit.id_at(self._clock() - BEHIND)
        verbs = [*_LOGIN, "login.refuse", *_SUBMIT, "submission.refuse", *_GRADING]
        while True:
            with self._store.read() as session:
                told = audit.told_between(session, verbs, self._seen, until, _BATCH)
                graded = [uuid.UUID(one.object_id) for one in told if one.verb == "job.report"]
                spans = jobs.instants(session, graded) if graded else []
            for one in told:
                self._count(one)
            for queued, leased, done in spans:
                self._observe(queued, leased, done)
            if len(told) < _BATCH:
                self._seen = until
                return
            self._seen = told[-1].id

    def _observe(self, queued: datetime, leased: datetime, done: datetime) -> None:
        self.seconds.labels("wait").observe(max(0.0, (leased - queued).total_seconds()))
        self.seconds.labels("run").observe(max(0.0, (done - leased).total_seconds()))

    def _count(self, one: Told) -> None:
        if one.verb in _LOGIN:
            self.logins.labels(_LOGIN[one.verb]).inc(one.times)
        elif one.verb == "login.refuse":
            self.logins.labels(self._code(one.outcome.replace(" ", "_"))).inc(one.times)
        elif one.verb in _SUBMIT:
            self.submissions.labels(_SUBMIT[one.verb]).inc(one.times)
        elif one.verb == "submission.refuse":
            self.submissions.labels("refused").inc(one.times)
            self.refusals.labels(self._code(one.outcome)).inc(one.times)
        else:
            self.gradings.labels(_GRADING[one.verb]).inc(one.times)

    def _code(self, outcome: str) -> str:
        found = _REFUSED.fullmatch(outcome)
        if found is None or (found[1] not in self._codes and len(self._codes) >= _MOST_CODES):
            return "other"
        self._codes.add(found[1])
        return found[1]

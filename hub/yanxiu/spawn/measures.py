"""What the hub counts of places, in the hub's own metrics (``/hub/metrics``).

Names and labels only; who counts is ``places`` and ``recount``. No person and no school is in them.
"""

from prometheus_client import Counter, Histogram

from yanxiu.quota.engine import Drift

#: Every answer is there from the start: a rate over what never was is no alert.
ANSWERS = ("admitted", "waiting", "denied", "silent_allowed", "silent_refused")
KINDS = ("counters", "dropped", "adopted")

answers = Counter(
    "yanxiu_quota_answers_total",
    "Starts by what became of their ask for a place",
    ["answer"],
)
answer_seconds = Histogram(
    "yanxiu_quota_answer_seconds",
    "Time until a start knew whether it has a place",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0),
)
drift = Counter(
    "yanxiu_quota_drift_total",
    "What recounts found wrong and healed",
    ["kind"],
)
for _answer in ANSWERS:
    answers.labels(answer=_answer)
for _kind in KINDS:
    drift.labels(kind=_kind)


def answered(answer: str, seconds: float) -> None:
    """Count what became of an ask."""
    answers.labels(answer=answer).inc()
    answer_seconds.observe(seconds)


def drifted(found: Drift) -> None:
    """Count what a recount healed."""
    for kind in KINDS:
        drift.labels(kind=kind).inc(getattr(found, kind))

"""The life of a submission, as a table that also draws the diagram in the docs.

Only the names and the arrows are here: who may pull one is ``permissions``, whether it
may be pulled now is ``policies``.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a submission is."""

    QUEUED = "queued"  # receipt given, waiting for a grading worker
    GRADING = "grading"  # leased by a worker
    FAILED = "failed"  # could not be graded by machine: a person decides
    WAITING = "waiting"  # auto tasks scored, rubric tasks wait for a person
    MARKED = "marked"  # all points there, not yet shown to the teacher
    RELEASED = "released"  # shown to the teacher; credit granted if passed
    SUPERSEDED = "superseded"  # a newer attempt took its place before it was released


#: (from, verb, to)
TRANSITIONS: tuple[tuple[State, str, State], ...] = (
    (State.QUEUED, "lease", State.GRADING),
    (State.GRADING, "lease_lost", State.QUEUED),
    (State.GRADING, "report", State.WAITING),
    (State.GRADING, "give_up", State.FAILED),
    (State.FAILED, "regrade", State.QUEUED),
    (State.FAILED, "mark", State.MARKED),
    (State.FAILED, "mark_part", State.FAILED),
    (State.WAITING, "mark", State.MARKED),
    (State.MARKED, "mark", State.MARKED),
    (State.WAITING, "mark_part", State.WAITING),
    (State.MARKED, "release", State.RELEASED),
    (State.QUEUED, "newer_attempt", State.SUPERSEDED),
    (State.GRADING, "newer_attempt", State.SUPERSEDED),
    (State.FAILED, "newer_attempt", State.SUPERSEDED),
    (State.WAITING, "newer_attempt", State.SUPERSEDED),
    (State.MARKED, "newer_attempt", State.SUPERSEDED),
)

#: What an organizer still has to do something about.
OPEN_FOR_MARKING = frozenset({State.WAITING, State.MARKED})


def may(state: State, verb: str) -> bool:
    """Say whether ``verb`` leads anywhere from ``state``."""
    return any(state == start and verb == name for start, name, _ in TRANSITIONS)


def mermaid() -> str:
    """Return the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> queued: submit"]
    lines += [f"    {start} --> {end}: {verb}" for start, verb, end in TRANSITIONS]
    return "\n".join(lines) + "\n"

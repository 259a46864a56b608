"""Draw the life of an attempt by asking ``rules``: each verb applied in each state it is open in.

Called by ``docs/generate.py``; the diagram cannot tell another story than the deriver.
"""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from yanxiu_formats.units import WorksheetUnit

from .rules import (
    MAY,
    Decision,
    Facts,
    Grading,
    JobState,
    Kind,
    Marking,
    Outcome,
    State,
    may,
    standing,
)

_AT = datetime(2026, 9, 1, tzinfo=UTC)
_RUN = uuid.UUID(int=1)


_TEXT = {"zh_CN": "试用", "en": "trial"}
_POINTS = [{"points": 30, "text": _TEXT}, {"points": 0, "text": _TEXT}]
#: One task for the machine, one for a person.
BOTH = WorksheetUnit.model_validate(
    {
        "id": "u1",
        "point": "A1",
        "title": _TEXT,
        "minutes": 30,
        "credit_hours": 1,
        "pass_total": 60,
        "notebook": "u1.ipynb",
        "tasks": [
            {
                "id": "auto",
                "kind": "auto",
                "type": "number",
                "title": _TEXT,
                "prompt": _TEXT,
                "points": 40,
                "decimals": 0,
            },
            {
                "id": "report",
                "kind": "rubric",
                "type": "text",
                "title": _TEXT,
                "prompt": _TEXT,
                "points": 60,
                "min_chars": 1,
                "max_chars": 100,
                "criteria": [
                    {"id": one, "title": _TEXT, "points": 30, "levels": _POINTS}
                    for one in ("first", "second")
                ],
            },
        ],
    }
)


def _scored(order: int) -> Grading:
    return Grading(_RUN, order, Outcome.SCORED, {"auto": 40.0})


def _marks(*tasks: str) -> tuple[Marking, ...]:
    return tuple(
        Marking(5, "u", task, criterion, 30.0)
        for task in tasks
        for criterion in ("first", "second", "by_hand")
    )


def _decided(order: int, kind: Kind, total: float | None = None) -> Decision:
    return Decision(order, kind, _AT, _RUN, 40.0, total, passed=total is not None)


#: Facts that make each state in which a verb is open.
EXAMPLES: tuple[tuple[State, Facts], ...] = (
    (State.QUEUED, Facts(job=JobState.QUEUED)),
    (State.GRADING, Facts(job=JobState.LEASED)),
    (State.FAILED, Facts(gradings=(Grading(_RUN, 2, Outcome.FAILED, {}),))),
    (State.WAITING, Facts(gradings=(_scored(2),))),
    (State.MARKED, Facts(gradings=(_scored(2),), markings=_marks("report"))),
    (
        State.RELEASED,
        Facts(
            gradings=(_scored(2),),
            markings=_marks("report"),
            decisions=(_decided(6, Kind.RELEASE, 100.0),),
        ),
    ),
    # Its place was taken before it was graded, marked, or found to be for a person.
    (State.SUPERSEDED, Facts(newer=(10,))),
    (State.SUPERSEDED, Facts(newer=(10,), gradings=(Grading(_RUN, 2, Outcome.FAILED, {}),))),
    (State.SUPERSEDED, Facts(newer=(10,), gradings=(_scored(2),))),
    (State.SUPERSEDED, Facts(newer=(10,), gradings=(_scored(2),), markings=_marks("report"))),
    # Shown, tried again meanwhile, and taken back to be marked anew.
    (
        State.MARKED,
        Facts(
            newer=(7,),
            gradings=(_scored(2),),
            markings=_marks("report"),
            decisions=(_decided(6, Kind.RELEASE, 50.0), _decided(8, Kind.CORRECTION)),
        ),
    ),
)


def _after(facts: Facts, verb: str) -> Iterator[Facts]:
    """Give what ``verb`` may make of the facts."""
    if verb == "lease":
        yield replace(facts, job=JobState.LEASED)
    elif verb == "lease_lost":
        lost = Grading(_RUN, 9, Outcome.LOST, {})
        yield replace(facts, job=JobState.QUEUED, gradings=(*facts.gradings, lost))
    elif verb == "report":
        scored = replace(facts, job=None, gradings=(*facts.gradings, _scored(9)))
        yield scored
        # A unit without tasks for a person waits for nobody.
        yield replace(scored, decisions=(_decided(9, Kind.RELEASE, 60.0),))
    elif verb == "give_up":
        gone = Grading(_RUN, 9, Outcome.FAILED, {})
        yield replace(facts, job=None, gradings=(*facts.gradings, gone))
    elif verb == "mark":
        yield replace(facts, markings=(*facts.markings, *_marks("auto", "report")))
        yield replace(facts, markings=(Marking(9, "u", "report", "first", None),))
    elif verb in ("regrade", "show_again"):
        yield replace(facts, job=JobState.QUEUED)
    elif verb == "newer_attempt":
        yield replace(facts, newer=(10,))
    elif verb == "newer_withdrawn":
        yield replace(facts, newer=(), job=None if facts.gradings else JobState.QUEUED)
    else:
        total = 100.0 if verb == "release" else None
        kind = {"release": Kind.RELEASE, "correct": Kind.CORRECTION, "withdraw": Kind.WITHDRAW}
        yield replace(facts, decisions=(*facts.decisions, _decided(9, kind[verb], total)))


def transitions() -> list[tuple[State, str, State]]:
    """Return every (from, verb, to), as the deriver has it."""
    found = [
        (start, verb, standing(after, BOTH).state)
        for start, facts in EXAMPLES
        for verb in MAY
        if may(start, verb)
        for after in _after(facts, verb)
    ]
    return list(dict.fromkeys(found))


def mermaid() -> str:
    """Return the transitions as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> queued: submit"]
    lines += [f"    {start} --> {end}: {verb}" for start, verb, end in transitions()]
    return "\n".join(lines) + "\n"

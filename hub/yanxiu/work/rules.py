"""Where an attempt stands: derived from what was recorded about it, never set by hand.

Facts are appended (gradings, markings, decisions); ``standing`` is the one function that
says what they come to, and ``MAY`` the one table of which verb is open in which state.
Pure: no clock, no database. Who may is ``permissions``' business, when ``policies``'.
Called by ``verbs.claim``, which keeps the result, and by the docs for the diagram.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from yanxiu_formats.units import Unit

from yanxiu.courses import kinds
from yanxiu.errors import N_, Refused

from .by_hand import as_marked


class State(StrEnum):
    """Where an attempt is."""

    QUEUED = "queued"  # receipt given, waiting for a grading worker
    GRADING = "grading"  # leased by a worker
    FAILED = "failed"  # could not be graded by machine: a person decides
    WAITING = "waiting"  # auto tasks scored, rubric tasks wait for a person
    MARKED = "marked"  # all points there, not yet shown to the teacher
    RELEASED = "released"  # shown to the teacher; credit granted if passed
    RETURNED = "returned"  # given back with a comment, to be done again
    WITHDRAWN = "withdrawn"  # taken back by its author before it was released
    SUPERSEDED = "superseded"  # a newer attempt took its place while it was not shown


class JobState(StrEnum):
    """Where a grading job is; an attempt has at most one that is queued or leased."""

    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How one run of the machine ended."""

    SCORED = "scored"
    FAILED = "failed"  # given up: a person decides
    LOST = "lost"  # nobody's fault: it is tried again


class Kind(StrEnum):
    """What somebody decided about an attempt."""

    RELEASE = "release"
    RETURN = "return"
    APPEAL = "appeal"
    CORRECTION = "correction"
    WITHDRAW = "withdraw"


#: The key of a comment on the whole, beside those on (task, criterion).
WHOLE = ("", "")
#: Whose markings make up the points. A peer's (互评) are kept and shown beside them.
GRADER = "grader"


@dataclass(frozen=True)
class Grading:
    """One run of the machine. ``order``: its place among all facts of the attempt."""

    id: uuid.UUID
    order: int
    outcome: str
    points: Mapping[str, float]


@dataclass(frozen=True)
class Marking:
    """What one marker gave for one criterion; None takes an earlier mark back."""

    order: int
    marker_id: str
    task_id: str
    criterion_id: str
    points: float | None
    comment: str = ""
    capacity: str = GRADER


@dataclass(frozen=True)
class Decision:
    """What was decided, and, of a release or correction, which result it shows.

    A correction without ``total_points`` takes the release back.
    """

    order: int
    kind: str
    at: datetime
    grading_id: uuid.UUID | None = None
    auto_points: float | None = None
    total_points: float | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class Facts:
    """All that is recorded of one attempt.

    :param newer: where among all facts attempts were accepted after it that were not withdrawn
    :param job: of the job that is queued or leased, None without one
    """

    newer: tuple[int, ...] = ()
    job: JobState | None = None
    gradings: tuple[Grading, ...] = ()
    markings: tuple[Marking, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def __len__(self) -> int:
        """Return how much was appended since it was handed in."""
        return len(self.gradings) + len(self.markings) + len(self.decisions)

    def __bool__(self) -> bool:
        """No attempt is without any facts: it was handed in."""
        return True


@dataclass(frozen=True)
class Standing:
    """What the facts come to. ``None`` points are not marked yet, which is not zero.

    :param grading_id: the run whose scores count
    :param released_at: since when the author sees this mark, None shows nothing
    :param shown_order: facts up to this one are shown to the author, None shows nothing
    :param appealed: the author asked to look again, and nobody has decided since
    """

    state: State
    grading_id: uuid.UUID | None = None
    auto_points: float | None = None
    rubric_points: float | None = None
    total_points: float | None = None
    passed: bool | None = None
    comment: str = ""
    released_at: datetime | None = None
    shown_order: int | None = None
    appealed: bool = False


def standing(facts: Facts, unit: Unit) -> Standing:
    """Say where an attempt at ``unit`` stands."""
    shown = _shown(facts.decisions)
    if shown is not None:
        return _as_shown(facts, unit, shown)
    found = _as_graded(facts, unit)
    decided = {one.kind for one in facts.decisions}
    if Kind.WITHDRAW in decided:
        return replace(found, state=State.WITHDRAWN)
    if _made_way(facts):
        return replace(found, state=State.SUPERSEDED)
    if Kind.RETURN in decided:
        returned = max(one.order for one in facts.decisions if one.kind == Kind.RETURN)
        return replace(found, state=State.RETURNED, shown_order=returned)
    return found


_UNKNOWN = frozenset({State.QUEUED, State.GRADING, State.SUPERSEDED, State.WITHDRAWN})


def unit_as_marked(unit: Unit, state: str, auto_points: float | None) -> Unit:
    """Return a unit as an attempt that stands so is marked.

    :param auto_points: what the machine found, None as long as it has found nothing
    """
    return as_marked(unit, by_hand=auto_points is None and State(state) not in _UNKNOWN)


def _shown(decisions: Iterable[Decision]) -> Decision | None:
    """Return the decision whose result is shown: the last release, as corrected since."""
    shown = None
    for one in sorted(decisions, key=lambda one: one.order):
        if one.kind == Kind.RELEASE:
            shown = one
        elif one.kind == Kind.CORRECTION:
            shown = one if one.total_points is not None else None
    return shown


def _shown_since(decisions: Iterable[Decision]) -> datetime | None:
    """Return since when the mark that is shown has been: a mark taken back begins anew.

    A correction that confirms the mark changes nothing of what its author sees.
    """
    since, mark = None, None
    for one in sorted(decisions, key=lambda one: one.order):
        if one.kind not in (Kind.RELEASE, Kind.CORRECTION):
            continue
        given = None if one.total_points is None else (one.total_points, one.passed)
        if given != mark:
            since, mark = one.at, given
    return since if mark is not None else None


def _made_way(facts: Facts) -> bool:
    """Say whether an attempt took its place: one that came while no result of it was shown.

    Who was told a result and tries again does not give up that the first may be mended.
    """
    return any(
        _shown(one for one in facts.decisions if one.order < order) is None for order in facts.newer
    )


def _as_shown(facts: Facts, unit: Unit, shown: Decision) -> Standing:
    given = [one for one in facts.markings if one.order <= shown.order]
    seen = as_marked(unit, by_hand=shown.auto_points is None)
    _, rubric, comment = _by_hand(given, seen)
    appeals = [one.order for one in facts.decisions if one.kind == Kind.APPEAL]
    return Standing(
        State.RELEASED,
        grading_id=shown.grading_id,
        auto_points=shown.auto_points,
        rubric_points=rubric,
        total_points=shown.total_points,
        passed=shown.passed,
        comment=comment,
        released_at=_shown_since(facts.decisions),
        shown_order=shown.order,
        appealed=any(order > shown.order for order in appeals),
    )


def _as_graded(facts: Facts, unit: Unit) -> Standing:
    """Say where it stands as if nobody had decided anything."""
    # The last run that came to an end has the word; a lost one says nothing.
    ended = [one for one in facts.gradings if one.outcome != Outcome.LOST]
    last = max(ended, key=lambda one: one.order) if ended else None
    scored = last if last is not None and last.outcome == Outcome.SCORED else None
    auto = kinds.rounded(unit, sum(scored.points.values())) if scored else None
    seen = as_marked(unit, by_hand=last is not None and scored is None)
    complete, rubric, comment = _by_hand(facts.markings, seen)
    given = [] if rubric is None else [rubric]
    total = kinds.total(seen, auto, given) if complete and last is not None else None
    return Standing(
        _machine_state(facts.job, last, complete=complete),
        grading_id=scored.id if scored else None,
        auto_points=auto,
        rubric_points=rubric,
        total_points=total,
        comment=comment,
    )


def _machine_state(job: JobState | None, last: Grading | None, *, complete: bool) -> State:
    if job is not None:
        return State.QUEUED if job == JobState.QUEUED else State.GRADING
    if complete and last is not None:
        return State.MARKED
    if last is not None and last.outcome == Outcome.SCORED:
        return State.WAITING
    return State.FAILED


def _by_hand(markings: Iterable[Marking], unit: Unit) -> tuple[bool, float | None, str]:
    """Return whether every criterion has points, their sum, and the comment on the whole."""
    marks = counting(markings)
    wanted = kinds.criteria(unit)
    points = [marks[key].points or 0.0 for key in wanted if key in marks]
    comment = marks[WHOLE].comment if WHOLE in marks else ""
    rubric = kinds.rounded(unit, sum(points)) if points else None
    return len(points) == len(wanted), rubric, comment


def counting(markings: Iterable[Marking]) -> dict[tuple[str, str], Marking]:
    """Return the marking that counts for each (task, criterion): graders' newest.

    >>> one = Marking(1, "u1", "t", "c", 3.0)
    >>> counting([one, Marking(2, "u2", "t", "c", 5.0)])["t", "c"].points
    5.0
    >>> counting([one, Marking(2, "u1", "t", "c", None)])
    {}
    """
    newest: dict[tuple[str, str], Marking] = {}
    for one in sorted(markings, key=lambda one: one.order):
        if one.capacity == GRADER:
            newest[one.task_id, one.criterion_id] = one
    return {key: one for key, one in newest.items() if one.points is not None or key == WHOLE}


_OPEN = frozenset({State.QUEUED, State.GRADING, State.FAILED, State.WAITING, State.MARKED})
#: In which states a verb may be used.
MAY: Mapping[str, frozenset[State]] = {
    "lease": frozenset({State.QUEUED}),
    "report": frozenset({State.GRADING}),
    "give_up": frozenset({State.GRADING}),
    "lease_lost": frozenset({State.GRADING}),
    "mark": frozenset({State.FAILED, State.WAITING, State.MARKED}),
    "release": frozenset({State.MARKED}),
    "regrade": frozenset({State.FAILED}),
    # Its notebook went beyond the limits when its page was made.
    "show_again": frozenset({State.WAITING, State.MARKED}),
    "correct": frozenset({State.RELEASED}),
    "newer_attempt": _OPEN,
    "newer_withdrawn": frozenset({State.SUPERSEDED}),
    "withdraw": _OPEN,
}

#: What an organizer still has to do something about.
OPEN_FOR_MARKING = frozenset({State.WAITING, State.MARKED})


def may(state: str, verb: str) -> bool:
    """Say whether ``verb`` is open in ``state``."""
    return State(state) in MAY[verb]


def check_verb(state: str, verb: str) -> None:
    """Raise when ``verb`` is not open in ``state``."""
    if not may(state, verb):
        raise Refused(*_REFUSALS.get(verb, _REFUSALS[""]), status=409)


_REFUSALS = {
    "mark": (
        "mark.not_now",
        N_("这份提交现在不能评分：还没有自动批改完，或老师已交了新的一次，或成绩已发布。"),
    ),
    "release": ("release.not_now", N_("这份提交还有没评的项目，评完才能发布。")),
    "regrade": ("regrade.not_now", N_("只有批改失败的提交可以重新批改。")),
    "show_again": (
        "show_again.not_now",
        N_("只有笔记本没能显示出来、还没有发布成绩的提交可以再显示一次。请刷新页面看看它的状态。"),
    ),
    "correct": ("correct.not_now", N_("只有已经发布的成绩可以收回。请刷新页面看看它的状态。")),
    "withdraw": (
        "withdraw.not_now",
        N_("这份提交不能撤回了：成绩已发布，或您已交了新的一次，或已撤回过。请刷新页面。"),
    ),
    "": ("state.not_now", N_("这份提交现在不能这样做，请刷新页面看看它的状态。")),
}

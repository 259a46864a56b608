"""The life of a submission as a table, and what may happen to one in its state, now.

Pure: takes instants and rows' values, returns or raises with a sentence. Who may is
``permissions``' business. The table also draws the diagram in the docs.
"""

from datetime import datetime
from enum import StrEnum

from yanxiu_formats.units import Unit

from yanxiu.clock import is_over, local
from yanxiu.errors import N_, Refused


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


_TIME = "%Y-%m-%d %H:%M"


def check_window(
    now: datetime, *, opens_at: datetime, due_at: datetime, late_until: datetime
) -> bool:
    """Say whether a submission now is late; raise when it cannot be taken at all."""
    if now < opens_at:
        raise Refused(
            "submit.not_open",
            N_("这个单元 {opens} 开始接收提交。您填写的内容可以先保存。"),
            status=409,
            opens=f"{local(opens_at):{_TIME}}",
        )
    if is_over(now, late_until):
        raise Refused(
            "submit.closed",
            N_("这个单元已在 {closed} 截止，不再接收提交。需要补交请联系本校管理员。"),
            status=409,
            closed=f"{local(late_until):{_TIME}}",
        )
    return is_over(now, due_at)


def check_attempts(taken: int, most: int | None, *, passed: bool) -> None:
    """Raise when there is no attempt left, or nothing left to gain."""
    if passed:
        raise Refused(
            "submit.passed", N_("这个单元您已经通过，学时已登记，不需要再提交。"), status=409
        )
    if most is not None and taken >= most:
        raise Refused(
            "submit.no_attempts",
            N_("这个单元最多提交 {most} 次，您已提交 {taken} 次。如有特殊情况请联系本校管理员。"),
            status=409,
            most=most,
            taken=taken,
        )


def check_verb(state: str, verb: str) -> None:
    """Raise when ``verb`` leads nowhere from ``state``."""
    if may(State(state), verb):
        return
    raise Refused(*_REFUSALS.get(verb, _REFUSALS[""]), status=409)


_REFUSALS = {
    "mark": (
        "mark.not_now",
        N_("这份提交现在不能评分：还没有自动批改完，或老师已交了新的一次，或成绩已发布。"),
    ),
    "release": ("release.not_now", N_("这份提交还有没评的项目，评完才能发布。")),
    "regrade": ("regrade.not_now", N_("只有批改失败的提交可以重新批改。")),
    "": ("state.not_now", N_("这份提交现在不能这样做，请刷新页面看看它的状态。")),
}


def passes(total: float, unit: Unit) -> bool:
    """Say whether ``total`` points pass the unit."""
    return total >= float(unit.pass_total)


def check_comment(*, passed: bool, comment: str) -> None:
    """A teacher who does not pass is owed a sentence (domain: no feedback from graders)."""
    if not passed and not comment.strip():
        raise Refused(
            "release.no_comment",
            N_("没有通过的提交要写一句评语，告诉老师怎样改进，再发布。"),
            status=409,
        )

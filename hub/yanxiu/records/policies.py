"""What may happen to a thing in its state, now. Who may is ``permissions``' business.

Pure: takes instants and rows' values, returns or raises with a sentence.
"""

from datetime import datetime
from typing import Any

from yanxiu.clock import local
from yanxiu.errors import N_, Refused

from .states import State, may

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
    if now > late_until:
        raise Refused(
            "submit.closed",
            N_("这个单元已在 {closed} 截止，不再接收提交。需要补交请联系本校管理员。"),
            status=409,
            closed=f"{local(late_until):{_TIME}}",
        )
    return now > due_at


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


def passes(total: float, unit: dict[str, Any]) -> bool:
    """Say whether ``total`` points pass the unit."""
    return total >= float(unit["pass_total"])


def check_comment(*, passed: bool, comment: str) -> None:
    """A teacher who does not pass is owed a sentence (domain: no feedback from graders)."""
    if not passed and not comment.strip():
        raise Refused(
            "release.no_comment",
            N_("没有通过的提交要写一句评语，告诉老师怎样改进，再发布。"),
            status=409,
        )

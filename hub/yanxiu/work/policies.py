"""When an attempt is taken and a result shown: windows, counts, and what is owed.

Pure: takes instants and rows' values, returns or raises with a sentence. Where an attempt
stands is ``rules``' business, who may is ``permissions``'.
"""

from datetime import datetime

from yanxiu_formats.units import Unit

from yanxiu.clock import is_over, local
from yanxiu.errors import N_, Refused

#: As in the settings: of a thousand kilobytes.
MB = 1_000_000
_TIME = "%Y-%m-%d %H:%M"
#: So often a piece of work may be taken back: what is withdrawn does not count as an attempt,
#: and the grading queue must not be filled by somebody who goes to and fro.
MOST_WITHDRAWN = 3


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


def check_share(held_bytes: int, coming_bytes: int, most_mb: int) -> None:
    """Raise when what one person has handed in would take more than their share."""
    if held_bytes + coming_bytes > most_mb * MB:
        raise Refused(
            "submit.share_full",
            N_(
                "您交过的作业共 {held} MB，加上这一次的 {coming} MB 超过每人 {most} MB 的上限，没有收下。"
                "请减小照片、视频等文件再交；确有需要请联系本校管理员。"
            ),
            status=413,
            held=_mb(held_bytes),
            coming=_mb(coming_bytes),
            most=most_mb,
        )


def check_rate(last_hour: int, most: int) -> None:
    """Raise when somebody, or their program, hands in faster than people do."""
    if last_hour >= most:
        raise Refused(
            "submit.too_often",
            N_(
                "一小时内最多提交 {most} 次，您已提交 {count} 次，这次没有收下。"
                "您的内容还在原处，请过一会儿再交。"
            ),
            status=429,
            most=most,
            count=last_hour,
        )


def _mb(count: int) -> str:
    return f"{count / MB:.1f}"


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


def check_withdrawals(withdrawn: int) -> None:
    """Raise when this piece of work was taken back often enough."""
    if withdrawn >= MOST_WITHDRAWN:
        raise Refused(
            "withdraw.too_often",
            N_("每个单元最多撤回 {most} 次，您已用完。需要改动请直接再交一次，或联系本校管理员。"),
            status=409,
            most=MOST_WITHDRAWN,
        )


def check_none_open(number: int | None) -> None:
    """One attempt at a time is to be decided about: a second would be lost beside it.

    :param number: of another attempt that is open, None without one
    """
    if number is not None:
        raise Refused(
            "correct.another_open",
            N_("这位老师的第 {number} 次提交还没有发布成绩。请先评完并发布那一次，再收回这一次。"),
            status=409,
            number=number,
        )


def check_reason(reason: str, most: int) -> None:
    """Taking back what a teacher was shown is explained to them in a sentence."""
    if not reason.strip():
        raise Refused("correct.no_reason", N_("收回已发布的成绩要写一句原因，再收回。"), status=409)
    if len(reason) > most:
        raise Refused(
            "mark.comment_long", N_("评语最多 {most} 个字，没有保存。"), status=422, most=most
        )

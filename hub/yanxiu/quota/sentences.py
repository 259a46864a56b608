"""Say why a start has no place: what is full with its numbers, and how long the line is.

Pure; the hub's refusals (``spawn.refusal``) and the pages of this room say the same by it. Texts
are codes and parameters until somebody reads them (``errors``).
"""

import math

from yanxiu.errors import N_, Paragraph, Refused, Sentence

from .engine import Waiting
from .rules import Code, Reason, Resource

_USED = {
    Resource.SERVERS: N_("{org} {used}/{limit} 台在用"),
    Resource.APP_KERNELS: N_("{org} {used}/{limit} 个应用在运行"),
    Resource.CPUS: N_("{org}的处理器 {used}/{limit} 核在用"),
    Resource.MEMORY_MB: N_("{org}的内存 {used}/{limit} MB 在用"),
    Resource.SERVER_HOURS: N_("{org}本月的 Jupyter 机时用了 {used}/{limit} 小时"),
}
_USED_HERE = {
    Resource.SERVERS: N_("全平台 {used}/{limit} 台在用"),
    Resource.APP_KERNELS: N_("全平台 {used}/{limit} 个应用在运行"),
    Resource.CPUS: N_("全平台的处理器 {used}/{limit} 核在用"),
    Resource.MEMORY_MB: N_("全平台的内存 {used}/{limit} MB 在用"),
    Resource.SERVER_HOURS: N_("全平台本月的 Jupyter 机时用了 {used}/{limit} 小时"),
}
_OWN = {
    Resource.SERVERS: N_("您自己 {used}/{limit} 台在用"),
    Resource.APP_KERNELS: N_("您自己 {used}/{limit} 个应用在运行"),
    Resource.CPUS: N_("您自己的处理器 {used}/{limit} 核在用"),
    Resource.MEMORY_MB: N_("您自己的内存 {used}/{limit} MB 在用"),
    Resource.SERVER_HOURS: N_("您自己本月的 Jupyter 机时用了 {used}/{limit} 小时"),
}
_SO = {
    Code.CEILING: N_("没有空位再开一台 Jupyter。"),
    Code.CAPACITY: N_("没有空位再开一台 Jupyter。"),
    Code.GUARANTEED: N_("余下的名额是给别的学校保证的，现在不能再开一台 Jupyter。"),
    Code.CLUSTER: N_("集群里余下的暂时给别的任务用着，没有空位再开一台 Jupyter。"),
    Code.PER_TEACHER: N_("到了每人的上限，先停止一台再开。"),
}
_TURN = N_("有空位了，马上轮到您。")
_NEXT_MONTH = N_("已经用完，下月 1 日恢复。")
NEXT = N_("您是下一位。")
IN_LINE = N_("您排在第 {place} 位，前面有 {ahead} 人。")
ABOUT = N_("大约还要等 {minutes} 分钟。")
NOBODY_KNOWS = N_("什么时候有空位，要看别人什么时候停止，现在还估计不出来。")


def numbers(reason: Reason) -> Refused:
    """Return how much of what is in use, as a phrase.

    >>> numbers(Reason(Code.CEILING, "县三小", "2133000001", Resource.SERVERS, 30.0, 30.0)).text()
    '县三小 30/30 台在用'
    >>> numbers(Reason(Code.CAPACITY, "", "", Resource.CPUS, 1.96, 2.0)).text()
    '全平台的处理器 1.96/2 核在用'
    """
    table = _USED if reason.org else _USED_HERE
    if reason.code is Code.PER_TEACHER:
        table = _OWN
    return Refused(
        reason.code,
        table[reason.resource],
        status=429,
        org=reason.org,
        used=_plain(reason.used),
        limit=_plain(reason.limit),
    )


def consequence(reason: Reason) -> Refused:
    """Return what follows from the numbers.

    >>> consequence(Reason(Code.HOURS, "县三小", "x", Resource.SERVER_HOURS, 9.0, 9.0)).text()
    '已经用完，下月 1 日恢复。'
    """
    text = _NEXT_MONTH if of_the_month(reason) else _SO[reason.code]
    return Refused(reason.code, text, status=429)


def facts(reason: Reason) -> list[Refused]:
    """Return the numbers and what follows; of somebody whose turn it is, that alone."""
    if reason.code is Code.NEXT:
        return [Refused(reason.code, _TURN, status=429)]
    return [numbers(reason), consequence(reason)]


def why(reason: Reason) -> Paragraph:
    """Return ``facts`` in one.

    >>> why(Reason(Code.CEILING, "县三小", "2133000001", Resource.SERVERS, 30.0, 30.0))
    '县三小 30/30 台在用，没有空位再开一台 Jupyter。'
    """
    return Paragraph([Sentence(one) for one in facts(reason)])


def of_the_month(reason: Reason) -> bool:
    """Say whether it is a month's hours that are used up: no place that falls free helps."""
    return reason.resource is Resource.SERVER_HOURS


def standing(waiting: Waiting) -> list[Refused]:
    """Return where somebody stands in line and how long it takes, as sentences."""
    reason = waiting.reason
    text = IN_LINE if waiting.ahead else NEXT
    place = Refused(reason.code, text, status=429, place=waiting.place, ahead=waiting.ahead)
    if waiting.estimate_s is None:
        return [place, Refused(reason.code, NOBODY_KNOWS, status=429)]
    minutes = max(1, math.ceil(waiting.estimate_s / 60))
    return [place, Refused(reason.code, ABOUT, status=429, minutes=minutes)]


def _plain(value: float) -> str:
    """Return a number without a fraction that says nothing.

    >>> _plain(30.0), _plain(1.5), _plain(7799.9999)
    ('30', '1.5', '7800')
    """
    return f"{round(value, 2):g}" if value < 100_000 else f"{value:.0f}"

"""The words of this room's pages: numbers, times, and how it stands before a start."""

from datetime import timedelta

from yanxiu.errors import N_
from yanxiu.i18n import Translator
from yanxiu.quota import sentences
from yanxiu.quota.rules import PERSONAL, Code, PlaceState, Reason, Resource
from yanxiu.quota.state import Hours, Mine

#: State of a place → (what it is called, badge class).
STATES = {
    PlaceState.RUNNING: (N_("正在运行"), "open"),
    PlaceState.RESERVED: (N_("正在启动"), "waiting"),
    PlaceState.HELD: (N_("给排队的老师留着"), "muted"),
}
RESOURCES = {
    Resource.SERVERS: N_("Jupyter（台）"),
    Resource.CPUS: N_("处理器（核）"),
    Resource.MEMORY_MB: N_("内存（MB）"),
    Resource.STORAGE_MB: N_("个人文件夹合计（MB）"),
    Resource.SERVER_HOURS: N_("每月机时（小时）"),
    Resource.APP_KERNELS: N_("共享应用的内核（个）"),
    Resource.GRADING_SHARE: N_("批改份额"),
}
#: What the page has fields for: a limit that nothing keeps yet would be a promise.
SETTABLE: tuple[Resource, ...] = tuple(
    one for one in RESOURCES if one not in (Resource.STORAGE_MB, Resource.APP_KERNELS)
)


def number(value: float | None) -> str:
    """Return a number without a fraction that says nothing; a dash for none.

    >>> number(30.0), number(1.5), number(None), number(123456.0)
    ('30', '1.5', '—', '123456')
    """
    if value is None:
        return "—"
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def lasting(span: timedelta, tr: Translator) -> str:
    """Return how long something has lasted, in its two largest units.

    >>> from yanxiu.i18n import translator
    >>> lasting(timedelta(hours=2, minutes=5), translator("zh_CN"))
    '2 小时 5 分钟'
    """
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return tr.gettext("{days} 天 {hours} 小时", days=days, hours=hours)
    if hours:
        return tr.gettext("{hours} 小时 {minutes} 分钟", hours=hours, minutes=minutes % 60)
    return tr.gettext("{minutes} 分钟", minutes=minutes)


def before_start(mine: Mine, tr: Translator) -> list[str]:
    """Return how it stands for somebody who is about to start: a sentence or two, numbers first."""
    said = [_how_full(mine, tr)]
    said += [_hours(one, tr) for one in mine.hours]
    return said


def _how_full(mine: Mine, tr: Translator) -> str:
    if mine.reason is not None and mine.reason.code is not Code.NEXT:
        return f"{sentences.why(mine.reason).say(tr.gettext)}{_line(mine, mine.reason, tr)}"
    used, ceiling = number(mine.used), number(mine.ceiling)
    if mine.ceiling is None:
        full = tr.gettext("{school} {used} 台在用", school=mine.school, used=used)
    else:
        full = tr.gettext(
            "{school} {used}/{ceiling} 台在用", school=mine.school, used=used, ceiling=ceiling
        )
    so = N_("您的 Jupyter 正在运行") if mine.running else N_("现在可以启动")
    return tr.gettext("{full}，{so}。", full=full, so=tr.gettext(so))


def _line(mine: Mine, reason: Reason, tr: Translator) -> str:
    """Return what a start would come to; nothing where waiting cannot help."""
    if reason.code in PERSONAL:
        return ""
    if mine.in_line:
        return tr.gettext("您正在排队。")
    if mine.waiting:
        return tr.gettext("启动要排队，前面有 {n} 人。", n=mine.waiting)
    return tr.gettext("启动要排队，您会是第一位。")


def _hours(one: Hours, tr: Translator) -> str:
    used, limit = number(round(one.used, 1)), number(one.limit)
    if one.org:
        return tr.gettext(
            "{org}本月机时用了 {used}/{limit} 小时。", org=one.org, used=used, limit=limit
        )
    return tr.gettext("您本月的机时用了 {used}/{limit} 小时。", used=used, limit=limit)

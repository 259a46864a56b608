"""The words of this room's pages: numbers, times, and how it stands before a start."""

import unicodedata
from datetime import timedelta

from yanxiu_formats.numbers import number_text, parse_number

from yanxiu.errors import N_
from yanxiu.i18n import Translator
from yanxiu.quota import sentences
from yanxiu.quota.rules import PERSONAL, Code, PlaceState, Reason, Resource
from yanxiu.quota.state import Hours, Mine
from yanxiu.quota.storage_sentences import GB, size
from yanxiu.quota.storage_sentences import before_start as storage

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
    Resource.STORAGE_MB: N_("个人文件夹合计（GB）"),
    Resource.SERVER_HOURS: N_("每月机时（小时）"),
    Resource.APP_KERNELS: N_("共享应用的内核（个）"),
    Resource.GRADING_SHARE: N_("批改份额"),
}


def number(value: float | None) -> str:
    """Return a number without a fraction that says nothing; a dash for none.

    >>> number(30.0), number(1.5), number(None), number(123456.0)
    ('30', '1.5', '—', '123456')
    """
    if value is None:
        return "—"
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def amount(resource: Resource, value: float | None) -> str:
    """Return how much of a resource, as its field is read."""
    return size(value) if resource is Resource.STORAGE_MB else number(value)


def field(resource: Resource, value: float | None) -> str:
    """Return what stands in a limit's field; ``parse`` makes the same number of it.

    >>> field(Resource.STORAGE_MB, 10240.0), field(Resource.STORAGE_MB, 1500.0)
    ('10', '1500 MB')
    >>> field(Resource.CPUS, 0.125), field(Resource.CPUS, None)
    ('0.125', '')
    """
    if resource is not Resource.STORAGE_MB or value is None:
        return number_text(value)
    return f"{number_text(value)} MB" if value % GB else number_text(value / GB)


def parse(resource: Resource, text: str) -> float | None:
    """Return what somebody typed into a limit's field, None for nothing.

    :raises NotANumber: it is none

    >>> parse(Resource.STORAGE_MB, "１０"), parse(Resource.STORAGE_MB, "1.5 gb")
    (10240.0, 1536.0)
    >>> parse(Resource.STORAGE_MB, "0.0001"), parse(Resource.STORAGE_MB, "-1")
    (1.0, -1024.0)
    >>> parse(Resource.STORAGE_MB, "1500MB"), parse(Resource.CPUS, " "), parse(Resource.CPUS, "2")
    (1500.0, None, 2.0)
    """
    if resource is not Resource.STORAGE_MB:
        found = parse_number(text)
        return None if found is None else float(found)
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    found = parse_number(plain, ["GB", "MB", "G", "M"])
    if found is None:
        return None
    if plain.endswith(("MB", "M")):
        return float(found)
    # Of a GB somebody may type a third; the least that is counted is a MB, and a little is not none.
    return float(max(round(found * GB), 1 if found > 0 else found * GB))


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
    return said + storage(mine.stored, tr)


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

"""What the pages call things: states, deadlines, next steps.

Pure. Gives codes, badge classes and sentences to translate; never markup.
"""

import math
from dataclasses import dataclass
from datetime import datetime

from yanxiu.clock import is_over, local
from yanxiu.errors import N_
from yanxiu.i18n import Translator
from yanxiu.work.model import Attempt
from yanxiu.work.reads.my_units import Unit
from yanxiu.work.rules import OPEN_FOR_MARKING, State

#: State of a submission: (what its author reads, what organizers read, badge class).
STATES: dict[str, tuple[str, str, str]] = {
    State.QUEUED: (N_("已提交，等待批改"), N_("等待批改"), "waiting"),
    State.GRADING: (N_("正在批改"), N_("正在批改"), "waiting"),
    # Authors are not worried with it: somebody else has to do something.
    State.FAILED: (N_("已提交，等待评分"), N_("批改失败"), "failed"),
    State.WAITING: (N_("已提交，等待评分"), N_("待评分"), "due"),
    State.MARKED: (N_("已提交，等待发布成绩"), N_("已评，待发布"), "open"),
    State.RELEASED: (N_("成绩已发布"), N_("已发布"), "done"),
    State.RETURNED: (N_("已退回，请修改后再交"), N_("已退回"), "due"),
    State.WITHDRAWN: (N_("已撤回"), N_("老师已撤回"), "muted"),
    State.SUPERSEDED: (N_("已有新的提交"), N_("已有新的提交"), "muted"),
}

#: Nothing is on its way with these: it is the author's turn.
_TO_DO_AGAIN = frozenset({State.RETURNED, State.WITHDRAWN})
#: Why the machine could not grade; codes come from the worker and from lost leases.
FAILURES = {
    "timeout": N_("运行超时"),
    "memory": N_("内存超限"),
    "processes": N_("进程数超限"),
    "disk": N_("临时文件超限"),
    "output": N_("输出超限"),
    "failed": N_("批改程序出错"),
    "lease_lost": N_("批改进程多次中断"),
    "lease_expired": N_("批改进程多次中断"),
    "run_stopped": N_("批改多次被停下"),
    "launcher_away": N_("沙箱没有运行"),
    "report_refused": N_("批改结果和课程不一致"),
    "score_failed": N_("本单元的评分程序出错"),
    "score_timeout": N_("本单元的评分程序超时"),
    "score_memory": N_("本单元的评分程序内存超限"),
    "score_output": N_("本单元的评分程序输出超限"),
    "scores_invalid": N_("本单元的评分程序给出的分数不对"),
    "release_without_notebook": N_("课程里缺少本单元的笔记本"),
    "bundle_too_large": N_("提交太大，机器不批改"),
    "bundle_too_many": N_("提交的文件太多，机器不批改"),
    "bundle_broken": N_("提交包在磁盘上损坏"),
    "learner_broken": N_("课程发给学员的文件在磁盘上损坏"),
    "scoring_broken": N_("课程的评分文件在磁盘上损坏"),
    "worker_error": N_("平台出错"),
}
KINDS = {"online": N_("网络学时"), "practice": N_("实践学时")}
#: What the list of submissions can be narrowed to: a key, its name, its states.
VIEWS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("todo", N_("待处理"), (*sorted(OPEN_FOR_MARKING), State.FAILED)),
    ("waiting", N_("待评分"), (State.WAITING,)),
    ("marked", N_("已评，待发布"), (State.MARKED,)),
    ("failed", N_("批改失败"), (State.FAILED,)),
    ("machine", N_("批改中"), (State.QUEUED, State.GRADING)),
    ("released", N_("已发布"), (State.RELEASED,)),
    ("all", N_("全部"), ()),
)


@dataclass(frozen=True)
class Badge:
    """A word and its colour (``badge--…`` of the stylesheet)."""

    text: str
    style: str


def submission_badge(state: str, tr: Translator, *, author: bool) -> Badge:
    """Return what a submission's state is called."""
    for_author, for_organizer, style = STATES[state]
    if author:
        return Badge(tr.gettext(for_author), "waiting" if state == State.FAILED else style)
    return Badge(tr.gettext(for_organizer), style)


def failure(code: str | None, tr: Translator) -> str:
    """Return why grading failed, for organizers."""
    text = FAILURES.get((code or "").rpartition(".")[2])
    return tr.gettext(text) if text else tr.gettext("批改失败（{code}）", code=code or "?")


def unit_badge(unit: Unit, now: datetime, tr: Translator) -> Badge:
    """Return where a person is with a unit."""
    if unit.passed:
        return Badge(tr.gettext("已通过"), "done")
    latest = unit.latest
    if latest is not None:
        if latest.released_at is not None:
            return Badge(tr.gettext("未通过"), "failed")
        return submission_badge(latest.state, tr, author=True)
    if now < unit.opens_at:
        return Badge(tr.gettext("未开始"), "muted")
    if is_over(now, unit.late_until):
        return Badge(tr.gettext("已截止"), "late")
    return Badge(tr.gettext("已存草稿") if unit.draft_at else tr.gettext("待完成"), "open")


def deadline(unit: Unit, now: datetime, tr: Translator) -> Badge | None:
    """Return how much time is left, None when that does not matter any more."""
    if unit.passed:
        return None
    if now < unit.opens_at:
        return Badge(tr.gettext("{when} 开始", when=f"{local(unit.opens_at):%m-%d %H:%M}"), "muted")
    if not is_over(now, unit.due_at):
        return _left(now, unit.due_at, tr)
    if not is_over(now, unit.late_until):
        when = f"{local(unit.late_until):%m-%d %H:%M}"
        return Badge(tr.gettext("已过截止时间，可补交到 {when}", when=when), "late")
    return Badge(tr.gettext("已截止"), "late")


def _left(now: datetime, due: datetime, tr: Translator) -> Badge:
    """Count days on the site's calendar: "1 day" is tomorrow, whatever the hour."""
    days = (local(due).date() - local(now).date()).days
    if days > 0:
        text = tr.ngettext("还有 {n} 天", "还有 {n} 天", days)
        return Badge(text, "due" if days <= 3 else "muted")
    hours = math.floor((due - now).total_seconds() / 3600)
    if hours > 0:
        return Badge(tr.ngettext("还有 {n} 小时", "还有 {n} 小时", hours), "due")
    minutes = max(1, math.ceil((due - now).total_seconds() / 60))
    return Badge(tr.ngettext("还有 {n} 分钟", "还有 {n} 分钟", minutes), "late")


def next_step(unit: Unit, now: datetime, tr: Translator) -> tuple[str, bool]:
    """Return what the button of a unit says, and whether it is the thing to do now."""
    if unit.passed:
        return tr.gettext("查看成绩"), False
    latest = unit.latest
    if latest is not None and latest.released_at is None and latest.state not in _TO_DO_AGAIN:
        return tr.gettext("查看进度"), False
    if is_over(now, unit.late_until) or now < unit.opens_at:
        return tr.gettext("查看"), False
    if latest is not None and latest.state == State.WITHDRAWN:
        return tr.gettext("修改后再交"), True
    if latest is not None:
        used_up = unit.max_attempts is not None and unit.taken >= unit.max_attempts
        return (
            (tr.gettext("查看成绩"), False) if used_up else (tr.gettext("看评语，再交一次"), True)
        )
    return (tr.gettext("继续"), True) if unit.draft_at else (tr.gettext("开始"), True)


def contents_deleted(submission: Attempt, days: int, tr: Translator) -> str:
    """Return what stands where the content was, empty as long as it is there.

    :param days: after how many the site removes it
    """
    if submission.bundle_blob is not None:
        return ""
    years, rest = divmod(days, 365)
    if rest:
        told = N_(
            "这次提交的内容、评语和笔记本已按规定在 {days} 天后删除，分数、学时和回执仍然保留。"
        )
        return tr.gettext(told).format(days=days)
    told = N_("这次提交的内容、评语和笔记本已按规定在 {years} 年后删除，分数、学时和回执仍然保留。")
    return tr.gettext(told).format(years=years)

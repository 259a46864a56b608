"""Why the machine gave what it gave, to a learner and to staff each in their words.

Pure: of a run only its codes and figures are read (docs/explanation/grading.md); what a
learner's code could have written is a known word by then. Called by the pages of a
submission and of its marking.
"""

from collections.abc import Mapping
from typing import Any

from yanxiu.errors import N_
from yanxiu.i18n import Translator

#: What happened, by ``run_a.reason``.
_WHAT = {
    "timeout": N_("笔记本里有一格运行太久，到时间停下了。"),
    "memory": N_("笔记本用的内存超过了上限，停下了。"),
    "output": N_("笔记本的输出太多，停下了。"),
    "kernel_died": N_("笔记本运行时内核中断了。"),
    "processes": N_("笔记本启动的进程太多，停下了。"),
    "disk": N_("笔记本写的临时文件太多，停下了。"),
    "missing": N_("这个作业有的笔记本没有交。"),
    "refused": N_("有一个笔记本，nbgrader 没有批改成。"),
    "failed": N_("批改程序没有运行到底。"),
}
#: It is neither the learner's fault nor theirs to cure.
_OURS = frozenset({"refused", "failed"})
_COUNTED = N_("没有得到的结果按没有作答计分。")
_AGAIN = N_("请在 Jupyter 里“重启内核并运行所有单元格”，把停下的那一格改好，再交一次。")
_ALL_OF_THEM = N_("请把这个作业的全部笔记本一起再交一次。")
_NOT_YOURS = N_("这不是您答错，评分老师会看您写的内容，您不用做什么。")
_LOOK = N_("这不一定是答错：请看作答和执行后的笔记本，再给分。")
_TELL = N_("请点“重新批改”；仍不行，请照作答给分，并把回执编号和“{code}”告诉平台的运维人员。")


def for_author(run_a: Mapping[str, Any] | None, tr: Translator) -> list[str]:
    """Return why points are missing that a person cannot see from the answers, and what to do."""
    reason, nowhere, failed = _facts(run_a)
    said = []
    if reason is not None:
        do = _NOT_YOURS if reason in _OURS else _ALL_OF_THEM if reason == "missing" else _AGAIN
        said.append(_joined(tr, _WHAT[reason], _COUNTED, do))
    if failed:
        said.append(
            tr.gettext("笔记本里有 {count} 格运行时报错；在它之后没有算出来的答案不计分。").format(
                count=failed
            )
        )
    if nowhere:
        said.append(
            tr.gettext(
                "运行笔记本没有得到答案，旁边也没有答案文件，所以自动评分的任务都按没有填写计分。"
                "请在笔记本里填好，看到“已保存”再交一次；也可以用单元页面上的表单。"
            )
        )
    return said


def for_staff(run_a: Mapping[str, Any] | None, tr: Translator) -> list[str]:
    """Return the same for who marks or is asked about it."""
    reason, nowhere, failed = _facts(run_a)
    said = []
    if reason in _OURS:
        code = str((run_a or {}).get("refused_by") or reason)
        tell = tr.gettext(_TELL).format(code=code)
        said.append(_joined(tr, _WHAT[reason], _COUNTED) + tell)
    elif reason is not None:
        said.append(_joined(tr, _WHAT[reason], _COUNTED, _LOOK))
    if failed:
        text = tr.gettext("笔记本里有 {count} 格运行时报错，执行后的笔记本里可以看到。")
        said.append(text.format(count=failed))
    if nowhere:
        said.append(
            tr.gettext(
                "没有得到答案：运行笔记本没有留下，提交里也没有答案文件。自动评分的任务都按没有填写计分。"
            )
        )
    return said


def of_failure(tr: Translator) -> str:
    """Return what an author is told of a grading that came to nothing."""
    return _joined(tr, N_("自动批改没有完成。"), _NOT_YOURS)


def _facts(run_a: Mapping[str, Any] | None) -> tuple[str | None, bool, int]:
    """Return the reason, whether there were no answers, and how many cells failed by themselves."""
    if not run_a:
        return None, False, 0
    reason = run_a.get("reason")
    # In a learner's kernel a test that is not passed is a cell that fails.
    count = 0 if run_a.get("in_kernel") else run_a.get("failed_cells")
    nowhere = run_a.get("answers_from") == "nowhere"
    return (
        reason if isinstance(reason, str) and reason in _WHAT else None,
        nowhere,
        count if type(count) is int and count > 0 else 0,
    )


def _joined(tr: Translator, *sentences: str) -> str:
    return "".join(tr.gettext(one) for one in sentences)

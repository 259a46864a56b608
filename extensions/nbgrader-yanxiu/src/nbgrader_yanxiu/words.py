"""What only this package says, in Chinese (the source) and English. No logic beyond the choice.

What is said of answers, bundles and file names is in ``yanxiu_formats.sentences``.
"""

from collections import ChainMap
from typing import Any

from yanxiu_formats import sentences
from yanxiu_formats.sentences import language

__all__ = ["MESSAGES", "language", "say"]

MESSAGES: dict[str, tuple[str, str]] = {
    # packing
    "nothing_to_submit": (
        "这个文件夹里还没有可以提交的内容：没有 {wanted}，也没有 answers.json。请从单元的文件夹里提交，不要给笔记本改名。",
        "There is nothing to submit in this folder yet: neither {wanted} nor answers.json. Submit from the unit's folder, and keep the notebook's name.",
    ),
    "notebook_too_big": (
        "笔记本 {known} 有 {size}，太大了，多半是输出太多。请在 Jupyter 里点“编辑 → 清除所有单元格的输出”，保存后再提交；您写的内容和填的答案不受影响。",
        "The notebook {known} is {size}, most of it outputs. Choose Edit, Clear Outputs of All Cells in Jupyter, save, and submit again; what you wrote and answered stays.",
    ),
    "notebook_broken": (
        "没有提交。{why}已经填的答案另外存着，没有丢；怎样也打不开的话，给这个文件改个名，再从“研修”里打开本单元：会取来一份新的，答案还在。",
        "Nothing was submitted. {why} Your answers are kept apart and are safe; if nothing else helps, rename the file and open the unit again: you get a fresh one, with your answers.",
    ),
    "notebook_refused": ("没有提交。{why}", "Nothing was submitted. {why}"),
    "which_notebook": (
        "没有 {notebook}，却有几个像是本单元的笔记本：{known}。不知道要交哪一个，没有提交。请把要交的那个改名为 {notebook}，再提交。",
        "There is no {notebook}, but several notebooks look like this unit's: {known}. Nothing was submitted. Rename the one you mean to {notebook} and submit again.",
    ),
    # what the teacher should know about what was handed in
    "renamed": (
        "笔记本改过名：“{known}”按 {notebook} 提交了。",
        "The notebook had been renamed: “{known}” was handed in as {notebook}.",
    ),
    "newer_copy": (
        "“{known}”改得比 {notebook} 晚。按 {notebook} 评分，副本也一起交了，只供查看。如果您做在副本里，请把它改名为 {notebook} 再交一次。",
        "“{known}” was changed after {notebook}. {notebook} is graded; the copy was handed in beside it. If you worked in the copy, rename it to {notebook} and submit again.",
    ),
    "answers_only": (
        "没有找到笔记本 {notebook}，只提交了已经填好的答案；评分看的就是这些答案。",
        "The notebook {notebook} was not found; the answers you gave were handed in, and they are what is graded.",
    ),
    "cells_put_back": (
        "第 {tasks} 题的单元格被删除或复制过，评分时会按原样补好；您填的答案不受影响。",
        "The cells of task {tasks} were deleted or doubled; they are put back when graded. Your answers are not affected.",
    ),
    "outputs_left_out": (
        "“{known}”里有 {size} 的输出，没有随着提交；评分时会重新运行。您文件夹里的没有改动。",
        "“{known}” has {size} of outputs, which were not sent; the notebook is run again when graded. Your file is unchanged.",
    ),
    "disk_error": (
        "文件 {known} 读不出来，没有提交。请把它关掉再试；还不行就告诉学校管理员。",
        "The file {known} could not be read, so nothing was submitted. Close it and try again, or tell your school's organizer.",
    ),
    "no_assignment": (
        "找不到要交到哪里（没有 .yanxiu.json）。请回到平台网页，从单元页打开；在那里也可以用表单提交。",
        "Unknown where to hand in (no .yanxiu.json). Open the unit from the site; you can submit by form there too.",
    ),
    # talking to the service
    "no_server": (
        "这里没有连接平台，不能提交。请从平台网页打开本单元。",
        "Not connected to the site, so nothing can be submitted. Open the unit from the site.",
    ),
    "no_teach_token": (
        "这一步要用教学令牌。请向运维要一个限时的（yanxiu token --scope teach），放进环境变量 YANXIU_TOKEN，或放进文件 ~/.config/yanxiu/token（权限 600）；平台地址放进 YANXIU_RECORDS_URL。",
        "This needs a token for teaching. Ask the operator for an expiring one (yanxiu token --scope teach) and put it into YANXIU_TOKEN or the file ~/.config/yanxiu/token (mode 600); the site's address goes into YANXIU_RECORDS_URL.",
    ),
    "token_file_open": (
        "令牌文件 {path} 别人也能读，没有使用。请先运行 chmod 600 {path}，并请运维换一个新的令牌。",
        "The token file {path} can be read by others, so it was not used. Run chmod 600 {path} and ask the operator for a new token.",
    ),
    "token_file_none": (
        "令牌文件 {path} 打不开。请核对 YANXIU_TOKEN_FILE。",
        "The token file {path} cannot be opened. Check YANXIU_TOKEN_FILE.",
    ),
    "refused": ("没有收：{message}", "Not accepted: {message}"),
    "said": ("{message}", "{message}"),
    "refused_login": (
        "登录已经过期，或者您没有参加这个单元。您的内容都在这里，没有丢。请从平台网页重新打开本单元再提交。",
        "Your login has expired, or you do not take this unit. Your work is safe here. Open the unit again from the site and submit.",
    ),
    "server_trouble": (
        "平台暂时出了问题，可能没有收到。您的内容都在这里，没有丢。请过几分钟再点“提交”，重复点不会多算一次。",
        "The site has a problem and may not have received it. Your work is safe here. Press Submit again in a few minutes; it will not count twice.",
    ),
    "unreachable": (
        "现在连不上平台。您的内容都在这里，没有丢。请过几分钟再点“提交”，重复点不会多算一次。",
        "The site cannot be reached. Your work is safe here. Press Submit again in a few minutes; it will not count twice.",
    ),
    "part_sent": (
        "{trouble}已传 {percent}%，再试会接着传。",
        "{trouble} {percent}% has arrived; trying again goes on from there.",
    ),
}


_EVERY = ChainMap(MESSAGES, sentences.SENTENCES)


def say(name: str, lang: str, /, **params: Any) -> str:
    """Return the sentence called ``name``, of this package or of the formats', filled, in ``lang``."""
    return sentences.choose(_EVERY, name, lang, **params)

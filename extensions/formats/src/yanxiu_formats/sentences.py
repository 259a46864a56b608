"""Every sentence about units, answers, bundles and file names, in Chinese (the source) and English.

Worksheet, portal, Lab panel, command line and grader say these, so nobody reads two sentences
for one mistake. Each knows its reader's language and asks ``say``; the portal's catalogue
falls back to ``english``. No logic beyond the choice.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

LANGUAGES = ("zh_CN", "en")

SENTENCES: dict[str, tuple[str, str]] = {
    # a value
    "not_a_number": (
        "“{text}”不是数字。请只填数字，如 12 或 0.6。",
        "“{text}” is not a number. Give digits only, such as 12 or 0.6.",
    ),
    "not_a_number_at": (
        "“{place}”里的“{text}”不是数字。请只填数字，如 12 或 0.6。",
        "“{text}” in “{place}” is not a number. Give digits only, such as 12 or 0.6.",
    ),
    "number_too_large": (
        "这个数太大，没有保存。请填不超过 15 位的数。",
        "This number is too large and was not saved. Give one of at most 15 digits.",
    ),
    "number_too_large_at": (
        "“{place}”里的数太大，没有保存。请填不超过 15 位的数。",
        "The number in “{place}” is too large and was not saved. Give one of at most 15 digits.",
    ),
    "unknown_option": (
        "没有“{text}”这个选项。可以选：{known}。",
        "There is no option “{text}”. Possible: {known}.",
    ),
    "wrong_shape": (
        "任务“{task}”的答案格式不对，没有保存。这里应该是{wanted}。",
        "The answer to “{task}” has the wrong form and was not saved. It should be {wanted}.",
    ),
    "want_text": ("一段文字", "a text"),
    "want_list": ("由选项编号组成的列表", "a list of option ids"),
    "want_table": ("{{行: {{列: 数}}}}", "{{row: {{column: number}}}}"),
    "want_chart": (
        '{{"kind": …, "x": …, "y": …, "points": {{…}}}}',
        '{{"kind": …, "x": …, "y": …, "points": {{…}}}}',
    ),
    "want_order": ("由各项编号组成的列表，没有重复", "a list of the items' ids, each once"),
    "want_match": ('{{"左": "右", …}}', '{{"left": "right", …}}'),
    "want_files": ("由文件组成的列表", "a list of files"),
    "same_place": (
        "{items}都排在第 {place} 位。一个位置只能排一项，请改正。",
        "{items} are all in place {place}. A place takes one item; change the others.",
    ),
    "file_name": (
        "“{name}”这个文件名不能用，没有保存。请改短文件名、去掉特殊符号后再选。",
        "The file name “{name}” cannot be used; it was not saved. Shorten it and remove special characters.",
    ),
    "file_kind": (
        "“{name}”不是这里收的文件，没有保存。可以交的是 {types}。",
        "“{name}” is not a kind of file taken here; it was not saved. Possible: {types}.",
    ),
    "file_big": (
        "“{name}”超过 {mb} MB，没有保存。请压缩图片或拆成几个文件后再选。",
        "“{name}” is larger than {mb} MB; it was not saved. Compress its pictures or split it.",
    ),
    "file_empty": (
        "“{name}”是空文件，没有保存。请打开看看有没有存好，再选一次。",
        "“{name}” is empty; it was not saved. Open it to see whether it was stored.",
    ),
    "files_many": (
        "最多放 {most} 个文件，多出来的没有保存：{names}。请先去掉不要的。",
        "At most {most} files; not saved: {names}. Remove what you do not need first.",
    ),
    "too_long": (
        "文字太长，没有保存。请先删减。",
        "The text is too long and was not saved. Shorten it.",
    ),
    "unknown_task": (
        "没有任务“{task}”。这个单元的任务有：{known}。",
        "There is no task “{task}”. This unit has: {known}.",
    ),
    # what is missing
    "empty": ("还没有填写。", "Not filled in yet."),
    "not_chosen": ("还没有选择。", "Nothing chosen yet."),
    "choose_more": (
        "请至少选 {least} 项，现在选了 {count} 项。",
        "Choose at least {least}; you chose {count}.",
    ),
    "choose_less": (
        "最多选 {most} 项，现在选了 {count} 项。",
        "Choose at most {most}; you chose {count}.",
    ),
    "cells_empty": ("表格里还有 {count} 格没有填。", "{count} cells of the table are still empty."),
    "chart_empty": (
        "图表还有 {count} 处没有填（类型、坐标或数值）。",
        "{count} parts of the chart are still empty (kind, axes or values).",
    ),
    "not_placed": ("还有 {count} 项没有排位置。", "{count} items have no place yet."),
    "not_matched": ("还有 {count} 项没有配上。", "{count} items are not matched yet."),
    "files_few": (
        "至少放 {least} 个文件，现在有 {count} 个。",
        "Add at least {least} files; there are {count} now.",
    ),
    "more_chars": (
        "至少 {least} 字，现在 {count} 字。",
        "At least {least} characters; now {count}.",
    ),
    "less_chars": (
        "最多 {most} 字，现在 {count} 字。请删去 {over} 字。",
        "At most {most} characters; now {count}. Remove {over}.",
    ),
    # answers.json
    "answers.broken": (
        "answers.json 不是本单元的答案文件。请在笔记本里重新保存答案后再提交。",
        "answers.json does not hold answers to this unit. Save the answers again in the notebook, then submit.",
    ),
    "answers.wrong": (
        "第 {number} 题的答案不能收：{sentence}改好后再提交。",
        "The answer to task {number} cannot be taken: {sentence} Correct it and submit again.",
    ),
    "answers.file_unfit": (
        "第 {task} 题里有一个文件不能收：只收 {types}，每个不超过 {mb} MB，不能是空文件。请换一个文件，再提交。",
        "A file of task {task} cannot be taken: only {types}, at most {mb} MB each, not empty. Choose another file and submit again.",
    ),
    "answers.file_missing": (
        "第 {task} 题的答案里写了一个文件，它却不在提交里，或者放进任务以后又改过。请在那道题里重新添加这个文件，再提交。",
        "The answer to task {task} names a file that is not in the submission, or that was changed after it was added. Add the file again in that task, then submit.",
    ),
    # a notebook
    "notebook.empty": (
        "笔记本 {notebook} 是空的，可能没有存完。请在 Jupyter 里打开并重新保存（或“文件 → 将笔记本还原到检查点”），或从单元页面重新取一份，再提交。",
        "The notebook {notebook} is empty; perhaps it was not saved completely. Open it in Jupyter and save it again (or File, Revert Notebook to Checkpoint), or fetch it anew from the unit's page, and submit again.",
    ),
    "notebook.cut": (
        "笔记本 {notebook} 不完整：到第 {cell} 格（文件的第 {line} 行）就断了，可能没有存完或没有传完。请在 Jupyter 里打开并重新保存（或“文件 → 将笔记本还原到检查点”），再提交。",
        "The notebook {notebook} is incomplete: it ends in cell {cell} (line {line} of the file); perhaps it was not saved or transferred completely. Open it in Jupyter and save it again (or File, Revert Notebook to Checkpoint), and submit again.",
    ),
    "notebook.no_json": (
        "{notebook} 打不开：在第 {cell} 格附近（文件的第 {line} 行）不是笔记本的格式，多半被别的软件改过。请在 Jupyter 里“文件 → 将笔记本还原到检查点”，或从单元页面重新取一份，再提交。",
        "{notebook} cannot be opened: near cell {cell} (line {line} of the file) it is not a notebook's format; another program probably changed it. Choose File, Revert Notebook to Checkpoint in Jupyter, or fetch it anew from the unit's page, and submit again.",
    ),
    "notebook.page": (
        "{notebook} 是一个网页，不是笔记本，多半是下载时没有登录。请在 Jupyter 里用“文件 → 下载”重新取得笔记本，再提交。",
        "{notebook} is a web page and no notebook; probably you were not logged in when you downloaded it. Get the notebook again with File, Download in Jupyter, and submit again.",
    ),
    "notebook.other_file": (
        "{notebook} 只是名字像笔记本，其实是别的文件（{kind}）。压缩包请先解压；请选择 Jupyter 保存的 .ipynb 文件，再提交。",
        "{notebook} is only called like a notebook; it is another kind of file ({kind}). Unpack archives first; choose the .ipynb file that Jupyter saved, and submit again.",
    ),
    "notebook.not_one": (
        "{notebook} 里没有单元格，不是笔记本。请选择 Jupyter 保存的 .ipynb 文件（或从单元页面重新取一份），再提交。",
        "{notebook} has no cells: it is no notebook. Choose the .ipynb file that Jupyter saved, or fetch it anew from the unit's page, and submit again.",
    ),
    "notebook.version": (
        "笔记本 {notebook} 是第 {version} 版格式，这里能收第 2 到 4 版。请在本平台的 Jupyter 里打开并保存，再提交。",
        "The notebook {notebook} is of format {version}; formats 2 to 4 are taken. Open and save it in this site's Jupyter, and submit again.",
    ),
    "notebook.encoding": (
        "笔记本 {notebook} 第 {line} 行的文字编码认不出来。请用 UTF-8 编码重新保存，或从单元页面重新取一份，再提交。",
        "The encoding of line {line} of the notebook {notebook} is not known. Save it in UTF-8, or fetch it anew from the unit's page, and submit again.",
    ),
    "notebook.many_cells": (
        "笔记本 {notebook} 有 {count} 格，最多收 {most} 格。请删去不需要的格子，保存后再提交。",
        "The notebook {notebook} has {count} cells; at most {most} are taken. Remove those that are not needed, save, and submit again.",
    ),
    "notebook.cell_odd": (
        "笔记本 {notebook} 的第 {cell} 格不是单元格，多半被别的软件改过。请在 Jupyter 里打开、删去或重做这一格，保存后再提交。",
        "Cell {cell} of the notebook {notebook} is no cell; another program probably changed it. Open the notebook in Jupyter, remove or redo that cell, save, and submit again.",
    ),
    "notebook.cell_kind": (
        "笔记本 {notebook} 的第 {cell} 格要评分，却不是代码也不是文字，批改不了。请在 Jupyter 里把这一格改成“代码”或“Markdown”，保存后再提交。",
        "Cell {cell} of the notebook {notebook} is to be graded and is neither code nor text. Make it Code or Markdown in Jupyter, save, and submit again.",
    ),
    "notebook.cell_text": (
        "笔记本 {notebook} 的第 {cell} 格的内容不是文字，打不开。请在 Jupyter 里重做这一格，保存后再提交。",
        "What stands in cell {cell} of the notebook {notebook} is no text. Redo that cell in Jupyter, save, and submit again.",
    ),
    "notebook.intricate": (
        "笔记本 {notebook} 里的内容太多太碎，没有收下（多半是很大的图表数据）。请在 Jupyter 里清除所有单元格的输出，保存后再提交。",
        "There is too much in the notebook {notebook}, in too many pieces (most likely the data of a large chart); it was not taken. Clear the outputs of all cells in Jupyter, save, and submit again.",
    ),
    "notebook.foreign": (
        "{notebook} 不是本单元的笔记本：里面没有本单元的题目。请提交从本单元页面取得的笔记本。",
        "{notebook} is not this unit's notebook: it has none of the unit's tasks. Submit the notebook that you got from the unit's page.",
    ),
    # a bundle
    "bundle.too_large": (
        "提交的文件太大：一次最多 {limit_mb} MB。请删去图片、视频等大文件后再提交，您的文件没有改动。",
        "The files are too large: at most {limit_mb} MB at a time. Remove pictures, videos and other large files and submit again; your files are unchanged.",
    ),
    "bundle.too_large_as": (
        "{why}现在一共 {size}，最大的是 {largest}。",
        "{why} They are {size} in all; the largest is {largest}.",
    ),
    "bundle.too_many": (
        "提交的文件太多：一次最多 {most} 个。请删去不需要的文件后再提交。",
        "Too many files: at most {most} at a time. Remove what is not needed and submit again.",
    ),
    "bundle.bad_name": (
        "提交里的“{name}”这个名字不能用（含有 ..、绝对路径或特殊字符，或者太长、太深）。请改名后再提交。",
        "The name “{name}” in the submission cannot be used (it has .., an absolute path or special characters, or is too long or too deep). Rename it and submit again.",
    ),
    "bundle.twice": (
        "提交里有两个文件都叫“{name}”。请改掉一个再提交。",
        "Two files in the submission are called “{name}”. Rename one and submit again.",
    ),
    "bundle.not_regular": (
        "提交里的“{name}”是链接或特殊文件，只能提交普通文件。请换成文件本身，或删去后再提交。",
        "“{name}” in the submission is a link or a special file; only plain files are taken. Put the file itself there, or remove it, and submit again.",
    ),
    "bundle.broken": (
        "提交的数据不完整或不是研修Hub的格式，没有收下。请检查网络后再提交一次。",
        "What arrived is incomplete or not in 研修Hub's format, so it was not taken. Check the network and submit again.",
    ),
    "bundle.renamed": (
        "有的文件名别的系统读不了，提交时换了名字：{names}。您文件夹里的没有改动。",
        "Some file names cannot be read elsewhere; these were handed in under another name: {names}. Your folder is unchanged.",
    ),
    "bundle.left_out": (
        "没有放进去的（链接、特殊文件、读不出来的，或名字太长、太深）：{names}。",
        "Left out (links, special files, files that cannot be read, or names that are too long or too deep): {names}.",
    ),
    "bundle.alike": (
        "有的文件名只差大小写，或看起来一样，在别的系统里会互相覆盖，提交时换了名字：{names}。您文件夹里的没有改动。",
        "Some file names differ in capitals only or look the same, and would replace one another elsewhere; these were handed in under another name: {names}. Your folder is unchanged.",
    ),
}


def language(environ: Mapping[str, str] | None = None) -> str:
    """Return what this process's user reads; YANXIU_LANG goes before the locale.

    Chinese is the default: a server's locale is often just ``C``, so only one that begins with
    ``en`` means English.

    >>> language({"LANG": "C.UTF-8"}), language({"LANG": "en_GB.UTF-8"})
    ('zh_CN', 'en')
    >>> language({"LANG": "en_GB.UTF-8", "YANXIU_LANG": "zh_CN"})
    'zh_CN'
    """
    environ = os.environ if environ is None else environ
    names = ("YANXIU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    first = next((environ[name] for name in names if environ.get(name)), "")
    return "en" if first.lower().startswith("en") else "zh_CN"


def choose(table: Mapping[str, tuple[str, str]], code: str, lang: str, **params: Any) -> str:
    """Return the sentence ``code`` of a catalogue of ``(Chinese, English)``, filled, in ``lang``."""
    said = {name: _shown(value, lang) for name, value in params.items()}
    return table[code][LANGUAGES.index("en" if lang.startswith("en") else "zh_CN")].format(**said)


def say(code: str, lang: str, /, **params: Any) -> str:
    """Return the sentence ``code``, filled, in ``lang``.

    >>> say("choose_more", "zh_CN", least=2, count=0)
    '请至少选 2 项，现在选了 0 项。'
    """
    return choose(SENTENCES, code, lang, **params)


def source(code: str) -> str:
    """Return the Chinese sentence with its ``{placeholders}``, as catalogues name it."""
    return SENTENCES[code][0]


@dataclass(frozen=True)
class Said:
    """A sentence, or a few words, inside of another: said in the same language."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def pick(self, lang: str) -> str:
        """Return it."""
        return say(self.code, lang, **self.params)


@cache
def english() -> dict[str, str]:
    """Return the English of every Chinese sentence, both with ``{placeholders}``."""
    return dict(SENTENCES.values())


def _shown(value: Any, lang: str) -> Any:
    # A text of a course comes in both languages and is chosen from when it is shown.
    if hasattr(value, "pick"):
        return value.pick(lang)
    if isinstance(value, list | tuple):
        return "、".join(str(_shown(one, lang)) for one in value)
    return value

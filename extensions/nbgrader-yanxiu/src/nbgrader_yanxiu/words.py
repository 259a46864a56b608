"""Which language a teacher reads, and every sentence of this package in it.

Chinese is the source and the default; a server's locale is often just ``C``, so only one
that begins with ``en`` means English. No logic beyond the choice.
"""

import os
from collections.abc import Mapping
from typing import Any

LANGUAGES = ("zh_CN", "en")

MESSAGES: dict[str, tuple[str, str]] = {
    # packing
    "nothing_to_submit": (
        "这个文件夹里还没有可以提交的内容：没有 {wanted}，也没有 answers.json。请从单元的文件夹里提交，不要给笔记本改名。",
        "There is nothing to submit in this folder yet: neither {wanted} nor answers.json. Submit from the unit's folder, and keep the notebook's name.",
    ),
    "too_many_files": (
        "文件夹里有 {count} 个文件，最多 {limit} 个。请删去不需要的再提交。",
        "The folder has {count} files; at most {limit}. Remove what is not needed.",
    ),
    "too_big": (
        "文件一共 {size}，最多 {limit}。请删去大的文件再提交，比如 {largest}。",
        "The files are {size} in all; at most {limit}. Remove large ones, such as {largest}.",
    ),
    "same_names": (
        "有两个文件的名字看起来一样：{known}。请改掉一个再提交。",
        "Two files have names that look the same: {known}. Rename one.",
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


def language(environ: Mapping[str, str] | None = None) -> str:
    """Return ``zh_CN`` or ``en``; YANXIU_LANG goes before the locale.

    >>> language({"LANG": "C.UTF-8"}), language({"LANG": "en_GB.UTF-8"})
    ('zh_CN', 'en')
    """
    environ = os.environ if environ is None else environ
    names = ("YANXIU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    first = next((environ[name] for name in names if environ.get(name)), "")
    return "en" if first.lower().startswith("en") else "zh_CN"


def say(name: str, lang: str, /, **params: Any) -> str:
    """Return the sentence called ``name``, filled, in ``lang``."""
    return MESSAGES[name][LANGUAGES.index("en" if lang.startswith("en") else "zh_CN")].format(
        **params
    )

"""Say how full homes are, to their owners and to those who run a school; nothing while there is room.

Pure. The same by whatever way it is read: pages, and notices in Lab.
"""

import math
from collections.abc import Sequence

from yanxiu.errors import N_
from yanxiu.i18n import Translator

from .storage import Filled, worst

#: Of MB.
GB = 1024
OWN_FULL = N_(
    "您的个人文件夹用了 {used}，上限 {limit}：启动后只能删除文件，不能保存或新建；腾出空间后停止再启动就好。"
)
OWN_NEARLY = N_("您的个人文件夹用了 {used}，上限 {limit}，快满了：请删除不要的文件。")
ALL_FULL = N_(
    "{org}的个人文件夹合计用了 {used}，上限 {limit}：启动后只能删除文件，不能保存或新建。"
    "请删除不要的文件，并告诉本校管理员。"
)
ALL_NEARLY = N_(
    "{org}的个人文件夹合计用了 {used}，上限 {limit}，快满了：请删除不要的文件，满了以后只能删除，不能保存。"
)
LAB_FULL = N_(
    "{org}的个人文件夹合计用了 {used}，上限 {limit}：满了以后启动的 Jupyter 只能删除文件，不能保存或新建。"
    "请删除不要的文件，并告诉本校管理员。"
)
LAB_OWN_FULL = N_(
    "您的个人文件夹用了 {used}，上限 {limit}：满了以后启动的 Jupyter 只能删除文件，不能保存或新建。请删除不要的文件。"
)
RUN_FULL = N_(
    "{org}的个人文件夹合计用了 {used}，上限 {limit}：老师照样能启动 Jupyter，但只能删除文件。"
    "请联系用得多的老师，或请县管理员调高上限。"
)
RUN_NEARLY = N_(
    "{org}的个人文件夹合计用了 {used}，上限 {limit}，快满了；满了以后老师只能删除文件，不能保存。"
    "请联系用得多的老师，或请县管理员调高上限。"
)


def size(mb: float | None) -> str:
    """Return a size for people to read; a dash for none.

    >>> size(10240.0), size(1536.0), size(500.0), size(0.4), size(0.0), size(None)
    ('10 GB', '1.5 GB', '500 MB', '1 MB', '0 MB', '—')
    """
    if mb is None:
        return "—"
    return f"{_plain(mb / GB)} GB" if mb >= GB else f"{math.ceil(mb)} MB"


def before_start(stored: Sequence[Filled], tr: Translator) -> list[str]:
    """Return what there is to say of storage: nothing while there is room."""
    found = worst(stored)
    if found is None:
        return []
    used, limit = size(found.used_mb), size(found.limit_mb)
    if not found.org:
        text = OWN_FULL if found.over else OWN_NEARLY
    else:
        text = ALL_FULL if found.over else ALL_NEARLY
    return [tr.gettext(text, org=found.org, used=used, limit=limit)]


def in_lab(found: Filled, tr: Translator) -> str:
    """Return the same for whoever is at work already: what will happen at the next start."""
    used, limit = size(found.used_mb), size(found.limit_mb)
    if found.over:
        text = LAB_FULL if found.org else LAB_OWN_FULL
    else:
        text = ALL_NEARLY if found.org else OWN_NEARLY
    return tr.gettext(text, org=found.org, used=used, limit=limit)


def storage_of(one: Filled | None, tr: Translator) -> str:
    """Return what an organizer is told of the storage of an organization; empty while there is room."""
    if one is None or not one.near:
        return ""
    text = RUN_FULL if one.over else RUN_NEARLY
    return tr.gettext(text, org=one.org, used=size(one.used_mb), limit=size(one.limit_mb))


def _plain(value: float) -> str:
    """Return a number with two places at most, and none that say nothing.

    >>> _plain(10.0), _plain(1.5), _plain(2.3456)
    ('10', '1.5', '2.35')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")

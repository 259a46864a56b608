"""What can be wrong with a roster, as data: a code, a sentence, its parameters.

Texts are rendered late, in the reader's language: on the preview, on the error sheet and
on the command line. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_, Invalid


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a row, or worth knowing about it.

    :param message: a gettext msgid with ``{placeholders}``
    """

    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    def text(self, gettext: Callable[[str], str] = str) -> str:
        """Return the sentence."""
        return gettext(self.message).format(**self.params)


_UNREADABLE = {
    "empty": N_("{file}：文件是空的。请下载模板，填好以后再上传。"),
    "web_page": N_(
        "{file}：这其实是网页格式，只是名字像表格。请用 WPS 或 Excel 打开，另存为 .xlsx 后再试。"
    ),
    "password": N_("{file}：文件有打开密码。请去掉密码，另存为 .xlsx 后再试。"),
    "not_a_workbook": N_(
        "{file}：打不开，文件不完整或已损坏。请用 WPS 或 Excel 另存为 .xlsx 后再试。"
    ),
    "not_a_table": N_("{file}：这不是表格文件。可以用 .xlsx、.xls 和 .csv。"),
    "encoding": N_(
        "{file}：文字编码认不出来。CSV 请存为 UTF-8 或 GB18030（GBK），或者另存为 .xlsx。"
    ),
    "too_many_rows": N_("{file}：超过 100000 行。请分成几个文件，例如一个学区一个。"),
    "too_large": N_(
        "{file}：内容太大，读不完。请只留花名册一张表，删去图片和表格下方、右方的多余格式后再试。"
    ),
    "no_header": N_(
        "{file}：前 15 行里没有找到表头。表头要有“姓名”和“单位代码”（或“学校”），"
        "以及“教师编号”“手机号”“身份证号”中的几列。可以下载模板对照。"
    ),
    "column_twice": N_("{file}：表头里“{name}”和“{other}”是同一项。请只留一列。"),
    "no_rows": N_("{file}：表头下面没有教师。请填好以后再上传。"),
}


def unreadable(code: str, file: str, **params: Any) -> Invalid:
    """Return the refusal of a whole file."""
    return Invalid(f"roster.{code}", _UNREADABLE[code], file=file, **params)

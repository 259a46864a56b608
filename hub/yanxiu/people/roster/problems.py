"""What can be wrong with a roster, as data: a code, a sentence, its parameters.

Texts are rendered late, in the reader's language: on the preview, on the error sheet and
on the command line. Pure.
"""

from collections.abc import Callable, Sequence
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


def some(numbers: Sequence[int]) -> str:
    """Return the first ten numbers of rows.

    >>> some([2, 3]), some(range(12))
    ('2、3', '0、1、2、3、4、5、6、7、8、9……')
    """
    shown = "、".join(str(number) for number in numbers[:10])
    return f"{shown}……" if len(numbers) > 10 else shown


_UNREADABLE = {
    "empty": N_("{file}：文件是空的。请下载模板，填好以后再上传。"),
    "web_page": N_(
        "{file}：这其实是网页格式，只是名字像表格。请用 WPS 或 Excel 打开，另存为 .xlsx 后再试。"
    ),
    "password": N_("{file}：文件有打开密码。请去掉密码，另存为 .xlsx 后再试。"),
    "other_workbook": N_(
        "{file}：这种表格（如 .ods、.xlsb）读不完整。请用 WPS 或 Excel 另存为 .xlsx 后再试。"
    ),
    "quote": N_(
        "{file}：第 {line} 行有一个引号没有配对，后面 {rows} 行都被当成了同一格，没有读。"
        "请删去这个引号（或补上另一半），或者用 WPS 或 Excel 打开核对后另存为 .xlsx。"
    ),
    "mixed": N_(
        "{file}：从第 {line} 行起文字编码和前面的不一样，像是几个文件拼成的。"
        "请用 WPS 或 Excel 分别打开，核对姓名后合成一个 .xlsx。"
    ),
    "zero_bytes": N_(
        "{file}：第 {line} 行里有损坏的内容（空字节），文件没有完整保存。请重新导出，或另存为 .xlsx。"
    ),
    "far_cell": N_(
        "{file}：名单下面很远的地方（{cell} 格）还有内容。请清空那一格，或者把内容移到名单里。"
    ),
    "second_header": N_(
        "{file}：第 {line} 行又是一个表头，列的次序和前面的不同。请按第一个表头排好，或分成两个文件。"
    ),
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
    refusal = Invalid(f"roster.{code}", _UNREADABLE[code], file=file, **params)
    # Files are named after people, and a header may be anything.
    refusal.private = frozenset({"file", "name", "other"})
    return refusal

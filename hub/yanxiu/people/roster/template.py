"""The roster template: one sheet to fill in, one that explains.

Columns are text, so that no spreadsheet takes an ID number for a number. Called by the
portal and the command line.
"""

from datetime import datetime
from typing import Any

from .columns import EXPLANATION, HEADERS, OTHER_DOCUMENTS, ROLE_NAMES
from .sheets import add_sheet, content_of, new_book, text_cell

_COLUMNS = (
    "name",
    "teacher_no",
    "mobile",
    "id_number",
    "org_code",
    "org_name",
    "stage",
    "subject",
    "roles",
)
_WIDTHS = (14, 14, 16, 24, 16, 26, 8, 14, 20)
_EMPTY_ROWS = 200

# Chinese only: it explains Chinese columns of a file that Chinese schools fill in.
_EXPLAINED = (
    ("姓名", "必填", "用标准汉字；少数民族姓名用间隔号“·”。"),
    ("教师编号", "和手机号至少填一项", "老师用它登录。可以是工号或继续教育号，全县不能重复。"),
    ("手机号", "和教师编号至少填一项", "11 位，也可以用来登录。不要填座机。"),
    (
        "身份证号",
        "建议填",
        "18 位，列要设为文本。加密保存，只用来确认是同一位老师。没有身份证的，加一列“证件类型”，可以填："
        + "、".join(dict.fromkeys(OTHER_DOCUMENTS))
        + "。",
    ),
    ("单位代码", "和学校填一项", "10 位学校标识码；没有代码的教学点填县管理员给的临时代码。"),
    ("学校", "和单位代码填一项", "平台里的学校名称，要一样。"),
    ("学段", "可以不填", "学前、小学、初中、高中、中职、特教。"),
    ("学科", "可以不填", "如语文、数学。"),
    (
        "角色",
        "可以不填",
        "不填就是教师。可以填：" + "、".join(ROLE_NAMES.values()) + "；几个用顿号隔开。",
    ),
)


def template(now: datetime) -> bytes:
    """Return the empty roster as .xlsx."""
    book = new_book()
    sheet: Any = book.create_sheet("教师花名册")
    for letter, width in zip("ABCDEFGHI", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append([text_cell(sheet, HEADERS[name][0], bold=True) for name in _COLUMNS])
    for _ in range(_EMPTY_ROWS):
        sheet.append([text_cell(sheet, "") for _ in _COLUMNS])
    add_sheet(book, EXPLANATION, ("列", "要不要填", "怎么填"), _EXPLAINED, (14, 24, 90))
    return content_of(book, now)

"""Write ``roster.xlsx`` of the demo site: synthetic people in the shape of a county's list.

The numbers are of a kind that nobody has: mobiles of an unassigned range, ID numbers of an
unassigned area with a right check character. Run it by hand after a change:
``python hub/sites/demo/make_roster.py``.
"""

from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
HEADER = ("姓名", "教师编号", "手机号", "身份证号", "单位代码", "学段", "学科", "角色")
SCHOOLS = {
    "1": ("2133000001", "小学", "艾 包 戴 鄂 方 高 何 纪 康 李 马 倪 欧 潘 秦", "校管理员"),
    "2": ("2133000002", "小学", "柴 任 沈 唐 万 夏 严 郑 安 白 程 邓 范 郭 韩", "中心校管理员"),
    "3": ("3133000003", "初中", "江 孔 林 孟 宁 彭 乔 阮 宋 田 王 谢 叶 周", "中学管理员"),
}
SUBJECTS = {
    "小学": ("数学", "语文", "科学", "英语", "道德与法治"),
    "初中": ("数学", "语文", "物理", "英语", "历史", "信息科技"),
}


def id_number(serial: int) -> str:
    """Return an ID number of area 330199 with its check character."""
    body = f"330199{1970 + serial % 30}{serial % 12 + 1:02}{serial % 28 + 1:02}{serial:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def rows() -> list[tuple[str, ...]]:
    """Return one row a person, teachers first in each school."""
    people: list[tuple[str, ...]] = []
    for first, (code, stage, surnames, organizer) in SCHOOLS.items():
        for number, surname in enumerate(surnames.split(), 1):
            login = f"{first}{number:03}"
            lead = "教师、教研组长" if login == "1001" else "教师"
            subject = SUBJECTS[stage][(number - 1) % len(SUBJECTS[stage])]
            people.append((f"{surname}老师", login, "", "", code, stage, subject, lead))
        people.append((organizer, f"{first}900", "", "", code, stage, "", "学校管理员"))
    people.append(("县管理员", "9000", "", "", "330199", "", "", "县管理员"))
    return [
        (name, login, f"1200000{login}", id_number(serial), *rest)
        for serial, (name, login, _, _, *rest) in enumerate(people, 1)
    ]


def main() -> None:
    """Write the workbook beside this file."""
    book = Workbook()
    # A fixed date keeps the file the same from run to run.
    book.properties.created = book.properties.modified = datetime(2026, 9, 1, tzinfo=UTC).replace(
        tzinfo=None
    )
    sheet = book.active
    assert sheet is not None
    sheet.title = "教师花名册"
    sheet.append(("云溪县教师花名册（演示数据，均为虚构）",))
    sheet.append(HEADER)
    for row in rows():
        sheet.append(row)
    for column, width in zip("ABCDEFGH", (14, 10, 14, 22, 14, 8, 12, 18), strict=True):
        sheet.column_dimensions[column].width = width
        for cell in sheet[column]:
            cell.number_format = "@"
    sheet.freeze_panes = "A3"
    book.save(Path(__file__).with_name("roster.xlsx"))


if __name__ == "__main__":
    main()

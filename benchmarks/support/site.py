"""A small site of ours for the benchmarks: one school, some teachers, one course of one unit.

Every limit and setting is the platform's default. Small because a demonstration hashes the
password of everybody in its roster, which takes longer than what is to be measured.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from yanxiu.store.engine import make_engine
from yanxiu.store.schema import upgrade

from benchmarks.support import unit
from benchmarks.support.visitor import Visitor
from tests.support.site import Running, everybody_agrees, platform, start, stop

SCHOOL = "2133000001"
HEADER = ("姓名", "教师编号", "手机号", "身份证号", "单位代码", "学段", "学科", "角色")
SITE = f"""
name: {{zh_CN: 对比测试}}
county: {{code: "330199", name: 云溪县}}
schools: {{"{SCHOOL}": {{name: 云溪县第三小学}}}}
roster: roster.xlsx
courses:
  bench: {{release: release}}
offerings:
  bench-a:
    course: bench
    term: 对比测试
    opens: 2020-01-01 00:00
    closes: 2099-12-31 00:00
    units:
      {unit.UNIT_ID}: {{due: 2099-12-01 00:00}}
"""


def write_site(folder: Path, teachers: int, settings: str = "") -> None:
    """Write ``site.yaml``, roster and course.

    :param settings: YAML that is added to the settings
    """
    folder.mkdir(parents=True)
    (folder / "site.yaml").write_text(SITE + settings, encoding="utf-8")
    unit.write_release(folder / "release")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for number in range(1, teachers + 1):
        login = str(1000 + number)
        sheet.append((teacher(number), login, "", "", SCHOOL, "小学", "数学", "教师"))
    book.save(folder / "roster.xlsx")


def teacher(number: int) -> str:
    """Return the name of the ``number``-th teacher, from 1 to 119: a roster takes no digits."""
    return f"{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'子丑寅卯辰巳午未申酉戌亥'[number // 10]}老师"


@contextlib.contextmanager
def our_site(
    folder: Path, teachers: int, settings: str = "", database_url: str = ""
) -> Iterator[Running]:
    """Run our site, everything that ``yanxiu up`` starts, for a block.

    :param database_url: of an empty PostgreSQL database, SQLite if it is not given
    """
    write_site(folder / "site", teachers, settings)
    if not database_url:
        with platform(folder / "data", "--site", str(folder / "site")) as running:
            yield running
        return
    engine = make_engine(database_url)
    upgrade(engine)
    engine.dispose()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("YANXIU_DATABASE_URL", database_url)
        running = start(folder / "data", "--site", str(folder / "site"), agreed=False)
    try:
        everybody_agrees(running.data, database_url)
        yield running
    finally:
        stop(running)


def visitor(running: Running, number: int = 1) -> Visitor:
    """Return the ``number``-th teacher, logged in."""
    account = running.accounts()[teacher(number)]
    return Visitor(running.url, running.servers).login(account["username"], account["password"])

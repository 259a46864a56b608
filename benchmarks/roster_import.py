"""From a county's roster in .xlsx to everybody's account, 35,000 people in 120 schools.

Ours: ``yanxiu roster import --apply``, everything from the start of Python: reading,
checking, the preview, the plan once more under lock, people, roles and audit on SQLite
with full sync. Stock: creating users by JupyterHub's API, a hundred a request, which
gives them a name and no school, role or audit. Stock is measured with 1,000 and
extrapolated to 35,000 by the number of people; details say so.
"""

import subprocess
import time
from pathlib import Path

from openpyxl import Workbook
from yanxiu.names import new_id
from yanxiu.people.model import Organization
from yanxiu.settings import secrets
from yanxiu.store import schema
from yanxiu.store.engine import open_store

from benchmarks.result import Result
from benchmarks.support import stock_env
from benchmarks.support.both import folder
from benchmarks.support.measure import say
from benchmarks.support.stock_hub import StockHub, stock_hub
from tests.support.site import YANXIU
from tests.support.writing import writing

NAME = "roster-import"
PEOPLE, SCHOOLS = 35_000, 120
MEASURED, BATCH = 1_000, 100
COUNTY = "330199"
HEADER = ("姓名", "教师编号", "手机号", "身份证号", "单位代码", "学段", "学科", "角色")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"


def run() -> Result:
    """Import the county twice, create 1,000 users of a stock hub in between."""
    stock_env.prepare()
    ours: list[float] = []
    stock: list[float] = []
    with folder() as place:
        roster = place / "roster.xlsx"
        write_roster(roster)
        ours.append(import_into(place / "first", roster))
        say(f"ours {ours[0]:.1f} s")
        with stock_hub(place / "stock") as hub:
            stock.append(create_users(hub) * PEOPLE / MEASURED)
        say(f"stock {stock[0]:.0f} s, extrapolated")
        ours.append(import_into(place / "second", roster))
        say(f"ours {ours[1]:.1f} s")
        again = import_again(place / "second", roster)
        say(f"the same file again {again:.1f} s")
    return Result.of_seconds(
        ours,
        stock,
        people=PEOPLE,
        stock_measured_people=MEASURED,
        stock_is_extrapolated=True,
        same_file_again_s=again,
    )


def create_users(hub: StockHub) -> float:
    """Return the seconds for ``MEASURED`` users by the hub's API."""
    began = time.perf_counter()
    for first in range(0, MEASURED, BATCH):
        hub.api("POST", "users", json={"usernames": [f"t{n}" for n in range(first, first + BATCH)]})
    seconds = time.perf_counter() - began
    if len(hub.api("GET", f"users?limit={MEASURED + 10}")) < min(MEASURED, 200):
        raise RuntimeError("the stock hub does not have the users")
    return seconds


def import_into(data: Path, roster: Path) -> float:
    """Return the seconds of an import into an empty site."""
    prepare(data)
    return _import(data, roster, f"新增 {PEOPLE}，")


def import_again(data: Path, roster: Path) -> float:
    """Return the seconds of importing what is there already."""
    return _import(data, roster, f"没有变化 {PEOPLE}，")


def _import(data: Path, roster: Path, expected: str) -> float:
    command = [str(YANXIU), "roster", "import", str(roster)]
    began = time.perf_counter()
    done = subprocess.run(
        [*command, "--data", str(data), "--apply"],
        capture_output=True,
        text=True,
        check=False,
        env={"YANXIU_LANG": "zh_CN", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )
    seconds = time.perf_counter() - began
    if done.returncode or expected not in done.stdout:
        raise RuntimeError(f"the import failed: {done.stdout[-500:]} {done.stderr[-500:]}")
    return seconds


def prepare(data: Path) -> None:
    """Make a data folder with a county and its schools."""
    (data / "db").mkdir(parents=True)
    secrets.load_or_create(data)
    store = open_store(f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs")
    schema.upgrade(store.engine)
    with writing(store) as session:
        county = Organization(
            id=new_id(), kind="county", code=COUNTY, name="云溪县", path=f"/{COUNTY}/"
        )
        session.add(county)
        session.flush()
        for number in range(SCHOOLS):
            code = school(number)
            path = f"{county.path}{code}/"
            session.add(
                Organization(
                    id=new_id(),
                    kind="school",
                    code=code,
                    name=f"第{number}小学",
                    parent_id=county.id,
                    path=path,
                )
            )
    store.close()


def school(number: int) -> str:
    """Return the code of a school."""
    return f"2133{number:06}"


def write_roster(path: Path) -> None:
    """Write a county's roster; numbers are of a kind that nobody has."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("教师")
    sheet.append(HEADER)
    for number in range(PEOPLE):
        name = _FAMILY[number % 20] + chr(0x4E00 + number // 20 % 2000)
        mobile, home = f"120{number:08}", school(number % SCHOOLS)
        teacher_no = f"T{number:06}"
        sheet.append((name, teacher_no, mobile, id_number(number), home, "小学", "数学", "教师"))
    book.save(path)


def id_number(serial: int) -> str:
    """Return an ID number of an unassigned area with a right check character."""
    year, month, day = 1960 + serial // 1000, serial % 12 + 1, serial % 28 + 1
    body = f"{COUNTY}{year}{month:02}{day:02}{serial % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]

"""Read a roster workbook and bring people into the store; the one roster feeds everything.

Decides what a row means (columns by their header, any order), what is wrong with it, and
which person it is: by ID number, then teacher number, then mobile. Rows with a defect
are returned with their reason and nothing of the file is applied unless the caller says
so. Hashes no password: people get one-time codes from an organizer.
"""

import unicodedata
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from openpyxl import load_workbook

from yanxiu.errors import SettingsError
from yanxiu.names import new_id, new_person_id
from yanxiu.store import people
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.models import Credential, Organization, Person, RoleGrant

from . import idnumber

#: Header → field. The template uses the first name of each.
COLUMNS = {
    "姓名": "name",
    "教师编号": "teacher_no",
    "手机号": "mobile",
    "身份证号": "id_number",
    "单位代码": "org_code",
    "学校标识码": "org_code",
    "学段": "stage",
    "学科": "subject",
    "角色": "roles",
}
ROLES = {
    "教师": "teacher",
    "学校管理员": "school_organizer",
    "县管理员": "county_organizer",
    "教研组长": "group_lead",
}
_HEADER_ROWS = 10


@dataclass(frozen=True)
class Row:
    """One person of a roster file.

    :param line: the row's number as the spreadsheet shows it
    """

    line: int
    name: str
    teacher_no: str
    mobile: str
    id_number: str
    org_code: str
    stage: str = ""
    subject: str = ""
    roles: tuple[str, ...] = ("teacher",)


@dataclass
class Roster:
    """What a file holds: good rows, and ``(line, reason)`` of the others."""

    rows: list[Row] = field(default_factory=list)
    defects: list[tuple[int, str]] = field(default_factory=list)


def read_roster(path: Path) -> Roster:
    """Read the first sheet of an ``.xlsx`` roster.

    :raises SettingsError: not a workbook, or no header row with the needed columns
    """
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises whatever zip and XML raise
        raise SettingsError(
            f"{path.name}: 打不开，不是 .xlsx 工作簿。请用 WPS 或 Excel 另存为 .xlsx 后再试。"
        ) from error
    with closing(book):
        lines = enumerate(book.worksheets[0].iter_rows(values_only=True), 1)
        header: dict[int, str] = {}
        for line, values in lines:
            header = {n: COLUMNS[_text(v)] for n, v in enumerate(values) if _text(v) in COLUMNS}
            if {"name", "org_code"} <= set(header.values()):
                break
            if line >= _HEADER_ROWS:
                header = {}
                break
        if not header:
            raise SettingsError(
                f"{path.name}: 前 {_HEADER_ROWS} 行里没有找到表头。"
                f"需要的列：姓名、单位代码、教师编号或手机号；可以有：{'、'.join(COLUMNS)}。"
            )
        roster = Roster()
        for line, values in lines:
            _take(roster, line, {header[n]: v for n, v in enumerate(values) if n in header})
        return roster


def _text(value: object) -> str:
    """Return a cell as text: half width, trimmed, without a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip().removeprefix("'")
    return text.replace("•", "·").replace("・", "·")


def _take(roster: Roster, line: int, cells: dict[str, object]) -> None:
    if not any(_text(value) for value in cells.values()):
        return
    texts = {name: _text(value) for name, value in cells.items()}
    raw_id = cells.get("id_number")
    names = [one for one in texts.get("roles", "").replace("、", ",").split(",") if one]
    unknown = [one for one in names if one not in ROLES]
    problem = ""
    if not texts.get("name"):
        problem = "没有姓名"
    elif not texts.get("teacher_no") and not texts.get("mobile"):
        problem = "教师编号和手机号至少要有一个，老师要用它登录"
    elif isinstance(raw_id, int | float) and abs(raw_id) >= 10**15:
        problem = "身份证号存成了数字，末几位已丢失；请把这一列设为文本后重新填写"
    elif texts.get("id_number") and not idnumber.is_valid(texts["id_number"].upper()):
        problem = "身份证号的校验位不对，请核对"
    elif unknown:
        problem = f"不认识的角色 {unknown[0]}；可以填 {'、'.join(ROLES)}"
    if problem:
        roster.defects.append((line, problem))
        return
    roster.rows.append(
        Row(
            line=line,
            name=texts["name"],
            teacher_no=texts.get("teacher_no", ""),
            mobile=texts.get("mobile", ""),
            id_number=texts.get("id_number", "").upper(),
            org_code=texts.get("org_code", ""),
            stage=texts.get("stage", ""),
            subject=texts.get("subject", ""),
            roles=tuple(ROLES[one] for one in names) or ("teacher",),
        )
    )


def apply_roster(
    store: Store, rows: list[Row], key: idnumber.IdKey, actor: str
) -> tuple[list[str], list[tuple[int, str]]]:
    """Add the people who are not there yet, in one transaction.

    :returns: the ids of the added people, and ``(line, reason)`` of rows that could not be
        taken; if there is any, nothing is written
    """
    audit = Event(actor, "roster.apply", "roster")
    defects: list[tuple[int, str]] = []
    added: list[str] = []
    with store.read() as session:
        orgs = people.organizations(session, {row.org_code for row in rows})
        known = people.login_names(session)
    fresh: list[Row] = []
    for row in rows:
        mine = {name for name in (row.teacher_no, row.mobile) if name}
        if row.org_code not in orgs:
            defects.append((row.line, f"单位代码 {row.org_code or '（空）'} 不在本平台的学校里"))
        elif not mine & known:
            fresh.append(row)
            known |= mine
    if defects:
        return [], defects
    now = store.clock()
    with store.write(audit) as session:
        made = [(row, _person(row, orgs[row.org_code], key, now)) for row in fresh]
        session.add_all(person for _, person in made)
        session.flush()
        for row, person in made:
            session.add(Credential(person_id=person.id, must_change=True))
            session.add_all(
                RoleGrant(id=new_id(), person_id=person.id, role=role, org_id=person.school_id)
                for role in row.roles
            )
            added.append(person.id)
        audit.details = {"added": len(added), "rows": len(rows)}
    return added, []


def _person(row: Row, org: Organization, key: idnumber.IdKey, now: datetime) -> Person:
    return Person(
        id=new_person_id(),
        name=row.name,
        teacher_no=row.teacher_no or None,
        mobile=row.mobile or None,
        id_hmac=key.hmac(row.id_number) if row.id_number else None,
        id_cipher=key.encrypt(row.id_number) if row.id_number else None,
        id_last4=row.id_number[-4:] or None,
        school_id=org.id,
        stage=row.stage,
        subject=row.subject,
        created_at=now,
    )

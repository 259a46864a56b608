"""Write one person's own data as files to take along: JSON for programs, xlsx for people.

Pure: takes what ``reads.own_data`` found. Marks and comments appear once they are
released, as on the pages; the ID number as its last four.
"""

import io
import json
import zipfile
from datetime import datetime
from typing import Any

from yanxiu.clock import local
from yanxiu.i18n import Translator
from yanxiu.people.idnumber import masked_id
from yanxiu.people.roster.sheets import add_sheet, content_of, new_book
from yanxiu.roles import ROLES, Role
from yanxiu.settings.codes import Code, CodeTables

from .reads.own_data import Own

JSON_NAME = "my-data.json"
XLSX_NAME = "my-data.xlsx"


def names_of(codes: list[str], table: dict[str, Code], tr: Translator) -> list[str]:
    """Return codes by name; one that the table does not have any more stays a code."""
    return [tr.pick(table[code]) if code in table else code for code in codes]


def archive(own: Own, codes: CodeTables, tr: Translator, now: datetime) -> bytes:
    """Return a zip with both files."""
    data = as_json(own, codes, tr, now)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(JSON_NAME, json.dumps(data, ensure_ascii=False, indent=2) + "\n")
        file.writestr(XLSX_NAME, as_xlsx(data, tr, now))
    return out.getvalue()


def as_json(own: Own, codes: CodeTables, tr: Translator, now: datetime) -> dict[str, Any]:
    """Return everything as plain values, instants on the site's clock."""
    who = own.person
    return {
        "exported_at": _when(now),
        "person": {
            "id": who.id,
            "name": who.name,
            "teacher_no": who.teacher_no,
            "mobile": who.mobile,
            "id_number": masked_id(who.id_last4),
            "school": who.school.name,
            "school_code": who.school.code,
            "stage_in_roster": who.stage,
            "subject_in_roster": who.subject,
            "stages": names_of(own.profile.stages, codes.stages, tr) if own.profile else [],
            "subjects": names_of(own.profile.subjects, codes.subjects, tr) if own.profile else [],
            "in_roster_since": _when(who.created_at),
        },
        "roles": [
            {"role": tr.gettext(ROLES[Role(one.role)].title), "unit": one.org_name}
            for one in own.grants
        ],
        "research_groups": [{"group": name, "role": role} for name, role in own.groups],
        "consents": [{"version": one.version, "at": _when(one.at)} for one in own.consents],
        "name_requests": [
            {
                "wanted": one.wanted,
                "reason": one.reason,
                "state": one.state,
                "answer": one.answer,
                "asked_at": _when(one.created_at),
                "decided_at": _when(one.decided_at),
            }
            for one in own.requests
        ],
        "submissions": [
            {
                "unit": tr.pick(title),
                "attempt": row.number,
                "receipt": row.receipt_no,
                "received_at": _when(row.received_at),
                "late": row.late,
                "via": row.via,
                "digest": row.digest,
                "released_at": _when(row.released_at),
                "points": row.total_points if row.released_at else None,
                "passed": row.passed if row.released_at else None,
                "comment": row.comment if row.released_at else "",
                "answers": row.answers,
                "contents_deleted": row.bundle_blob is None,
            }
            for row, title in own.works
        ],
        "drafts": [
            {
                "unit": tr.pick(title),
                "saved_at": _when(row.updated_at),
                "answers": row.answers,
            }
            for row, title in own.drafts
        ],
        "credit_hours": [
            {
                "unit": tr.pick(title),
                "kind": row.kind,
                "hours": row.hours_x100 / 100,
                "granted_at": _when(row.granted_at),
            }
            for row, title in own.credits
        ],
        "actions": [
            {"at": _when(one.at), "what": one.verb, "outcome": one.outcome} for one in own.events
        ],
    }


def as_xlsx(data: dict[str, Any], tr: Translator, now: datetime) -> bytes:
    """Return the same as a workbook, a sheet for each list; every cell is text."""
    book = new_book()
    rows = [(key, _cell(value)) for key, value in data["person"].items()]
    add_sheet(book, tr.gettext("个人资料"), ("", ""), rows, (22, 40))
    for key, title in (
        ("roles", tr.gettext("角色")),
        ("research_groups", tr.gettext("教研组")),
        ("consents", tr.gettext("隐私告知")),
        ("name_requests", tr.gettext("姓名更正")),
        ("submissions", tr.gettext("提交记录")),
        ("drafts", tr.gettext("草稿")),
        ("credit_hours", tr.gettext("学时")),
        ("actions", tr.gettext("操作记录")),
    ):
        found = data[key]
        header = list(found[0]) if found else []
        lines = [[_cell(one[name]) for name in header] for one in found]
        add_sheet(book, title, header, lines, [22] * len(header))
    return content_of(book, now)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, dict):
        # A cell holds 32,767 characters; the JSON beside it has everything.
        return json.dumps(value, ensure_ascii=False)[:32_000]
    return str(value)


def _when(instant: datetime | None) -> str | None:
    return local(instant).isoformat(timespec="seconds") if instant else None

"""Show an operator which claim of a provider was read as what.

Pure: what a provider said and the settings in, rows for a page out. Nothing is decided and
nothing is kept; ``claims`` reads, as at a login. Called by ``sso_login``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_

from .claims import Claims, Provider, find_claim

_SHOWN = 60
#: What a claim is for, in the order of the page.
FIELDS: Mapping[str, str] = {
    "subject": N_("账号的唯一标识"),
    "name": N_("姓名"),
    "teacher_no": N_("教师编号"),
    "mobile": N_("手机号"),
    "id_number": N_("身份证号"),
    "school_code": N_("学校代码"),
    "county_code": N_("县代码"),
    "roles": N_("角色"),
    "status": N_("在职状态"),
}
MISSING = N_("对方没有送这一项")
UNREADABLE = N_("送来了，但读不懂：请核对格式")
READ = N_("读懂了")
GONE = N_("已离职")


@dataclass(frozen=True)
class Row:
    """One claim.

    :param title, verdict: gettext msgids; ``read`` is one for somebody who has left
    :param claim: its name in the settings
    :param came: as it was sent, shortened; of an ID number the last four
    :param read: what a login would go by
    """

    title: str
    claim: str
    came: str = field(repr=False)
    read: str = field(repr=False)
    verdict: str


def explain(raw: Mapping[str, Any], claims: Claims | None, settings: Provider) -> list[Row]:
    """Return a row for each claim that the settings name.

    :param claims: as they were read; None: there is no subject, so nobody was read
    """
    rows = []
    for name, title in FIELDS.items():
        claim = getattr(settings.claims, name)
        came = find_claim(raw, claim) if claim else None
        read = _read(name, claims) if claims else ""
        missing = came in (None, "", [])
        verdict = (
            MISSING if missing else READ if read or name in ("roles", "status") else UNREADABLE
        )
        rows.append(Row(title, claim, _shown(name, came), read, verdict))
    return rows


def others(raw: Mapping[str, Any], settings: Provider) -> list[str]:
    """Return the names of claims that came and that no setting names."""
    used = {getattr(settings.claims, name).partition(".")[0] for name in FIELDS}
    return sorted(str(name)[:_SHOWN] for name in raw if name not in used)


def _read(name: str, claims: Claims) -> str:
    if name == "id_number":
        last4 = claims.id_last4
        return f"***{last4}" if last4 else ""
    if name == "roles":
        return "、".join(sorted(claims.roles))
    if name == "status":
        return GONE if claims.left else ""
    return str(getattr(claims, name))


def _shown(name: str, came: Any) -> str:
    if came is None:
        return ""
    text = str(came)
    if name == "id_number":
        # In whatever it is packed: every letter and digit but the last four.
        text = re.sub(r"\w(?=(?:\W*\w){4})", "*", text)
    return text[:_SHOWN] + ("……" if len(text) > _SHOWN else "")

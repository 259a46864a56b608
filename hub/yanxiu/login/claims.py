"""Read a person out of what an identity provider says: claims and settings in, person out.

Pure: no network, no store. Decides which claim means what, tidies it, and believes
nothing about its shape: a claim that is missing or odd becomes empty, and only a missing
subject is refused. Whom in the roster this is, ``sso_match`` decides.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yanxiu.cleaning import (
    clean_id,
    clean_mobile,
    clean_name,
    clean_teacher_no,
    clean_text,
    is_one_line,
)
from yanxiu.errors import N_, Refused
from yanxiu.people.idnumber import is_valid
from yanxiu.settings.sso import CasSettings, OidcSettings, TicketSettings

Provider = OidcSettings | CasSettings | TicketSettings
MOST_CHARS = 80
_MOST_ROLES = 50


@dataclass(frozen=True)
class Claims:
    """What a provider says of a person. ``repr`` shows none of it.

    :param subject: the account at the provider, compared byte for byte
    :param id_number: the whole number, only if its check digit is right
    :param id_last4: the last four, also of a whole number
    :param school_code: our own code of the school, if the settings translate it
    :param roles: roles of ours that the settings allow
    :param left: the provider says that this person is no longer there
    """

    subject: str = field(repr=False)
    name: str = field(default="", repr=False)
    teacher_no: str = field(default="", repr=False)
    mobile: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)
    id_last4: str = field(default="", repr=False)
    school_code: str = ""
    county_code: str = ""
    roles: frozenset[str] = frozenset()
    left: bool = False


def read_claims(raw: Mapping[str, Any], settings: Provider) -> Claims:
    """Return the person that ``raw`` describes.

    :raises Refused: there is no subject to know the account by again
    """
    names = settings.claims
    subject = _subject(find_claim(raw, names.subject))
    if not subject:
        raise Refused(
            "sso.no_subject",
            N_("认证平台没有说明您是哪个账号，没有登录成功。请把这句话告诉管理员。"),
            status=502,
        )
    number = clean_id(_text(find_claim(raw, names.id_number)))
    whole = number if is_valid(number) else ""
    school = _text(find_claim(raw, names.school_code))
    said = set(_texts(find_claim(raw, names.roles)))
    return Claims(
        subject=subject,
        name=clean_name(_text(find_claim(raw, names.name))),
        teacher_no=clean_teacher_no(_text(find_claim(raw, names.teacher_no)))[:40],
        mobile=_mobile(_text(find_claim(raw, names.mobile))),
        id_number=whole,
        id_last4=number[-4:] if re.fullmatch(r"[0-9]{3,17}[0-9X]", number) else "",
        school_code=settings.school_codes.get(school, school)[:20],
        county_code=_text(find_claim(raw, names.county_code)),
        roles=frozenset(ours for theirs, ours in settings.roles.items() if theirs in said),
        left=bool(said_status := _text(find_claim(raw, names.status)))
        and said_status in settings.left,
    )


def find_claim(raw: Mapping[str, Any], path: str) -> Any:
    """Return the claim at ``path``; a claim whose own name has dots is found first."""
    if not path or path in raw:
        return raw.get(path)
    found: Any = raw
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def _text(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    # bool is an int, and "True" is nobody's number.
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = clean_text(value)
    return text[:MOST_CHARS] if is_one_line(text) else ""


def _subject(value: Any) -> str:
    """Return the subject as it is: two accounts must never become one by tidying."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value)
    return text if is_one_line(text) and text.strip() == text and len(text) <= 255 else ""


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for text in map(_text, value[:_MOST_ROLES]) if text]
    return [one.strip() for one in _text(value).replace(";", ",").split(",") if one.strip()]


def _mobile(text: str) -> str:
    digits = clean_mobile(text)
    return digits if re.fullmatch(r"[0-9]{5,15}", digits) else ""

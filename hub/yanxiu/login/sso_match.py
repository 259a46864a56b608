"""Decide whom in the roster an account of an identity provider belongs to.

Pure: the store finds people who could be meant, this judges. The order is the roster's
own (design §7): ID number, then teacher number within the county, then school, name and
last four, if unique. Contradictions and doubts go to a person's eyes; nobody is ever
made here.
"""

from dataclasses import dataclass
from enum import StrEnum

from yanxiu.cleaning import name_key

from .claims import Claims


class Doubt(StrEnum):
    """Why an organizer has to look."""

    NOBODY = "nobody"
    SEVERAL = "several"
    CONTRADICTION = "contradiction"
    TAKEN = "taken"


@dataclass(frozen=True)
class Candidate:
    """Somebody in the roster who could be meant.

    :param county_code: of the county above their school
    :param taken: bound to another account of the same provider already
    """

    person_id: str
    name: str
    teacher_no: str | None
    id_hmac: str | None
    id_last4: str | None
    school_code: str
    county_code: str
    active: bool = True
    taken: bool = False


def match(
    claims: Claims, id_hmac: str, candidates: list[Candidate], *, own_county: bool
) -> Candidate | Doubt:
    """Return who it is, or why a person has to decide.

    :param id_hmac: of the claimed ID number, empty without one
    :param own_county: the provider knows this county's people alone
    """
    found = _by_id(id_hmac, candidates) or _by_teacher_no(claims, id_hmac, candidates, own_county)
    if found is None:
        found = _by_name(claims, id_hmac, candidates)
    if isinstance(found, Candidate) and found.taken:
        return Doubt.TAKEN
    return found


def _by_id(id_hmac: str, candidates: list[Candidate]) -> Candidate | None:
    # The number is unique in the roster and strong: a name written otherwise does not matter.
    return next((one for one in candidates if id_hmac and one.id_hmac == id_hmac), None)


def _by_teacher_no(
    claims: Claims, id_hmac: str, candidates: list[Candidate], own_county: bool
) -> Candidate | Doubt | None:
    found = next(
        (one for one in candidates if claims.teacher_no and one.teacher_no == claims.teacher_no),
        None,
    )
    if found is None:
        return None
    here = own_county or claims.county_code == found.county_code
    if not here or _contradicts(claims, id_hmac, found):
        return Doubt.CONTRADICTION
    return found


def _by_name(claims: Claims, id_hmac: str, candidates: list[Candidate]) -> Candidate | Doubt:
    if not (claims.name and claims.id_last4 and claims.school_code):
        return Doubt.NOBODY
    same = [
        one
        for one in candidates
        if one.active
        and one.school_code == claims.school_code
        and name_key(one.name) == name_key(claims.name)
        and one.id_last4 == claims.id_last4
    ]
    if not same:
        return Doubt.NOBODY
    if len(same) > 1:
        return Doubt.SEVERAL
    return Doubt.CONTRADICTION if _contradicts(claims, id_hmac, same[0]) else same[0]


def _contradicts(claims: Claims, id_hmac: str, person: Candidate) -> bool:
    """Say whether something that both sides know differs."""
    pairs = [
        (name_key(claims.name), name_key(person.name)),
        (claims.teacher_no, person.teacher_no),
        (id_hmac, person.id_hmac),
        (claims.id_last4, person.id_last4),
    ]
    return any(said and kept and said != kept for said, kept in pairs)

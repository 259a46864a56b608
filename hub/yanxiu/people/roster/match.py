"""Find the organization and the person that a row of a roster means.

The order for people (design: ids): HMAC of the ID number; teacher number in the same
county; school, name and last four, if only one fits; mobile and name. What fits half is
a problem for a person to solve and never a second account. Pure: works on what
``store.roster`` read.
"""

import difflib
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from yanxiu.cleaning import clean_name, name_key
from yanxiu.errors import N_
from yanxiu.people.reads.roster import Known, Org
from yanxiu.people.rules import county_of

from .check import Row
from .problems import Problem


@dataclass(frozen=True)
class Scope:
    """Whom an import may touch.

    :param paths: roots of the subtrees; ``("/",)`` is everything
    :param gives: ``(role, root of the subtree in which it may be given)``
    :param person_id: who imports, empty for the operator
    """

    paths: tuple[str, ...]
    gives: frozenset[tuple[str, str]]
    person_id: str = ""

    def covers(self, org: Org) -> bool:
        """Say whether an organization lies in the scope."""
        return any(org.path.startswith(path) for path in self.paths)

    def may_give(self, role: str, org: Org) -> bool:
        """Say whether the importer may give a role in an organization."""
        return any(one == role and org.path.startswith(path) for one, path in self.gives)


class Organizations:
    """All organizations, by code, old code and name."""

    def __init__(self, orgs: Iterable[Org], aliases: dict[str, uuid.UUID], scope: Scope):
        self.by_id = {org.id: org for org in orgs}
        self._by_code = {org.code: org for org in self.by_id.values()}
        self._old = {code: self.by_id[org_id] for code, org_id in aliases.items()}
        self._scope = scope
        self._by_name: dict[str, list[Org]] = defaultdict(list)
        for org in self.by_id.values():
            if org.active and scope.covers(org):
                self._by_name[clean_name(org.name)].append(org)
        #: The school that is meant when a file names none: there is only this one.
        schools = [org for org in self.by_id.values() if org.active and scope.covers(org)]
        self.only = schools[0] if len(schools) == 1 else None

    def find(self, row: Row) -> Org | Problem | None:
        """Return the organization of a row, None when the row names none."""
        if row.org_code:
            return self._of_code(row)
        if row.org_name:
            return self._of_name(row.org_name)
        return self.only

    def is_old(self, code: str) -> bool:
        """Say whether a code is one that a school had before."""
        return code in self._old and code not in self._by_code

    def _of_code(self, row: Row) -> Org | Problem:
        org = self._old.get(row.org_code) or self._by_code.get(row.org_code)
        params = {"code": row.org_code}
        if org is None:
            return Problem(
                "org_unknown",
                N_(
                    "单位代码 {code} 不在平台的学校里。请核对学校标识码（10 位）；"
                    "没有代码的教学点，请县管理员登记后用临时代码。"
                ),
                params,
            )
        if not self._scope.covers(org):
            return _elsewhere()
        if not org.active:
            return Problem(
                "org_closed", N_("单位代码 {code} 的学校已停用。请填现在的学校。"), params
            )
        named = self._by_name.get(row.org_name, [])
        if named and org not in named:
            return Problem(
                "org_differs",
                N_("单位代码 {code} 和学校“{name}”不是同一所学校。请核对。"),
                {**params, "name": row.org_name},
            )
        return org

    def _of_name(self, name: str) -> Org | Problem:
        found = self._by_name.get(name, [])
        if len(found) == 1:
            return found[0]
        if len(found) > 1:
            return Problem(
                "org_several",
                N_("有 {n} 所学校叫“{name}”。请填单位代码。"),
                {"n": len(found), "name": name},
            )
        near = difflib.get_close_matches(name, self._by_name, n=1, cutoff=0.5)
        if near:
            return Problem(
                "org_name_near",
                N_("您管理的学校里没有“{name}”。是“{near}”吗？请改成一样的名称，或填单位代码。"),
                {"name": name, "near": near[0]},
            )
        return Problem(
            "org_name",
            N_("您管理的学校里没有“{name}”。请核对名称，或填单位代码。"),
            {"name": name},
        )


def _elsewhere() -> Problem:
    return Problem("org_elsewhere", N_("这一行是别的学校的。您只能导入自己管理的学校的老师。"))


class People:
    """Everybody whom the platform knows, and which row of a file has claimed whom."""

    def __init__(self, everybody: Iterable[Known], orgs: Organizations):
        self.all = {one.id: one for one in everybody}
        self._orgs = orgs
        self.by_hmac = {one.id_hmac: one for one in self.all.values() if one.id_hmac}
        self.by_number = {one.teacher_no: one for one in self.all.values() if one.teacher_no}
        self.by_mobile = {one.mobile: one for one in self.all.values() if one.mobile}
        self._namesakes: dict[tuple[uuid.UUID, str], list[Known]] = defaultdict(list)
        for one in self.all.values():
            self._namesakes[one.school_id, name_key(one.name)].append(one)
        self.claimed: set[str] = set()

    def find_all(
        self, rows: Iterable[tuple[Row, Org | None, str]]
    ) -> dict[int, Known | Problem | None]:
        """Return whom each ``(row, organization, hmac)`` means, by line.

        Step by step for the whole file and not row by row: a teacher number that one row
        gives to another person is free for the next row.
        """
        found: dict[int, Known | Problem | None] = {}
        waiting = list(rows)
        for step in (self._by_id, self._by_teacher_no, self._by_last4, self._by_mobile):
            left = []
            for row, org, hmac in waiting:
                result = step(row, org, hmac)
                if result is None:
                    left.append((row, org, hmac))
                    continue
                found[row.line] = result
                if isinstance(result, Known):
                    self.claimed.add(result.id)
            waiting = left
        for row, org, hmac in waiting:
            found[row.line] = self._namesake(row, org, hmac)
        return found

    def _free(self, one: Known | None) -> Known | None:
        return one if one is not None and one.id not in self.claimed else None

    def _by_id(self, row: Row, org: Org | None, hmac: str) -> Known | Problem | None:
        return self._free(self.by_hmac.get(hmac)) if hmac else None

    def _by_teacher_no(self, row: Row, org: Org | None, hmac: str) -> Known | Problem | None:
        one = self._free(self.by_number.get(row.teacher_no)) if row.teacher_no else None
        if one is None or not self._same_county(one, org):
            return None
        if _differ(one, row, hmac):
            return Problem(
                "number_other_id",
                N_("教师编号 {number} 已属于另一位老师（身份证号不同）。请核对编号。"),
                {"number": row.teacher_no},
            )
        if not _same_name(one, row):
            return Problem(
                "number_other_name",
                N_("教师编号 {number} 已属于另一位老师（姓名不同）。改过姓名的，请填上身份证号。"),
                {"number": row.teacher_no},
            )
        return one

    def _by_last4(self, row: Row, org: Org | None, hmac: str) -> Known | Problem | None:
        if not row.last4 or org is None:
            return None
        fit = [
            one
            for one in self._namesakes.get((org.id, name_key(row.name)), [])
            if self._free(one) and one.id_last4 == row.last4 and not _differ(one, row, hmac)
        ]
        if len(fit) > 1:
            return Problem(
                "several_fit", N_("学校里有几位同名的老师，证件后四位也相同。请填完整的身份证号。")
            )
        return fit[0] if fit else None

    def _by_mobile(self, row: Row, org: Org | None, hmac: str) -> Known | Problem | None:
        one = self._free(self.by_mobile.get(row.mobile)) if row.mobile else None
        if one is None or not self._same_county(one, org) or not _same_name(one, row):
            return None
        same_number = not (one.teacher_no and row.teacher_no)
        return one if same_number and not _differ(one, row, hmac) else None

    def _namesake(self, row: Row, org: Org | None, hmac: str) -> Problem | None:
        """Return a problem when a new row may be somebody of the same school after all."""
        for one in self._namesakes.get((org.id, name_key(row.name)), []) if org else []:
            told_apart = (one.teacher_no and row.teacher_no) or _differ(one, row, hmac)
            if self._free(one) and not told_apart:
                return Problem(
                    "namesake",
                    N_("学校里已有同名的老师，分不清是不是同一人。请填上教师编号和身份证号。"),
                )
        return None

    def _same_county(self, one: Known, org: Org | None) -> bool:
        if org is None:
            return True
        return _county(self._orgs.by_id[one.school_id]) == _county(org)


def _same_name(one: Known, row: Row) -> bool:
    return name_key(one.name) == name_key(row.name)


def _county(org: Org) -> str:
    return county_of(org.path)


def _differ(one: Known, row: Row, hmac: str) -> bool:
    """Say whether ID numbers, as far as both are known, are those of two people."""
    if one.id_hmac and hmac:
        return one.id_hmac != hmac
    return bool(one.id_last4 and row.last4 and one.id_last4 != row.last4)

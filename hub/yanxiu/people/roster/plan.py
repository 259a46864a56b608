"""Decide what a roster file would do: who is added, changed, moved, and who is missing.

Pure: takes what was read of the file and of the store, changes nothing. The preview shows
a plan and ``apply`` carries it out; both make it here, so they cannot disagree.
"""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from yanxiu.cleaning import name_key
from yanxiu.errors import N_
from yanxiu.people.reads.roster import Known, Org
from yanxiu.roles import ROLES, Role

from .check import Checked, Row
from .columns import ROLE_NAMES
from .match import Organizations, People, Scope
from .problems import Problem, some

_TAKEN: dict[str, str] = {
    "teacher_no": N_("教师编号已属于平台里的另一位老师。请核对。"),
    "mobile": N_("手机号已属于平台里的另一位老师。请核对；本人没有手机号就空着。"),
    "id_hmac": N_("身份证号已属于平台里的另一位老师。请核对。"),
}
#: Roles that go along to another school; organizing the old one does not.
_PORTABLE = frozenset({"teacher", "group_lead", "grader"})
#: More than one in so many leave a school at once: a list that was cut off looks like that.
_TENTH = 10
_ORGANIZERS = frozenset({"school_organizer", "county_organizer"})


class Kind(StrEnum):
    """What happens to a row."""

    ADD = "add"
    CHANGE = "change"
    MOVE = "move"
    BACK = "back"  # left before, is there again
    SAME = "same"


@dataclass
class Entry:
    """One good row.

    :param values: columns of the person that get a new value; all of them for ``ADD``
    :param give: ``(role, organization)`` to add; ``take`` to remove
    """

    row: Row
    kind: Kind
    org: Org
    known: Known | None
    came_from: Org | None = None
    values: dict[str, Any] = field(default_factory=dict)
    give: list[tuple[str, uuid.UUID]] = field(default_factory=list)
    take: list[tuple[str, uuid.UUID]] = field(default_factory=list)


class Leave(NamedTuple):
    """A school that many leave at once.

    :param leaving: how many of its ``staff`` people
    """

    school: Org
    leaving: int
    staff: int


@dataclass
class Plan:
    """What a file would do.

    :param missing: people of the file's schools who are not in the file; they leave only
        if the importer says that the file is the whole list
    :param problems: line → what is wrong; these rows do nothing
    :param left_over: why the file cannot be the whole list: what was not read of it
    :param staff: school → people who are there now
    """

    entries: list[Entry] = field(default_factory=list)
    missing: list[Known] = field(default_factory=list)
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)
    left_over: list[Problem] = field(default_factory=list)
    orgs: dict[uuid.UUID, Org] = field(default_factory=dict)
    staff: Counter[uuid.UUID] = field(default_factory=Counter)

    def of(self, kind: Kind) -> list[Entry]:
        """Return the entries of a kind."""
        return [entry for entry in self.entries if entry.kind is kind]

    def counts(self) -> dict[str, int]:
        """Return how many rows of each kind there are, also ``missing`` and ``problems``."""
        found = {kind.value: 0 for kind in Kind}
        for entry in self.entries:
            found[entry.kind] += 1
        return {**found, "missing": len(self.missing), "problems": len(self.problems)}

    @property
    def large_leaves(self) -> list[Leave]:
        """Return the schools of which more than a tenth would leave: asked for twice."""
        leaving = Counter(one.school_id for one in self.missing)
        return [
            Leave(self.orgs[school], n, self.staff[school])
            for school, n in leaving.items()
            if n * _TENTH > self.staff[school]
        ]

    @property
    def does_something(self) -> bool:
        """Say whether importing would change anything, apart from people who are missing."""
        return any(entry.kind is not Kind.SAME for entry in self.entries)

    def digest(self) -> str:
        """Return what identifies the plan: two previews that show the same have the same."""
        told = [
            [
                entry.row.line,
                entry.kind,
                entry.known.id if entry.known else "",
                str(entry.org.id),
                {key: str(value) for key, value in entry.values.items()},
                sorted(map(str, entry.give)),
                sorted(map(str, entry.take)),
            ]
            for entry in self.entries
        ]
        facts = [told, [one.id for one in self.missing], sorted(self.problems)]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Register:
    """What the store knows: people, organizations, old codes, roles."""

    people: list[Known]
    orgs: list[Org]
    aliases: dict[str, uuid.UUID]
    grants: dict[str, set[tuple[str, uuid.UUID]]]


def make_plan(checked: Checked, hmacs: dict[int, str], register: Register, scope: Scope) -> Plan:
    """Return the plan of a checked file.

    :param hmacs: line → HMAC of the ID number, of the rows that have one
    """
    orgs = Organizations(register.orgs, register.aliases, scope)
    people = People(register.people, orgs)
    plan = Plan(problems={line: list(found) for line, found in checked.problems.items()})
    plan.orgs = orgs.by_id
    placed: list[tuple[Row, Org | None, str]] = []
    for row in checked.rows:
        org = orgs.find(row)
        if isinstance(org, Problem):
            plan.problems[row.line] = [org]
        else:
            placed.append((row, org, hmacs.get(row.line, "")))
    for row in checked.seen:
        # Told at once: whoever mends a row should not have to come back for its school.
        if row.line in checked.problems and isinstance(org := orgs.find(row), Problem):
            plan.problems[row.line].append(org)
    found = people.find_all(placed)
    for row, org, hmac in placed:
        known = found[row.line]
        if isinstance(known, Problem):
            plan.problems[row.line] = [known]
            continue
        entry = _entry(row, org, hmac, known, orgs, register, scope)
        if isinstance(entry, Problem):
            plan.problems[row.line] = [entry]
        else:
            plan.entries.append(entry)
    _keep_unique(plan, people)
    plan.missing = _missing(plan, checked, hmacs, people, orgs, register, scope)
    plan.staff = Counter(one.school_id for one in register.people if one.active)
    plan.left_over = _unknown(plan, checked, hmacs, people)
    old = sorted({row.org_code for row in checked.rows if orgs.is_old(row.org_code)})
    if old:
        message = N_("文件里用了旧的单位代码 {codes}，已按现在的学校读。")
        plan.notes.append(Problem("old_codes", message, {"codes": "、".join(old[:10])}))
    return plan


def _entry(
    row: Row,
    org: Org | None,
    hmac: str,
    known: Known | None,
    orgs: Organizations,
    register: Register,
    scope: Scope,
) -> Entry | Problem:
    home = orgs.by_id[known.school_id] if known else None
    org = org or home
    if org is None:
        return Problem("org_missing", N_("没有单位代码，也没有学校。请填上一项。"))
    if home is not None and not scope.covers(home):
        return Problem(
            "person_elsewhere",
            N_("平台里这位老师在您管理的学校之外。如果是调入，请上级管理员导入。"),
        )
    entry = Entry(row, Kind.ADD, org, known)
    values = _values(row, org, hmac)
    if known is None:
        entry.values = {**dict.fromkeys(("teacher_no", "mobile", "id_hmac", "id_last4")), **values}
        entry.values = {"stage": "", "subject": "", **entry.values}
    else:
        entry.values = {key: value for key, value in values.items() if getattr(known, key) != value}
        if not known.active:
            entry.values["active"] = True
    problem = _set_roles(entry, register.grants.get(known.id, set()) if known else set(), scope)
    if problem:
        return problem
    if known is not None:
        above = any(
            role != "teacher" and not scope.covers(orgs.by_id[org_id])
            for role, org_id in register.grants.get(known.id, ())
        )
        if above and (entry.values or entry.give or entry.take):
            return Problem(
                "person_above",
                N_("这位老师还有您管理范围以外的角色，资料请上级管理员修改。"),
            )
        moved = "school_id" in entry.values
        entry.came_from = home if moved else None
        if moved and known.id == scope.person_id:
            return Problem("own_move", N_("您自己的调动请由另一位管理员导入。"))
        touched = bool(entry.values or entry.give or entry.take)
        entry.kind = Kind.CHANGE if touched else Kind.SAME
        if moved:
            entry.kind = Kind.MOVE
        elif not known.active:
            entry.kind = Kind.BACK
    return entry


def _values(row: Row, org: Org, hmac: str) -> dict[str, Any]:
    """Return the columns that a row sets; an empty cell sets nothing."""
    given = {
        "name": row.name,
        "teacher_no": row.teacher_no,
        "mobile": row.mobile,
        "id_hmac": hmac,
        "id_last4": row.last4,
        "stage": row.stage,
        "subject": row.subject,
    }
    return {**{key: value for key, value in given.items() if value}, "school_id": org.id}


def _set_roles(entry: Entry, held: set[tuple[str, uuid.UUID]], scope: Scope) -> Problem | None:
    """Fill in which roles are given and taken; return why not."""
    moved_from = entry.known.school_id if entry.known else None
    kept = set(held)
    wanted = {(role, entry.org.id) for role in entry.row.roles}
    if entry.known is None and not wanted and _fits("teacher", entry.org):
        wanted = {("teacher", entry.org.id)}
    carried: set[tuple[str, uuid.UUID]] = set()
    if moved_from is not None and moved_from != entry.org.id:
        left = {(role, org_id) for role, org_id in held if org_id == moved_from}
        kept -= left
        carried = {
            (role, entry.org.id) for role, _ in left if role in _PORTABLE and _fits(role, entry.org)
        }
    for role, _ in sorted(wanted - kept - carried):
        name = ROLE_NAMES[role]
        if not scope.may_give(role, entry.org):
            message = N_("您不能在花名册里给出“{role}”这个角色，请上级管理员设置。")
            return Problem("role_not_yours", message, {"role": name})
        if not _fits(role, entry.org):
            message = N_("“{role}”不能设在这个单位：县管理员在县，其他角色在学校。")
            return Problem("role_place", message, {"role": name})
    final = kept | carried | wanted
    entry.give = sorted(final - held)
    entry.take = sorted(held - final)
    return None


def _fits(role: str, org: Org) -> bool:
    return org.kind in ROLES[Role(role)].kinds


def _keep_unique(plan: Plan, people: People) -> None:
    """Turn entries into problems whose number is somebody's who keeps it.

    Again and again, because an entry that falls out does not free its old number.
    """
    owners = {
        "teacher_no": people.by_number,
        "mobile": people.by_mobile,
        "id_hmac": people.by_hmac,
    }
    while True:
        freed = {
            (name, entry.known.id)
            for entry in plan.entries
            if entry.known
            for name in owners
            if name in entry.values
        }
        kept = []
        for entry in plan.entries:
            problem = _taken(entry, owners, freed)
            if problem is None:
                kept.append(entry)
            else:
                plan.problems[entry.row.line] = [problem]
        if len(kept) == len(plan.entries):
            return
        plan.entries = kept


def _taken(
    entry: Entry, owners: dict[str, dict[str, Known]], freed: set[tuple[str, str]]
) -> Problem | None:
    mine = entry.known.id if entry.known else None
    for name, known in owners.items():
        owner = known.get(entry.values.get(name) or "")
        if owner is not None and owner.id != mine and (name, owner.id) not in freed:
            return Problem(f"{name}_taken", _TAKEN[name])
    # A teacher number that is another's mobile: one of the two could never log in.
    for name, other in (("teacher_no", "mobile"), ("mobile", "teacher_no")):
        owner = owners[other].get(entry.values.get(name) or "")
        if owner is not None and owner.id != mine:
            return Problem(f"{name}_taken", _TAKEN[name])
    return None


def _missing(
    plan: Plan,
    checked: Checked,
    hmacs: dict[int, str],
    people: People,
    orgs: Organizations,
    register: Register,
    scope: Scope,
) -> list[Known]:
    """Return who is at one of the file's schools and in no row, not even in a wrong one."""
    here = {entry.org.id for entry in plan.entries}
    there = {entry.known.id for entry in plan.entries if entry.known}
    bad = [row for row in checked.seen if row.line in plan.problems]
    names = {name_key(row.name) for row in bad}
    numbers = _filled(row.teacher_no for row in bad) | _filled(row.mobile for row in bad)
    ids = _filled(hmacs.get(row.line, "") for row in bad)
    return [
        one
        for one in people.all.values()
        if one.active
        and one.school_id in here
        and one.id not in there
        and one.id != scope.person_id
        and scope.covers(orgs.by_id[one.school_id])
        and name_key(one.name) not in names
        and not {one.teacher_no, one.mobile} & numbers
        and one.id_hmac not in ids
        and not any(role in _ORGANIZERS for role, _ in register.grants.get(one.id, ()))
    ]


def _unknown(plan: Plan, checked: Checked, hmacs: dict[int, str], people: People) -> list[Problem]:
    """Return what to say of wrong rows that may be anybody, perhaps one who is missing."""
    lines = [
        row.line
        for row in checked.seen
        if any(problem.code.startswith("name_") for problem in plan.problems.get(row.line, ()))
        or (row.line in plan.problems and not row.name)
        if not (
            row.teacher_no in people.by_number
            or row.mobile in people.by_mobile
            or hmacs.get(row.line) in people.by_hmac
        )
    ]
    if not lines or not plan.missing:
        return []
    message = N_("第 {rows} 行看不出是哪位老师。请先改正姓名。")
    return [Problem("unknown", message, {"rows": some(lines)})]


def _filled(values: Iterable[str]) -> set[str | None]:
    return {value for value in values if value}

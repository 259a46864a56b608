"""Preview a roster file, and carry it out: one transaction, one audit event for it and
one for each person.

The plan is made again inside the transaction; if it is not the one that was shown,
nothing happens. No password is hashed here: who is new gets a one-time code later
(``login.slips``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yanxiu.errors import N_, Refused
from yanxiu.names import new_id, new_person_id
from yanxiu.people.idnumber import IdKey
from yanxiu.people.reads import roster as sql
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .check import Checked, check_table
from .match import Scope
from .plan import Entry, Kind, Plan, Register, make_plan
from .read import Table

#: Writes in the transaction of an import, at its instant, what is there only if the import is.
Beside = Callable[[Session, datetime, dict[str, int]], None]

_VERBS = {
    Kind.ADD: "person.add",
    Kind.CHANGE: "person.change",
    Kind.MOVE: "person.move",
    Kind.BACK: "person.back",
}


def register_of(session: Session) -> Register:
    """Return what the store knows: four queries, 35,000 people in about half a second."""
    return Register(
        people=sql.everybody(session),
        orgs=sql.organizations(session),
        aliases=sql.aliases(session),
        grants=sql.grants(session),
    )


@dataclass(frozen=True)
class Prepared:
    """A file as far as it can be judged without the store.

    :param hmacs: line → HMAC of the ID number
    """

    table: Table
    checked: Checked
    hmacs: dict[int, str]


def prepared(table: Table, key: IdKey) -> Prepared:
    """Check a file once, for its preview and its import."""
    checked = check_table(table)
    hmacs = {row.line: key.hmac(row.id_number) for row in checked.seen if row.id_number}
    return Prepared(table, checked, hmacs)


def preview(store: Store, file: Prepared, scope: Scope) -> Plan:
    """Return what a file would do now."""
    with store.read() as session:
        return _planned(file, register_of(session), scope)


def _planned(file: Prepared, register: Register, scope: Scope) -> Plan:
    plan = make_plan(file.checked, file.hmacs, register, scope)
    plan.notes = [*file.table.notes, *plan.notes]
    plan.left_over = [*file.table.left_over, *plan.left_over]
    return plan


def apply_file(
    store: Store,
    file: Prepared,
    key: IdKey,
    scope: Scope,
    *,
    audit: Event,
    whole: bool = False,
    leaving: int | None = None,
    expected: str | None = None,
    beside: Beside = lambda session, now, counts: None,
) -> dict[str, int]:
    """Import the rows without problems; return the counts, ``left`` among them.

    :param audit: the import's own event; its details are filled in
    :param whole: the file is the whole list of its schools: who is missing has left
    :param leaving: how many leave, said once more: needed if a school loses many at once
    :param expected: the digest of the plan that was shown
    :param beside: writes what must be there exactly if the import is, in its transaction
    :raises Refused: the plan is another by now; the whole list was not read whole; or many
        would leave and ``leaving`` does not say how many
    """
    # Slow, and the same whatever the plan will be: before the database is locked.
    ciphers = {row.line: key.encrypt(row.id_number) for row in file.checked.rows if row.id_number}

    def work(session: Session, now: datetime) -> dict[str, int]:
        sql.lock(session)
        plan = _planned(file, register_of(session), scope)
        check_plan(plan, expected=expected, whole=whole, leaving=leaving)
        counts = plan.counts() | {"left": len(plan.missing) if whole else 0}
        _write(session, now, plan, ciphers, audit, whole=whole)
        beside(session, now, counts)
        audit.details = {**audit.details, **counts}
        return counts

    return store.transact(work, audit)


def check_plan(plan: Plan, *, expected: str | None, whole: bool, leaving: int | None) -> None:
    """Refuse what somebody must look at once more; see ``apply_file``."""
    if expected is not None and plan.digest() != expected:
        raise Refused(
            "roster.changed",
            N_("预览以后平台里的名单有了变化，没有导入。请看新的预览，再点导入。"),
            status=409,
        )
    if whole:
        _check_whole(plan, leaving)


def _check_whole(plan: Plan, leaving: int | None) -> None:
    """Refuse to lock people out because of a file that was not read or not written whole."""
    if plan.left_over:
        raise Refused(
            "roster.not_whole",
            N_(
                "这份文件没有全部读进来，不能当作完整名单，没有导入。请照说明改好后重新上传，或不勾选完整名单。"
            ),
            status=409,
        )
    if plan.large_leaves and leaving != len(plan.missing):
        raise Refused(
            "roster.leave_many",
            N_(
                "有学校会有超过十分之一的老师被标记为已离开，还没有导入。请核对名单，再确认一次人数。"
            ),
            status=409,
        )


def _write(
    session: Session,
    now: datetime,
    plan: Plan,
    ciphers: dict[int, bytes],
    audit: Event,
    *,
    whole: bool,
) -> None:
    added: list[dict[str, Any]] = []
    changed: dict[str, dict[str, Any]] = {}
    given: list[dict[str, Any]] = []
    taken = []
    events: list[dict[str, Any]] = []

    def note(person_id: str, verb: str, school_id: Any, details: dict[str, Any]) -> None:
        events.append(
            {
                "id": new_id(),
                "at": now,
                "actor": audit.actor,
                "verb": verb,
                "object_kind": "person",
                "object_id": person_id,
                "school_id": school_id,
                "outcome": "done",
                "details": details,
            }
        )

    for entry in plan.entries:
        if entry.kind is Kind.SAME:
            continue
        person_id = entry.known.id if entry.known else new_person_id()
        values = dict(entry.values)
        if values.get("id_hmac"):
            values["id_cipher"] = ciphers[entry.row.line]
        if entry.known is None:
            values.setdefault("id_cipher", None)
            added.append({"id": person_id, "active": True, "created_at": now, **values})
        elif values:
            if values.get("active"):
                values["left_at"] = None
            changed[person_id] = values
        given += [
            {"id": new_id(), "person_id": person_id, "role": role, "org_id": org_id}
            for role, org_id in entry.give
        ]
        taken += [(person_id, role, org_id) for role, org_id in entry.take]
        note(person_id, _VERBS[entry.kind], entry.org.id, _details(entry))
    for one in plan.missing if whole else []:
        changed[one.id] = {"active": False, "left_at": now}
        note(one.id, "person.leave", one.school_id, {})
    sql.change_people(session, changed)
    sql.add_people(session, added)
    sql.drop_grants(session, taken)
    sql.add_grants(session, given)
    sql.add_events(session, events)


def _details(entry: Entry) -> dict[str, Any]:
    """Return which fields changed, never what they are."""
    details: dict[str, Any] = {}
    if entry.known is not None:
        details["fields"] = sorted(entry.values)
    if entry.came_from is not None:
        details |= {"from": entry.came_from.code, "to": entry.org.code}
    given, taken = ({role for role, _ in pairs} for pairs in (entry.give, entry.take))
    if entry.known is not None and given - taken:
        details["roles_given"] = sorted(given - taken)
    if taken - given:
        details["roles_taken"] = sorted(taken - given)
    return details

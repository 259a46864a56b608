"""Seed a site with its roster: add who is not there, touch nobody else.

``yanxiu up`` does this at every start, and the database wins at run time: somebody who
was moved, renamed or has left in the portal stays so. Called by the command line.
"""

from dataclasses import dataclass
from pathlib import Path

from yanxiu.errors import Refused, SettingsError
from yanxiu.people.idnumber import IdKey
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store

from .apply import apply_file, prepared, preview, register_of
from .check import check_table
from .match import Scope
from .plan import Register
from .problems import Problem
from .read import Table, read_table

#: The operator's command may do everything.
EVERYTHING = Scope(
    ("/",),
    frozenset(
        (role, "/") for role in ("teacher", "group_lead", "school_organizer", "county_organizer")
    ),
)


@dataclass
class Roster:
    """A site's roster file, and ``(line, reason)`` of what is wrong with it by itself."""

    table: Table
    defects: list[tuple[int, str]]


def read_roster(path: Path) -> Roster:
    """Read a roster file.

    :raises SettingsError: not a table, or no header row with the needed columns
    """
    try:
        table = read_table(path.read_bytes(), path.name)
    except Refused as refused:
        raise SettingsError(refused.text()) from refused
    return Roster(table, _told(check_table(table).problems))


def apply_roster(
    store: Store, roster: Roster, key: IdKey, actor: str
) -> tuple[int, list[tuple[int, str]]]:
    """Add the people who are not there yet, in one transaction.

    :returns: how many were added, and ``(line, reason)`` of rows that could not be taken;
        if there is any, nothing is written
    """
    if roster.defects:
        return 0, roster.defects
    with store.read() as session:
        known = _names(register_of(session))
    file = prepared(roster.table, key)
    fresh = {
        row.line
        for row in file.checked.rows
        if not {row.teacher_no, row.mobile, file.hmacs.get(row.line)} & known
    }
    if not fresh:
        return 0, []
    lines = [line for line in roster.table.lines if line.number in fresh]
    file = prepared(Table(roster.table.header, roster.table.fields, lines), key)
    plan = preview(store, file, EVERYTHING)
    if plan.problems:
        return 0, _told(plan.problems)
    audit = Event(actor, "roster.apply", "roster")
    counts = apply_file(store, file, key, EVERYTHING, audit=audit, expected=plan.digest())
    return counts["add"], []


def _names(register: Register) -> set[str | None]:
    return {
        value
        for one in register.people
        for value in (one.teacher_no, one.mobile, one.id_hmac)
        if value
    }


def _told(problems: dict[int, list[Problem]]) -> list[tuple[int, str]]:
    return [
        (line, "；".join(problem.text().rstrip("。") for problem in found))
        for line, found in sorted(problems.items())
    ]

"""Server hours of a month by school and day, as a page and as a workbook."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.errors import N_
from yanxiu.i18n import Translator
from yanxiu.people.reads import schools as schools_below
from yanxiu.people.roster.sheets import add_sheet, content_of, new_book
from yanxiu.quota.ledger import day_of, month_of
from yanxiu.quota.reads import history, overview
from yanxiu.quota.reads.history import DayRow
from yanxiu.store.audit import Event
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import TheStore, who_may
from yanxiu.web.heavy import heavy
from yanxiu.web.listing import named_id, query_of
from yanxiu.web.pages import download, reader, show

from . import words

router = APIRouter(prefix="/organize")

Organizer = Annotated[Actor, Depends(who_may(Act.SEE_QUOTA))]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
#: Months that the list offers.
MONTHS = 13


@dataclass
class Total:
    """One school's month."""

    school_id: uuid.UUID
    school: str
    code: str
    hours: float = 0.0
    starts: int = 0
    days: int = 0
    limit: float | None = None


def totals(rows: list[DayRow]) -> list[Total]:
    """Return the sums of each school, the most hours first."""
    found: dict[uuid.UUID, Total] = {}
    for row in rows:
        one = found.setdefault(row.school_id, Total(row.school_id, row.school, row.code))
        one.hours, one.starts, one.days = (
            one.hours + row.hours,
            one.starts + row.starts,
            one.days + 1,
        )
    return sorted(found.values(), key=lambda one: (-one.hours, one.school, one.code))


def by_day(rows: list[DayRow]) -> list[tuple[date, float, int]]:
    """Return the sums of each day."""
    hours: defaultdict[date, float] = defaultdict(float)
    starts: defaultdict[date, int] = defaultdict(int)
    for row in rows:
        hours[row.day] += row.hours
        starts[row.day] += row.starts
    return [(day, hours[day], starts[day]) for day in sorted(hours)]


def months(now: datetime) -> list[str]:
    """Return the months that can be asked for, this one first."""
    year, month = map(int, month_of(now).split("-"))
    found = []
    for _ in range(MONTHS):
        found.append(f"{year}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found


def _asked(month: str, school: str, now: datetime) -> tuple[str, uuid.UUID | None]:
    return month if _MONTH.fullmatch(month) else month_of(now), named_id(school)


@router.get("/hours")
def hours_page(
    request: Request, actor: Organizer, store: TheStore, month: str = "", school: str = ""
) -> Response:
    """Show a month: schools with their sums, and the days of all of them or of one."""
    now, paths = store.clock(), actor.subtrees(Act.SEE_QUOTA)
    chosen, school_id = _asked(month, school, now)
    with store.read() as session:
        rows = history.days(session, paths, chosen, school_id)
        schools = schools_below.school_choices(session, paths)
        limits = {one.org_id: one.most_hours for one in overview.pools(session, paths, chosen)}
    sums = totals(rows)
    for one in sums:
        one.limit = limits.get(one.school_id)
    return show(
        request,
        "hours.html",
        month=chosen,
        months=list(dict.fromkeys([*months(now), chosen])),
        schools=schools,
        school_id=school_id,
        totals=sums,
        days=by_day(rows),
        whole=sum(one.hours for one in sums),
        number=words.number,
        query=query_of(month=chosen, school=school_id),
    )


@router.get("/hours.xlsx")
@heavy
def hours_file(
    request: Request, actor: Organizer, store: TheStore, month: str = "", school: str = ""
) -> Response:
    """Return the month as a workbook: one row for each school and day, and the sums."""
    now, paths = store.clock(), actor.subtrees(Act.SEE_QUOTA)
    chosen, school_id = _asked(month, school, now)
    with store.read() as session:
        rows = history.days(session, paths, chosen, school_id)
        stored = [
            one
            for one in overview.pools(session, paths, chosen)
            if one.kind == "school" and school_id in (None, one.org_id)
        ]
    store.note(Event(actor.person_id, "hours.download", "month", chosen, actor.school_id))
    content = workbook(rows, stored, chosen, now, reader(request))
    return download(content, f"server-hours-{chosen}.xlsx", XLSX)


def workbook(
    rows: list[DayRow], stored: list[overview.Pool], month: str, now: datetime, tr: Translator
) -> bytes:
    """Return the file. Names are text, whatever they begin with; hours and sizes are numbers.

    :param stored: the schools, for what their homes take now
    """
    book = new_book()
    school, code, hours, starts = (
        tr.gettext(name)
        for name in (N_("学校"), N_("学校标识码"), N_("机时（小时）"), N_("启动次数"))
    )
    add_sheet(
        book,
        tr.gettext("按学校和日期"),
        [school, code, tr.gettext("日期"), hours, starts],
        _day_rows(rows),
        [28, 14, 12, 14, 10],
        numbers=True,
    )
    add_sheet(
        book,
        tr.gettext("合计"),
        [school, code, tr.gettext("月份"), hours, starts],
        ([one.school, one.code, month, round(one.hours, 2), one.starts] for one in totals(rows)),
        [28, 14, 12, 14, 10],
        numbers=True,
    )
    add_sheet(
        book,
        tr.gettext("个人文件夹"),
        [school, code, tr.gettext("日期"), tr.gettext("已用（MB）"), tr.gettext("上限（MB）")],
        (
            [one.name, one.code, day_of(now).isoformat(), round(one.storage, 1), one.most_storage]
            for one in sorted(stored, key=lambda one: (-one.storage, one.name, one.code))
        ),
        [28, 14, 12, 14, 12],
        numbers=True,
    )
    return content_of(book, now)


def _day_rows(rows: list[DayRow]) -> Iterator[list[object]]:
    for row in rows:
        yield [row.school, row.code, row.day.isoformat(), round(row.hours, 2), row.starts]

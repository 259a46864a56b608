"""The county's pages of pools: all schools at a glance; one school's limits, day, what-if and trail.

School organizers see their own; who may set limits is ``permissions``'. A refused form comes back with
what was typed.
"""

import uuid
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response
from yanxiu_formats.numbers import NotANumber, parse_number

from yanxiu.errors import N_, Invalid
from yanxiu.people.model import Organization
from yanxiu.quota import counters, homes
from yanxiu.quota.curve import peaks
from yanxiu.quota.ledger import begin_of, day_of, month_of
from yanxiu.quota.permissions import can_set_limits, check_can_see_pool
from yanxiu.quota.reads import history, overview
from yanxiu.quota.rules import GUARANTEED, Limit, Resource
from yanxiu.quota.storage_sentences import size, storage_of
from yanxiu.quota.tree import sure_of, tally
from yanxiu.quota.verbs.set_limits import Outdated, Part, Shown, set_limits
from yanxiu.quota.whatif import Sure, costs, shortage
from yanxiu.quota.wiring import capacity_for
from yanxiu.settings.model import Site
from yanxiu.store.engine import Session, Store
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, get_service, who_may
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.heavy import heavy
from yanxiu.web.listing import typed_words
from yanxiu.web.pages import go_to, reader, show

from . import words
from .chart import day_curve
from .line import TheEngine

router = APIRouter(prefix="/organize/quota")

Organizer = Annotated[Actor, Depends(who_may(Act.SEE_QUOTA))]
STEP = timedelta(minutes=10)
#: What of a limit can be set, in the order of the form's columns.
PARTS = ("guarantee", "ceiling", "per_teacher")
MOST_CHANGES = 20
#: Of the homes of a school that take most.
MOST_HOMES = 10
MOST_ALL_CHANGES = 200
DAYS = (7, 30)
#: Of days that can be looked at.
FIRST_YEAR = 2000


def parts_of(resource: Resource) -> tuple[str, ...]:
    """Return which parts of a limit mean something for a resource."""
    if resource is Resource.GRADING_SHARE:
        return ("guarantee",)
    return PARTS if resource in GUARANTEED else PARTS[1:]


@router.get("")
def overview_page(request: Request, actor: Organizer, store: TheStore, q: str = "") -> Response:
    """Show all pools of the reader's subtrees on one page, the pressed first."""
    said, paths = typed_words(q), actor.subtrees(Act.SEE_QUOTA)
    now = store.clock()
    with store.read() as session:
        found = overview.pools(session, paths, month_of(now))
    # The reader's own roots stand above what is below them.
    tops = [one for one in found if one.path in paths]
    below = [one for one in found if one.path not in paths]
    if not below:
        tops, below = [], tops
    shown = [one for one in below if said in one.name or one.code.startswith(said)]
    return show(
        request,
        "quota.html",
        tops=tops,
        rows=shown,
        total=len(below),
        words=said,
        number=words.number,
        size=size,
        waiting=sum(one.waiting for one in (tops or below)),
        may_set=any(can_set_limits(actor, one.path) for one in below[:1]),
    )


@router.get("/changes")
def changes_page(request: Request, actor: Organizer, store: TheStore) -> Response:
    """Show who changed which limits in the reader's subtrees, the newest first."""
    with store.read() as session:
        rows = history.changes(session, actor.subtrees(Act.SEE_QUOTA), MOST_ALL_CHANGES)
    return show(request, "quota_changes.html", rows=_trail(request, rows), most=MOST_ALL_CHANGES)


@router.get("/{org_id}")
@heavy
def pool_page(request: Request, org_id: uuid.UUID, actor: Organizer, store: TheStore) -> Response:
    """Show one organization: its limits, a day, what another ceiling would have meant, its trail."""
    return _page(request, store, actor, org_id)


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    org_id: uuid.UUID,
    status: int = 200,
    problem: str = "",
    typed: Posted | None = None,
    outdated: Shown | None = None,
) -> Response:
    tr, now, site = reader(request), store.clock(), get_service(request).site
    asked = request.query_params
    today = day_of(now)
    day = _day(asked.get("day", ""), today)
    begin, end = begin_of(day), begin_of(day + timedelta(days=1))
    days = int(asked["days"]) if asked.get("days") in {str(n) for n in DAYS} else DAYS[0]
    with store.read() as session:
        org = history.organization(session, org_id)
        check_can_see_pool(actor, org.path if org else "")
        assert org is not None
        pool = overview.pool(session, org, month_of(now))
        limits = counters.limits_of(session, org_id)
        ran = history.ran(session, org.path, begin, min(end, now))
        trail = history.changes_of(session, org, MOST_CHANGES)
        largest = homes.largest(session, org_id, MOST_HOMES) if org.kind == "school" else []
        answer = _what_if(session, site, org, limits, asked, days, now)
    points = peaks(ran, begin, min(end, now), STEP)
    most = max((count for _, count in points), default=0)
    chart = day_curve(
        points,
        begin,
        end,
        STEP,
        pool.ceiling,
        tr.gettext("{day}，最多同时 {most} 台。", day=day.isoformat(), most=most),
    )
    return show(
        request,
        "quota_one.html",
        status=status,
        org=org,
        pool=pool,
        limits=[
            (
                resource,
                tr.gettext(words.RESOURCES[resource]),
                parts_of(resource),
                limits.get(resource, Limit()),
            )
            for resource in words.RESOURCES
        ],
        parts=PARTS,
        value=lambda resource, part: _value(typed, limits, Part(resource, part), outdated or {}),
        present=lambda resource, part: words.field(resource, Part(resource, part).of(limits)),
        outdated={(one.resource, one.name): was for one, was in (outdated or {}).items()},
        may_set=can_set_limits(actor, org.path),
        number=words.number,
        amount=words.amount,
        size=size,
        storage=storage_of(pool.stored, tr),
        homes=largest,
        chart=chart,
        day=day,
        today=today,
        most=most,
        answer=answer,
        days=days,
        every_days=DAYS,
        lasting=lambda seconds: words.lasting(timedelta(seconds=seconds), tr),
        trail=_trail(request, trail),
        most_changes=MOST_CHANGES,
        done=request.query_params.get("done", "") == "set",
        problem=problem,
    )


def _day(text: str, today: date) -> date:
    """Return the day that is asked for, today for anything odd or not yet begun."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today
    # Before that no platform ran; the first days of the calendar have no instant in UTC here.
    return min(asked, today) if asked.year >= FIRST_YEAR else today


def _value(typed: Posted | None, limits: dict[Resource, Limit], part: Part, outdated: Shown) -> str:
    """Return what stands in a field: what was typed, else what is set.

    What was only left as the form had shown it is not what somebody wants now.
    """
    name, present = _name(part), words.field(part.resource, part.of(limits))
    if typed is None or name not in typed.form:
        return present
    left_alone = part in outdated and typed.text(name) == words.field(part.resource, outdated[part])
    return present if left_alone else typed.text(name)


def _name(part: Part) -> str:
    """Return the name of a field; ``was.`` and it holds what the form showed."""
    return f"{part.resource}.{part.name}"


def _what_if(
    session: Session,
    site: Site,
    org: Organization,
    limits: dict[Resource, Limit],
    asked: Any,
    days: int,
    now: Any,
) -> dict[str, Any]:
    """Return what another ceiling would have meant, and what another guarantee would cost."""
    present = limits.get(Resource.SERVERS, Limit())
    ceiling, guarantee = (_whole(asked.get(name, "")) for name in ("if_ceiling", "if_guarantee"))
    found: dict[str, Any] = {"ceiling": ceiling, "guarantee": guarantee, "rows": [], "costs": []}
    if ceiling is not None:
        since = now - timedelta(days=days)
        ran = history.ran(session, org.path, since, now)
        waited = history.waited(session, org.path, since, now)
        found["rows"] = [
            shortage(ran, waited, one, since, now)
            for one in dict.fromkeys(c for c in (present.ceiling, ceiling) if c is not None)
        ]
    if guarantee is not None:
        above = _above(session, site, org)
        found["costs"] = costs(above, present.guarantee or 0.0, guarantee)
    return found


def _above(session: Session, site: Site, org: Organization) -> list[Sure]:
    """Return what is sure of what every organization above has, the nearest first."""
    orgs, limits = counters.organizations(session), counters.all_limits(session)
    stands = tally(orgs, sure_of(site, orgs, limits), {})
    found = []
    for one in sorted(orgs, key=lambda o: -len(o.path)):
        if one.path != org.path and org.path.startswith(one.path):
            stand = stands.get((one.id, Resource.SERVERS.value))
            found.append(
                Sure(
                    one.name,
                    limits.get(one.id, {}).get(Resource.SERVERS, Limit()).ceiling,
                    stand.needed if stand else 0.0,
                    stand.guarantee if stand else 0.0,
                )
            )
    return found


def _whole(text: str) -> int | None:
    """Return a whole number from an address, None for anything else."""
    try:
        value = parse_number(text[:20])
    except NotANumber:
        return None
    return (
        int(value) if value is not None and value == int(value) and 0 <= value <= 100_000 else None
    )


def _trail(
    request: Request, rows: list[history.Change]
) -> list[tuple[history.Change, str, list[str]]]:
    """Return each change with who did it and what it was, in words."""
    tr = reader(request)
    names = {"guarantee": N_("保证"), "ceiling": N_("上限"), "per_teacher": N_("每人")}
    found = []
    for row in rows:
        said = []
        for key, change in row.resources.items():
            resource = Resource(key)
            title, say = tr.gettext(words.RESOURCES[resource]), partial(words.amount, resource)
            before, after = change.get("from", {}), change.get("to", {})
            parts = [
                f"{tr.gettext(name)} {say(before.get(part))} → {say(after.get(part))}"
                for part, name in names.items()
                if before.get(part) != after.get(part)
            ]
            said.append(f"{title}：{'，'.join(parts)}")
        who = tr.gettext("服务器上的命令") if row.who.startswith("system:") else row.who
        found.append((row, who, said))
    return found


def _again(
    request: Request, store: Store, posted: Posted, org_id: uuid.UUID, problem: Problem
) -> Response:
    refusal = problem.refusal
    outdated = refusal.changed if isinstance(refusal, Outdated) else None
    return _page(
        request, store, posted.actor, org_id, problem.status, problem.text, posted, outdated
    )


@router.post("/{org_id}")
@form_again(_again)
def set_form(
    request: Request, org_id: uuid.UUID, posted: TheForm, store: TheStore, engine: TheEngine
) -> Response:
    """Set the limits of one organization."""
    tr, site = reader(request), get_service(request).site
    with store.read() as session:
        org = history.organization(session, org_id)
        check_can_see_pool(posted.actor, org.path if org else "")
        present = counters.limits_of(session, org_id)
    parts = [Part(one, name) for one in words.RESOURCES for name in parts_of(one)]
    typed = {
        part: _typed(posted, part, tr.gettext(words.RESOURCES[part.resource]))
        # A field that was not sent stays as it is: an empty one is what lifts a limit.
        if _name(part) in posted.form
        else part.of(present)
        for part in parts
    }
    wanted = {
        resource: replace(
            present.get(resource, Limit()),
            **{part.name: value for part, value in typed.items() if part.resource is resource},
        )
        for resource in words.RESOURCES
    }
    capacity = engine.capacity() if engine is not None else capacity_for(site)
    shown = {part: _shown(posted, part, present) for part in parts}
    set_limits(store, site, capacity, posted.actor, org_id, wanted, shown)
    if engine is not None:
        engine.limits_changed()
    return go_to(request, f"organize/quota/{org_id}?done=set")


def _shown(posted: Posted, part: Part, present: dict[Resource, Limit]) -> float | None:
    """Return what the form showed; what it does not say was as it is now."""
    name = f"was.{_name(part)}"
    if name not in posted.form:
        return part.of(present)
    try:
        return words.parse(part.resource, posted.text(name))
    except NotANumber:  # nobody types here
        return part.of(present)


def _typed(posted: Posted, part: Part, title: str) -> float | None:
    """Return the number in a field, None for an empty one. :raises Invalid: it is no number"""
    text = posted.text(_name(part))
    try:
        return words.parse(part.resource, text)
    except NotANumber:
        raise Invalid(
            "quota.not_a_number",
            N_("“{title}”里的“{text}”不是数。请填数字，不限就空着；没有改动。"),
            title=title,
            text=text[:20],
        ) from None

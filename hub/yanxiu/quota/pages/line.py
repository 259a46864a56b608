"""The waiting line, as one teacher sees it: her place, how long, and the start by itself.

Nobody waits inside a start of the hub. This page looks again by itself, without a script; when a
place is kept for her it sends the browser to the hub, which starts the server. Looking keeps the
place in line, so whoever closes the page is forgotten. Nobody's place but one's own is here.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from yanxiu.quota import sentences
from yanxiu.quota.engine import Engine, Held
from yanxiu.web.actor import Actor
from yanxiu.web.deps import Posted, TheForm, current_actor, get_service
from yanxiu.web.pages import reader, show

router = APIRouter(prefix="/line")

#: How often the page looks.
EVERY_S = 10


async def the_engine(request: Request) -> Engine | None:
    """Return the engine of the site, if anything is counted (``portal.app`` made it)."""
    engine: Engine | None = request.app.state.quota
    return engine


TheEngine = Annotated[Engine | None, Depends(the_engine)]


@router.get("")
def line_page(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    engine: TheEngine,
    next: str = "",
    looks: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show the place in line, or start the server for which a place is kept.

    :param next: where the start leads; the hub judges it
    :param looks: how often the page has looked by itself since somebody opened it
    """
    assert actor.person_id is not None
    found = engine.where(actor.person_id) if engine is not None else None
    start = _start(request, actor.person_id, next)
    if isinstance(found, Held):
        return RedirectResponse(start, 303)
    if found is None:
        return show(request, "line_none.html", start=start)
    # A page that lies open must not keep a login alive, nor get a place that nobody uses.
    most = get_service(request).site.login.idle_minutes * 60 / EVERY_S
    there = not most or looks < most
    tr = reader(request)
    return show(
        request,
        "line.html",
        waiting=found,
        why=sentences.why(found.reason).say(tr.gettext),
        standing=[one.text(tr.gettext) for one in sentences.standing(found)],
        every_s=EVERY_S,
        again=_again(next, looks + 1) if there else "",
        stay=_again(next, 0),
        forget_minutes=get_service(request).site.quota.forget_minutes,
    )


@router.post("/leave")
def leave_form(request: Request, posted: TheForm, engine: TheEngine) -> Response:
    """Leave the line."""
    if engine is not None:
        engine.leave(_own(posted))
    return RedirectResponse(f"{get_service(request).prefix}line", 303)


def _own(posted: Posted) -> str:
    """Return whose place it is: the sender's, whatever the form says."""
    assert posted.actor.person_id is not None
    return posted.actor.person_id


def _again(wanted: str, looks: int) -> str:
    return "?" + urlencode({"looks": looks, **({"next": wanted} if wanted else {})})


def _start(request: Request, person_id: str, wanted: str) -> str:
    """Return the hub's address that starts the person's server."""
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return f"{get_service(request).hub_prefix}spawn/{person_id}{query}"

"""The organizer's list of submissions, and what is done with many at once."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from yanxiu.records.actor import ORGANIZERS, Actor
from yanxiu.records.permissions import can_organize, check_can_list_work, check_can_organize
from yanxiu.records.states import State
from yanxiu.records.workflows.release import release_all
from yanxiu.store.engine import Store
from yanxiu.store.queries import organize as queries

from . import words
from .deps import Posted, current_actor, get_portal, get_store, posted_form
from .listing import Pager, read_view
from .pages import reader, show

router = APIRouter(prefix="/organize")


async def organizer(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
    """Return the actor, who organizes something."""
    check_can_organize(actor)
    return actor


async def marker(actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
    """Return the actor, who organizes something or has something to mark."""
    check_can_list_work(actor)
    return actor


@router.get("/")
def submissions_list(
    request: Request,
    actor: Annotated[Actor, Depends(marker)],
    store: Annotated[Store, Depends(get_store)],
) -> Response:
    """Show the list, a page at a time, the longest waiting first."""
    view, size = read_view(request), get_portal(request).site.page_size
    wanted = view.filter(actor)
    paths = actor.paths(ORGANIZERS)
    with store.read() as session:
        counts = queries.state_counts(session, wanted)
        total = sum(counts.get(state, 0) for state in wanted.states or counts)
        pager = Pager(min(view.page, max(1, -(-total // size))), size, total)
        rows = queries.submissions_page(session, wanted, offset=(pager.page - 1) * size, limit=size)
        units = queries.assignment_choices(session, paths, {one for one, _ in actor.duties})
        schools = queries.school_choices(session, paths, {one for _, one in actor.duties})
    tr = reader(request)
    titles = {choice.id: tr.pick(choice.title) for choice in units}
    return show(
        request,
        "organize.html",
        view=view,
        pager=pager,
        rows=rows,
        units=units,
        schools=schools,
        titles=titles,
        views=[
            (key, tr.gettext(name), sum(counts.get(state, 0) for state in states or counts))
            for key, name, states in words.VIEWS
        ],
        badge=lambda state: words.submission_badge(state, tr, author=False),
        failure=lambda code: words.failure(code, tr),
        marked=counts.get(State.MARKED, 0)
        if view.unit and view.unit in titles and can_organize(actor)
        else 0,
        released=_count(request, "released"),
        refused=_count(request, "refused"),
    )


def _count(request: Request, name: str) -> int | None:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


@router.post("/units/{assignment_id}/release")
def release_marked(
    request: Request,
    assignment_id: uuid.UUID,
    posted: Annotated[Posted, Depends(posted_form)],
    store: Annotated[Store, Depends(get_store)],
) -> Response:
    """Release everything of a unit that is marked, in the organizer's schools."""
    done, refused = release_all(store, posted.actor, assignment_id)
    query = f"unit={assignment_id}&state=marked&released={done}&refused={refused}"
    return RedirectResponse(f"{get_portal(request).prefix}organize/?{query}", 303)

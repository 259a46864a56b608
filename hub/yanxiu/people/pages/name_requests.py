"""The organizer's queue of names to correct."""

import uuid
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.errors import N_
from yanxiu.people.permissions import can_decide_name
from yanxiu.people.reads import profiles
from yanxiu.people.verbs import name_request as verbs
from yanxiu.roles import Act
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, get_service, who_may
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.listing import Pager, page_number
from yanxiu.web.pages import go_to, show

router = APIRouter(prefix="/organize/names")

_DONE = {
    "accepted": N_("姓名已改，老师下一次打开页面就能看到。"),
    "refused": N_("已告诉老师没有改，并附上您的说明。"),
}


@router.get("")
def queue(
    request: Request,
    actor: Annotated[Actor, Depends(who_may(Act.DECIDE_NAME))],
    store: TheStore,
    page: str = "1",
) -> Response:
    """Show what waits, the longest waiting first."""
    return _page(request, store, actor, page_number(page))


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    page: int = 1,
    status: int = 200,
    problem: str = "",
) -> Response:
    size, paths = get_service(request).site.page_size, actor.subtrees(Act.DECIDE_NAME)
    with store.read() as session:
        total = profiles.open_name_requests_count(session, paths)
        pager = Pager.at(page, size, total)
        rows = profiles.open_name_requests(session, paths, offset=pager.offset, limit=size)
    return show(
        request,
        "profile_names.html",
        status=status,
        rows=rows,
        pager=pager,
        query=lambda number: urlencode({"page": number}),
        may_decide=lambda row: can_decide_name(
            actor, person_id=row.person_id, school_path=row.person.school.path
        ),
        done=_DONE.get(request.query_params.get("done", ""), ""),
        problem=problem,
    )


def _again(request: Request, store: Store, posted: Posted, problem: Problem) -> Response:
    return _page(request, store, posted.actor, status=problem.status, problem=problem.text)


@router.post("/{request_id}/accept")
@form_again(_again)
def accept(request: Request, request_id: uuid.UUID, posted: TheForm, store: TheStore) -> Response:
    """Correct the name."""
    verbs.accept(store, posted.actor, request_id)
    return _done(request, "accepted")


@router.post("/{request_id}/refuse")
@form_again(_again)
def refuse(request: Request, request_id: uuid.UUID, posted: TheForm, store: TheStore) -> Response:
    """Leave the name, and say why."""
    verbs.refuse(store, posted.actor, request_id, posted.text("answer"))
    return _done(request, "refused")


def _done(request: Request, what: str) -> Response:
    return go_to(request, f"organize/names?done={what}")

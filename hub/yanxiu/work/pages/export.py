"""The page on which whoever holds a course has it exported."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from yanxiu.courses.reads import courses
from yanxiu.roles import Act, roles_that_may
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import Posted, get_service, get_store, organizer, posted_form
from yanxiu.web.pages import show
from yanxiu.work.verbs.ask_export import ask_export

router = APIRouter(prefix="/organize/export")


@router.get("")
def export_page(
    request: Request,
    actor: Annotated[Actor, Depends(organizer)],
    store: Annotated[Store, Depends(get_store)],
) -> Response:
    """Show what the organizer holds."""
    with store.read() as session:
        held = courses.offerings_below(session, actor.paths(roles_that_may(Act.RELEASE)))
    return show(request, "export.html", offerings=held)


@router.post("/{offering_id}")
def export(
    request: Request,
    offering_id: str,
    posted: Annotated[Posted, Depends(posted_form)],
    store: Annotated[Store, Depends(get_store)],
) -> Response:
    """Have one of them exported, and go to the task."""
    task_id = ask_export(store, posted.actor, offering_id, names=posted.text("names") == "1")
    return RedirectResponse(f"{get_service(request).prefix}organize/tasks/{task_id}", 303)

"""The page on which whoever holds a course has it exported."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.courses.reads import courses
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import TheForm, TheStore, who_may
from yanxiu.web.pages import go_to, show
from yanxiu.work.verbs.ask_export import ask_export

router = APIRouter(prefix="/organize/export")


@router.get("")
def export_page(
    request: Request,
    actor: Annotated[Actor, Depends(who_may(Act.HOLD_COURSE))],
    store: TheStore,
) -> Response:
    """Show what the organizer holds."""
    with store.read() as session:
        held = courses.offerings_below(session, actor.subtrees(Act.HOLD_COURSE))
    return show(request, "export.html", offerings=held)


@router.post("/{offering_id}")
def export(
    request: Request,
    offering_id: str,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Have one of them exported, and go to the task."""
    task_id = ask_export(store, posted.actor, offering_id, names=posted.text("names") == "1")
    return go_to(request, f"organize/tasks/{task_id}")

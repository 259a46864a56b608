"""An organizer gives somebody a new one-time password, from the list of people."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.login.verbs.reset_password import reset_password
from yanxiu.people.reads import directory as people
from yanxiu.store.engine import Store
from yanxiu.web.deps import Posted, get_store, posted_form
from yanxiu.web.pages import show

router = APIRouter(prefix="/organize/people")


@router.post("/{person_id}/reset")
def reset(
    request: Request,
    person_id: str,
    posted: Annotated[Posted, Depends(posted_form)],
    store: Annotated[Store, Depends(get_store)],
) -> Response:
    """Reset a password, and show the one-time password in this answer and nowhere else."""
    code = reset_password(store, posted.actor, person_id)
    with store.read() as session:
        row = people.person_row(session, person_id)
    return show(request, "password_reset.html", row=row, code=code)

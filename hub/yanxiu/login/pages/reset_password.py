"""An organizer gives somebody a new one-time password, from the list of people."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from yanxiu.login.verbs.reset_password import reset_password
from yanxiu.people.reads import directory as people
from yanxiu.web.deps import TheForm, TheStore
from yanxiu.web.pages import show

router = APIRouter(prefix="/organize/people")


@router.post("/{person_id}/reset")
def reset(
    request: Request,
    person_id: str,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Reset a password, and show the one-time password in this answer and nowhere else."""
    code = reset_password(store, posted.actor, person_id)
    with store.read() as session:
        row = people.person_row(session, person_id)
    return show(request, "password_reset.html", row=row, code=code)

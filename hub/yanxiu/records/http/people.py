"""The organizer's list of people: find somebody, give them a new one-time password."""

import uuid
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.records.actor import ORGANIZERS, Actor
from yanxiu.records.permissions import can_reset_password
from yanxiu.records.workflows.reset_password import reset_password
from yanxiu.store.engine import Store
from yanxiu.store.queries import organize as queries
from yanxiu.store.queries import people

from .deps import Posted, get_portal, get_store, posted_form
from .listing import Pager, page_number
from .organize import organizer
from .pages import show

router = APIRouter(prefix="/organize/people")


@router.get("")
def people_list(
    request: Request,
    actor: Annotated[Actor, Depends(organizer)],
    store: Annotated[Store, Depends(get_store)],
    q: str = "",
    school: str = "",
    page: str = "1",
) -> Response:
    """Show the people of the organizer's schools, a page at a time."""
    size = get_portal(request).site.page_size
    try:
        school_id = uuid.UUID(school)
    except ValueError:
        school_id = None
    words = q.strip()[:40]
    paths = actor.paths(ORGANIZERS)
    wanted = people.PeopleFilter(paths, school_id, words)
    with store.read() as session:
        total = people.people_count(session, wanted)
        pager = Pager(min(page_number(page), max(1, -(-total // size))), size, total)
        rows = people.people_page(session, wanted, offset=(pager.page - 1) * size, limit=size)
        schools = queries.school_choices(session, paths)

    def query(number: int) -> str:
        named = {"q": words, "school": str(school_id or ""), "page": str(number)}
        return urlencode({key: value for key, value in named.items() if value})

    return show(
        request,
        "people.html",
        rows=rows,
        pager=pager,
        schools=schools,
        school_id=school_id,
        words=words,
        query=query,
        may_reset=lambda row: (
            row.active and can_reset_password(actor, person_id=row.id, school_path=row.school_path)
        ),
    )


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

"""The organizer's list of people: find somebody, give them a new one-time password."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.people.permissions import can_reset_password
from yanxiu.people.reads import directory as people
from yanxiu.people.reads import schools as schools_below
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import TheStore, get_service, who_may
from yanxiu.web.listing import Pager, named_id, page_number, query_of, typed_words
from yanxiu.web.pages import show

router = APIRouter(prefix="/organize/people")


@router.get("")
def people_list(
    request: Request,
    actor: Annotated[Actor, Depends(who_may(Act.SEE_PEOPLE))],
    store: TheStore,
    q: str = "",
    school: str = "",
    page: str = "1",
) -> Response:
    """Show the people of the organizer's schools, a page at a time."""
    size = get_service(request).site.page_size
    school_id, words = named_id(school), typed_words(q)
    paths = actor.subtrees(Act.SEE_PEOPLE)
    wanted = people.PeopleFilter(paths, school_id, words)
    with store.read() as session:
        total = people.people_count(session, wanted)
        pager = Pager.at(page_number(page), size, total)
        rows = people.people_page(session, wanted, offset=pager.offset, limit=size)
        schools = schools_below.school_choices(session, paths)

    return show(
        request,
        "people.html",
        rows=rows,
        pager=pager,
        schools=schools,
        school_id=school_id,
        words=words,
        query=lambda number: query_of(q=words, school=school_id, page=number),
        may_reset=lambda row: (
            row.active and can_reset_password(actor, person_id=row.id, school_path=row.school_path)
        ),
    )

"""The organizer's list of submissions, and what is done with many at once."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.courses.reads import courses
from yanxiu.people.reads import schools as schools_below
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import TheForm, TheStore, get_service, marker
from yanxiu.web.listing import Pager
from yanxiu.web.pages import go_to, reader, show
from yanxiu.web.permissions import may
from yanxiu.work.reads import listing as queries
from yanxiu.work.rules import State
from yanxiu.work.verbs import in_bulk

from . import words
from .listing import read_view

router = APIRouter(prefix="/organize")


@router.get("/")
def submissions_list(
    request: Request,
    actor: Annotated[Actor, Depends(marker)],
    store: TheStore,
) -> Response:
    """Show the list, a page at a time, the longest waiting first."""
    view, size = read_view(request), get_service(request).site.page_size
    wanted = view.filter(actor)
    paths = actor.subtrees(Act.SEE_WORK)
    with store.read() as session:
        counts = queries.state_counts(session, wanted)
        total = sum(counts.get(state, 0) for state in wanted.states or counts)
        pager = Pager.at(view.page, size, total)
        rows = queries.submissions_page(
            session, wanted, offset=pager.offset, limit=size, total=total
        )
        units = courses.assignment_choices(session, paths, {one for one, _ in actor.assigned})
        schools = schools_below.school_choices(session, paths, {one for _, one in actor.assigned})
    tr = reader(request)
    titles = {choice.id: tr.pick(choice.title) for choice in units}
    whole_unit = view.unit and view.unit in titles and may(actor, Act.RELEASE)
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
        marked=counts.get(State.MARKED, 0) if whole_unit else 0,
        failed=counts.get(State.FAILED, 0) if whole_unit else 0,
    )


@router.post("/units/{assignment_id}/release")
def release_marked(
    request: Request,
    assignment_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Have everything of a unit that is marked released, in the organizer's schools."""
    task_id = in_bulk.ask(store, posted.actor, in_bulk.RELEASE, assignment_id)
    return go_to(request, f"organize/tasks/{task_id}")


@router.post("/units/{assignment_id}/regrade")
def regrade_failed(
    request: Request,
    assignment_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Have everything of a unit whose grading failed graded again, in the organizer's schools."""
    task_id = in_bulk.ask(store, posted.actor, in_bulk.REGRADE, assignment_id)
    return go_to(request, f"organize/tasks/{task_id}")

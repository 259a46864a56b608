"""The organizer's list of servers: who has one since when, and a button that ends it with a message."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.errors import N_
from yanxiu.people.reads import schools as schools_below
from yanxiu.quota.permissions import can_stop_server
from yanxiu.quota.reads import servers
from yanxiu.quota.verbs import stop_server as verbs
from yanxiu.store.engine import Store
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, get_service, who_may
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.listing import Pager, named_id, page_number, query_of, typed_words
from yanxiu.web.pages import go_to, reader, show

from . import words

router = APIRouter()

Organizer = Annotated[Actor, Depends(who_may(Act.SEE_QUOTA))]
_DONE = {
    "asked": N_(
        "已经安排停止，两分钟内生效，老师来得及保存。老师会在 Jupyter 和“我的研修”看到您写的话；文件都会保留。"
    ),
}


@router.get("/organize/servers")
def servers_list(
    request: Request,
    actor: Organizer,
    store: TheStore,
    q: str = "",
    school: str = "",
    page: str = "1",
) -> Response:
    """Show the servers of the organizer's schools, a page at a time."""
    return _page(request, store, actor, q, school, page)


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    q: str = "",
    school: str = "",
    page: str = "1",
    status: int = 200,
    problem: str = "",
    typed: tuple[str, str] = ("", ""),
) -> Response:
    size, said, school_id = get_service(request).site.page_size, typed_words(q), named_id(school)
    paths = actor.subtrees(Act.SEE_QUOTA)
    wanted = servers.ServersFilter(paths, school_id, said)
    with store.read() as session:
        total = servers.servers_count(session, wanted)
        pager = Pager.at(page_number(page), size, total)
        rows = servers.servers_page(session, wanted, offset=pager.offset, limit=size)
        schools = schools_below.school_choices(session, paths)

    tr, now = reader(request), store.clock()
    return show(
        request,
        "servers.html",
        status=status,
        rows=rows,
        pager=pager,
        schools=schools,
        school_id=school_id,
        words=said,
        query=lambda number: query_of(q=said, school=school_id, page=number),
        state=lambda row: (tr.gettext(words.STATES[row.state][0]), words.STATES[row.state][1]),
        lasting=lambda row: words.lasting(now - row.since, tr),
        number=words.number,
        may_stop=lambda row: row.state != "held" and can_stop_server(actor, row.path),
        longest=verbs.LONGEST,
        done=_DONE.get(request.query_params.get("done", ""), ""),
        problem=problem,
        typed=typed,
    )


def _again(
    request: Request, store: Store, posted: Posted, place_id: str, problem: Problem
) -> Response:
    """Show the list with what was typed beside the server that it was for."""
    typed = (place_id, posted.text("message"))
    return _page(
        request,
        store,
        posted.actor,
        posted.text("q"),
        posted.text("school"),
        posted.text("page"),
        problem.status,
        problem.text,
        typed,
    )


@router.post("/organize/servers/{place_id}/stop")
@form_again(_again)
def stop(request: Request, place_id: str, posted: TheForm, store: TheStore) -> Response:
    """Ask that a server ends."""
    found = named_id(place_id) or uuid.UUID(int=0)  # nobody's
    verbs.stop_server(store, posted.actor, found, posted.text("message"))
    back = {key: posted.text(key) for key in ("q", "school", "page")}
    return go_to(request, f"organize/servers?{query_of(**back, done='asked')}")


@router.post("/servers/stops/{stop_id}/read")
def read(request: Request, stop_id: uuid.UUID, posted: TheForm, store: TheStore) -> Response:
    """Note that a teacher has read why her server was ended."""
    verbs.read_message(store, posted.actor, stop_id)
    return go_to(request, "")

"""Activation slips, school by school: how many still need one, and the PDF, shown once."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.login.verbs.activation import print_slips
from yanxiu.people.reads import roster as sql
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import TheForm, TheStore, get_service, who_may
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import download, reader, show

router = APIRouter(prefix="/organize/slips")


@router.get("")
def slips_page(
    request: Request,
    actor: Annotated[Actor, Depends(who_may(Act.PRINT_SLIPS))],
    store: TheStore,
) -> Response:
    """Show the organizer's schools."""
    with store.read() as session:
        schools = sql.school_accounts(session, actor.subtrees(Act.PRINT_SLIPS))
    return show(request, "roster_slips.html", schools=schools)


@router.post("/{school_id}")
@heavy
def print_page(
    request: Request,
    school_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Return the slips of a school."""
    service, tr = get_service(request), reader(request)
    content, code = print_slips(
        store,
        posted.actor,
        school_id,
        site=tr.pick(service.site.name),
        address=f"{service.layout.portal}{service.base_url}",
        gettext=tr.gettext,
    )
    return download(content, f"slips-{code}.pdf", "application/pdf")

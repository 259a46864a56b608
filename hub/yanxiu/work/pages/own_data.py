"""A copy of one's own data, to take along: the button is on 我的资料."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from yanxiu.clock import local
from yanxiu.web.deps import TheForm, TheStore, get_service
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import download, reader
from yanxiu.work.own_copy import archive
from yanxiu.work.verbs.copy_own_data import copy_own_data

router = APIRouter()


@router.post("/account/profile/export")
@heavy
def export(
    request: Request,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Return a copy of one's own data."""
    service, now = get_service(request), store.clock()
    found = copy_own_data(store, posted.actor)
    content = archive(found, service.codes, reader(request), now)
    return download(content, f"my-data-{local(now):%Y%m%d}.zip", "application/zip")

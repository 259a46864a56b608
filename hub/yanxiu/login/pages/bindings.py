"""The organizer's queue of accounts that the roster could not place."""

import uuid
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.errors import N_
from yanxiu.i18n import Translator
from yanxiu.login.loaders import sso_request
from yanxiu.login.model import SsoRequest
from yanxiu.login.reads import bindings
from yanxiu.login.verbs import binding as verbs
from yanxiu.settings.model import Site
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import TheForm, TheStore, get_service, who_may
from yanxiu.web.listing import Pager, page_number, typed_words
from yanxiu.web.pages import go_to, reader, show

router = APIRouter(prefix="/organize/bindings")

STATES = {"open": N_("等待确认"), "bound": N_("已绑定"), "refused": N_("未通过")}
DOUBTS = {
    "nobody": N_("花名册里没有对上的人"),
    "several": N_("花名册里有几个人都对得上"),
    "contradiction": N_("教师编号对上了，但姓名、身份证号或所在县不一致"),
    "taken": N_("对上的人已经绑定了另一个账号"),
}


@router.get("")
def binding_list(
    request: Request,
    actor: Annotated[Actor, Depends(who_may(Act.BIND_ACCOUNT))],
    store: TheStore,
    state: str = "open",
    page: str = "1",
) -> Response:
    """Show the accounts in one state, the longest waiting first."""
    site, tr = get_service(request).site, reader(request)
    state = state if state in STATES else "open"
    paths = actor.subtrees(Act.BIND_ACCOUNT)
    with store.read() as session:
        counts = bindings.request_counts(session, paths)
        total = counts.get(state, 0)
        pager = Pager.at(page_number(page), site.page_size, total)
        rows = bindings.requests_page(session, paths, state, offset=pager.offset, limit=pager.size)
    return show(
        request,
        "bindings.html",
        rows=rows,
        pager=pager,
        state=state,
        states=[(key, tr.gettext(name), counts.get(key, 0)) for key, name in STATES.items()],
        doubt=lambda row: tr.gettext(DOUBTS[row.doubt]),
        provider=lambda row: provider_title(site, row, tr),
        query=lambda number: urlencode({"state": state, "page": number}),
        done=request.query_params.get("done", ""),
    )


@router.get("/{request_id}")
def binding_page(
    request: Request,
    request_id: uuid.UUID,
    actor: Annotated[Actor, Depends(who_may(Act.BIND_ACCOUNT))],
    store: TheStore,
    q: str = "",
) -> Response:
    """Show one account and who it could be."""
    site, tr = get_service(request).site, reader(request)
    words = typed_words(q)
    with store.read() as session:
        row = sso_request(session, actor, request_id)
        wanted = bindings.Wanted(
            row.provider,
            school_code=row.school_code,
            last4=row.id_last4,
            name=row.name,
            teacher_no=row.teacher_no,
            mobile=row.mobile,
            id_hmac=row.id_hmac,
        )
        if words:
            wanted = bindings.Wanted(row.provider, words=words)
        found = bindings.people_like(
            session, wanted, paths=actor.subtrees(Act.BIND_ACCOUNT), limit=20
        )
    return show(
        request,
        "bindings_one.html",
        row=row,
        words=words,
        people=[one for one in found if one.active],
        same=lambda one: [tr.gettext(text) for text in shared(row, one)],
        doubt=tr.gettext(DOUBTS[row.doubt]),
        state=tr.gettext(STATES[row.state]),
        provider=provider_title(site, row, tr),
    )


@router.post("/{request_id}/bind")
def bind(
    request: Request,
    request_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Bind the account to the chosen person."""
    verbs.bind(store, posted.actor, request_id, posted.text("person"))
    return _back(request, "bound")


@router.post("/{request_id}/refuse")
def refuse(
    request: Request,
    request_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Refuse the account."""
    verbs.refuse(store, posted.actor, request_id)
    return _back(request, "refused")


def shared(row: SsoRequest, one: bindings.Found) -> list[str]:
    """Return in words what the account and a person have in common, the strongest first."""
    pairs = [
        (N_("身份证号相同"), row.id_hmac, one.id_hmac),
        (N_("教师编号相同"), row.teacher_no, one.teacher_no),
        (N_("手机号相同"), row.mobile, one.mobile),
        (N_("姓名相同"), row.name, one.name),
        (N_("证件末四位相同"), row.id_last4, one.id_last4),
        (N_("学校相同"), row.school_code, one.school_code),
    ]
    return [text for text, said, kept in pairs if said and said == kept]


def provider_title(site: Site, row: SsoRequest, tr: Translator) -> str:
    """Return the provider's name, its id when it is not in the settings any more."""
    known = site.sso.get(row.provider)
    return tr.pick(known.title) if known else row.provider


def _back(request: Request, done: str) -> Response:
    return go_to(request, f"organize/bindings?done={done}")

"""我的资料 and the privacy notice: one's own data, consent, a copy to take, a name to correct."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from yanxiu.errors import N_, NotFound
from yanxiu.people.idnumber import masked_id
from yanxiu.people.reads import people, profiles, roles
from yanxiu.people.verbs import consent as consent_verb
from yanxiu.people.verbs import name_request, profile
from yanxiu.roles import ROLES
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import (
    Posted,
    TheForm,
    TheStore,
    current_actor,
    get_service,
    own_password_actor,
    posted_form_before_consent,
)
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.hub_login import safe_next
from yanxiu.web.markdown import markdown
from yanxiu.web.pages import go_to, reader, show

router = APIRouter()

_DONE = {
    "saved": N_("资料已保存。"),
    "asked": N_("申请已交给学校，处理以后这里会有结果。"),
    "withdrawn": N_("申请已撤回。"),
}
STATES = {
    "open": (N_("等待学校处理"), "waiting"),
    "accepted": (N_("已改"), "done"),
    "refused": (N_("没有改"), "failed"),
    "withdrawn": (N_("已撤回"), "muted"),
}


def _notice(request: Request, version: str) -> dict[str, Any]:
    notice = get_service(request).notice
    found = notice.text(version, reader(request).lang)
    if found is None:
        raise NotFound("notice.not_found", N_("没有这个版本的隐私告知。"))
    title, text = found
    return {"title": title, "text": markdown(text), "notice_version": version}


@router.get("/privacy")
def privacy(request: Request, version: str = "") -> Response:
    """Show the privacy notice to anybody, the version in force or an older one."""
    version = version or get_service(request).notice.version
    return show(
        request, "privacy.html", form=False, problem="", next="", **_notice(request, version)
    )


@router.get("/account/consent")
def consent_page(
    request: Request, actor: Annotated[Actor, Depends(own_password_actor)], next: str = ""
) -> Response:
    """Show the notice with the box to tick; those who have agreed go on."""
    return _consent(request, actor, next)


def _consent(
    request: Request, actor: Actor, wanted: str, status: int = 200, problem: str = ""
) -> Response:
    service = get_service(request)
    return show(
        request,
        "privacy.html",
        status=status,
        form=actor.consent < service.notice.version,
        again=bool(actor.consent),
        problem=problem,
        next=safe_next(service.prefix, wanted),
        **_notice(request, service.notice.version),
    )


def _consent_again(request: Request, posted: Posted, problem: Problem) -> Response:
    return _consent(request, posted.actor, posted.text("next"), problem.status, problem.text)


@router.post("/account/consent")
@form_again(_consent_again)
def consent_form(
    request: Request,
    posted: Annotated[Posted, Depends(posted_form_before_consent)],
    store: TheStore,
) -> Response:
    """Take the consent, and go on to where the person wanted to be."""
    service, wanted = get_service(request), posted.text("next")
    consent_verb.agree(
        store,
        service.notice,
        posted.actor,
        posted.text("version"),
        agreed=posted.text("agree") == "1",
    )
    return RedirectResponse(safe_next(service.prefix, wanted), 303)


@router.get("/account/profile")
def profile_page(
    request: Request, actor: Annotated[Actor, Depends(current_actor)], store: TheStore
) -> Response:
    """Show one's own data."""
    return _page(request, store, actor)


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    status: int = 200,
    problem: str = "",
    typed: Posted | None = None,
) -> Response:
    codes = get_service(request).codes
    with store.read() as session:
        who = people.active_person(session, actor.person_id)
        assert who is not None
        said = profiles.profile(session, who.id)
        grants = roles.grants_below(session, who.id, [""])
        consents = profiles.consents(session, who.id)
        requests = profiles.name_requests(session, who.id)
    # Until they say otherwise, what the roster says.
    stages = said.stages if said else [codes.stage_named(who.stage)]
    subjects = said.subjects if said else [codes.subject_named(who.subject)]
    if typed is not None:
        stages, subjects = (typed.texts().get(name, []) for name in ("stage", "subject"))
    return show(
        request,
        "profile.html",
        status=status,
        person=who,
        id_number=masked_id(who.id_last4),
        grants=grants,
        rules=ROLES,
        codes=codes,
        stages=stages,
        subjects=subjects,
        consents=consents,
        requests=requests,
        waiting=next((one for one in requests if one.state == "open"), None),
        states=STATES,
        done=_DONE.get(request.query_params.get("done", ""), ""),
        problem=problem,
        typed_name=typed.text("wanted") if typed else "",
        typed_reason=typed.text("reason") if typed else "",
    )


def _again(request: Request, store: Store, posted: Posted, problem: Problem) -> Response:
    return _page(request, store, posted.actor, problem.status, problem.text, posted)


@router.post("/account/profile")
@form_again(_again)
def save_profile(request: Request, posted: TheForm, store: TheStore) -> Response:
    """Keep what one teaches."""
    fields = posted.texts()
    codes = get_service(request).codes
    profile.save(store, codes, posted.actor, fields.get("stage", []), fields.get("subject", []))
    return _done(request, "saved")


@router.post("/account/profile/name")
@form_again(_again)
def ask_name(request: Request, posted: TheForm, store: TheStore) -> Response:
    """Ask the school to correct one's name."""
    name_request.ask(store, posted.actor, posted.text("wanted"), posted.text("reason"))
    return _done(request, "asked")


def _page_again(request: Request, store: Store, posted: Posted, problem: Problem) -> Response:
    return _page(request, store, posted.actor, problem.status, problem.text)


@router.post("/account/profile/name/{request_id}/withdraw")
@form_again(_page_again)
def withdraw_name(
    request: Request, request_id: uuid.UUID, posted: TheForm, store: TheStore
) -> Response:
    """Take one's own request back."""
    name_request.withdraw(store, posted.actor, request_id)
    return _done(request, "withdrawn")


def _done(request: Request, what: str) -> Response:
    return go_to(request, f"account/profile?done={what}")

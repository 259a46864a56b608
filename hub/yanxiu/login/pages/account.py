"""修改密码: also where those with a one-time password are led from everywhere."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from yanxiu.errors import N_, Invalid
from yanxiu.login.accounts import reset_at
from yanxiu.login.guessing import Guesses
from yanxiu.login.verbs.change_password import change_password
from yanxiu.settings.model import Site
from yanxiu.web.actor import Actor
from yanxiu.web.deps import (
    Posted,
    TheSite,
    TheStore,
    active_actor,
    get_service,
    posted_form_of_newcomer,
)
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.pages import show

router = APIRouter()


def _page(
    request: Request, actor: Actor, site: Site, status: int = 200, problem: str = ""
) -> Response:
    store = get_service(request).store
    return show(
        request,
        "password.html",
        status=status,
        first=actor.must_change_password,
        was_reset=reset_at(store, actor.person_id) is not None,
        least=site.login.min_password_chars,
        problem=problem,
        changed=request.query_params.get("changed") == "1" and not problem,
    )


@router.get("/account/password")
def password_page(
    request: Request,
    actor: Annotated[Actor, Depends(active_actor)],
    site: TheSite,
) -> Response:
    """Show the form."""
    return _page(request, actor, site)


def _again(request: Request, posted: Posted, site: Site, problem: Problem) -> Response:
    return _page(request, posted.actor, site, problem.status, problem.text)


@router.post("/account/password")
@form_again(_again)
def password_form(
    request: Request,
    posted: Annotated[Posted, Depends(posted_form_of_newcomer)],
    store: TheStore,
    site: TheSite,
) -> Response:
    """Change the password."""
    actor = posted.actor
    new = posted.text("new")
    if new != posted.text("again"):
        raise Invalid("password.differ", N_("两次输入的新密码不一样，请重新输入。"))
    # The form of an account that was never reset has no such field.
    old = posted.text("old") or (None if actor.must_change_password else "")
    guesses: Guesses = request.app.state.guesses
    change_password(store, site, guesses, actor, old, new, login_id=request.state.hub_user.login_id)
    prefix = get_service(request).prefix
    target = prefix if actor.must_change_password else f"{prefix}account/password?changed=1"
    return RedirectResponse(target, 303)

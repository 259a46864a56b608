"""The portal's half of the gate: say who a browser is, for its own server and for no other.

A browser comes here from the servers' host (``door``) with the page that it wants there. Whoever
is logged in to the portal gets a code for their own server and is sent back at once.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.web.actor import Actor
from yanxiu.web.deps import NeedLogin, active_actor, get_hub, get_service
from yanxiu.web.hub import Hub
from yanxiu.web.sessions import Session

from .passes import Entry, Pass, Passes, is_digest, owner_of
from .routes import ENTER

router = APIRouter()


@router.get("/gate")
async def gate(
    request: Request,
    actor: Annotated[Actor, Depends(active_actor)],
    next: str = "",
    state: str = "",
) -> Response:
    """Send the browser back to the servers' host, with a code if the server is its own."""
    owner = owner_of(next)
    if owner is None or not is_digest(state):
        raise NotFound("gate.page", N_("没有找到这个页面。请从“我的研修”里打开。"))
    if owner != actor.person_id:
        raise Refused(
            "gate.other",
            N_(
                "这个 Jupyter 属于另一个账号，您不能打开。您自己的 Jupyter 请从“我的研修”打开；"
                "如果换了人，请先退出登录，再用您的账号登录。"
            ),
        )
    session: Session = request.state.session
    watching: Hub = request.app.state.gate_hub
    # The portal may remember a login that has just ended; the gate would turn the browser back.
    if await watching.user(session.token) is None:
        get_hub(request).forget(session.token)
        raise NeedLogin
    passes: Passes = request.app.state.passes
    code = passes.code(Entry(Pass(owner, session.token), next), state)
    origin = get_service(request).layout.server_origin(owner)
    return RedirectResponse(f"{origin}{ENTER}?{urlencode({'code': code})}", 302)

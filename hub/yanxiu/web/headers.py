"""The headers that every answer carries, and static files.

Pages allow nothing but themselves: no style in the markup, no frame around them, and no
script unless the page asked for a nonce for it (``pages``). Not 'self': with ``--one-origin``
other people's servers answer on this origin too. A handler that needs other rules (an executed notebook) sets its own policy.
"""

from fastapi import APIRouter, Request
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .assets import STATIC, static_digest
from .pages import YEAR_S

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FRAMED = "framed"

router = APIRouter()


class SecurityHeaders:
    """Add the headers to whatever goes out, unless the handler has set them."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                nonce = scope.get("state", {}).get("script_nonce")
                script = f"; script-src 'nonce-{nonce}'; connect-src 'self'" if nonce else ""
                policy = PAGE_POLICY + script
                if scope.get("state", {}).get(_FRAMED):
                    policy = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
                headers.setdefault("content-security-policy", policy)
                headers.setdefault("x-content-type-options", "nosniff")
                # Not no-referrer: browsers would send "Origin: null" with our own forms.
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("cache-control", "no-store")
                headers.setdefault("cross-origin-opener-policy", "same-origin")
                headers.setdefault("x-robots-tag", "noindex")
                headers.setdefault("permissions-policy", "camera=(), microphone=(), geolocation=()")
            await send(message)

        await self.app(scope, receive, adding)


def may_be_framed(request: Request) -> None:
    """Let our own pages frame a route's refusals too, which no handler gives a policy.

    A dependency of the route: a refusal that no browser shows in its frame tells nobody anything.
    """
    setattr(request.state, _FRAMED, True)


@router.get("/static/{digest}/{name}")
def static_file(request: Request, digest: str, name: str) -> Response:
    """Return a static file; for a year if the address has the digest of its content."""
    known = {path.name for path in STATIC.iterdir() if path.is_file()}
    if name not in known:
        raise HTTPException(404)
    fresh = digest == static_digest(name)
    cache = f"public, max-age={YEAR_S}, immutable" if fresh else "no-cache"
    return FileResponse(STATIC / name, headers={"Cache-Control": cache})

"""Say whether the service can do its work: for supervisors and monitors, not for people."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from yanxiu import __version__
from yanxiu.store.health import problem, troubles
from yanxiu.web.deps import get_service

router = APIRouter()


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """Ask the database whether it answers and has this version's schema.

    ``tasks`` names what the platform does by itself and could not do (``failed``, ``late``): for
    a monitor. The service itself is well, so nobody is to start it again for that.
    """
    store = get_service(request).store
    found = problem(store)
    if found is not None:
        return JSONResponse({"status": found, "version": __version__}, 503)
    undone = {one.kind: one.what for one in troubles(store)}
    return JSONResponse({"status": "ok", "version": __version__, "tasks": undone})

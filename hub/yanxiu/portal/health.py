"""Say whether the service can do its work: for supervisors and monitors, not for people."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from yanxiu import __version__
from yanxiu.store.health import problem
from yanxiu.web.deps import get_service

router = APIRouter()


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """Ask the database whether it answers and has this version's schema."""
    found = problem(get_service(request).store)
    return JSONResponse({"status": found or "ok", "version": __version__}, 503 if found else 200)

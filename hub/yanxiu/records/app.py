"""Put the records service together: ``uvicorn yanxiu.records.app:create_app --factory``.

The only module of the room that knows all others. Decides what is mounted where and in
which order the layers lie; reads the environment once.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from yanxiu import __version__
from yanxiu.clock import Clock, utcnow

from .http import (
    account,
    api_feedback,
    api_learn,
    api_teach,
    attachments,
    bindings,
    errors,
    headers,
    health,
    home,
    internal,
    login,
    marking,
    names,
    organize,
    people,
    profile,
    roles,
    roster,
    slips,
    submissions,
    units,
    uploads,
)
from .http.content import Content
from .http.hub import Hub
from .http.portal import Portal, portal_from_environment
from .http.sessions import Renewal, Sessions


def create_app(environ: Mapping[str, str] = os.environ, clock: Clock = utcnow) -> FastAPI:
    """Return the application of one site.

    :param environ: what ``yanxiu up`` sets; see ``http.portal``
    :param clock: what time it is, for tests
    """
    return build_app(portal_from_environment(environ, clock))


def build_app(portal: Portal) -> FastAPI:
    """Return the application of a service whose environment has been read."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        portal.store.close()

    app = FastAPI(
        title="yanxiu records",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.portal = portal
    app.state.hub = Hub(portal)
    app.state.content = Content(portal.store.blobs)
    app.state.sessions = Sessions(portal)
    pages = APIRouter()
    for part in (
        health,
        headers,
        login,
        home,
        units,
        submissions,
        attachments,
        organize,
        marking,
        people,
        names,
        profile,
        roles,
        roster,
        slips,
        bindings,
        account,
        api_learn,
        api_feedback,
        api_teach,
        uploads,
    ):
        pages.include_router(part.router)
    app.include_router(pages, prefix=portal.prefix.rstrip("/"))
    # The proxy does not route this: it is for the grading worker on the same machine.
    app.include_router(internal.router)
    errors.install(app)
    app.add_middleware(errors.Surprises)
    app.add_middleware(Renewal, sessions=app.state.sessions)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(headers.SecurityHeaders, hub_host=portal.hub_host)
    return app

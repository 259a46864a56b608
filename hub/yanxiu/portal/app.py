"""Put the records service together: ``uvicorn yanxiu.portal.app:create_app --factory``.

The only module that knows the pages of all rooms. Decides what is mounted where and in
which order the layers lie; reads the environment once.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from yanxiu import __version__
from yanxiu.clock import Clock, utcnow
from yanxiu.courses.content import Content
from yanxiu.gate import pages as gate_pages
from yanxiu.gate.door import Door
from yanxiu.gate.once import Once
from yanxiu.gate.passes import CODE_S, Passes
from yanxiu.login.guessing import Guesses
from yanxiu.login.pages import account, bindings, reset_password, slips
from yanxiu.login.tokens import holder
from yanxiu.people.pages import name_requests, people, profile, roster
from yanxiu.people.reads.actors import load_actor
from yanxiu.quota.api import notices
from yanxiu.quota.pages import hours, limits, line, servers
from yanxiu.quota.pages.beside import beside_jupyter
from yanxiu.quota.reads.shares import grading_shares
from yanxiu.quota.wiring import engine_for
from yanxiu.store.bucket import open_blobs
from yanxiu.web import errors, headers, heavy, hub_login
from yanxiu.web.hub import Hub
from yanxiu.web.limits import BodyLimits
from yanxiu.web.measure import Measured
from yanxiu.web.service import Capabilities, Service, service_from_environment
from yanxiu.web.sessions import Renewal, Sessions
from yanxiu.work.api import feedback, grading_jobs, learn, teach, uploads
from yanxiu.work.pages import (
    attachments,
    export,
    home,
    marking,
    organize,
    own_data,
    submissions,
    units,
)

from . import health, roles, school_servers, tasks
from .bodies import bodies

PAGES = (
    *(health, headers, hub_login, gate_pages, account, profile, home),
    *(units, submissions, attachments, own_data, line),
    *(
        organize,
        export,
        marking,
        people,
        reset_password,
        name_requests,
        roles,
        roster,
        slips,
        bindings,
        servers,
        limits,
        hours,
        school_servers,
        tasks,
    ),
)
API = (learn, feedback, notices, teach, uploads)
CAPABILITIES = Capabilities(load_actor, holder, beside_jupyter, grading_shares)


def create_app(environ: Mapping[str, str] = os.environ, clock: Clock = utcnow) -> FastAPI:
    """Return the application of one site.

    :param environ: what ``yanxiu up`` sets; see ``web.service``
    :param clock: what time it is, for tests
    """
    return build_app(service_from_environment(environ, open_blobs, clock))


def build_app(service: Service) -> FastAPI:
    """Return the application of a service whose environment has been read."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        service.store.close()

    app = FastAPI(
        title="yanxiu records",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.service = service
    app.state.capabilities = CAPABILITIES
    app.state.hub = Hub(service)
    app.state.content = Content(service.store.blobs)
    app.state.quota = engine_for(service.store, service.site, rules_cluster=True)
    app.state.sessions = sessions = Sessions(service)
    # Its own view of the hub: the gate's questions must not keep a login awake.
    app.state.gate_hub = Hub(service, watching=True)
    app.state.passes = Passes(
        service.session_key,
        service.store.clock,
        sessions.session_s,
        Once(service.store.blobs.root / "codes", CODE_S),
        https=service.layout.https,
    )
    app.state.heavy = heavy.Places()
    app.state.guesses = Guesses(service.site.login)
    # Each by itself, and first what hands in: FastAPI asks the routes one after another, and a
    # router inside a router all of them twice.
    for part in (*API, *PAGES):
        app.include_router(part.router, prefix=service.prefix.rstrip("/"))
    # The proxy does not route this: it is for the grading worker on the same machine.
    app.include_router(grading_jobs.router)
    errors.install(app)
    routers = [part.router for part in (*API, *PAGES)]
    app.add_middleware(
        BodyLimits,
        service=service,
        bodies=bodies(service.site, service.prefix, routers, grading_jobs.router),
    )
    app.add_middleware(errors.Surprises)
    app.add_middleware(Renewal, sessions=sessions)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(heavy.HeavyPlaces, places=app.state.heavy)
    app.add_middleware(headers.SecurityHeaders)
    app.add_middleware(Measured, prefix=service.prefix)
    app.add_middleware(
        Door,
        layout=service.layout,
        prefix=service.prefix,
        passes=app.state.passes,
        hub=app.state.gate_hub,
    )
    # Once more, around the layers: what falls over there is a page too.
    app.add_middleware(errors.Surprises)
    return app

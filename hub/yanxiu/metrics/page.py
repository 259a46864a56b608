"""The two pages of the metrics' port: ``/metrics`` (ours) and ``/metrics/hub`` (the hub's own).

Decides who may read them: whoever has the token, compared in constant time. One scrape at a
time; another that comes meanwhile waits for it. Knows nothing of what is measured.
"""

import hmac
import threading
from collections.abc import Awaitable, Callable

import httpx
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from yanxiu.settings.rotation import accepted

#: Of the hub's answer.
HUB_PATIENCE_S = 5.0
_MOST_BYTES = 16 << 20

HubMetrics = Callable[[], Awaitable[bytes]]


class HubSilent(Exception):
    """The hub did not answer, or not with metrics."""


def hub_metrics(api_url: str, token: str) -> HubMetrics:
    """Return what fetches the hub's own metrics.

    :param api_url: the hub's API, ``http://…/hub/api``
    """
    url = api_url.removesuffix("/api") + "/metrics"

    async def fetch() -> bytes:
        try:
            async with httpx.AsyncClient(timeout=HUB_PATIENCE_S, trust_env=False) as http:
                answer = await http.get(url, headers={"Authorization": f"token {token}"})
        except httpx.HTTPError as error:
            raise HubSilent from error
        if answer.status_code != 200 or len(answer.content) > _MOST_BYTES:
            raise HubSilent
        return answer.content

    return fetch


def make_app(registry: CollectorRegistry, hub: HubMetrics | None, token: str) -> Starlette:
    """Return the application of the metrics' port.

    :param hub: None where the hub is not asked: there is no such page then
    """
    one = threading.Lock()

    def ours() -> bytes:
        with one:
            return generate_latest(registry)

    async def metrics(request: Request) -> Response:
        return Response(await run_in_threadpool(ours), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/metrics", _behind(token, metrics))]
    if hub is not None:
        routes.append(Route("/metrics/hub", _behind(token, _handed_on(hub))))
    return Starlette(routes=routes)


def _handed_on(hub: HubMetrics) -> Callable[[Request], Awaitable[Response]]:
    async def of_the_hub(request: Request) -> Response:
        try:
            return Response(await hub(), media_type=CONTENT_TYPE_LATEST)
        except HubSilent:
            return PlainTextResponse("the hub does not answer\n", 502)

    return of_the_hub


def _behind(
    token: str, page: Callable[[Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    wanted = [one.encode() for one in accepted(token)]

    async def checked(request: Request) -> Response:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # As bytes: a header's are not all ASCII, and no other texts are compared.
        sent = given.strip().encode("latin-1")
        right = any(hmac.compare_digest(sent, one) for one in wanted)
        if scheme.lower() not in ("bearer", "token") or not right:
            return PlainTextResponse(
                "a token is needed: docs/how-to/monitor.md\n",
                401,
                {"WWW-Authenticate": 'Bearer realm="yanxiu metrics"'},
            )
        return await page(request)

    return checked

"""Count requests, how they ended and how long they took: for a monitor, in every process.

A layer of ``portal.app``. The numbers lie in a file of the process's own, which ``metrics``
reads (``prometheus_client``'s multiprocess mode), under the part's name instead of the process
id: a process that comes back goes on counting where the dead one was, and no file is left for
each that died. A request is known by its route's pattern, never by its path, which has ids in it.
"""

import os
import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, values
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Where the files lie; ``prometheus_client``'s own name for it.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
PART_VARIABLE = "YANXIU_PART"
SECONDS = (0.025, 0.1, 0.25, 1, 2.5, 10, 60)


def into_files(environ: Mapping[str, str] = os.environ) -> None:
    """Let this process's numbers lie in files, if it was told where; before the first is made."""
    if environ.get(FOLDER_VARIABLE) and (part := environ.get(PART_VARIABLE)):
        values.ValueClass = values.MultiProcessValue(lambda: part)


class Measured:
    """The layer.

    :param prefix: of the service; left out of what a route is called
    """

    def __init__(self, app: ASGIApp, prefix: str):
        self.app = app
        self._prefix = prefix.rstrip("/")
        # What is in files is read from there; a registry of its own lets tests make several.
        self.registry = CollectorRegistry()
        self._count = Counter(
            "yanxiu_http_requests",
            "Requests to the portal and its API, by the route's pattern and the status.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "yanxiu_http_request_seconds",
            "Seconds from the first byte of a request's head to the last byte of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 499  # of a browser that has gone

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = self._route(scope)
            self._count.labels(route, _method(scope), str(status)).inc()
            self._seconds.labels(route).observe(time.perf_counter() - began)

    def _route(self, scope: Scope) -> str:
        found = getattr(scope.get("route"), "path", None)
        return found.removeprefix(self._prefix) if isinstance(found, str) else "none"


def _method(scope: Scope) -> str:
    # A client may write any word there.
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"

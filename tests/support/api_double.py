"""An API server's pods and its watch of them, with the faults that no real one gives on demand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class PodsApi:
    """Lists pods and streams their changes; ``fault`` says what the next answers do.

    ``""``: none; ``"hang"``: a watch stays open and brings nothing, not even its end;
    ``"gone"``: a watch is told that its version is too old; ``"down"``: 503 to everything.
    """

    def __init__(self) -> None:
        self.pods: dict[str, dict[str, Any]] = {}
        self.version = 1
        self.fault = ""
        self.lists = 0
        self.watches = 0
        self._changed = asyncio.Event()
        self._changes: list[dict[str, Any]] = []

    def put(self, name: str, namespace: str = "school-2133000001") -> None:
        self.version += 1
        metadata = {"name": name, "namespace": namespace, "resourceVersion": str(self.version)}
        pod = {"kind": "Pod", "metadata": metadata, "status": {"phase": "Running"}}
        self.pods[f"{namespace}/{name}"] = pod
        self._changes.append({"type": "ADDED", "object": pod})
        self._changed.set()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if self.fault == "down":
            return web.json_response({"message": "down", "code": 503}, status=503)
        if "watch" not in request.query:
            self.lists += 1
            metadata = {"resourceVersion": str(self.version)}
            return web.json_response({"metadata": metadata, "items": list(self.pods.values())})
        self.watches += 1
        response = web.StreamResponse()
        await response.prepare(request)
        if self.fault == "hang":
            await asyncio.sleep(3600)
        if self.fault == "gone":
            self.fault = ""
            status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
            await _send(response, {"type": "ERROR", "object": status})
            return response
        await self._follow(request, response)
        return response

    async def _follow(self, request: web.Request, response: web.StreamResponse) -> None:
        seen = int(request.query["resourceVersion"])
        until = asyncio.get_running_loop().time() + float(request.query["timeoutSeconds"])
        while (left := until - asyncio.get_running_loop().time()) > 0:
            for change in list(self._changes):
                version = int(change["object"]["metadata"]["resourceVersion"])
                if version > seen:
                    seen = version
                    await _send(response, change)
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return


async def _send(response: web.StreamResponse, change: dict[str, Any]) -> None:
    await response.write(json.dumps(change).encode() + b"\n")


@asynccontextmanager
async def serving(api: PodsApi) -> AsyncIterator[str]:
    """Serve on loopback; give the address."""
    application = web.Application()
    application.router.add_get("/api/v1/pods", api.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    finally:
        await runner.cleanup()

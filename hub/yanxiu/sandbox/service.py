"""Answer the launcher's socket: one JSON object a line, from our own account only.

Decides who may ask and what a request means; ``servers`` and ``jobs`` do it. The words
are those of docs/reference/launcher.md. Called by ``launcher``.
"""

import asyncio
import json
import logging
import os
import socket
import struct
from collections import Counter
from typing import Any

from yanxiu.errors import N_, Invalid, Refused
from yanxiu.sandbox.jobs import Jobs
from yanxiu.sandbox.runtime import Runtime
from yanxiu.sandbox.sandbox import NotStarted
from yanxiu.sandbox.servers import Servers

log = logging.getLogger("yanxiu.sandbox")

#: The longest request line, bytes.
LONGEST = 1 << 18
_LONGEST_GRACE_S = 60.0


def caller(sock: socket.socket) -> int:
    """Return the account at the other end of a Unix socket, as the kernel knows it."""
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(uid)


class Service:
    """The verbs of the protocol."""

    def __init__(self, on: Runtime, servers: Servers, jobs: Jobs):
        self._on = on
        self._servers = servers
        self._jobs = jobs
        #: (verb, ``ok`` or the code of the refusal) → how often since the start.
        self._answered: Counter[tuple[str, str]] = Counter()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends or says something that is not a request.

        What it opened goes with it: a caller that is killed leaves no folder full of tests.
        """
        jobs: set[str] = set()
        try:
            if caller(writer.get_extra_info("socket")) not in (0, os.getuid()):
                log.warning("a connection from another account was dropped")
                return
            while line := await reader.readline():
                request = _request(line)
                if request is None:
                    return
                answer = await self._answer_or_drop(request, reader)
                if answer is None:
                    return
                if request["do"] == "open_job" and "handle" in answer:
                    jobs.add(answer["handle"])
                writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            return  # it went away, or its line was longer than LONGEST
        finally:
            writer.close()
            for handle in jobs:
                await self._jobs.abandon(handle)

    async def _answer_or_drop(
        self, request: dict[str, Any], reader: asyncio.StreamReader
    ) -> dict[str, Any] | None:
        """Answer; a caller that goes away meanwhile takes its run or its server along."""
        if request["do"] == "start_server":
            answer = await self.answer(request)
            if reader.at_eof() and "handle" in answer:
                log.warning("nobody waits for server %s any more", answer["handle"][:8])
                await self._servers.stop(answer["handle"], 0)
            return answer
        answering = asyncio.ensure_future(self.answer(request))
        if request["do"] != "run_job":
            return await answering
        gone = asyncio.ensure_future(reader.read(1))
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            await self._jobs.stop(str(request.get("handle")), 0)
            await answering
            return None
        gone.cancel()
        await asyncio.wait({gone})
        return answering.result()

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request, also where it is a refusal."""
        answer = await self._judged(request)
        verb = request["do"] if request["do"] in _VERBS else "unknown"
        self._answered[verb, answer.get("error", "ok")] += 1
        return answer

    async def _judged(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._do(request)
        except Refused as refused:
            return {"error": refused.code, "message": refused.text()}
        except NotStarted:
            log.error("a sandbox was not started; the reason is in its log")
            return {"error": "launcher.not_started", "message": N_("沙箱没有能启动。")}
        except Exception:
            log.exception("a request failed: %s", request["do"])
            return {"error": "launcher.internal", "message": N_("启动器出错了，请看日志。")}

    async def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        verb = _VERBS.get(request["do"])
        if verb is None:
            raise Invalid(
                "launcher.verb",
                N_("启动器不认识这个请求；它认识的有：{known}。"),
                known=", ".join(_VERBS),
            )
        return await verb(self, request)

    async def _ping(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "sandboxes": len(self._servers) + self._jobs.running,
            "limits_by": self._on.limits_by(),
            "isolation": self._on.isolated,
            "own_ids": self._on.ids.available is not None,
            "not_isolated": list(self._on.not_isolated),
        }

    async def _counts(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "running": {"server": len(self._servers), "run": self._jobs.running},
            "requests": [[*key, times] for key, times in sorted(self._answered.items())],
            "ends": [[*key, times] for key, times in sorted(self._on.ends.items())],
        }

    async def _start_server(self, request: dict[str, Any]) -> dict[str, Any]:
        if bool(request.get("isolated", self._on.isolated)) != self._on.isolated:
            raise Invalid("launcher.isolation", N_("启动器的隔离方式和请求的不一样。"), status=409)
        asked = (request.get(name) for name in ("person", "env", "limits", "home"))
        return await self._servers.start(*asked)

    async def _home_sizes(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._servers.home_sizes(request.get("run"), request.get("after"))

    async def _poll(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._servers.poll(_handle(request))

    async def _stop(self, request: dict[str, Any]) -> dict[str, Any]:
        handle, grace_s = _handle(request), request.get("grace_s", 5)
        if isinstance(grace_s, bool) or not isinstance(grace_s, int | float):
            raise Invalid("launcher.grace", N_("grace_s 应是数。"))
        grace_s = min(max(float(grace_s), 0.0), _LONGEST_GRACE_S)
        if await self._jobs.stop(handle, grace_s):
            return {"state": "ended", "outcome": "stopped", "exit_code": 0}
        return await self._servers.stop(handle, grace_s)

    async def _open_job(self, _: dict[str, Any]) -> dict[str, Any]:
        return self._jobs.open()

    async def _run_job(self, request: dict[str, Any]) -> dict[str, Any]:
        program, limits = request.get("program"), request.get("limits")
        return await self._jobs.run(_handle(request), program, limits)

    async def _close_job(self, request: dict[str, Any]) -> dict[str, Any]:
        return await self._jobs.close(_handle(request))


_VERBS = {
    "start_server": Service._start_server,
    "poll": Service._poll,
    "stop": Service._stop,
    "open_job": Service._open_job,
    "run_job": Service._run_job,
    "close_job": Service._close_job,
    "ping": Service._ping,
    "counts": Service._counts,
    "home_sizes": Service._home_sizes,
}


def _handle(request: dict[str, Any]) -> str:
    handle = request.get("handle")
    if not isinstance(handle, str):
        raise Invalid("launcher.handle", N_("请求里没有 handle。"))
    return handle


def _request(line: bytes) -> dict[str, Any] | None:
    """Return the request in a line, or None if it is none."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if isinstance(request, dict) and isinstance(request.get("do"), str):
        return request
    return None

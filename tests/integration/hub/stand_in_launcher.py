"""A stand-in for the sandbox launcher: the protocol of docs/reference/launcher.md, no sandbox.

The hub's tests are about the hub; the launcher has its own. Its servers answer everything and
echo the environment they got, the limits as ``LIMITS`` and what of the request arrived as
``ASKED``, so that a test can read what a server is told. They let in whoever comes, and claim
for the whole host what they can: a teacher's server is whatever its owner makes of it.
"""

import argparse
import asyncio
import json
import secrets
import sys
from pathlib import Path

from jupyterhub import __version__

CLAIMS = (
    "Service-Worker-Allowed: /\r\n"
    'Clear-Site-Data: "cookies"\r\n'
    "Strict-Transport-Security: max-age=31536000\r\n"
    "Access-Control-Allow-Origin: http://evil.example\r\n"
    "Access-Control-Allow-Credentials: true\r\n"
)
servers: dict[str, asyncio.Server] = {}


async def start_server(env: dict[str, object]) -> dict[str, object]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        body = json.dumps(env | {"ASKED": asked}).encode()
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"X-JupyterHub-Version: {__version__}\r\n{CLAIMS}Connection: close\r\n\r\n".encode()
            + body
        )
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    handle = secrets.token_hex(16)
    servers[handle] = server
    return {"handle": handle, "host": "127.0.0.1", "port": server.sockets[0].getsockname()[1]}


async def handle_request(request: dict) -> dict[str, object]:
    match request["do"]:
        case "ping":
            apart = {"isolation": False, "own_ids": False, "not_isolated": []}
            return {"sandboxes": len(servers), "limits_by": "none", **apart}
        case "start_server":
            return await start_server(request["env"] | {"LIMITS": request["limits"]})
        case "poll":
            return {"state": "running" if request["handle"] in servers else "unknown"}
        case "stop":
            if server := servers.pop(request["handle"], None):
                server.close()
            return {"state": "ended", "outcome": "stopped", "exit_code": 0}
    return {"error": "unknown", "message": "?"}


async def serve_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(json.dumps(await handle_request(json.loads(line))).encode() + b"\n")
    writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    arguments, _ = parser.parse_known_args()
    if (arguments.data / "refuse").exists():
        print("本机不允许创建用户命名空间。", flush=True)
        sys.exit(78)
    socket = arguments.data / "run" / "launcher" / "launcher.sock"
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(serve_client, socket)
    await server.serve_forever()


asyncio.run(main())

"""A terminal in somebody's real Jupyter server, over its WebSocket, as JupyterLab opens it."""

import asyncio
import json
import uuid

from benchmarks.support.visitor import PATIENCE_S, Visitor


def run(visitor: Visitor, *commands: str) -> str:
    """Run commands one after the other in a new terminal and return what it showed."""
    return asyncio.run(asyncio.wait_for(_run(visitor, commands), PATIENCE_S))


async def _run(visitor: Visitor, commands: tuple[str, ...]) -> str:
    name = visitor.api("POST", f"{visitor.home}api/terminals").json()["name"]
    socket = await visitor.open_socket(f"{visitor.home}terminals/websocket/{name}")
    mark = uuid.uuid4().hex
    # Two halves: what is typed shows on the screen, and is not yet the end.
    end = f"echo {mark[:16]}''{mark[16:]}"
    await socket.write_message(json.dumps(["stdin", f"{'; '.join([*commands, end])}\n"]))
    shown = ""
    while mark not in shown:
        raw = await socket.read_message()
        if raw is None:
            raise RuntimeError(f"the terminal ended: {shown[-500:]}")
        kind, *content = json.loads(raw)
        if kind == "stdout":
            shown += content[0]
    socket.close()
    visitor.api("DELETE", f"{visitor.home}api/terminals/{name}")
    return shown

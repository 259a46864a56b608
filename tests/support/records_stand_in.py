"""A records service on loopback that answers as told; for clients of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "secret-token-of-the-server"
ASSIGNMENT = "01890a5d-ac96-774b-bcce-b302099a8057"
RECEIPT = {
    "receipt": "2026-000123",
    "attempt": 1,
    "received_at": "2026-11-21T14:05:09Z",
    "digest": "x",
    "late": False,
    "url": "/services/records/r/1",
}


class StandIn:
    """``answers`` are (status, body) in order; a status of None dies without an answer."""

    def __init__(self) -> None:
        self.answers: list[tuple[int | None, Any]] = []
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""

    def keys(self) -> list[str]:
        """Return the client keys that came, in order."""
        found = []
        for _, headers, body in self.calls:
            if "X-Client-Key" in headers:
                found.append(headers["X-Client-Key"])
            elif b"client_key" in body:
                found.append(json.loads(body)["client_key"])
        return found


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Serve for the length of a block."""
    service = StandIn()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.calls.append((self.path, dict(self.headers), body))
            status, answer = service.answers.pop(0)
            if status is None:
                self.connection.close()
                return
            self.send_response(status)
            if status in (302, 307):
                self.send_header("Location", f"{service.url}/elsewhere")
            self.end_headers()
            self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

        do_GET = do_PATCH = do_POST

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}/services/records"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

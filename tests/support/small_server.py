"""A small HTTP server on loopback for the length of a block; answers from a function."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MOST_BYTES = 64 * 1024


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes = field(default=b"", repr=False)


#: Returns status, content type and body.
Answers = Callable[[Asked], tuple[int, str, bytes]]


@contextmanager
def serving(answers: Answers) -> Iterator[str]:
    """Serve; give the address."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            length = min(int(self.headers.get("Content-Length", 0)), MOST_BYTES)
            asked = Asked(self.command, parts.path, query, self.rfile.read(length))
            status, kind, body = answers(asked)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if status in (302, 303):
                self.send_header("Location", body.decode())
                body = b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

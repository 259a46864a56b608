"""A stand-in for the records service: health, the shared static files, and a secret corner.

``/internal`` answers to whoever reaches it, so that a test can show that the proxy does not.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yanxiu

PREFIX = "/services/records/"
STATIC = Path(yanxiu.__file__).parent / "records" / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == f"{PREFIX}healthz":
            self.answer(200, "application/json", b'{"ok": true}')
        elif path.startswith(f"{PREFIX}static/"):
            file = STATIC / Path(path).name
            self.answer(200, TYPES[file.suffix], file.read_bytes())
        elif path.startswith("/internal") or "internal" in path:
            self.answer(200, "text/plain", b"the secret corner")
        elif path == PREFIX:
            self.answer(200, "text/html; charset=utf-8", "门户".encode())
        else:
            self.answer(404, "text/plain", b"")

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

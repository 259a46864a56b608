"""A stand-in for the hub's login and token check, over real HTTP on a free port.

Only what the records service asks of a hub. The real hub is in the integration tests.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

CLIENT = "service-records"
SECRET = "s" * 64
ACCESS = "access:services!service=records"


@dataclass
class FakeHub:
    """What the hub knows: tokens, and codes of logins under way."""

    url: str = ""
    away: bool = False
    asked: int = 0
    watched: int = 0
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def token(self, name: str, *scopes: str) -> str:
        """Make a token with ``scopes``."""
        token = secrets.token_hex(16)
        self.tokens[token] = {"kind": "user", "name": name, "scopes": list(scopes)}
        return token

    def authorize(self, location: str, name: str) -> tuple[str, str]:
        """Do what the hub does when ``name`` is logged in: return the code and the state."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(location).query).items()}
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_hex(8)
        self.codes[code] = (name, query["code_challenge"], query["redirect_uri"])
        return code, query["state"]

    def log_out(self, name: str) -> None:
        """Do what the hub does at logout: its tokens are gone."""
        self.tokens = {key: one for key, one in self.tokens.items() if one["name"] != name}


class _Handler(BaseHTTPRequestHandler):
    hub: ClassVar[FakeHub]

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""

    def _answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        """Say whose the token is."""
        self.hub.asked += 1
        self.hub.watched += "X-Yanxiu-Watch" in self.headers
        if self.hub.away:
            return self._answer(503, {})
        assert self.path == "/hub/api/user", self.path
        token = self.headers["Authorization"].removeprefix("token ")
        model = self.hub.tokens.get(token)
        return self._answer(200, model) if model else self._answer(403, {"message": "Forbidden"})

    def do_POST(self) -> None:
        """Exchange a code for a token, as OAuth with PKCE asks."""
        if self.hub.away:
            return self._answer(503, {})
        assert self.path == "/hub/api/oauth2/token", self.path
        length = int(self.headers["Content-Length"])
        form = {key: one[0] for key, one in parse_qs(self.rfile.read(length).decode()).items()}
        known = self.hub.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            known is None
            or form.get("client_id") != CLIENT
            or form.get("client_secret") != SECRET
            or form.get("redirect_uri") != known[2]
            or base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() != known[1]
        ):
            return self._answer(400, {"error": "invalid_grant"})
        return self._answer(200, {"access_token": self.hub.token(known[0], ACCESS)})


@contextmanager
def running_hub() -> Iterator[FakeHub]:
    """Serve a hub until the end of the block."""
    hub = FakeHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_port}/hub/api"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A small platform that exchanges one-time tickets, in the national platform's style."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from .small_server import Asked, serving

APP, KEY = "app-1", "the-key-of-app-1"


@dataclass
class TicketServer:
    """What the platform knows."""

    url: str = ""
    login: str = "t-1"
    valid_s: int = 600
    away: bool = False
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        """Answer a request."""
        if asked.path == "/login":
            service = asked.query["service"]
            if not self.login:
                return 302, "text/plain", service.encode()
            ticket = secrets.token_hex(8)
            self.tickets[ticket] = self.login
            return 302, "text/plain", f"{service}&{urlencode({'ticket': ticket})}".encode()
        if self.away:
            return 502, "text/plain", b"bad gateway"
        return 200, "application/json", json.dumps(self._api(asked)).encode()

    def _api(self, asked: Asked) -> dict[str, Any]:
        said = json.loads(asked.body)
        if asked.path == "/apigateway/getAccessToken":
            text = f"{APP}{KEY}{said['timeStamp']}".encode()
            proof = hmac.new(KEY.encode(), text, hashlib.sha1).hexdigest().upper()
            if said["appId"] != APP or not hmac.compare_digest(said["keyInfo"], proof):
                return {"retCode": "200003", "retDesc": "keyInfo"}
            self.tokens.append(secrets.token_hex(8))
            info = {"accessToken": self.tokens[-1], "validTime": self.valid_s}
            return {"retCode": "000000", "tokenInfo": info}
        if not self.tokens or asked.query.get("accessToken") != self.tokens[-1]:
            return {"retCode": "200001", "retDesc": "accessToken"}
        if asked.path == "/userSession/validateTicket":
            user = self.tickets.pop(said["ticket"], "")
            session = secrets.token_hex(8)
            if user:
                self.sessions[session] = user
        else:
            session = said["usessionId"]
            user = self.sessions.get(session, "")
        if user not in self.accounts:
            return {"retCode": "300006", "retDesc": "invalid"}
        info = {"userId": user, **self.accounts[user]}
        return {"retCode": "000000", "usessionId": session, "userInfo": info}


@contextmanager
def running_platform() -> Iterator[TicketServer]:
    """Serve until the end of the block."""
    server = TicketServer()
    with serving(server.answer) as address:
        server.url = address
        yield server

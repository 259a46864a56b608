"""A small CAS server: logs in whoever it is told to, gives one-time tickets, validates."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlencode

from .small_server import Asked, serving

_FRAME = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{}</cas:serviceResponse>'


@dataclass
class CasServer:
    """What the server knows.

    :param login: who is logged in; empty turns back without a ticket
    """

    url: str = ""
    login: str = "cas-1"
    accounts: dict[str, dict[str, str]] = field(default_factory=dict)
    tickets: dict[str, tuple[str, str]] = field(default_factory=dict)
    body: bytes = b""
    path: str = "p3/serviceValidate"

    def answer(self, asked: Asked) -> tuple[int, str, bytes]:
        """Answer a request."""
        service = asked.query.get("service", "")
        if asked.path == "/cas/login":
            if not self.login:
                return 302, "text/plain", service.encode()
            ticket = f"ST-{secrets.token_hex(8)}"
            self.tickets[ticket] = (self.login, service)
            joint = "&" if "?" in service else "?"
            return 302, "text/plain", f"{service}{joint}{urlencode({'ticket': ticket})}".encode()
        if asked.path != f"/cas/{self.path}":
            return 404, "text/plain", b""
        if self.body:
            return 200, "application/xml", self.body
        user, meant = self.tickets.pop(asked.query.get("ticket", ""), ("", ""))
        if not user or meant != service:
            text = '<cas:authenticationFailure code="INVALID_TICKET">no</cas:authenticationFailure>'
        else:
            attributes = "".join(
                f"<cas:{name}>{escape(value)}</cas:{name}>"
                for name, value in self.accounts.get(user, {}).items()
            )
            text = (
                f"<cas:authenticationSuccess><cas:user>{escape(user)}</cas:user>"
                f"<cas:attributes>{attributes}</cas:attributes></cas:authenticationSuccess>"
            )
        return 200, "application/xml", _FRAME.format(text).encode()


@contextmanager
def running_cas() -> Iterator[CasServer]:
    """Serve until the end of the block."""
    server = CasServer()
    with serving(server.answer) as address:
        server.url = f"{address}/cas"
        yield server

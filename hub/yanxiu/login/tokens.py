"""Expiring tokens for programs: issued by the operator, kept as digests, audited.

Our own and not the hub's: they open the records API and nothing else, and the hub needs
no account that may mint tokens for everybody (docs/decisions/tokens.md). Issued by
``yanxiu token``, checked by the records service.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from yanxiu.names import new_id
from yanxiu.scopes import LEARN, TEACH, TOKEN_PREFIX
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .model import ApiToken
from .reads import tokens

#: What a token can be for, by the name that the operator types.
SCOPES = {"learn": LEARN, "teach": TEACH}
MAX_HOURS = 24 * 90


@dataclass(frozen=True)
class Holder:
    """Whom a token stands for, and what it may do."""

    person_id: str
    scopes: frozenset[str]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(store: Store, person_id: str, names: tuple[str, ...], hours: int, *, actor: str) -> str:
    """Return a new token (256 bits) for ``hours``; only its SHA-256 is kept."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    scopes = sorted({SCOPES[name] for name in names})
    token_id = new_id()
    audit = Event(actor, "token.issue", "token", str(token_id), details={"scopes": scopes})
    audit.details["hours"] = hours

    def work(session: Session, now: datetime) -> None:
        session.add(
            ApiToken(
                id=token_id,
                person_id=person_id,
                token_sha256=_digest(token),
                scopes=" ".join(scopes),
                created_at=now,
                expires_at=now + timedelta(hours=hours),
            )
        )

    store.transact(work, audit)
    return token


def holder(store: Store, token: str) -> Holder | None:
    """Return whom ``token`` stands for; None when it is unknown or has expired."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    with store.read() as session:
        row = tokens.by_digest(session, _digest(token))
    if row is None or row.expires_at <= store.clock():
        return None
    return Holder(row.person_id, frozenset(row.scopes.split()))

"""SQL about the expiring tokens of programs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from yanxiu.login.model import ApiToken


def by_digest(session: Session, digest: str) -> ApiToken | None:
    """Return the token with this SHA-256."""
    return session.scalar(select(ApiToken).where(ApiToken.token_sha256 == digest))

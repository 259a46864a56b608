"""SQL about facts of the site that must outlive a restart."""

from typing import Any

from sqlalchemy.orm import Session

from .model import SiteFact


def get(session: Session, key: str) -> dict[str, Any] | None:
    """Return a fact."""
    found = session.get(SiteFact, key)
    return found.value if found else None


def put(session: Session, key: str, value: dict[str, Any]) -> None:
    """Set a fact."""
    session.merge(SiteFact(key=key, value=value))

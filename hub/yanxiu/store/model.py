"""The two ledgers that only grow: credit hours and audit events. And site facts."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class AuditEvent(Base):
    """Who did what to which thing, and how it ended.

    ``actor`` is a person's id, or ``system:<part>``, or ``anonymous``. ``details`` never
    holds a name, a mark, an ID number or a token.
    """

    __tablename__ = "audit_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40), index=True)
    verb: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80))
    school_id: Mapped[uuid.UUID | None]
    outcome: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_audit_events_object", "object_kind", "object_id", "at"),)


class SiteFact(Base):
    """A fact about this site that must outlive a restart, such as which seed was applied."""

    __tablename__ = "site_facts"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[dict[str, Any]]

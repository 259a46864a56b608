"""What the store keeps for itself: audit events, tasks, and facts about the site."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, BlobDigest


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


_OPEN = text("key IS NOT NULL AND state IN ('queued', 'running')")


class BackgroundTask(Base):
    """A piece of work: asked for, carried out under a lease, ended once.

    ``params``, ``kept`` and ``result`` never hold a name, a mark, an ID number or a token.
    """

    __tablename__ = "tasks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]]
    #: At most one open task has a key: asking twice is asking once.
    key: Mapped[str | None] = mapped_column(String(120))
    #: A person's id, or ``system:<part>``.
    asked_by: Mapped[str] = mapped_column(String(40))
    #: The asker's, for the audit.
    school_id: Mapped[uuid.UUID | None]
    state: Mapped[str] = mapped_column(String(10), default="queued")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    #: What the handler wrote down to go on from after a crash.
    kept: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    #: ``{code, message, params}`` of a refusal: rendered in the reader's language, late.
    refusal: Mapped[dict[str, Any] | None]
    #: What came out, to be downloaded by who asked; gone after a while.
    file_blob: Mapped[str | None] = mapped_column(BlobDigest)
    file_name: Mapped[str | None] = mapped_column(String(120))
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(80))
    tries: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'running', 'done', 'refused', 'failed')", name="state"
        ),
        Index("ix_tasks_open_key", "key", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_tasks_queue", "state", "run_after"),
        Index("ix_tasks_asked_by", "asked_by", "created_at"),
    )

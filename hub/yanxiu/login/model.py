"""Accounts of identity providers: whom they are bound to, and those that wait."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from yanxiu.people.model import Organization
from yanxiu.store.base import Base


class SsoBinding(Base):
    """An account of a provider is this person; one account of each provider at most."""

    __tablename__ = "sso_bindings"

    provider: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    #: The school as the provider named it last: only a change of it moves anybody.
    school_code: Mapped[str] = mapped_column(String(20), default="")
    #: Ids of the role grants that the provider's claims gave, and may take back.
    granted: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: A person's id, or ``system:sso`` when the roster matched.
    bound_by: Mapped[str] = mapped_column(String(40))
    bound_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("provider", "person_id"),)


class SsoRequest(Base):
    """An account that the roster could not place: an organizer of ``org`` decides.

    ``mobile`` and ``id_hmac`` are there to find candidates and are cleared by the decision.
    """

    __tablename__ = "sso_requests"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(255))
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(80))
    teacher_no: Mapped[str] = mapped_column(String(40))
    mobile: Mapped[str] = mapped_column(String(20))
    id_hmac: Mapped[str] = mapped_column(String(64))
    id_last4: Mapped[str] = mapped_column(String(4))
    school_code: Mapped[str] = mapped_column(String(20))
    doubt: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(8), default="open")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]

    org: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        UniqueConstraint("provider", "subject"),
        CheckConstraint("state IN ('open', 'bound', 'refused')", name="state"),
        Index("ix_sso_requests_org_state", "org_id", "state", "created_at"),
    )


class ApiToken(Base):
    """An expiring token that the operator issued for a program; only its SHA-256 is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

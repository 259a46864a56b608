"""Limits, counters, places, the waiting line, and the lives of servers.

The row of ``SITE`` and servers is the one lock of all that changes them (``counters.lock``).
"""

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from yanxiu.store.base import Base

from .rules import PlaceKind, PlaceState, Resource
from .tree import SITE

__all__ = [
    "SITE",
    "HomeSize",
    "IdlePeak",
    "Place",
    "QuotaLimit",
    "QuotaUsage",
    "ServerDay",
    "ServerLife",
    "ServerMonth",
    "ServerStop",
    "Wait",
    "Waiter",
]


def _one_of(column: str, values: type[Resource] | type[PlaceKind] | type[PlaceState]) -> str:
    return f"{column} IN ({', '.join(repr(one.value) for one in values)})"


class QuotaLimit(Base):
    """What a county organizer set for one organization and one resource."""

    __tablename__ = "quota_limits"

    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    resource: Mapped[str] = mapped_column(String(16), primary_key=True)
    guarantee: Mapped[float | None]
    ceiling: Mapped[float | None]
    per_teacher: Mapped[float | None]
    changed_at: Mapped[datetime]
    #: A person's id, or ``system:<part>``.
    changed_by: Mapped[str] = mapped_column(String(40))

    __table_args__ = (CheckConstraint(_one_of("resource", Resource), name="resource"),)


class IdlePeak(Base):
    """The hours of the day in which a school's unused servers stop sooner; no row: none.

    Minutes since midnight on the site's clock; the hours may go over midnight.
    """

    __tablename__ = "quota_idle_peaks"

    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    begins: Mapped[int]
    ends: Mapped[int]
    idle_minutes: Mapped[int]
    changed_at: Mapped[datetime]
    #: A person's id, or ``system:<part>``.
    changed_by: Mapped[str] = mapped_column(String(40))

    __table_args__ = (
        CheckConstraint(
            "begins BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439 AND begins <> ends",
            name="hours",
        ),
        CheckConstraint("idle_minutes > 0", name="minutes"),
    )


class QuotaUsage(Base):
    """How much is in use below one organization (``SITE``: everywhere); changed with the places.

    No row means nothing. Sums of ``quota_places``, ``quota_limits`` and the tree: ``counters``
    makes them, and heals them.
    """

    __tablename__ = "quota_usage"

    org_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(String(16), primary_key=True)
    used: Mapped[float] = mapped_column(default=0.0)
    #: See ``rules.Stand``.
    needed: Mapped[float] = mapped_column(default=0.0)
    #: What it is sure of, as it was when ``needed`` of those above was counted.
    guarantee: Mapped[float] = mapped_column(default=0.0)


class Place(Base):
    """Room for one server or app, from the moment that a start is admitted."""

    __tablename__ = "quota_places"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    server_name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(8))
    #: Whose pool: the home school at the start. A move of the person does not move it.
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    #: Of the organization.
    path: Mapped[str] = mapped_column(String(250), index=True)
    memory_mb: Mapped[int]
    cpus: Mapped[float]
    state: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime]
    #: When it is given back by itself; None once it runs.
    expires_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (
        UniqueConstraint("person_id", "server_name", "kind"),
        CheckConstraint(_one_of("kind", PlaceKind), name="kind"),
        CheckConstraint(_one_of("state", PlaceState), name="state"),
    )


class Waiter(Base):
    """Somebody in line; one place for each."""

    __tablename__ = "quota_waiters"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    server_name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(8))
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    path: Mapped[str] = mapped_column(String(250))
    memory_mb: Mapped[int]
    cpus: Mapped[float]
    since: Mapped[datetime] = mapped_column(index=True)
    #: When her page last looked; who does not look any more is forgotten.
    seen_at: Mapped[datetime] = mapped_column(index=True)


class HomeSize(Base):
    """How much one person's home takes, as it was measured last; no row: nobody has measured it.

    Summed by school in ``quota_usage``, and changed together with it (``homes``).
    """

    __tablename__ = "home_sizes"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    #: In whose sum it is: the home school's at the last look.
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    measured_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("size >= 0", name="size"),)


class Wait(Base):
    """How long somebody stood in line, once it is over; nobody's name is in it."""

    __tablename__ = "quota_waits"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    path: Mapped[str] = mapped_column(String(250))
    kind: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    #: Whether a place came; else it was given up.
    served: Mapped[bool]

    __table_args__ = (
        CheckConstraint("until >= since", name="order"),
        CheckConstraint(_one_of("kind", PlaceKind), name="kind"),
    )


class ServerStop(Base):
    """A server that an organizer wants ended, and what she says to its owner."""

    __tablename__ = "server_stops"

    #: Of the place that the server had: another start is not meant.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    server_name: Mapped[str] = mapped_column(String(80))
    asked_by: Mapped[str] = mapped_column(String(40))
    message: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime]
    #: When its owner has said that she has read it.
    read_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_server_stops_person", "person_id", "asked_at"),)


class ServerLife(Base):
    """One life of one server: the ledger of server hours. Its id is its place's."""

    __tablename__ = "server_lives"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    server_name: Mapped[str] = mapped_column(String(80))
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    #: Of the school, as it was then.
    path: Mapped[str] = mapped_column(String(250))
    memory_mb: Mapped[int]
    cpus: Mapped[float]
    started_at: Mapped[datetime] = mapped_column(index=True)
    #: Up to when it is known to have lived, and is counted in ``server_days`` and ``server_months``.
    seen_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("seen_at >= started_at AND stopped_at >= started_at", name="order"),
        Index("ix_server_lives_person", "person_id", "started_at"),
        Index("ix_server_lives_school", "school_id", "started_at"),
        Index(
            "ix_server_lives_open",
            "seen_at",
            sqlite_where=text("stopped_at IS NULL"),
            postgresql_where=text("stopped_at IS NULL"),
        ),
    )


class ServerDay(Base):
    """How long the servers of one school lived on one day of the site's zone, and how many began."""

    __tablename__ = "server_days"

    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    seconds: Mapped[float] = mapped_column(default=0.0)
    starts: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_server_days_day", "day"),)


class ServerMonth(Base):
    """How long the servers of one school lived in one month of the site's zone, ``2026-09``."""

    __tablename__ = "server_months"

    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    seconds: Mapped[float] = mapped_column(default=0.0)

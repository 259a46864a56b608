"""Organizations, people, how they log in, and what they may do. What stands below what: ``rules``."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from yanxiu.store.base import Base, BlobDigest

from .rules import Kind


class Organization(Base):
    """A node of the tree province → city → county → cluster → school → research group.

    ``path`` is the codes from the root down, ``/330199/2133000001/``: a subtree is a
    prefix, on both databases and without recursion.
    """

    __tablename__ = "organizations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organizations.id"))
    path: Mapped[str] = mapped_column(String(250), unique=True)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind.value) for kind in Kind)})", name="kind"),
    )


class OrganizationAlias(Base):
    """A code that an organization had before: old files and settings still name it."""

    __tablename__ = "organization_aliases"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    since: Mapped[datetime]


class Person(Base):
    """Somebody in the roster. ``id`` is also the hub user name (see ``yanxiu.names``)."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(17), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    teacher_no: Mapped[str | None] = mapped_column(String(40), unique=True)
    mobile: Mapped[str | None] = mapped_column(String(20), unique=True)
    #: ID number: HMAC to match by, ciphertext to report by, last four to show.
    id_hmac: Mapped[str | None] = mapped_column(String(64), unique=True)
    id_cipher: Mapped[bytes | None]
    id_last4: Mapped[str | None] = mapped_column(String(4))
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    subject: Mapped[str] = mapped_column(String(40), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    #: Since when they are not active; None again for who came back.
    left_at: Mapped[datetime | None]
    #: When name and numbers were removed (``verbs.erase``); what they did stays with the id.
    erased_at: Mapped[datetime | None]

    school: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        Index("ix_people_school_name", "school_id", "name", "id"),
        Index("ix_people_left_at", "left_at"),
    )


class Credential(Base):
    """How one person proves who they are with a local account."""

    __tablename__ = "credentials"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    #: argon2id, from the first password that the person chose. Null until then.
    password_hash: Mapped[str | None] = mapped_column(String(200))
    #: SHA-256 of a 128-bit one-time code: enough for a random secret, and cheap (35,000 at import).
    activation_sha256: Mapped[str | None] = mapped_column(String(64))
    must_change: Mapped[bool] = mapped_column(default=True)
    #: When the password was chosen or reset. Null while the first code is all there ever was.
    changed_at: Mapped[datetime | None]
    #: The hub's id of the browser's login in which it was chosen: the one that went on.
    changed_in: Mapped[str | None] = mapped_column(String(255))


class RoleGrant(Base):
    """A role that a person holds in an organization; several at once are usual."""

    __tablename__ = "role_grants"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))

    org: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("person_id", "role", "org_id"),)


class GroupMember(Base):
    """Membership in a research group, whatever the member's own school; ``lead`` or ``member``."""

    __tablename__ = "group_members"

    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16))


class RosterUpload(Base):
    """A roster file between its preview and its import; gone after ``expires_at``.

    The blob is encrypted with the site's key for ID numbers, because the file holds them.
    """

    __tablename__ = "roster_uploads"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(120))
    blob: Mapped[str] = mapped_column(BlobDigest)
    #: The file is the whole list of its schools: who is missing has left.
    whole: Mapped[bool]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]


class GraderAssignment(Base):
    """The submissions of one unit from one school, for a grader to mark."""

    __tablename__ = "grader_assignments"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organizations.id"))
    given_by: Mapped[str] = mapped_column(String(40))
    given_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("person_id", "assignment_id", "school_id"),)


class Consent(Base):
    """A person agreed to a version of the privacy notice."""

    __tablename__ = "consents"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    #: The day of the version, ``2026-09-01``: the newest is the greatest.
    version: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]


class Profile(Base):
    """What a person says of themselves, as codes of the site's tables."""

    __tablename__ = "profiles"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    stages: Mapped[list[str]] = mapped_column(JSON)
    subjects: Mapped[list[str]] = mapped_column(JSON)
    changed_at: Mapped[datetime]


class NameRequest(Base):
    """A person asks their school to correct the name; at most one waits at a time."""

    __tablename__ = "name_requests"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    wanted: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="open")
    answer: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'refused', 'withdrawn')", name="state"),
        Index("ix_name_requests_state", "state", "created_at"),
        Index(
            "ix_name_requests_one_open",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

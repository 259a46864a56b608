"""Keep whom accounts of identity providers are bound to, and those that wait."""

import sqlalchemy as sa
from alembic import op

revision = "0003_sso"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sso_bindings",
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("school_code", sa.String(length=20), nullable=False),
        sa.Column("granted", sa.JSON(), nullable=False),
        sa.Column("bound_by", sa.String(length=40), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sso_bindings_person_id_people")
        ),
        sa.PrimaryKeyConstraint("provider", "subject", name=op.f("pk_sso_bindings")),
        sa.UniqueConstraint(
            "provider", "person_id", name=op.f("uq_sso_bindings_provider_person_id")
        ),
    )
    op.create_index(op.f("ix_sso_bindings_person_id"), "sso_bindings", ["person_id"])
    op.create_table(
        "sso_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("teacher_no", sa.String(length=40), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("id_hmac", sa.String(length=64), nullable=False),
        sa.Column("id_last4", sa.String(length=4), nullable=False),
        sa.Column("school_code", sa.String(length=20), nullable=False),
        sa.Column("doubt", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'bound', 'refused')", name=op.f("ck_sso_requests_state")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_sso_requests_org_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sso_requests")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_sso_requests_provider_subject")),
    )
    op.create_index(
        op.f("ix_sso_requests_org_state"), "sso_requests", ["org_id", "state", "created_at"]
    )

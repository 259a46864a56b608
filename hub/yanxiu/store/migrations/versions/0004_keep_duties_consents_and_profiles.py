"""Keep graders' duties, consents to the privacy notice, profiles and name requests."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003_sso"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grading_duties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_grading_duties_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_grading_duties_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["organizations.id"],
            name=op.f("fk_grading_duties_school_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_duties")),
        sa.UniqueConstraint(
            "person_id",
            "assignment_id",
            "school_id",
            name=op.f("uq_grading_duties_person_id_assignment_id_school_id"),
        ),
    )
    op.create_table(
        "consents",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_consents_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "version", name=op.f("pk_consents")),
    )
    op.create_table(
        "profiles",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_profiles_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "name_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("wanted", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'withdrawn')",
            name=op.f("ck_name_requests_state"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_name_requests_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_requests")),
    )
    op.create_index(op.f("ix_name_requests_state"), "name_requests", ["state", "created_at"])
    op.create_index(
        op.f("ix_name_requests_one_open"),
        "name_requests",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

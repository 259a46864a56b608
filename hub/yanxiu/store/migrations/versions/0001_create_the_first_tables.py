"""Create the tables."""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: What is written is never changed or deleted.
LEDGERS = ("audit_events", "credit_entries")
#: What is written is never changed or deleted; but when it is a year old, these columns may be
#: emptied, all of them at once and nothing else (``work.verbs.expire_contents``): table → the
#: instant that counts, and what each column is when it is empty.
FACTS: dict[str, tuple[str, dict[str, str | None]]] = {
    "attempts": ("OLD.received_at", {"bundle_blob": None}),
    "gradings": (
        "OLD.graded_at",
        dict.fromkeys(("answers", "executed_blob", "rendered_blob", "run_a", "run_b")),
    ),
    "task_scores": (
        "(SELECT graded_at FROM gradings WHERE id = OLD.grading_id)",
        {"message": "{}"},
    ),
    "markings": ("OLD.marked_at", {"comment": ""}),
    "decisions": ("OLD.decided_at", {"reason": ""}),
    "given_feedback": ("OLD.given_at", {"blob": None}),
}


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(op.f("ix_audit_events_actor"), "audit_events", ["actor"], unique=False)
    op.create_index(
        "ix_audit_events_object", "audit_events", ["object_kind", "object_id", "at"], unique=False
    )
    op.create_table(
        "courses",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("summary", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('province', 'city', 'county', 'cluster', 'school', 'research_group')",
            name=op.f("ck_organizations_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organizations.id"],
            name=op.f("fk_organizations_parent_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizations")),
        sa.UniqueConstraint("code", name=op.f("uq_organizations_code")),
        sa.UniqueConstraint("path", name=op.f("uq_organizations_path")),
    )
    op.create_table(
        "site_facts",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_site_facts")),
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("params", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("kept", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("refusal", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("file_blob", sa.String(length=64), nullable=True),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'refused', 'failed')",
            name=op.f("ck_tasks_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    op.create_index("ix_tasks_asked_by", "tasks", ["asked_by", "created_at"], unique=False)
    op.create_index(
        "ix_tasks_open_key",
        "tasks",
        ["key"],
        unique=True,
        sqlite_where=sa.text("key IS NOT NULL AND state IN ('queued', 'running')"),
        postgresql_where=sa.text("key IS NOT NULL AND state IN ('queued', 'running')"),
    )
    op.create_index("ix_tasks_queue", "tasks", ["state", "run_after"], unique=False)
    op.create_table(
        "organization_aliases",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"],
            ["organizations.id"],
            name=op.f("fk_organization_aliases_org_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_organization_aliases")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=17), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("teacher_no", sa.String(length=40), nullable=True),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("id_hmac", sa.String(length=64), nullable=True),
        sa.Column("id_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("id_last4", sa.String(length=4), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organizations.id"], name=op.f("fk_people_school_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("id_hmac", name=op.f("uq_people_id_hmac")),
        sa.UniqueConstraint("mobile", name=op.f("uq_people_mobile")),
        sa.UniqueConstraint("teacher_no", name=op.f("uq_people_teacher_no")),
    )
    op.create_index("ix_people_left_at", "people", ["left_at"], unique=False)
    op.create_index("ix_people_school_name", "people", ["school_id", "name", "id"], unique=False)
    op.create_table(
        "releases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_releases_course_id_courses")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("digest", name=op.f("uq_releases_digest")),
    )
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
        "ix_sso_requests_org_state", "sso_requests", ["org_id", "state", "created_at"], unique=False
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_api_tokens_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_api_tokens_token_sha256")),
    )
    op.create_index(op.f("ix_api_tokens_person_id"), "api_tokens", ["person_id"], unique=False)
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
        "credentials",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("activation_sha256", sa.String(length=64), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_in", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_credentials_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "group_members",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_group_members_org_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_group_members_person_id_people")
        ),
        sa.PrimaryKeyConstraint("org_id", "person_id", name=op.f("pk_group_members")),
    )
    op.create_index(
        op.f("ix_group_members_person_id"), "group_members", ["person_id"], unique=False
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
    op.create_index(
        "ix_name_requests_one_open",
        "name_requests",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_name_requests_state", "name_requests", ["state", "created_at"], unique=False
    )
    op.create_table(
        "offerings",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("course_id", sa.String(length=40), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String(length=40), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_offerings_course_id_courses")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_offerings_org_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_offerings_release_id_releases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offerings")),
    )
    op.create_table(
        "profiles",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("stages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("subjects", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_profiles_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profiles")),
    )
    op.create_table(
        "release_units",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("unit_key", sa.String(length=40), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("learner_blob", sa.String(length=64), nullable=False),
        sa.Column("scoring_blob", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_release_units_release_id_releases")
        ),
        sa.PrimaryKeyConstraint("release_id", "unit_key", name=op.f("pk_release_units")),
    )
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_role_grants_org_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_role_grants_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
        sa.UniqueConstraint(
            "person_id", "role", "org_id", name=op.f("uq_role_grants_person_id_role_org_id")
        ),
    )
    op.create_index(op.f("ix_role_grants_person_id"), "role_grants", ["person_id"], unique=False)
    op.create_table(
        "roster_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_roster_uploads_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_uploads")),
    )
    op.create_index(
        op.f("ix_roster_uploads_person_id"), "roster_uploads", ["person_id"], unique=False
    )
    op.create_table(
        "sso_bindings",
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("school_code", sa.String(length=20), nullable=False),
        sa.Column("granted", sa.JSON(none_as_null=True), nullable=False),
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
    op.create_index(op.f("ix_sso_bindings_person_id"), "sso_bindings", ["person_id"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offering_id", sa.String(length=40), nullable=False),
        sa.Column("unit_key", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("late_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_assignments_offering_id_offerings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint(
            "offering_id", "unit_key", name=op.f("uq_assignments_offering_id_unit_key")
        ),
    )
    op.create_table(
        "enrolments",
        sa.Column("offering_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["offerings.id"], name=op.f("fk_enrolments_offering_id_offerings")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_enrolments_person_id_people")
        ),
        sa.PrimaryKeyConstraint("offering_id", "person_id", name=op.f("pk_enrolments")),
    )
    op.create_index(op.f("ix_enrolments_person_id"), "enrolments", ["person_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bundle_blob", sa.String(length=64), nullable=True),
        sa.Column("bundle_bytes", sa.Integer(), nullable=False),
        sa.Column("has_notebook", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt_no", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_attempts_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_attempts_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_attempts_release_id_releases")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organizations.id"], name=op.f("fk_attempts_school_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint(
            "assignment_id",
            "person_id",
            "client_key",
            name=op.f("uq_attempts_assignment_id_person_id_client_key"),
        ),
        sa.UniqueConstraint(
            "assignment_id",
            "person_id",
            "number",
            name=op.f("uq_attempts_assignment_id_person_id_number"),
        ),
        sa.UniqueConstraint("receipt_no", name=op.f("uq_attempts_receipt_no")),
    )
    op.create_index("ix_attempts_person", "attempts", ["person_id", "received_at"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_drafts_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_drafts_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "assignment_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "grader_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_grader_assignments_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_grader_assignments_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["organizations.id"],
            name=op.f("fk_grader_assignments_school_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grader_assignments")),
        sa.UniqueConstraint(
            "person_id",
            "assignment_id",
            "school_id",
            name=op.f("uq_grader_assignments_person_id_assignment_id_school_id"),
        ),
    )
    op.create_table(
        "works",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_works_assignment_id_assignments")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_works_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", "assignment_id", name=op.f("pk_works")),
    )
    op.create_table(
        "credit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("hours_x100", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("granted_by", sa.String(length=40), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_credit_entries_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_credit_entries_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_credit_entries_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["organizations.id"],
            name=op.f("fk_credit_entries_school_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint(
            "person_id",
            "assignment_id",
            "sequence",
            name=op.f("uq_credit_entries_person_id_assignment_id_sequence"),
        ),
    )
    op.create_index(
        op.f("ix_credit_entries_person_id"), "credit_entries", ["person_id"], unique=False
    )
    op.create_table(
        "given_feedback",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("given_by", sa.String(length=17), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_given_feedback_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["given_by"], ["people.id"], name=op.f("fk_given_feedback_given_by_people")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "version", name=op.f("pk_given_feedback")),
    )
    op.create_table(
        "grading_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("lease_sha256", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=80), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=80), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_grading_jobs_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["organizations.id"],
            name=op.f("fk_grading_jobs_school_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_jobs")),
    )
    op.create_index(
        op.f("ix_grading_jobs_attempt_id"), "grading_jobs", ["attempt_id"], unique=False
    )
    op.create_index(
        "ix_grading_jobs_queue", "grading_jobs", ["state", "school_id", "queued_at"], unique=False
    )
    op.create_table(
        "grading_turns",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["organizations.id"],
            name=op.f("fk_grading_turns_school_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_grading_turns")),
    )
    op.create_table(
        "markings",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("criterion_id", sa.String(length=40), nullable=False),
        sa.Column("marker_id", sa.String(length=17), nullable=False),
        sa.Column("capacity", sa.String(length=16), nullable=False),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_markings_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["marker_id"], ["people.id"], name=op.f("fk_markings_marker_id_people")
        ),
        sa.PrimaryKeyConstraint(
            "attempt_id", "version", "task_id", "criterion_id", name=op.f("pk_markings")
        ),
    )
    op.create_table(
        "gradings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("failure", sa.String(length=80), nullable=True),
        sa.Column("answers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("executed_blob", sa.String(length=64), nullable=True),
        sa.Column("rendered_blob", sa.String(length=64), nullable=True),
        sa.Column("run_a", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("run_b", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_gradings_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["grading_jobs.id"], name=op.f("fk_gradings_job_id_grading_jobs")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_gradings_release_id_releases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gradings")),
    )
    op.create_index(op.f("ix_gradings_attempt_id"), "gradings", ["attempt_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("grading_id", sa.Uuid(), nullable=True),
        sa.Column("auto_points", sa.Double(), nullable=True),
        sa.Column("total_points", sa.Double(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_decisions_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["grading_id"], ["gradings.id"], name=op.f("fk_decisions_grading_id_gradings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_attempt_id"), "decisions", ["attempt_id"], unique=False)
    op.create_table(
        "standings",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("grading_id", sa.Uuid(), nullable=True),
        sa.Column("auto_points", sa.Double(), nullable=True),
        sa.Column("rubric_points", sa.Double(), nullable=True),
        sa.Column("total_points", sa.Double(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shown_order", sa.Integer(), nullable=True),
        sa.Column("appealed", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_standings_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_standings_attempt_id_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["grading_id"], ["gradings.id"], name=op.f("fk_standings_grading_id_gradings")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organizations.id"], name=op.f("fk_standings_school_id_organizations")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_standings")),
    )
    op.create_index(
        "ix_standings_desk",
        "standings",
        ["school_id", "state", "received_at", "attempt_id", "assignment_id"],
        unique=False,
    )
    op.create_index(
        "ix_standings_list", "standings", ["assignment_id", "state", "received_at"], unique=False
    )
    op.create_index(
        "ix_standings_school",
        "standings",
        ["school_id", "assignment_id", "received_at"],
        unique=False,
    )
    op.create_table(
        "task_scores",
        sa.Column("grading_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("message", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["grading_id"], ["gradings.id"], name=op.f("fk_task_scores_grading_id_gradings")
        ),
        sa.PrimaryKeyConstraint("grading_id", "task_id", name=op.f("pk_task_scores")),
    )

    quota_tables()
    dialect = op.get_bind().dialect.name
    for table in LEDGERS:
        for statement in frozen(dialect, table, "UPDATE", "DELETE"):
            op.execute(statement)
    for table, (instant, empty) in FACTS.items():
        columns = [one["name"] for one in sa.inspect(op.get_bind()).get_columns(table)]
        for statement in frozen(dialect, table, "DELETE"):
            op.execute(statement)
        for statement in may_be_emptied(dialect, table, columns, instant, empty):
            op.execute(statement)
    for statement in kept_half_a_year(dialect):
        op.execute(statement)


def quota_tables() -> None:
    """Create what ``yanxiu.quota`` keeps, and the row that all its transactions lock first."""
    usage = op.create_table(
        "quota_usage",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("used", sa.Double(), nullable=False),
        sa.Column("needed", sa.Double(), nullable=False),
        sa.Column("guarantee", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "resource", name=op.f("pk_quota_usage")),
    )
    op.create_table(
        "quota_idle_peaks",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "begins BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439 AND begins <> ends",
            name=op.f("ck_quota_idle_peaks_hours"),
        ),
        sa.CheckConstraint("idle_minutes > 0", name=op.f("ck_quota_idle_peaks_minutes")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_quota_idle_peaks_org_id_organizations")
        ),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_quota_idle_peaks")),
    )
    op.create_table(
        "quota_limits",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("guarantee", sa.Double(), nullable=True),
        sa.Column("ceiling", sa.Double(), nullable=True),
        sa.Column("per_teacher", sa.Double(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "resource IN ('servers', 'cpus', 'memory_mb', 'storage_mb', 'server_hours', 'app_kernels', 'grading_share')",
            name=op.f("ck_quota_limits_resource"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_quota_limits_org_id_organizations")
        ),
        sa.PrimaryKeyConstraint("org_id", "resource", name=op.f("pk_quota_limits")),
    )
    op.create_table(
        "home_sizes",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_home_sizes_size")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_home_sizes_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organizations.id"], name=op.f("fk_home_sizes_school_id_organizations")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_home_sizes")),
    )
    op.create_index(op.f("ix_home_sizes_school_id"), "home_sizes", ["school_id"], unique=False)
    op.create_table(
        "server_days",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organizations.id"], name=op.f("fk_server_days_school_id_organizations")
        ),
        sa.PrimaryKeyConstraint("school_id", "day", name=op.f("pk_server_days")),
    )
    op.create_index("ix_server_days_day", "server_days", ["day"], unique=False)
    op.create_table(
        "server_stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("server_name", sa.String(length=80), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("message", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_server_stops_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_stops")),
    )
    op.create_index(
        "ix_server_stops_person", "server_stops", ["person_id", "asked_at"], unique=False
    )
    op.create_table(
        "quota_waits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("served", sa.Boolean(), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_quota_waits_order")),
        sa.CheckConstraint("kind IN ('server', 'app')", name=op.f("ck_quota_waits_kind")),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_quota_waits_org_id_organizations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_waits")),
    )
    op.create_index(op.f("ix_quota_waits_until"), "quota_waits", ["until"], unique=False)
    op.create_table(
        "server_months",
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["organizations.id"],
            name=op.f("fk_server_months_school_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("school_id", "month", name=op.f("pk_server_months")),
    )
    op.create_table(
        "quota_places",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("server_name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("cpus", sa.Double(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('server', 'app')", name=op.f("ck_quota_places_kind")),
        sa.CheckConstraint(
            "state IN ('held', 'reserved', 'running')", name=op.f("ck_quota_places_state")
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_quota_places_org_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_quota_places_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_places")),
        sa.UniqueConstraint(
            "person_id",
            "server_name",
            "kind",
            name=op.f("uq_quota_places_person_id_server_name_kind"),
        ),
    )
    op.create_index(
        op.f("ix_quota_places_expires_at"), "quota_places", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_quota_places_org_id"), "quota_places", ["org_id"], unique=False)
    op.create_index(op.f("ix_quota_places_path"), "quota_places", ["path"], unique=False)
    op.create_table(
        "quota_waiters",
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("server_name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("cpus", sa.Double(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organizations.id"], name=op.f("fk_quota_waiters_org_id_organizations")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_quota_waiters_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_quota_waiters")),
    )
    op.create_index(op.f("ix_quota_waiters_seen_at"), "quota_waiters", ["seen_at"], unique=False)
    op.create_index(op.f("ix_quota_waiters_since"), "quota_waiters", ["since"], unique=False)
    op.create_table(
        "server_lives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.String(length=17), nullable=False),
        sa.Column("server_name", sa.String(length=80), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("memory_mb", sa.Integer(), nullable=False),
        sa.Column("cpus", sa.Double(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "seen_at >= started_at AND stopped_at >= started_at", name=op.f("ck_server_lives_order")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_server_lives_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["organizations.id"],
            name=op.f("fk_server_lives_school_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_lives")),
    )
    op.create_index(
        "ix_server_lives_open",
        "server_lives",
        ["seen_at"],
        unique=False,
        sqlite_where=sa.text("stopped_at IS NULL"),
        postgresql_where=sa.text("stopped_at IS NULL"),
    )
    op.create_index(
        "ix_server_lives_person", "server_lives", ["person_id", "started_at"], unique=False
    )
    op.create_index(
        "ix_server_lives_school", "server_lives", ["school_id", "started_at"], unique=False
    )
    op.create_index(
        op.f("ix_server_lives_started_at"), "server_lives", ["started_at"], unique=False
    )
    op.create_index(
        op.f("ix_server_lives_stopped_at"), "server_lives", ["stopped_at"], unique=False
    )
    everywhere = {"org_id": uuid.UUID(int=0), "resource": "servers"}
    op.bulk_insert(usage, [{**everywhere, "used": 0.0, "needed": 0.0, "guarantee": 0.0}])


def kept_half_a_year(dialect: str) -> list[str]:
    """Return the DDL that lets audit events go, and only those older than half a year.

    The law asks for six months; whatever the settings say, the database itself sees to it.
    """
    table, words = "audit_events", "audit_events are kept for 183 days"
    if dialect == "sqlite":
        return [
            f"DROP TRIGGER {table}_no_delete",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            "WHEN OLD.at > datetime('now', '-183 days') "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END",
        ]
    return [
        f"DROP TRIGGER {table}_append_only ON {table}",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_frozen()",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
        "FOR EACH ROW WHEN (OLD.at > now() - interval '183 days') "
        f"EXECUTE FUNCTION {table}_frozen()",
    ]


def frozen(dialect: str, table: str, *verbs: str) -> list[str]:
    """Return the DDL that makes the database itself refuse ``verbs`` on rows of ``table``."""
    words = f"{table} is append-only"
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
            for verb in verbs
        ]
    # TRUNCATE is a deletion that PostgreSQL knows by another name.
    refused = " OR ".join([*verbs, *(["TRUNCATE"] if "DELETE" in verbs else [])])
    return [
        f"CREATE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$",
        f"CREATE TRIGGER {table}_append_only BEFORE {refused} ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_frozen()",
    ]


def may_be_emptied(
    dialect: str, table: str, columns: list[str], instant: str, empty: dict[str, str | None]
) -> list[str]:
    """Return the DDL that refuses every change of ``table`` but emptying what is a year old.

    :param instant: SQL of the instant that a row's age counts from
    :param empty: the columns that may be emptied, and what they are then
    """
    words = f"{table} is append-only"
    rest = [name for name in columns if name not in empty]
    if dialect == "sqlite":
        emptied = [f"NEW.{name} IS {_literal(value)}" for name, value in empty.items()]
        same = [f"NEW.{name} IS OLD.{name}" for name in rest]
        allowed = " AND ".join([*emptied, *same, f"{instant} < datetime('now', '-365 days')"])
        return [
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"WHEN ({allowed}) IS NOT 1 "
            f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
        ]
    emptied = [
        f"NEW.{name}::text IS NOT DISTINCT FROM {_literal(value)}" for name, value in empty.items()
    ]
    # As text: PostgreSQL does not compare JSON.
    same = [f"NEW.{name}::text IS NOT DISTINCT FROM OLD.{name}::text" for name in rest]
    allowed = " AND ".join([*emptied, *same, f"{instant} < now() - interval '365 days'"])
    return [
        f"CREATE FUNCTION {table}_emptied() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF ({allowed}) IS NOT TRUE THEN RAISE EXCEPTION '{words}'; END IF; "
        "RETURN NEW; END $$",
        f"CREATE TRIGGER {table}_only_emptied BEFORE UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_emptied()",
    ]


def _literal(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"

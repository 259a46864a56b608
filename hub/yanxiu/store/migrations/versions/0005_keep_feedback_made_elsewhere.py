"""Keep feedback that organizers made with nbgrader on their own computers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("feedback_blob", sa.String(length=64), nullable=True))

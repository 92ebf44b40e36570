"""The proof of an e-mail domain counts for some days after its text went missing."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MISSING = "ALTER TABLE app.staff_domain ADD COLUMN missing_since timestamptz;"


def upgrade() -> None:
    op.execute(MISSING)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""Members from a file that was sent are made by the process that works through it."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT INSERT ON app.member TO guerdon_worker")
    op.execute("ALTER TABLE app.member_import ADD COLUMN fault_code text")


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

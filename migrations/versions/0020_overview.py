"""Sums over a period find their part of the ledger."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Rows come in nearly in the order of time, so that a few bytes per block tell where a period lies;
# an ordinary index would cost every posting.
TIME = "CREATE INDEX ledger_txn_time ON app.ledger_txn USING brin (occurred_at);"


def upgrade() -> None:
    op.execute(TIME)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""Whoever founded a brand is forgotten with it: the process that removes brands may remove their
sign-up, which is a row of the operator."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

SQL = "GRANT SELECT, DELETE ON app.signup TO guerdon_worker"


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""Stock is waited for in order: a slot that was locked in vain is given back first."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sql_file("guerdon.catalogue", "reserve_v1"))


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

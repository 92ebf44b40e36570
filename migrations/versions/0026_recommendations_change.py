"""Processes are told when a brand's model of recommendations changes."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

KINDS = """
ALTER TABLE ctl.change DROP CONSTRAINT change_kind_check;
ALTER TABLE ctl.change ADD CONSTRAINT change_kind_check
  CHECK (kind IN ('tenant', 'parameters', 'keys', 'catalogue', 'recommendations'));
"""


def upgrade() -> None:
    op.execute(KINDS)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""New terms of the platform are told to the owners of brands that are there, each stage once."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE app.platform_terms_notice (
  tenant_id uuid NOT NULL,
  version text NOT NULL CHECK (length(version) BETWEEN 1 AND 40),
  stage text NOT NULL CHECK (stage IN ('new', 'soon', 'due')),
  told_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, version, stage)
);
CALL app_private.protect('app.platform_terms_notice', worker => 'SELECT, INSERT');
"""


def upgrade() -> None:
    op.execute(TABLE)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

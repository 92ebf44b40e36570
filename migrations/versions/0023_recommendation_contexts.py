"""What members bought, as far as offers follow from it."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

SQL = """
CREATE TABLE app.recommendation_context (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  member_id uuid NOT NULL,
  reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 120),
  content jsonb NOT NULL CHECK (pg_column_size(content) <= 65536),
  recorded_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > recorded_at),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT recommendation_context_member FOREIGN KEY (tenant_id, member_id)
    REFERENCES app.member (tenant_id, id),
  CONSTRAINT recommendation_context_reference UNIQUE (tenant_id, member_id, reference)
);
CREATE INDEX recommendation_context_over ON app.recommendation_context (tenant_id, expires_at);
CALL app_private.protect('app.recommendation_context', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, DELETE');
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

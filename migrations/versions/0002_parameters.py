"""Parameters: immutable versions of a tenant's whole programme."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE app.parameter_version (
  tenant_id uuid NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  content jsonb NOT NULL,
  content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
  effective_at timestamptz NOT NULL,
  author text NOT NULL,
  note text NOT NULL DEFAULT '',
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, version));
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.parameter_version
  FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.parameter_version
  FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CALL app_private.protect('app.parameter_version', app => 'SELECT, INSERT', worker => 'SELECT', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE app.parameter_version")

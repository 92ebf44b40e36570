"""Models of recommendations: what each version was worth, and which one serves."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# The model is a file, named by its hash; a refused one was never written. Metrics stay for ever.
SQL = """
CREATE TABLE app.recommendation_model (
  tenant_id uuid NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('in_force', 'superseded', 'refused')),
  method text NOT NULL CHECK (method IN ('als', 'item_item', 'popularity')),
  engine text NOT NULL CHECK (engine IN ('one_machine', 'spark')),
  file_hash text CHECK (file_hash ~ '^[0-9a-f]{64}$'),
  size_bytes bigint NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
  reason text,
  members bigint NOT NULL CHECK (members >= 0),
  products bigint NOT NULL CHECK (products >= 0),
  events bigint NOT NULL CHECK (events >= 0),
  parameters jsonb NOT NULL,
  metrics jsonb NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, version),
  CONSTRAINT recommendation_model_refused CHECK ((state = 'refused') = (file_hash IS NULL)
    AND (state = 'refused') = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX recommendation_model_in_force ON app.recommendation_model (tenant_id) WHERE state = 'in_force';
CALL app_private.protect('app.recommendation_model', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""The counter's orders, and what providers have told."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE app.counter_order (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  supplier text NOT NULL,
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  lines jsonb NOT NULL,
  purchase_order text NOT NULL DEFAULT '',
  placed_at timestamptz NOT NULL,
  collected_at timestamptz,
  collected_by text,
  withdrawn_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT counter_order_code UNIQUE (tenant_id, code_hash),
  CONSTRAINT counter_order_one_end CHECK (collected_at IS NULL OR withdrawn_at IS NULL));
CALL app_private.protect('app.counter_order',
  app => 'SELECT, UPDATE (collected_at, collected_by, withdrawn_at)',
  worker => 'SELECT, INSERT, UPDATE (withdrawn_at)');

CREATE TABLE app.provider_event (
  tenant_id uuid NOT NULL,
  source text NOT NULL,
  event_id text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 255),
  received_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, source, event_id));
CALL app_private.protect('app.provider_event', app => 'SELECT, INSERT', worker => 'SELECT, INSERT, DELETE');
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

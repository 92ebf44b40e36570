"""Webhooks out: events in sequence per member, deliveries, the log of attempts."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQL = """
CREATE TABLE app.webhook_sequence (
  tenant_id uuid NOT NULL, member_id uuid NOT NULL,
  last bigint NOT NULL CHECK (last > 0),
  PRIMARY KEY (tenant_id, member_id)
);
CREATE TABLE app.webhook_event (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  member_id uuid NOT NULL, sequence bigint NOT NULL CHECK (sequence > 0),
  type text NOT NULL, occurred_at timestamptz NOT NULL, data jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT webhook_event_sequence UNIQUE (tenant_id, member_id, sequence)
);
CREATE INDEX webhook_event_recorded ON app.webhook_event (tenant_id, recorded_at, id);
CREATE TABLE app.webhook_endpoint (
  tenant_id uuid NOT NULL, key text NOT NULL,
  disabled_at timestamptz, disabled_reason text, secret_rotated_at timestamptz,
  PRIMARY KEY (tenant_id, key)
);
CREATE TABLE app.webhook_delivery (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  endpoint_key text NOT NULL, event_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'discarded')),
  attempts integer NOT NULL CHECK (attempts >= 0),
  tries_left integer NOT NULL CHECK (tries_left >= 0),
  next_attempt_at timestamptz, last_status integer, last_error text,
  created_at timestamptz NOT NULL DEFAULT now(), delivered_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT webhook_delivery_once UNIQUE (tenant_id, endpoint_key, event_id),
  CONSTRAINT webhook_delivery_event FOREIGN KEY (tenant_id, event_id)
    REFERENCES app.webhook_event (tenant_id, id)
);
CREATE INDEX webhook_delivery_log ON app.webhook_delivery (tenant_id, endpoint_key, created_at, id);
CREATE TABLE app.webhook_attempt (
  tenant_id uuid NOT NULL, delivery_id uuid NOT NULL,
  attempt integer NOT NULL CHECK (attempt > 0),
  at timestamptz NOT NULL, duration_ms integer NOT NULL, status integer, error text,
  PRIMARY KEY (tenant_id, delivery_id, attempt),
  CONSTRAINT webhook_attempt_delivery FOREIGN KEY (tenant_id, delivery_id)
    REFERENCES app.webhook_delivery (tenant_id, id)
);
CALL app_private.protect('app.webhook_sequence', worker => 'SELECT, INSERT, UPDATE');
CALL app_private.protect('app.webhook_event', app => 'SELECT', worker => 'SELECT, INSERT', console => 'SELECT');
CALL app_private.protect('app.webhook_endpoint', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE', console => 'SELECT');
CALL app_private.protect('app.webhook_delivery', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE', console => 'SELECT');
CALL app_private.protect('app.webhook_attempt', app => 'SELECT', worker => 'SELECT, INSERT', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

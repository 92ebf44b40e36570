"""Rollouts: a change set that some members have before the others."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SQL = """
-- The version that some members have stands in line for an instant that never comes, so that it is
-- carried over to whatever is published meanwhile.
CREATE TABLE app.parameter_rollout (
  tenant_id uuid NOT NULL,
  first_version integer NOT NULL CHECK (first_version > 0),
  change_set_id uuid NOT NULL,
  started_at timestamptz NOT NULL,
  started_by text NOT NULL CHECK (length(started_by) BETWEEN 1 AND 120),
  percent smallint NOT NULL CHECK (percent BETWEEN 0 AND 99),
  members uuid[] NOT NULL CHECK (cardinality(members) <= 500),
  ended_at timestamptz,
  outcome text CHECK (outcome IN ('promoted', 'stopped')),
  PRIMARY KEY (tenant_id, first_version),
  CONSTRAINT parameter_rollout_of FOREIGN KEY (tenant_id, change_set_id)
    REFERENCES app.change_set (tenant_id, id),
  CONSTRAINT parameter_rollout_somebody CHECK (percent > 0 OR cardinality(members) > 0),
  CONSTRAINT parameter_rollout_ended CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE UNIQUE INDEX parameter_rollout_running ON app.parameter_rollout (tenant_id) WHERE ended_at IS NULL;
CALL app_private.protect('app.parameter_rollout', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

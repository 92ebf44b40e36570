"""Simulation: back-tests of a change set's draft."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SQL = """
-- The draft stands in the row: a run that is started anew runs the same thing.
CREATE TABLE app.simulation_run (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  change_set_id uuid NOT NULL, row_version integer NOT NULL, base_version integer NOT NULL,
  draft jsonb NOT NULL, days integer NOT NULL CHECK (days BETWEEN 1 AND 366),
  requested_by text NOT NULL, requested_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  processed bigint NOT NULL DEFAULT 0 CHECK (processed >= 0), total bigint NOT NULL DEFAULT 0 CHECK (total >= 0),
  report jsonb, report_hash bytea, fingerprint text, error jsonb,
  started_at timestamptz, ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT simulation_run_done CHECK ((state = 'done') = (report IS NOT NULL)
    AND (report IS NULL) = (report_hash IS NULL) AND (report IS NULL) = (fingerprint IS NULL)),
  CONSTRAINT simulation_run_failed CHECK ((state = 'failed') = (error IS NOT NULL)),
  CONSTRAINT simulation_run_ended CHECK ((state IN ('done', 'failed', 'cancelled')) = (ended_at IS NOT NULL))
);
CREATE INDEX simulation_run_of ON app.simulation_run (tenant_id, change_set_id, requested_at DESC, id);
-- One at a time per brand.
CREATE UNIQUE INDEX simulation_run_at_work ON app.simulation_run (tenant_id) WHERE state = 'running';
CALL app_private.protect('app.simulation_run', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

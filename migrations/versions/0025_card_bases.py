"""Bases of members whom banks approved for a card."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SQL = """
CREATE TABLE app.card_base (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  name text NOT NULL CHECK (name ~ '^[a-z0-9]([_-]?[a-z0-9]){0,39}$'),
  state text NOT NULL CHECK (state IN ('loading', 'in_force', 'replaced', 'discarded')),
  rows integer NOT NULL DEFAULT 0 CHECK (rows >= 0), rejected integer NOT NULL DEFAULT 0 CHECK (rejected >= 0),
  created_by text NOT NULL CHECK (length(created_by) BETWEEN 1 AND 120), created_at timestamptz NOT NULL,
  in_force_at timestamptz, ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT card_base_times CHECK ((state IN ('replaced', 'discarded')) = (ended_at IS NOT NULL)
    AND (state <> 'loading' OR in_force_at IS NULL) AND (state NOT IN ('in_force', 'replaced') OR in_force_at IS NOT NULL))
);
-- What is in force under a name is one base: the switch is two states in one transaction.
CREATE UNIQUE INDEX card_base_in_force ON app.card_base (tenant_id, name) WHERE state = 'in_force';
CREATE INDEX card_base_latest ON app.card_base (tenant_id, created_at DESC, id DESC);
CALL app_private.protect('app.card_base', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE', console => 'SELECT');

CREATE TABLE app.card_preapproval (
  tenant_id uuid NOT NULL, base_id uuid NOT NULL, member_id uuid NOT NULL,
  bank text NOT NULL CHECK (length(bank) BETWEEN 1 AND 80),
  variant text NOT NULL CHECK (length(variant) BETWEEN 1 AND 60),
  limit_minor bigint CHECK (limit_minor BETWEEN 0 AND 1000000000000),
  currency text NOT NULL CHECK (currency ~ '^([A-Z]{3})?$'),
  valid_until date NOT NULL, consent boolean NOT NULL, line integer NOT NULL,
  PRIMARY KEY (tenant_id, base_id, member_id, bank),
  CONSTRAINT card_preapproval_base FOREIGN KEY (tenant_id, base_id) REFERENCES app.card_base (tenant_id, id),
  CONSTRAINT card_preapproval_member FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id),
  CONSTRAINT card_preapproval_limit CHECK ((limit_minor IS NULL) = (currency = ''))
);
CREATE INDEX card_preapproval_of ON app.card_preapproval (tenant_id, member_id, base_id);
CALL app_private.protect('app.card_preapproval', app => 'SELECT, INSERT, DELETE', worker => 'SELECT, DELETE');
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""How far members were told of what a day takes from them: expiries, and tiers of a year."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE app.expiry_mark (
  tenant_id uuid NOT NULL,
  days integer NOT NULL CHECK (days BETWEEN 1 AND 365),
  day date NOT NULL,
  account_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, days)
);
CALL app_private.protect('app.expiry_mark', app => 'SELECT', worker => 'SELECT, INSERT, UPDATE');

CREATE TABLE app.tier_turn (
  tenant_id uuid NOT NULL,
  period integer NOT NULL CHECK (period BETWEEN 2000 AND 9999),
  account_id uuid NOT NULL,
  done_at timestamptz,
  PRIMARY KEY (tenant_id, period)
);
CALL app_private.protect('app.tier_turn', worker => 'SELECT, INSERT, UPDATE');
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

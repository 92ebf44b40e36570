"""Tiers and earning: standings, and the functions that credit."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FUNCTIONS = (
    ("guerdon.tiers", "add_v1"),
    ("guerdon.earning", "announce_v1"),
    ("guerdon.earning", "earn_v1"),
    ("guerdon.earning", "earn_many_v1"),
)

TABLES = """
CREATE TABLE app.tier_standing (
  tenant_id uuid NOT NULL,
  account_id uuid NOT NULL,
  period integer NOT NULL,
  qualifying bigint NOT NULL,
  PRIMARY KEY (tenant_id, account_id, period)
) WITH (fillfactor = 80);
CALL app_private.protect('app.tier_standing', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');
"""

GRANTS = """
DO $$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'app' AND (p.proname LIKE 'earning\\_%\\_v_' OR p.proname LIKE 'tiers\\_%\\_v_') LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO guerdon_app, guerdon_worker', f);
  END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute(TABLES)
    for package, name in FUNCTIONS:
        op.execute(sql_file(package, name))
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute("DROP TABLE app.tier_standing")

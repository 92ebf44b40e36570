"""What an import fills may be measured while it goes on: plans follow the brand's size."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

MEASURE = """
-- Only what parts brands from one another, which is what plans go wrong by; the rest is left to
-- autovacuum. A table that is being measured or vacuumed already is passed over.
CREATE FUNCTION ctl.measure_members_v1() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  ANALYZE (SKIP_LOCKED)
    app.member (tenant_id), app.member_word (tenant_id), app.ledger_account (tenant_id),
    app.ledger_txn (tenant_id), app.ledger_entry (tenant_id), app.ledger_lot (tenant_id),
    app.ledger_lot_move (tenant_id);
END $$;
GRANT EXECUTE ON FUNCTION ctl.measure_members_v1() TO guerdon_app, guerdon_worker;
"""


def upgrade() -> None:
    op.execute(MEASURE)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

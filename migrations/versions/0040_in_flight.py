"""What a brand has in workers' hands is counted: the relay rings no more of it than its share."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

SQL = """
ALTER TABLE app.outbox ADD COLUMN rung_at timestamptz;
CREATE INDEX outbox_in_flight ON app.outbox (tenant_id, queue, rung_at)
  WHERE done_at IS NULL AND parked_at IS NULL AND rung_at IS NOT NULL;
GRANT SELECT (rung_at), UPDATE (rung_at) ON app.outbox TO guerdon_relay;
"""


def upgrade() -> None:
    op.execute(SQL)
    op.execute(sql_file("guerdon.plumbing", "outbox_ring_v2"))
    op.execute(
        "GRANT EXECUTE ON FUNCTION"
        " ctl.outbox_ring_v2(text[], integer[], integer, double precision) TO guerdon_relay"
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

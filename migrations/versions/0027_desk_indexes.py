"""Orders of a supplier and entries about a subject, however many there are."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Prefixes are ranges in "C" only.
SQL = """
DROP INDEX app.audit_entry_subject;
CREATE INDEX audit_entry_subject
    ON app.audit_entry (tenant_id, subject COLLATE "C", seq DESC);
CREATE INDEX redemption_supplier
    ON app.redemption (tenant_id, supplier, placed_at DESC, id);
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

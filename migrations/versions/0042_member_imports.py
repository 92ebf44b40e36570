"""Members from files: wallets opened many at once, and a brand's files on their way."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

GRANTS = """
GRANT EXECUTE ON FUNCTION app.ledger_open_v1(uuid, uuid[], uuid[], bigint[], date[], text[], bytea[],
  jsonb[], integer, timestamptz) TO guerdon_app, guerdon_worker;
"""

IMPORTS = """
-- A file of members on its way: looked through first, taken in when somebody says so. `position`
-- and `line` are where the next stretch starts.
CREATE TABLE app.member_import (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  file_name text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 200),
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  state text NOT NULL CHECK (state IN ('checking','checked','applying','applied','failed','discarded')),
  position bigint NOT NULL DEFAULT 0,
  line integer NOT NULL DEFAULT 0,
  totals jsonb NOT NULL,
  checked_totals jsonb,
  errors jsonb NOT NULL DEFAULT '[]',
  fault text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  applied_by text,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id));
CREATE INDEX member_import_time ON app.member_import (tenant_id, created_at DESC, id);
CALL app_private.protect('app.member_import', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE, DELETE');
"""


def upgrade() -> None:
    op.execute(sql_file("guerdon.ledger", "open_v1"))
    op.execute(GRANTS)
    op.execute(IMPORTS)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

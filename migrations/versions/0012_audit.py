"""The audit trail: one chain per tenant, append-only, and the people who work for a brand."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SQL = """
CREATE TABLE app.audit_head (
  tenant_id uuid PRIMARY KEY,
  seq bigint NOT NULL CHECK (seq >= 0),
  hash bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE app.audit_entry (
  tenant_id uuid NOT NULL,
  seq bigint NOT NULL CHECK (seq > 0),
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 120),
  action text NOT NULL CHECK (action ~ '^[a-z_]+(\\.[a-z_]+)+$'),
  subject text NOT NULL CHECK (length(subject) <= 300),
  summary jsonb NOT NULL CHECK (jsonb_typeof(summary) = 'object'),
  address text NOT NULL DEFAULT '' CHECK (length(address) <= 64),
  request_id text NOT NULL DEFAULT '' CHECK (length(request_id) <= 64),
  previous bytea NOT NULL CHECK (length(previous) = 32),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX audit_entry_time ON app.audit_entry (tenant_id, occurred_at DESC, seq DESC);
CREATE INDEX audit_entry_actor ON app.audit_entry (tenant_id, actor, seq DESC);
CREATE INDEX audit_entry_subject ON app.audit_entry (tenant_id, subject, seq DESC);
CREATE INDEX audit_entry_action ON app.audit_entry (tenant_id, action, seq DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.audit_entry
  FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CALL app_private.protect('app.audit_head', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE', console => 'SELECT');
CALL app_private.protect('app.audit_entry', app => 'SELECT, INSERT', worker => 'SELECT, INSERT', console => 'SELECT');
"""

STAFF = """
CREATE TABLE app.staff (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  email_norm text NOT NULL CHECK (length(email_norm) BETWEEN 3 AND 320),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  status text NOT NULL CHECK (status IN ('invited', 'active', 'suspended', 'removed')),
  roles text[] NOT NULL,
  language text NOT NULL DEFAULT 'en' CHECK (length(language) <= 20),
  break_glass boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  last_sign_in_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT staff_email UNIQUE (tenant_id, email_norm)
);
CALL app_private.protect('app.staff', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(SQL)
    op.execute(sql_file("guerdon.audit", "append_v1"))
    op.execute(STAFF)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""What a brand's people prove themselves with, the links sent to them, and when sessions ended."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQL = """
-- Sessions that were proved before `sessions_from` are over: written in the transaction of what
-- ended them, read with every request.
ALTER TABLE app.staff
  ADD COLUMN appearance text NOT NULL DEFAULT 'system' CHECK (appearance IN ('system', 'light', 'dark')),
  ADD COLUMN sessions_from timestamptz,
  ADD COLUMN last_sign_in_method text NOT NULL DEFAULT '' CHECK (length(last_sign_in_method) <= 40);

CREATE TABLE app.staff_password (
  tenant_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  hash text NOT NULL CHECK (hash LIKE '$argon2id$%'),
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, staff_id),
  FOREIGN KEY (tenant_id, staff_id) REFERENCES app.staff (tenant_id, id));
CALL app_private.protect('app.staff_password', app => 'SELECT, INSERT, UPDATE, DELETE', console => '');

-- `pending` waits for its first code; `sealed` is in force. `last_step`: codes up to it are used up.
CREATE TABLE app.staff_totp (
  tenant_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  sealed bytea,
  pending bytea,
  last_step bigint NOT NULL DEFAULT 0,
  confirmed_at timestamptz,
  PRIMARY KEY (tenant_id, staff_id),
  FOREIGN KEY (tenant_id, staff_id) REFERENCES app.staff (tenant_id, id));
CALL app_private.protect('app.staff_totp', app => 'SELECT, INSERT, UPDATE, DELETE', console => '');

CREATE TABLE app.staff_recovery_code (
  tenant_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  hash text NOT NULL CHECK (length(hash) = 43),
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (tenant_id, staff_id, hash),
  FOREIGN KEY (tenant_id, staff_id) REFERENCES app.staff (tenant_id, id));
CALL app_private.protect('app.staff_recovery_code', app => 'SELECT, INSERT, UPDATE, DELETE', console => '');

CREATE TABLE app.staff_passkey (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  staff_id uuid NOT NULL,
  credential_id bytea NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
  public_key bytea NOT NULL,
  rp_id text NOT NULL,
  sign_count bigint NOT NULL,
  backed_up boolean NOT NULL,
  transports text[] NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  blocked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT staff_passkey_credential UNIQUE (tenant_id, credential_id),
  FOREIGN KEY (tenant_id, staff_id) REFERENCES app.staff (tenant_id, id));
CREATE INDEX staff_passkey_staff ON app.staff_passkey (tenant_id, staff_id);
CALL app_private.protect('app.staff_passkey', app => 'SELECT, INSERT, UPDATE, DELETE', console => '');

-- The secret of a link is derived from its id; `ended_at`: used or taken back.
CREATE TABLE app.staff_link (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  staff_id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('invitation', 'reset')),
  created_by text NOT NULL CHECK (length(created_by) <= 120),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, staff_id) REFERENCES app.staff (tenant_id, id));
CREATE UNIQUE INDEX staff_link_good ON app.staff_link (tenant_id, staff_id, purpose) WHERE ended_at IS NULL;
CALL app_private.protect('app.staff_link', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""Members: who they are, where they live, what they agreed to; tombstones; imports."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
-- What identifies a person stands here and nowhere else; the ledger knows the account's id only.
-- Erasing empties every such column, and the check proves that none was forgotten.
CREATE TABLE app.member (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active','blocked','erased')),
  number text CHECK (number ~ '^[0-9]{12}$'),
  external_id text CHECK (length(external_id) BETWEEN 1 AND 200),
  email text CHECK (length(email) <= 320),
  email_norm text CHECK (length(email_norm) <= 320),
  email_verified_at timestamptz,
  name text CHECK (length(name) BETWEEN 1 AND 200),
  phone text CHECK (phone ~ '^\\+[1-9][0-9]{6,14}$'),
  language text CHECK (length(language) <= 20),
  joined_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  erased_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  -- Deferred: an import writes a thousand members, then their wallets.
  CONSTRAINT member_wallet FOREIGN KEY (tenant_id, account_id) REFERENCES app.ledger_account (tenant_id, id)
    DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT member_number UNIQUE (tenant_id, number),
  CONSTRAINT member_email UNIQUE (tenant_id, email_norm),
  CONSTRAINT member_external_id UNIQUE (tenant_id, external_id),
  CONSTRAINT member_account UNIQUE (tenant_id, account_id),
  CONSTRAINT member_known CHECK (status = 'erased' OR (number IS NOT NULL AND email IS NOT NULL
    AND email_norm IS NOT NULL AND name IS NOT NULL AND language IS NOT NULL)),
  CONSTRAINT member_erased CHECK ((status = 'erased') = (erased_at IS NOT NULL) AND (status <> 'erased'
    OR num_nonnulls(number, external_id, email, email_norm, email_verified_at, name, phone, language) = 0)));
CREATE INDEX member_joined ON app.member (tenant_id, joined_at, id);
CALL app_private.protect('app.member', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE', console => 'SELECT');

CREATE TABLE app.member_address (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  label text NOT NULL DEFAULT '' CHECK (length(label) <= 60),
  recipient text NOT NULL CHECK (length(recipient) BETWEEN 1 AND 120),
  line1 text NOT NULL CHECK (length(line1) BETWEEN 1 AND 120),
  line2 text NOT NULL DEFAULT '' CHECK (length(line2) <= 120),
  district text NOT NULL DEFAULT '' CHECK (length(district) <= 80),
  city text NOT NULL DEFAULT '' CHECK (length(city) <= 80),
  region text NOT NULL DEFAULT '' CHECK (length(region) <= 80),
  postal_code text NOT NULL DEFAULT '' CHECK (length(postal_code) <= 20),
  country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  phone text NOT NULL DEFAULT '' CHECK (phone = '' OR phone ~ '^\\+[1-9][0-9]{6,14}$'),
  is_default boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id));
CREATE UNIQUE INDEX member_address_default ON app.member_address (tenant_id, member_id) WHERE is_default;
CREATE INDEX member_address_member ON app.member_address (tenant_id, member_id);
CALL app_private.protect('app.member_address', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, DELETE', console => 'SELECT');

-- Insert-only: what is in force is the latest row of a purpose. It names the member by id alone and
-- stays after an erasure, as proof of what was agreed.
CREATE TABLE app.member_consent (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 60),
  granted boolean NOT NULL,
  text_version text NOT NULL CHECK (length(text_version) BETWEEN 1 AND 40),
  text_hash bytea NOT NULL CHECK (length(text_hash) = 32),
  language text NOT NULL CHECK (length(language) <= 20),
  given_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id));
CREATE INDEX member_consent_latest ON app.member_consent (tenant_id, member_id, purpose, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.member_consent
  FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CALL app_private.protect('app.member_consent', app => 'SELECT, INSERT', worker => 'SELECT', console => 'SELECT');

-- Replayed after every restore: who is listed here is erased again.
CREATE TABLE app.member_tombstone (
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  erased_at timestamptz NOT NULL,
  requested_by text NOT NULL CHECK (requested_by IN ('member','brand')),
  PRIMARY KEY (tenant_id, member_id));
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.member_tombstone
  FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CALL app_private.protect('app.member_tombstone', app => 'SELECT, INSERT', worker => 'SELECT', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(sql_file("guerdon.members", "wallet_v1"))
    op.execute(
        "GRANT EXECUTE ON FUNCTION app.member_wallet_v1(uuid, uuid, text, text)"
        " TO guerdon_app, guerdon_worker"
    )


def downgrade() -> None:
    op.execute(
        "DROP TABLE app.member_tombstone, app.member_consent, app.member_address, app.member"
    )

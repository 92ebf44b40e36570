"""Identity: codes, passwords, outside identities, token grants, API keys."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
-- No code stands here: it is derived from the id with a key that the database does not hold.
CREATE TABLE app.one_time_code (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('sign_in','join','step_up','change_email')),
  email_norm text NOT NULL CHECK (length(email_norm) <= 320),
  member_id uuid,
  browser_id text NOT NULL CHECK (length(browser_id) BETWEEN 16 AND 64),
  language text NOT NULL CHECK (length(language) <= 20),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  tries smallint NOT NULL DEFAULT 0 CHECK (tries >= 0),
  used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id));
CREATE INDEX one_time_code_email ON app.one_time_code (tenant_id, email_norm);
CREATE INDEX one_time_code_age ON app.one_time_code (tenant_id, expires_at);
CALL app_private.protect('app.one_time_code', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, DELETE', console => '');

CREATE TABLE app.member_password (
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  hash text NOT NULL CHECK (hash LIKE '$argon2id$%'),
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, member_id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id));
CALL app_private.protect('app.member_password', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'DELETE', console => '');

-- A login at an outside provider is (connection, issuer, subject), never an e-mail.
CREATE TABLE app.external_identity (
  tenant_id uuid NOT NULL,
  connection text NOT NULL CHECK (length(connection) BETWEEN 1 AND 60),
  issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  member_id uuid NOT NULL,
  linked_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, connection, issuer, subject),
  FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id));
CREATE INDEX external_identity_member ON app.external_identity (tenant_id, member_id);
CALL app_private.protect('app.external_identity', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, DELETE', console => 'SELECT');

-- A refresh token is a generation of its grant, authenticated by a key that is not here.
CREATE TABLE app.token_grant (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  client_id text NOT NULL CHECK (length(client_id) <= 60),
  scopes text[] NOT NULL,
  generation integer NOT NULL CHECK (generation > 0),
  created_at timestamptz NOT NULL,
  rotated_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id));
CREATE INDEX token_grant_member ON app.token_grant (tenant_id, member_id);
CALL app_private.protect('app.token_grant', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE', console => 'SELECT');

CREATE TABLE app.api_key (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  mode text NOT NULL CHECK (mode IN ('live','test')),
  hint text NOT NULL CHECK (length(hint) = 4),
  secret_hash text NOT NULL CHECK (length(secret_hash) = 64),
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
  requests_per_minute integer CHECK (requests_per_minute > 0),
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT api_key_secret UNIQUE (tenant_id, secret_hash));
CALL app_private.protect('app.api_key', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT', console => 'SELECT');
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute(
        "DROP TABLE app.api_key, app.token_grant, app.external_identity, app.member_password,"
        " app.one_time_code"
    )

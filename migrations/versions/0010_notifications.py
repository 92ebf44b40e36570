"""Notifications: the log of what was sent; the addresses of provider webhooks."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NOTIFICATIONS = """
CREATE TABLE app.message_log (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('mail','sms')),
  member_id uuid NOT NULL,
  subject_id uuid NOT NULL,
  language text NOT NULL,
  "values" jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('queued','sent','skipped','failed')),
  reason text,
  provider_reference text,
  created_at timestamptz NOT NULL,
  sent_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT message_once UNIQUE (tenant_id, kind, subject_id, channel));
CREATE INDEX message_member ON app.message_log (tenant_id, member_id, created_at);
CALL app_private.protect('app.message_log', app => 'SELECT, INSERT', worker => 'SELECT, INSERT, UPDATE');
"""

WEBHOOKS_IN = """
-- The address of a provider's webhook: an id that cannot be guessed, kept as its hash.
CREATE TABLE ctl.hook (
  id_hash bytea PRIMARY KEY CHECK (length(id_hash) = 32),
  tenant_id uuid NOT NULL REFERENCES ctl.tenant,
  provider text NOT NULL CHECK (provider IN ('stripe','amazon_business')),
  UNIQUE (tenant_id, provider));
CREATE FUNCTION ctl.resolve_hook_v1(p_provider text, p_id text) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT h.tenant_id FROM ctl.hook h
    WHERE h.id_hash = sha256(convert_to(p_id, 'UTF8')) AND h.provider = p_provider $$;
CREATE FUNCTION ctl.save_hook_v1(p_tenant uuid, p_provider text, p_id text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a hook is saved in its tenant''s context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.hook AS h (id_hash, tenant_id, provider)
       VALUES (sha256(convert_to(p_id, 'UTF8')), p_tenant, p_provider)
  ON CONFLICT (tenant_id, provider) DO UPDATE SET id_hash = excluded.id_hash;
END $$;
GRANT EXECUTE ON FUNCTION ctl.resolve_hook_v1(text, text), ctl.save_hook_v1(uuid, text, text) TO guerdon_app;
"""


def upgrade() -> None:
    op.execute(NOTIFICATIONS)
    op.execute(WEBHOOKS_IN)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""A brand's life: `active` is called `live`, `past_due` is new, and a state changes along declared
ways only."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = """
ALTER TABLE ctl.tenant
  DROP CONSTRAINT tenant_status_check,
  ALTER COLUMN status SET DEFAULT 'sandbox',
  ADD COLUMN status_since timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN came_from text[] NOT NULL DEFAULT '{}';
UPDATE ctl.tenant SET status = 'live' WHERE status = 'active';
-- What was suspended or closing until now did business before, as far as anybody knows.
UPDATE ctl.tenant SET came_from = '{live}' WHERE status IN ('suspended', 'closing');
ALTER TABLE ctl.tenant ADD CONSTRAINT tenant_status_check
  CHECK (status IN ('pending','sandbox','live','past_due','suspended','closing','closed')) NOT VALID;
ALTER TABLE ctl.tenant VALIDATE CONSTRAINT tenant_status_check;
"""

# The release before this one knows `active`, reads by `read_tenant` and saves with a state.
BEFORE = """
CREATE OR REPLACE FUNCTION ctl.read_tenant(p_id uuid)
  RETURNS TABLE (id uuid, slug text, name text, status text, canonical_host text, hosts text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id, t.slug, t.name,
          CASE WHEN t.status IN ('live', 'past_due') THEN 'active' ELSE t.status END,
          t.canonical_host,
          ARRAY(SELECT h.host FROM ctl.tenant_host h WHERE h.tenant_id = t.id AND h.verified_at IS NOT NULL ORDER BY 1)
     FROM ctl.tenant t WHERE t.id = p_id $$;
"""

# A state is given to a tenant that is made; afterwards `move_tenant_v1` alone changes it.
FUNCTIONS = """
CREATE FUNCTION ctl.read_tenant_v2(p_id uuid)
  RETURNS TABLE (id uuid, slug text, name text, status text, canonical_host text, hosts text[],
                 status_since timestamptz, came_from text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id, t.slug, t.name, t.status, t.canonical_host,
          ARRAY(SELECT h.host FROM ctl.tenant_host h WHERE h.tenant_id = t.id AND h.verified_at IS NOT NULL ORDER BY 1),
          t.status_since, t.came_from
     FROM ctl.tenant t WHERE t.id = p_id $$;

CREATE OR REPLACE FUNCTION ctl.save_tenant(p_id uuid, p_slug text, p_name text, p_status text, p_canonical_host text, p_hosts text[])
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a tenant is saved in its own context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.tenant (id, slug, name, status, canonical_host)
       VALUES (p_id, p_slug, p_name, CASE p_status WHEN 'active' THEN 'live' ELSE p_status END, p_canonical_host)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, canonical_host = excluded.canonical_host;
  DELETE FROM ctl.tenant_host h WHERE h.tenant_id = p_id AND h.host <> ALL (p_hosts);
  INSERT INTO ctl.tenant_host (host, tenant_id, verified_at)
       SELECT h, p_id, now() FROM unnest(p_hosts) AS h
  ON CONFLICT (host) DO NOTHING;
  IF EXISTS (SELECT FROM ctl.tenant_host h WHERE h.host = ANY (p_hosts) AND h.tenant_id <> p_id) THEN
    PERFORM app.refuse('host_taken', jsonb_build_object('field', 'hosts'));
  END IF;
  PERFORM ctl.note_change(p_id, 'tenant');
END $$;

CREATE FUNCTION ctl.lock_tenant_v1(p_id uuid)
  RETURNS TABLE (slug text, status text, status_since timestamptz, came_from text[])
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a tenant is locked in its own context' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT t.slug, t.status, t.status_since, t.came_from
                 FROM ctl.tenant t WHERE t.id = p_id FOR UPDATE;
END $$;

-- The ways of `guerdon.tenancy.lifecycle`, once more: no caller gets past them.
CREATE FUNCTION ctl.move_tenant_v1(p_id uuid, p_source text, p_target text, p_came_from text[], p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a tenant is moved in its own context' USING ERRCODE = '42501';
  END IF;
  IF (p_source, p_target) NOT IN (
       ('pending', 'sandbox'), ('pending', 'closed'),
       ('sandbox', 'live'), ('sandbox', 'suspended'), ('sandbox', 'closing'),
       ('live', 'past_due'), ('live', 'suspended'), ('live', 'closing'),
       ('past_due', 'live'), ('past_due', 'suspended'), ('past_due', 'closing'),
       ('suspended', 'sandbox'), ('suspended', 'live'), ('suspended', 'past_due'),
       ('suspended', 'closing'),
       ('closing', 'sandbox'), ('closing', 'live'), ('closing', 'past_due'),
       ('closing', 'suspended'), ('closing', 'closed')) THEN
    PERFORM app.refuse('transition_refused', jsonb_build_object(
      'source', p_source, 'target', p_target, 'reason', 'no_such_way'));
  END IF;
  UPDATE ctl.tenant t SET status = p_target, status_since = p_now, came_from = p_came_from
   WHERE t.id = p_id AND t.status = p_source;
  IF NOT FOUND THEN
    PERFORM app.refuse('transition_refused', jsonb_build_object(
      'source', p_source, 'target', p_target, 'reason', 'changed_meanwhile'));
  END IF;
  PERFORM ctl.note_change(p_id, 'tenant');
END $$;

-- Orders on their way are seen through and points expire in every state between opening and end.
CREATE OR REPLACE FUNCTION ctl.open_tenants_v1() RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id FROM ctl.tenant t WHERE t.status IN ('sandbox', 'live', 'past_due', 'suspended', 'closing')
$$;

GRANT EXECUTE ON FUNCTION ctl.read_tenant_v2(uuid) TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
GRANT EXECUTE ON FUNCTION ctl.lock_tenant_v1(uuid), ctl.move_tenant_v1(uuid, text, text, text[], timestamptz)
  TO guerdon_app, guerdon_worker;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(BEFORE)
    op.execute(FUNCTIONS)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

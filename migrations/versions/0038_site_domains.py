"""A brand's own domains: claimed, proved, chosen for its links; who may have a certificate."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE app.site_domain (
  tenant_id uuid NOT NULL, domain text NOT NULL CHECK (domain = lower(domain)),
  token text NOT NULL, created_at timestamptz NOT NULL,
  verified_at timestamptz, checked_at timestamptz, problem text NOT NULL DEFAULT '',
  missing_since timestamptz,
  PRIMARY KEY (tenant_id, domain)
);
CALL app_private.protect('app.site_domain', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, UPDATE');
-- `proved`: by a text in the domain name system, so it comes and goes with the proof and not with
-- the brand's folder.
ALTER TABLE ctl.tenant_host
  ADD COLUMN proved boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT tenant_host_of_tenant UNIQUE (tenant_id, host);
DROP INDEX ctl.tenant_host_tenant;
-- The host that links carry, where people of the brand chose one; it goes when the host goes.
ALTER TABLE ctl.tenant ADD COLUMN chosen_host text;
ALTER TABLE ctl.tenant ADD CONSTRAINT tenant_chosen_host FOREIGN KEY (id, chosen_host)
  REFERENCES ctl.tenant_host (tenant_id, host) ON DELETE SET NULL (chosen_host) NOT VALID;
ALTER TABLE ctl.tenant VALIDATE CONSTRAINT tenant_chosen_host;
"""

READ = """
CREATE OR REPLACE FUNCTION ctl.read_tenant(p_id uuid)
  RETURNS TABLE (id uuid, slug text, name text, status text, canonical_host text, hosts text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id, t.slug, t.name,
          CASE WHEN t.status IN ('live', 'past_due') THEN 'active' ELSE t.status END,
          coalesce(t.chosen_host, t.canonical_host),
          ARRAY(SELECT h.host FROM ctl.tenant_host h WHERE h.tenant_id = t.id AND h.verified_at IS NOT NULL ORDER BY 1)
     FROM ctl.tenant t WHERE t.id = p_id $$;
CREATE OR REPLACE FUNCTION ctl.read_tenant_v2(p_id uuid)
  RETURNS TABLE (id uuid, slug text, name text, status text, canonical_host text, hosts text[],
                 status_since timestamptz, came_from text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id, t.slug, t.name, t.status, coalesce(t.chosen_host, t.canonical_host),
          ARRAY(SELECT h.host FROM ctl.tenant_host h WHERE h.tenant_id = t.id AND h.verified_at IS NOT NULL ORDER BY 1),
          t.status_since, t.came_from
     FROM ctl.tenant t WHERE t.id = p_id $$;
"""

# As before, but what was proved stays when a folder is applied again.
SAVE = """
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
  DELETE FROM ctl.tenant_host h WHERE h.tenant_id = p_id AND h.host <> ALL (p_hosts) AND NOT h.proved;
  INSERT INTO ctl.tenant_host (host, tenant_id, verified_at)
       SELECT h, p_id, now() FROM unnest(p_hosts) AS h
  ON CONFLICT (host) DO NOTHING;
  IF EXISTS (SELECT FROM ctl.tenant_host h WHERE h.host = ANY (p_hosts) AND h.tenant_id <> p_id) THEN
    PERFORM app.refuse('host_taken', jsonb_build_object('field', 'hosts'));
  END IF;
  PERFORM ctl.note_change(p_id, 'tenant');
END $$;
"""

FUNCTIONS = """
-- Whether another brand has the host; nothing tells which. One that has left has none.
CREATE FUNCTION ctl.host_taken_v1(p_id uuid, p_host text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT EXISTS (SELECT FROM ctl.tenant_host h JOIN ctl.tenant t ON t.id = h.tenant_id
                   WHERE h.host = p_host AND h.tenant_id <> p_id
                     AND NOT (h.proved AND t.status = 'closed')) $$;

CREATE FUNCTION ctl.save_proved_host_v1(p_id uuid, p_host text, p_proved boolean, p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a host is saved in its tenant''s context' USING ERRCODE = '42501';
  END IF;
  IF p_proved THEN
    DELETE FROM ctl.tenant_host h USING ctl.tenant t
     WHERE h.host = p_host AND h.proved AND t.id = h.tenant_id AND t.id <> p_id AND t.status = 'closed';
    INSERT INTO ctl.tenant_host (host, tenant_id, verified_at, proved) VALUES (p_host, p_id, p_now, true)
    ON CONFLICT (host) DO NOTHING;
    IF NOT EXISTS (SELECT FROM ctl.tenant_host h WHERE h.host = p_host AND h.tenant_id = p_id) THEN
      PERFORM app.refuse('host_taken', jsonb_build_object('field', 'domain'));
    END IF;
  ELSE
    DELETE FROM ctl.tenant_host h WHERE h.host = p_host AND h.tenant_id = p_id AND h.proved;
  END IF;
  PERFORM ctl.note_change(p_id, 'tenant');
END $$;

CREATE FUNCTION ctl.choose_host_v1(p_id uuid, p_host text)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a host is chosen in its tenant''s context' USING ERRCODE = '42501';
  END IF;
  -- Locked, so that a host that is just being given up is not chosen.
  PERFORM FROM ctl.tenant_host h
    WHERE h.tenant_id = p_id AND h.host = p_host AND h.verified_at IS NOT NULL FOR SHARE;
  IF NOT FOUND THEN
    PERFORM app.refuse('host_unproved', jsonb_build_object('field', 'host'));
  END IF;
  UPDATE ctl.tenant t SET chosen_host = p_host WHERE t.id = p_id;
  PERFORM ctl.note_change(p_id, 'tenant');
END $$;

-- A certificate costs a place in the authority's limits: who is not open, or was stopped, has none.
CREATE FUNCTION ctl.host_may_have_certificate_v1(p_host text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT EXISTS (SELECT FROM ctl.tenant_host h JOIN ctl.tenant t ON t.id = h.tenant_id
                   WHERE h.host = p_host AND h.verified_at IS NOT NULL
                     AND t.status IN ('sandbox', 'live', 'past_due', 'closing')) $$;

GRANT EXECUTE ON FUNCTION ctl.host_taken_v1(uuid, text), ctl.choose_host_v1(uuid, text),
  ctl.host_may_have_certificate_v1(text) TO guerdon_app;
GRANT EXECUTE ON FUNCTION ctl.save_proved_host_v1(uuid, text, boolean, timestamptz)
  TO guerdon_app, guerdon_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(READ)
    op.execute(SAVE)
    op.execute(FUNCTIONS)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""What one brand may that differs from all others: limits of its own, and what is switched off."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

ALLOWANCES = """
ALTER TABLE ctl.change DROP CONSTRAINT change_kind_check;
ALTER TABLE ctl.change ADD CONSTRAINT change_kind_check
  CHECK (kind IN ('tenant', 'parameters', 'keys', 'catalogue', 'recommendations', 'maintenance', 'allowances'));

-- A row is an exception: a limit of another height, or a flag that is off (0).
CREATE TABLE ctl.allowance (
  tenant_id uuid NOT NULL REFERENCES ctl.tenant,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
  value integer NOT NULL CHECK (value >= 0),
  until timestamptz,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, name));

CREATE FUNCTION ctl.allowances_v1()
  RETURNS TABLE (tenant_id uuid, name text, value integer, until timestamptz, reason text, set_by text, set_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT a.tenant_id, a.name, a.value, a.until, a.reason, a.set_by, a.set_at FROM ctl.allowance a $$;

CREATE FUNCTION ctl.set_allowance_v1(p_id uuid, p_name text, p_value integer, p_until timestamptz, p_reason text, p_by text, p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'an allowance is set in the context of its tenant' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.allowance AS a (tenant_id, name, value, until, reason, set_by, set_at)
       VALUES (p_id, p_name, p_value, p_until, p_reason, p_by, p_now)
  ON CONFLICT (tenant_id, name) DO UPDATE
     SET value = excluded.value, until = excluded.until, reason = excluded.reason,
         set_by = excluded.set_by, set_at = excluded.set_at;
  PERFORM ctl.note_change(p_id, 'allowances');
END $$;

CREATE FUNCTION ctl.drop_allowance_v1(p_id uuid, p_name text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'an allowance is dropped in the context of its tenant' USING ERRCODE = '42501';
  END IF;
  DELETE FROM ctl.allowance a WHERE a.tenant_id = p_id AND a.name = p_name;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM ctl.note_change(p_id, 'allowances');
  RETURN true;
END $$;

GRANT EXECUTE ON FUNCTION ctl.allowances_v1()
  TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
GRANT EXECUTE ON FUNCTION
  ctl.set_allowance_v1(uuid, text, integer, timestamptz, text, text, timestamptz),
  ctl.drop_allowance_v1(uuid, text) TO guerdon_app;
"""


def upgrade() -> None:
    op.execute(ALLOWANCES)
    op.execute(sql_file("guerdon.plumbing", "outbox_ring_v3"))
    op.execute(
        "GRANT EXECUTE ON FUNCTION"
        " ctl.outbox_ring_v3(text[], integer[], integer, jsonb, double precision) TO guerdon_relay"
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

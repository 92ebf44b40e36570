"""A sandbox's programme may be ahead of real time, and how it got there."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# The states behind which a sandbox waits keep its time; a brand that does business has the real one.
TABLE = """
ALTER TABLE ctl.tenant
  ADD COLUMN clock_ahead interval NOT NULL DEFAULT '0',
  ADD COLUMN clock_stands_at timestamptz,
  ADD CONSTRAINT tenant_clock_forward CHECK (clock_ahead >= interval '0'),
  ADD CONSTRAINT tenant_clock_of_sandbox CHECK (
    (clock_ahead = interval '0' AND clock_stands_at IS NULL)
    OR status = 'sandbox'
    OR (came_from[1] = 'sandbox' AND status IN ('suspended', 'closing', 'closed')));

CREATE TABLE app.clock_move (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  asked_by text NOT NULL CHECK (length(asked_by) BETWEEN 1 AND 120),
  from_at timestamptz NOT NULL,
  target_at timestamptz NOT NULL,
  reached_at timestamptz NOT NULL,
  happenings integer NOT NULL DEFAULT 0 CHECK (happenings >= 0),
  asked_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT clock_move_forward CHECK (from_at <= reached_at AND reached_at <= target_at)
);
CREATE UNIQUE INDEX clock_move_under_way ON app.clock_move (tenant_id) WHERE ended_at IS NULL;
CALL app_private.protect('app.clock_move', app => 'SELECT, INSERT', worker => 'SELECT, UPDATE', console => 'SELECT');

CREATE TABLE app.clock_happening (
  tenant_id uuid NOT NULL,
  move_id uuid NOT NULL,
  seq integer NOT NULL CHECK (seq > 0),
  at timestamptz NOT NULL,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
  count bigint NOT NULL CHECK (count >= 0),
  detail jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, move_id, seq),
  CONSTRAINT clock_happening_of FOREIGN KEY (tenant_id, move_id) REFERENCES app.clock_move (tenant_id, id)
);
CALL app_private.protect('app.clock_happening', app => 'SELECT', worker => 'SELECT, INSERT', console => 'SELECT');
"""

# `set_tenant_clock_v1` is the one door: in the tenant's own context, of a sandbox, forward only.
FUNCTIONS = """
CREATE FUNCTION ctl.tenant_clock_v1(p_id uuid) RETURNS TABLE (ahead interval, stands_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.clock_ahead, t.clock_stands_at FROM ctl.tenant t WHERE t.id = p_id $$;

CREATE FUNCTION ctl.lock_tenant_clock_v1(p_id uuid)
  RETURNS TABLE (status text, ahead interval, stands_at timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a clock is locked in its own tenant''s context' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT t.status, t.clock_ahead, t.clock_stands_at
                 FROM ctl.tenant t WHERE t.id = p_id FOR UPDATE;
END $$;

CREATE FUNCTION ctl.set_tenant_clock_v1(p_id uuid, p_ahead interval, p_stands_at timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a clock is set in its own tenant''s context' USING ERRCODE = '42501';
  END IF;
  UPDATE ctl.tenant t SET clock_ahead = p_ahead, clock_stands_at = p_stands_at
   WHERE t.id = p_id AND t.status = 'sandbox' AND p_ahead >= t.clock_ahead
     AND (t.clock_stands_at IS NULL OR p_stands_at IS NULL OR p_stands_at >= t.clock_stands_at);
  IF NOT FOUND THEN
    PERFORM app.refuse('clock_not_movable', jsonb_build_object('field', 'to'));
  END IF;
  PERFORM ctl.note_change(p_id, 'tenant');
END $$;

GRANT EXECUTE ON FUNCTION ctl.tenant_clock_v1(uuid) TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
GRANT EXECUTE ON FUNCTION ctl.lock_tenant_clock_v1(uuid), ctl.set_tenant_clock_v1(uuid, interval, timestamptz)
  TO guerdon_app, guerdon_worker;
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute(FUNCTIONS)
    op.execute(sql_file("guerdon.plumbing", "outbox_take_v2"))
    op.execute(
        "GRANT EXECUTE ON FUNCTION app.outbox_take_v2(text, uuid, integer)"
        " TO guerdon_app, guerdon_worker"
    )


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

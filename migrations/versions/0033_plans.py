"""Plans: what a brand may use, what it used, the statement of a month and its charge."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

SQL = """
CREATE TABLE app.tenant_plan (
  tenant_id uuid NOT NULL PRIMARY KEY,
  plan text NOT NULL CHECK (length(plan) BETWEEN 1 AND 40),
  overrides jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(overrides) = 'object'),
  since timestamptz NOT NULL,
  changed_by text NOT NULL CHECK (length(changed_by) BETWEEN 1 AND 120)
);
CALL app_private.protect('app.tenant_plan', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

CREATE TABLE app.usage_hour (
  tenant_id uuid NOT NULL, hour timestamptz NOT NULL,
  api_calls bigint NOT NULL CHECK (api_calls >= 0),
  cpu_us bigint NOT NULL CHECK (cpu_us >= 0),
  outside_calls bigint NOT NULL CHECK (outside_calls >= 0),
  PRIMARY KEY (tenant_id, hour)
);
CALL app_private.protect('app.usage_hour', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

CREATE TABLE app.quota_notice (
  tenant_id uuid NOT NULL, period date NOT NULL CHECK (extract(day FROM period) = 1),
  meter text NOT NULL CHECK (length(meter) BETWEEN 1 AND 40),
  percent integer NOT NULL CHECK (percent IN (80, 100)),
  used bigint NOT NULL CHECK (used >= 0), quota bigint NOT NULL CHECK (quota >= 0),
  told_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, period, meter, percent)
);
CALL app_private.protect('app.quota_notice', app => 'SELECT', worker => 'SELECT, INSERT');

-- A statement is what was sent: it is added and never changed.
CREATE TABLE app.usage_statement (
  tenant_id uuid NOT NULL, period date NOT NULL CHECK (extract(day FROM period) = 1),
  plan text NOT NULL CHECK (length(plan) BETWEEN 1 AND 40),
  lines jsonb NOT NULL CHECK (jsonb_typeof(lines) = 'array'),
  cost jsonb NOT NULL CHECK (jsonb_typeof(cost) = 'object'),
  total_minor bigint NOT NULL CHECK (total_minor >= 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  closed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, period)
);
CREATE TRIGGER refuse_change BEFORE UPDATE ON app.usage_statement
  FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CALL app_private.protect('app.usage_statement', app => 'SELECT', worker => 'SELECT, INSERT');

CREATE TABLE app.plan_charge (
  tenant_id uuid NOT NULL, period date NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  state text NOT NULL CHECK (state IN ('due', 'open', 'paying', 'paid')),
  due_at timestamptz NOT NULL,
  attempt uuid, reference text, url text, decline text, card text, paid_at timestamptz,
  PRIMARY KEY (tenant_id, period),
  CONSTRAINT plan_charge_statement FOREIGN KEY (tenant_id, period)
    REFERENCES app.usage_statement (tenant_id, period),
  CONSTRAINT plan_charge_attempt CHECK (state = 'due' OR attempt IS NOT NULL),
  CONSTRAINT plan_charge_paid CHECK ((state = 'paid') = (paid_at IS NOT NULL))
);
CREATE INDEX plan_charge_unpaid ON app.plan_charge (tenant_id, due_at) WHERE state <> 'paid';
CALL app_private.protect('app.plan_charge', app => 'SELECT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

CREATE TABLE ctl.tenant_usage (
  tenant_id uuid NOT NULL PRIMARY KEY REFERENCES ctl.tenant (id),
  plan text NOT NULL, usage jsonb NOT NULL,
  fullest_percent integer NOT NULL CHECK (fullest_percent >= 0),
  counted_at timestamptz NOT NULL
);

CREATE FUNCTION ctl.note_usage_v1(p_id uuid, p_plan text, p_usage jsonb, p_fullest integer, p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'usage is noted in its own context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.tenant_usage AS u (tenant_id, plan, usage, fullest_percent, counted_at)
       VALUES (p_id, p_plan, p_usage, p_fullest, p_now)
  ON CONFLICT (tenant_id) DO UPDATE
    SET plan = excluded.plan, usage = excluded.usage, fullest_percent = excluded.fullest_percent,
        counted_at = excluded.counted_at;
END $$;

CREATE FUNCTION ctl.usage_of_v1(p_ids uuid[])
  RETURNS TABLE (tenant_id uuid, plan text, usage jsonb, fullest_percent integer, counted_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT u.tenant_id, u.plan, u.usage, u.fullest_percent, u.counted_at
     FROM ctl.tenant_usage u WHERE u.tenant_id = ANY (p_ids) $$;

GRANT EXECUTE ON FUNCTION ctl.note_usage_v1(uuid, text, jsonb, integer, timestamptz) TO guerdon_app, guerdon_worker;
GRANT EXECUTE ON FUNCTION ctl.usage_of_v1(uuid[]) TO guerdon_app, guerdon_worker, guerdon_console;
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

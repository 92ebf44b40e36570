"""What the platform's staff see of every tenant at once, and their access to one of them."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

SUPPORT = """
-- `staff_id` is a person of the operator's house: their name is kept here, for the brand to read.
CREATE TABLE app.support_access (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  staff_id uuid NOT NULL,
  staff_name text NOT NULL CHECK (length(staff_name) BETWEEN 1 AND 120),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  minutes integer NOT NULL CHECK (minutes BETWEEN 15 AND 480),
  asked_writes boolean NOT NULL,
  writes boolean NOT NULL DEFAULT false,
  state text NOT NULL CHECK (state IN ('asked', 'open', 'refused', 'ended')),
  asked_at timestamptz NOT NULL,
  answered_at timestamptz,
  answered_by text NOT NULL DEFAULT '' CHECK (length(answered_by) <= 120),
  ends_at timestamptz,
  ended_at timestamptz,
  ended_by text NOT NULL DEFAULT '' CHECK (length(ended_by) <= 120),
  PRIMARY KEY (tenant_id, id),
  CHECK (state <> 'open' OR ends_at IS NOT NULL),
  CHECK (NOT writes OR asked_writes));
CREATE UNIQUE INDEX support_access_one ON app.support_access (tenant_id, staff_id)
  WHERE state IN ('asked', 'open');
CREATE INDEX support_access_time ON app.support_access (tenant_id, asked_at DESC, id DESC);
CALL app_private.protect('app.support_access', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT');
"""

SHEET = """
-- One row a brand, all that a list of brands shows and sorts by. Name and state follow by a
-- trigger, in the same transaction; figures are the brand's own, told by a job of it.
CREATE TABLE ctl.tenant_sheet (
  tenant_id uuid PRIMARY KEY REFERENCES ctl.tenant ON DELETE CASCADE,
  slug text NOT NULL,
  name text NOT NULL,
  status text NOT NULL,
  status_since timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  plan text NOT NULL DEFAULT '',
  usage_percent integer NOT NULL DEFAULT 0,
  members bigint NOT NULL DEFAULT 0,
  points_outstanding bigint NOT NULL DEFAULT 0,
  points_held bigint NOT NULL DEFAULT 0,
  open_orders bigint NOT NULL DEFAULT 0,
  parked bigint NOT NULL DEFAULT 0,
  late_s bigint NOT NULL DEFAULT 0,
  health smallint NOT NULL DEFAULT 0 CHECK (health BETWEEN 0 AND 2),
  problems text[] NOT NULL DEFAULT '{}',
  refreshed_at timestamptz,
  sort_name text GENERATED ALWAYS AS (lower(name)) STORED,
  words tsvector GENERATED ALWAYS AS (to_tsvector('simple', slug || ' ' || name)) STORED);
CREATE INDEX tenant_sheet_name ON ctl.tenant_sheet (sort_name, tenant_id);
CREATE INDEX tenant_sheet_status ON ctl.tenant_sheet (status, tenant_id);
CREATE INDEX tenant_sheet_created ON ctl.tenant_sheet (created_at, tenant_id);
CREATE INDEX tenant_sheet_plan ON ctl.tenant_sheet (plan, tenant_id);
CREATE INDEX tenant_sheet_usage ON ctl.tenant_sheet (usage_percent, tenant_id);
CREATE INDEX tenant_sheet_members ON ctl.tenant_sheet (members, tenant_id);
CREATE INDEX tenant_sheet_held ON ctl.tenant_sheet (points_held, tenant_id);
CREATE INDEX tenant_sheet_orders ON ctl.tenant_sheet (open_orders, tenant_id);
CREATE INDEX tenant_sheet_parked ON ctl.tenant_sheet (parked, tenant_id);
CREATE INDEX tenant_sheet_health ON ctl.tenant_sheet (health, tenant_id);
CREATE INDEX tenant_sheet_words ON ctl.tenant_sheet USING gin (words);

CREATE FUNCTION ctl.follow_tenant() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  INSERT INTO ctl.tenant_sheet AS t (tenant_id, slug, name, status, status_since, created_at)
       VALUES (NEW.id, NEW.slug, NEW.name, NEW.status, NEW.status_since, NEW.created_at)
  ON CONFLICT (tenant_id) DO UPDATE
     SET slug = excluded.slug, name = excluded.name, status = excluded.status,
         status_since = excluded.status_since
   WHERE (t.slug, t.name, t.status, t.status_since)
         IS DISTINCT FROM (excluded.slug, excluded.name, excluded.status, excluded.status_since);
  RETURN NULL;
END $$;
CREATE TRIGGER follow_tenant AFTER INSERT OR UPDATE ON ctl.tenant
  FOR EACH ROW WHEN (NEW.kind = 'brand') EXECUTE FUNCTION ctl.follow_tenant();
INSERT INTO ctl.tenant_sheet (tenant_id, slug, name, status, status_since, created_at)
     SELECT id, slug, name, status, status_since, created_at FROM ctl.tenant WHERE kind = 'brand';

CREATE FUNCTION ctl.save_tenant_sheet_v1(p_id uuid, p_members bigint, p_outstanding bigint, p_held bigint,
                                         p_orders bigint, p_parked bigint, p_late_s bigint,
                                         p_health int, p_problems text[], p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a sheet is filled in the context of its tenant' USING ERRCODE = '42501';
  END IF;
  UPDATE ctl.tenant_sheet t
     SET members = p_members, points_outstanding = p_outstanding, points_held = p_held,
         open_orders = p_orders, parked = p_parked, late_s = p_late_s, health = p_health,
         problems = p_problems, refreshed_at = p_now
   WHERE t.tenant_id = p_id;
END $$;

-- What a tenant pays for and how much of it is used, told by whoever keeps the plans.
CREATE FUNCTION ctl.save_tenant_plan_v1(p_id uuid, p_plan text, p_usage_percent int)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a sheet is filled in the context of its tenant' USING ERRCODE = '42501';
  END IF;
  UPDATE ctl.tenant_sheet t SET plan = p_plan, usage_percent = p_usage_percent
   WHERE t.tenant_id = p_id AND (t.plan, t.usage_percent) IS DISTINCT FROM (p_plan, p_usage_percent);
END $$;

-- A page of all brands; only in the operator's own context. Each column that can be sorted by has
-- its index, so that a page costs the same however many brands there are.
CREATE FUNCTION ctl.list_tenant_sheets_v1(p_sort text, p_down boolean, p_status text[], p_health int[],
                                          p_search text, p_after text, p_after_id uuid, p_limit int)
  RETURNS TABLE (tenant_id uuid, slug text, name text, status text, status_since timestamptz,
                 created_at timestamptz, plan text, usage_percent int, members bigint,
                 points_outstanding bigint, points_held bigint, open_orders bigint, parked bigint,
                 late_s bigint, health smallint, problems text[], refreshed_at timestamptz, place text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  v_type text := CASE
    WHEN p_sort IN ('sort_name', 'status', 'plan') THEN 'text'
    WHEN p_sort = 'created_at' THEN 'timestamptz'
    WHEN p_sort IN ('members', 'points_held', 'open_orders', 'parked') THEN 'bigint'
    WHEN p_sort = 'usage_percent' THEN 'integer'
    WHEN p_sort = 'health' THEN 'smallint' END;
  v_words tsquery;
BEGIN
  IF app.current_tenant() IS DISTINCT FROM '0197a000-0000-7000-8000-000000000001'::uuid THEN
    RAISE EXCEPTION 'brands are listed for the operator' USING ERRCODE = '42501';
  END IF;
  IF v_type IS NULL THEN
    RAISE EXCEPTION 'no such order' USING ERRCODE = '22023';
  END IF;
  SELECT to_tsquery('simple', string_agg(w || ':*', ' & ')) INTO v_words
    FROM regexp_split_to_table(lower(p_search), '[^[:alnum:]]+') w WHERE w <> '';
  RETURN QUERY EXECUTE format(
    'SELECT t.tenant_id, t.slug, t.name, t.status, t.status_since, t.created_at, t.plan,
            t.usage_percent, t.members, t.points_outstanding, t.points_held, t.open_orders,
            t.parked, t.late_s, t.health, t.problems, t.refreshed_at, t.%1$I::text
       FROM ctl.tenant_sheet t
      WHERE ($1 IS NULL OR t.status = ANY ($1)) AND ($2 IS NULL OR t.health = ANY ($2))
        AND ($3 IS NULL OR t.words @@ $3)
        AND ($4 IS NULL OR (t.%1$I, t.tenant_id) %2$s ($4::%3$s, $5))
      ORDER BY t.%1$I %4$s, t.tenant_id %4$s LIMIT $6',
    p_sort, CASE WHEN p_down THEN '<' ELSE '>' END, v_type, CASE WHEN p_down THEN 'DESC' ELSE 'ASC' END)
  USING p_status, p_health, v_words, p_after, p_after_id, least(p_limit, 200);
END $$;

GRANT EXECUTE ON FUNCTION
  ctl.save_tenant_sheet_v1(uuid, bigint, bigint, bigint, bigint, bigint, bigint, int, text[], timestamptz),
  ctl.save_tenant_plan_v1(uuid, text, int)
  TO guerdon_app, guerdon_worker;
GRANT EXECUTE ON FUNCTION
  ctl.list_tenant_sheets_v1(text, boolean, text[], int[], text, text, uuid, int) TO guerdon_app;
"""


def upgrade() -> None:
    op.execute(SUPPORT)
    op.execute(SHEET)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

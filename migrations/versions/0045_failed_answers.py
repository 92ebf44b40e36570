"""The list of all brands shows how many answers failed in the hour before it was counted."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

SHEET = """
ALTER TABLE ctl.tenant_sheet ADD COLUMN requests bigint NOT NULL DEFAULT 0,
                             ADD COLUMN failed bigint NOT NULL DEFAULT 0;
CREATE INDEX tenant_sheet_failed ON ctl.tenant_sheet (failed, tenant_id);

-- What was answered for the tenant in context: one look into the index for each minute, however
-- many tenants are counted in it.
CREATE FUNCTION ctl.answered_v1(p_since timestamptz, p_until timestamptz)
  RETURNS TABLE (requests bigint, failed bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  v_minutes timestamptz[] := ARRAY(
    SELECT generate_series(date_trunc('minute', p_since), p_until, interval '1 minute'));
BEGIN
  RETURN QUERY SELECT coalesce(sum(m.requests), 0)::bigint, coalesce(sum(m.failed), 0)::bigint
    FROM ctl.traffic_minute m
   WHERE m.minute = ANY (v_minutes) AND m.tenant_id = app.current_tenant();
END $$;

CREATE FUNCTION ctl.save_tenant_sheet_v2(p_id uuid, p_members bigint, p_outstanding bigint, p_held bigint,
                                         p_orders bigint, p_parked bigint, p_late_s bigint,
                                         p_requests bigint, p_failed bigint,
                                         p_health int, p_problems text[], p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a sheet is filled in the context of its tenant' USING ERRCODE = '42501';
  END IF;
  UPDATE ctl.tenant_sheet t
     SET members = p_members, points_outstanding = p_outstanding, points_held = p_held,
         open_orders = p_orders, parked = p_parked, late_s = p_late_s, requests = p_requests,
         failed = p_failed, health = p_health, problems = p_problems, refreshed_at = p_now
   WHERE t.tenant_id = p_id;
END $$;

CREATE FUNCTION ctl.list_tenant_sheets_v2(p_sort text, p_down boolean, p_status text[], p_health int[],
                                          p_search text, p_after text, p_after_id uuid, p_limit int)
  RETURNS TABLE (tenant_id uuid, slug text, name text, status text, status_since timestamptz,
                 created_at timestamptz, plan text, usage_percent int, members bigint,
                 points_outstanding bigint, points_held bigint, open_orders bigint, parked bigint,
                 late_s bigint, requests bigint, failed bigint, health smallint, problems text[],
                 refreshed_at timestamptz, place text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  v_type text := CASE
    WHEN p_sort IN ('sort_name', 'status', 'plan') THEN 'text'
    WHEN p_sort = 'created_at' THEN 'timestamptz'
    WHEN p_sort IN ('members', 'points_held', 'open_orders', 'parked', 'failed') THEN 'bigint'
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
            t.parked, t.late_s, t.requests, t.failed, t.health, t.problems, t.refreshed_at,
            t.%1$I::text
       FROM ctl.tenant_sheet t
      WHERE ($1 IS NULL OR t.status = ANY ($1)) AND ($2 IS NULL OR t.health = ANY ($2))
        AND ($3 IS NULL OR t.words @@ $3)
        AND ($4 IS NULL OR (t.%1$I, t.tenant_id) %2$s ($4::%3$s, $5))
      ORDER BY t.%1$I %4$s, t.tenant_id %4$s LIMIT $6',
    p_sort, CASE WHEN p_down THEN '<' ELSE '>' END, v_type, CASE WHEN p_down THEN 'DESC' ELSE 'ASC' END)
  USING p_status, p_health, v_words, p_after, p_after_id, least(p_limit, 200);
END $$;

GRANT EXECUTE ON FUNCTION ctl.answered_v1(timestamptz, timestamptz),
  ctl.save_tenant_sheet_v2(uuid, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, int, text[], timestamptz)
  TO guerdon_app, guerdon_worker;
GRANT EXECUTE ON FUNCTION
  ctl.list_tenant_sheets_v2(text, boolean, text[], int[], text, text, uuid, int) TO guerdon_app;
"""


def upgrade() -> None:
    op.execute(SHEET)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

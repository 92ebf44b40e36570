"""What counts brands, beside their own work, counts none whose data is being removed or is gone."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

LEAVING = """
CREATE FUNCTION ctl.is_removed_v1() RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT EXISTS (SELECT FROM ctl.tenant_removal r WHERE r.tenant_id = app.current_tenant()) $$;
GRANT EXECUTE ON FUNCTION ctl.is_removed_v1() TO guerdon_app, guerdon_worker;
"""

TRAFFIC = """
CREATE OR REPLACE FUNCTION ctl.add_traffic_v1(p_rows jsonb) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
  INSERT INTO ctl.traffic_minute AS m (minute, tenant_id, face, requests, refused, failed, buckets)
  SELECT r.minute, r.tenant_id, r.face, r.requests, r.refused, r.failed, r.buckets
    FROM jsonb_to_recordset(p_rows) AS r (minute timestamptz, tenant_id uuid, face text, requests integer,
                                          refused integer, failed integer, buckets integer[])
   WHERE NOT EXISTS (SELECT FROM ctl.tenant_removal d WHERE d.tenant_id = r.tenant_id)
   ORDER BY r.minute, r.tenant_id, r.face
  ON CONFLICT (minute, tenant_id, face) DO UPDATE
     SET requests = m.requests + excluded.requests, refused = m.refused + excluded.refused,
         failed = m.failed + excluded.failed,
         buckets = ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0)
                           FROM unnest(m.buckets, excluded.buckets) WITH ORDINALITY AS both_of (a, b, n) ORDER BY n)
$$;
"""

# Staff see a removal that waits or is parked, as any other job: `queue_state` forgets it with the
# job. Its minutes are not drawn.
QUEUES = """
CREATE OR REPLACE FUNCTION ctl.keep_queues_v1(p_rows jsonb, p_kept_h integer) RETURNS void
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE v_minute timestamptz := date_trunc('minute', clock_timestamp());
BEGIN
  DELETE FROM ctl.queue_state s
   WHERE NOT EXISTS (SELECT FROM jsonb_to_recordset(p_rows) AS r (tenant_id uuid, topic text)
                      WHERE r.tenant_id = s.tenant_id AND r.topic = s.topic);
  INSERT INTO ctl.queue_state
  SELECT r.* FROM jsonb_to_recordset(p_rows)
      AS r (tenant_id uuid, topic text, queue text, waiting integer, ready integer, leased integer,
            retrying integer, parked integer, ready_since timestamptz, oldest_at timestamptz,
            parked_since timestamptz)
  ON CONFLICT (tenant_id, topic) DO UPDATE
     SET queue = excluded.queue, waiting = excluded.waiting, ready = excluded.ready,
         leased = excluded.leased, retrying = excluded.retrying, parked = excluded.parked,
         ready_since = excluded.ready_since, oldest_at = excluded.oldest_at,
         parked_since = excluded.parked_since;
  INSERT INTO ctl.queue_minute AS m (minute, tenant_id, ready, delay_s)
  SELECT v_minute, s.tenant_id, sum(s.ready),
         greatest(0, extract(epoch FROM clock_timestamp() - min(s.ready_since)))::integer
    FROM ctl.queue_state s
   WHERE s.ready > 0 AND NOT EXISTS (SELECT FROM ctl.tenant_removal d WHERE d.tenant_id = s.tenant_id)
   GROUP BY s.tenant_id
  ON CONFLICT (minute, tenant_id) DO UPDATE
     SET ready = greatest(m.ready, excluded.ready), delay_s = greatest(m.delay_s, excluded.delay_s);
  DELETE FROM ctl.queue_minute m WHERE m.minute < v_minute - make_interval(hours => p_kept_h);
END $$;
"""

# A brand that is gone is renamed when its short name comes free; it does not come back by that.
SHEET = """
CREATE OR REPLACE FUNCTION ctl.follow_tenant() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO ctl.tenant_sheet (tenant_id, slug, name, status, status_since, created_at)
         VALUES (NEW.id, NEW.slug, NEW.name, NEW.status, NEW.status_since, NEW.created_at);
  ELSE
    UPDATE ctl.tenant_sheet t
       SET slug = NEW.slug, name = NEW.name, status = NEW.status, status_since = NEW.status_since
     WHERE t.tenant_id = NEW.id
       AND (t.slug, t.name, t.status, t.status_since)
           IS DISTINCT FROM (NEW.slug, NEW.name, NEW.status, NEW.status_since);
  END IF;
  RETURN NULL;
END $$;
"""

# Written until now after their brand was gone, by the second in which a process wrote its counts.
GONE = """
DELETE FROM ctl.traffic_minute t USING ctl.tenant_removal d WHERE d.tenant_id = t.tenant_id AND d.finished_at IS NOT NULL;
DELETE FROM ctl.queue_minute t USING ctl.tenant_removal d WHERE d.tenant_id = t.tenant_id AND d.finished_at IS NOT NULL;
DELETE FROM ctl.tenant_sheet t USING ctl.tenant_removal d WHERE d.tenant_id = t.tenant_id AND d.finished_at IS NOT NULL;
ALTER TABLE app.usage_hour NO FORCE ROW LEVEL SECURITY;
DELETE FROM app.usage_hour t USING ctl.tenant_removal d WHERE d.tenant_id = t.tenant_id AND d.finished_at IS NOT NULL;
ALTER TABLE app.usage_hour FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    for part in (LEAVING, TRAFFIC, QUEUES, SHEET, GONE):
        op.execute(part)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

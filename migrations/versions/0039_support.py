"""What keeps a deployment healthy: maintenance, announcements, what the queues and the web look
like over all tenants, and signs of abuse."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

KINDS = """
ALTER TABLE ctl.change DROP CONSTRAINT change_kind_check;
ALTER TABLE ctl.change ADD CONSTRAINT change_kind_check
  CHECK (kind IN ('tenant', 'parameters', 'keys', 'catalogue', 'recommendations', 'maintenance'));

-- What is read over all tenants is read in the operator's context, and nowhere else.
CREATE FUNCTION ctl.require_operator() RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF app.current_tenant() <> '0197a000-0000-7000-8000-000000000001' THEN
    RAISE EXCEPTION 'only the operator sees all tenants' USING ERRCODE = '42501';
  END IF;
END $$;
"""

MAINTENANCE = """
-- A row means: read-only. The operator's own row means the whole deployment.
CREATE TABLE ctl.maintenance (
  tenant_id uuid PRIMARY KEY REFERENCES ctl.tenant,
  since timestamptz NOT NULL,
  expected_end timestamptz NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  begun_by text NOT NULL,
  CHECK (expected_end > since));

CREATE FUNCTION ctl.maintenance_v1()
  RETURNS TABLE (tenant_id uuid, since timestamptz, expected_end timestamptz, reason text, begun_by text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT m.tenant_id, m.since, m.expected_end, m.reason, m.begun_by FROM ctl.maintenance m ORDER BY m.since $$;

CREATE FUNCTION ctl.begin_maintenance_v1(p_id uuid, p_since timestamptz, p_expected_end timestamptz, p_reason text, p_by text)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'maintenance begins in its own context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.maintenance AS m (tenant_id, since, expected_end, reason, begun_by)
       VALUES (p_id, p_since, p_expected_end, p_reason, p_by)
  ON CONFLICT (tenant_id) DO UPDATE
     SET expected_end = excluded.expected_end, reason = excluded.reason;
  PERFORM ctl.note_change(p_id, 'maintenance');
END $$;

CREATE FUNCTION ctl.end_maintenance_v1(p_id uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'maintenance ends in its own context' USING ERRCODE = '42501';
  END IF;
  DELETE FROM ctl.maintenance m WHERE m.tenant_id = p_id;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM ctl.note_change(p_id, 'maintenance');
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION ctl.maintenance_v1() TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
GRANT EXECUTE ON FUNCTION ctl.begin_maintenance_v1(uuid, timestamptz, timestamptz, text, text),
  ctl.end_maintenance_v1(uuid) TO guerdon_app;
"""

ANNOUNCEMENTS = """
CREATE TABLE ctl.announcement (
  id uuid PRIMARY KEY,
  level text NOT NULL CHECK (level IN ('info', 'warning', 'critical')),
  texts jsonb NOT NULL CHECK (jsonb_typeof(texts) = 'object'),
  from_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  withdrawn_at timestamptz,
  CHECK (until_at > from_at));
CREATE INDEX announcement_until ON ctl.announcement (until_at);

CREATE FUNCTION ctl.save_announcement_v1(p_id uuid, p_level text, p_texts jsonb, p_from timestamptz, p_until timestamptz, p_by text, p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  INSERT INTO ctl.announcement AS a (id, level, texts, from_at, until_at, created_by, created_at)
       VALUES (p_id, p_level, p_texts, p_from, p_until, p_by, p_now)
  ON CONFLICT (id) DO UPDATE SET level = excluded.level, texts = excluded.texts,
     from_at = excluded.from_at, until_at = excluded.until_at
   WHERE a.withdrawn_at IS NULL;
END $$;

CREATE FUNCTION ctl.withdraw_announcement_v1(p_id uuid, p_now timestamptz) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  UPDATE ctl.announcement a SET withdrawn_at = p_now WHERE a.id = p_id AND a.withdrawn_at IS NULL;
  RETURN FOUND;
END $$;

CREATE FUNCTION ctl.list_announcements_v1(p_limit integer)
  RETURNS TABLE (id uuid, level text, texts jsonb, from_at timestamptz, until_at timestamptz, created_by text, created_at timestamptz, withdrawn_at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN QUERY SELECT a.id, a.level, a.texts, a.from_at, a.until_at, a.created_by, a.created_at, a.withdrawn_at
    FROM ctl.announcement a ORDER BY a.from_at DESC, a.id LIMIT p_limit;
END $$;

-- Read by every brand's console: what is told to all.
CREATE FUNCTION ctl.announcements_v1(p_now timestamptz)
  RETURNS TABLE (id uuid, level text, texts jsonb, from_at timestamptz, until_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT a.id, a.level, a.texts, a.from_at, a.until_at FROM ctl.announcement a
    WHERE a.until_at > p_now AND a.from_at <= p_now AND a.withdrawn_at IS NULL
    ORDER BY a.from_at DESC, a.id LIMIT 20 $$;
GRANT EXECUTE ON FUNCTION ctl.announcements_v1(timestamptz), ctl.list_announcements_v1(integer),
  ctl.save_announcement_v1(uuid, text, jsonb, timestamptz, timestamptz, text, timestamptz),
  ctl.withdraw_announcement_v1(uuid, timestamptz) TO guerdon_app;
"""

QUEUES = """
-- What lies in the outbox, per tenant and topic, as a relay saw it last; its delays, per minute.
CREATE TABLE ctl.queue_look (one boolean PRIMARY KEY DEFAULT true CHECK (one), at timestamptz NOT NULL);
INSERT INTO ctl.queue_look (at) VALUES ('-infinity');
CREATE TABLE ctl.queue_state (
  tenant_id uuid NOT NULL,
  topic text NOT NULL,
  queue text NOT NULL,
  waiting integer NOT NULL,
  ready integer NOT NULL,
  leased integer NOT NULL,
  retrying integer NOT NULL,
  parked integer NOT NULL,
  ready_since timestamptz,
  oldest_at timestamptz,
  parked_since timestamptz,
  PRIMARY KEY (tenant_id, topic));
CREATE TABLE ctl.queue_minute (
  minute timestamptz NOT NULL,
  tenant_id uuid NOT NULL,
  ready integer NOT NULL,
  delay_s integer NOT NULL,
  PRIMARY KEY (minute, tenant_id));

-- A relay sees ids and times of what is parked too: no payload and no error, by column grants.
CREATE POLICY relay_watch ON app.outbox AS PERMISSIVE FOR SELECT TO guerdon_relay
  USING (done_at IS NULL AND parked_at IS NOT NULL);

-- False where another relay looked just now.
CREATE FUNCTION ctl.queue_look_due_v1(p_every_s integer) RETURNS boolean
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM FROM ctl.queue_look l WHERE l.at <= clock_timestamp() - make_interval(secs => p_every_s)
    FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE ctl.queue_look SET at = clock_timestamp();
  RETURN true;
END $$;

CREATE FUNCTION ctl.keep_queues_v1(p_rows jsonb, p_kept_h integer) RETURNS void
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
    FROM ctl.queue_state s WHERE s.ready > 0 GROUP BY s.tenant_id
  ON CONFLICT (minute, tenant_id) DO UPDATE
     SET ready = greatest(m.ready, excluded.ready), delay_s = greatest(m.delay_s, excluded.delay_s);
  DELETE FROM ctl.queue_minute m WHERE m.minute < v_minute - make_interval(hours => p_kept_h);
END $$;

-- By the relay's own rights. A message that a worker is rung for is put off by p_again_s; one that
-- was asked for later (p_later) is late since it was due, any other since it was written.
CREATE FUNCTION ctl.watch_queues_v1(p_every_s integer, p_again_s double precision, p_later text[], p_kept_h integer)
  RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE v jsonb;
BEGIN
  IF NOT ctl.queue_look_due_v1(p_every_s) THEN RETURN false; END IF;
  WITH lying AS (
    SELECT o.tenant_id, o.topic, o.queue, o.attempts, o.created_at, NULL::timestamptz AS parked_at,
           coalesce(o.leased_until > clock_timestamp(), false) AS leased,
           o.next_at <= clock_timestamp() + make_interval(secs => p_again_s) AS due,
           CASE WHEN o.attempts > 0 OR o.topic = ANY (p_later)
                THEN greatest(o.created_at, o.next_at - make_interval(secs => p_again_s))
                ELSE o.created_at END AS since
      FROM app.outbox o WHERE o.done_at IS NULL AND o.parked_at IS NULL
    UNION ALL
    SELECT o.tenant_id, o.topic, o.queue, o.attempts, o.created_at, o.parked_at, false, false, NULL
      FROM app.outbox o WHERE o.done_at IS NULL AND o.parked_at IS NOT NULL
  ), told AS (
    SELECT l.tenant_id, l.topic, min(l.queue) AS queue,
           count(*) FILTER (WHERE l.parked_at IS NULL) AS waiting,
           count(*) FILTER (WHERE l.due AND NOT l.leased) AS ready,
           count(*) FILTER (WHERE l.leased) AS leased,
           count(*) FILTER (WHERE l.parked_at IS NULL AND l.attempts > 0 AND NOT l.leased) AS retrying,
           count(*) FILTER (WHERE l.parked_at IS NOT NULL) AS parked,
           min(l.since) FILTER (WHERE l.due AND NOT l.leased) AS ready_since,
           min(l.created_at) FILTER (WHERE l.parked_at IS NULL) AS oldest_at,
           min(l.parked_at) AS parked_since
      FROM lying l GROUP BY l.tenant_id, l.topic
  )
  SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') INTO v FROM told t;
  PERFORM ctl.keep_queues_v1(v, p_kept_h);
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION ctl.queue_look_due_v1(integer), ctl.keep_queues_v1(jsonb, integer),
  ctl.watch_queues_v1(integer, double precision, text[], integer) TO guerdon_relay;

CREATE FUNCTION ctl.queue_states_v1(p_tenant uuid)
  RETURNS TABLE (tenant_id uuid, slug text, name text, status text, topic text, queue text,
                 waiting integer, ready integer, leased integer, retrying integer, parked integer,
                 ready_since timestamptz, oldest_at timestamptz, parked_since timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN QUERY SELECT s.tenant_id, t.slug, t.name, t.status, s.topic, s.queue, s.waiting, s.ready, s.leased,
                      s.retrying, s.parked, s.ready_since, s.oldest_at, s.parked_since
    FROM ctl.queue_state s JOIN ctl.tenant t ON t.id = s.tenant_id
   WHERE p_tenant IS NULL OR s.tenant_id = p_tenant
   ORDER BY (s.parked > 0) DESC, s.ready_since NULLS LAST, s.retrying DESC, t.slug, s.topic LIMIT 500;
END $$;

CREATE FUNCTION ctl.queue_seen_v1() RETURNS timestamptz
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN (SELECT nullif(l.at, '-infinity') FROM ctl.queue_look l);
END $$;

CREATE FUNCTION ctl.queue_delays_v1(p_since timestamptz)
  RETURNS TABLE (minute timestamptz, tenant_id uuid, slug text, ready integer, delay_s integer)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN QUERY WITH slowest AS (
      SELECT q.tenant_id FROM ctl.queue_minute q WHERE q.minute >= p_since
       GROUP BY q.tenant_id ORDER BY max(q.delay_s) DESC, q.tenant_id LIMIT 5)
    SELECT q.minute, q.tenant_id, t.slug, q.ready, q.delay_s
      FROM ctl.queue_minute q JOIN slowest USING (tenant_id) JOIN ctl.tenant t ON t.id = q.tenant_id
     WHERE q.minute >= p_since ORDER BY q.minute, t.slug;
END $$;
GRANT EXECUTE ON FUNCTION ctl.queue_states_v1(uuid), ctl.queue_seen_v1(), ctl.queue_delays_v1(timestamptz) TO guerdon_app;
"""

TRAFFIC = """
-- Answers per minute: of the whole deployment by face (no tenant), and of each tenant.
CREATE TABLE ctl.traffic_minute (
  minute timestamptz NOT NULL,
  tenant_id uuid NOT NULL,
  face text NOT NULL,
  requests integer NOT NULL,
  refused integer NOT NULL,
  failed integer NOT NULL,
  buckets integer[] NOT NULL,
  PRIMARY KEY (minute, tenant_id, face));

CREATE FUNCTION ctl.add_traffic_v1(p_rows jsonb) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
  INSERT INTO ctl.traffic_minute AS m (minute, tenant_id, face, requests, refused, failed, buckets)
  SELECT r.minute, r.tenant_id, r.face, r.requests, r.refused, r.failed, r.buckets
    FROM jsonb_to_recordset(p_rows) AS r (minute timestamptz, tenant_id uuid, face text, requests integer,
                                          refused integer, failed integer, buckets integer[])
   ORDER BY r.minute, r.tenant_id, r.face
  ON CONFLICT (minute, tenant_id, face) DO UPDATE
     SET requests = m.requests + excluded.requests, refused = m.refused + excluded.refused,
         failed = m.failed + excluded.failed,
         buckets = ARRAY(SELECT coalesce(a, 0) + coalesce(b, 0)
                           FROM unnest(m.buckets, excluded.buckets) WITH ORDINALITY AS both_of (a, b, n) ORDER BY n)
$$;

CREATE FUNCTION ctl.sweep_traffic_v1(p_all_before timestamptz, p_tenants_before timestamptz) RETURNS void
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
  DELETE FROM ctl.traffic_minute m
   WHERE m.minute < p_all_before
      OR (m.minute < p_tenants_before AND m.tenant_id <> '00000000-0000-0000-0000-000000000000')
$$;
GRANT EXECUTE ON FUNCTION ctl.add_traffic_v1(jsonb), ctl.sweep_traffic_v1(timestamptz, timestamptz) TO guerdon_app;

CREATE FUNCTION ctl.traffic_v1(p_since timestamptz, p_tenant uuid)
  RETURNS TABLE (minute timestamptz, face text, requests integer, refused integer, failed integer, buckets integer[])
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN QUERY SELECT m.minute, m.face, m.requests, m.refused, m.failed, m.buckets FROM ctl.traffic_minute m
    WHERE m.minute >= p_since AND m.tenant_id = p_tenant ORDER BY m.minute, m.face;
END $$;

CREATE FUNCTION ctl.busiest_v1(p_since timestamptz, p_limit integer)
  RETURNS TABLE (tenant_id uuid, slug text, name text, requests bigint, refused bigint, failed bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN QUERY SELECT m.tenant_id, t.slug, t.name, sum(m.requests), sum(m.refused), sum(m.failed)
    FROM ctl.traffic_minute m JOIN ctl.tenant t ON t.id = m.tenant_id
   WHERE m.minute >= p_since GROUP BY m.tenant_id, t.slug, t.name
   ORDER BY sum(m.failed) DESC, sum(m.requests) DESC, t.slug LIMIT p_limit;
END $$;
GRANT EXECUTE ON FUNCTION ctl.traffic_v1(timestamptz, uuid), ctl.busiest_v1(timestamptz, integer) TO guerdon_app;
"""

SIGNS = """
-- A sign of abuse: raised by a job of its tenant, seen by the operator, settled once.
CREATE TABLE ctl.abuse_sign (
  tenant_id uuid NOT NULL REFERENCES ctl.tenant,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('velocity', 'takeover', 'code_guessing', 'surge')),
  subject text NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  facts jsonb NOT NULL,
  settled_at timestamptz,
  settled_by text,
  outcome text CHECK (outcome IN ('abuse', 'harmless')),
  note text,
  PRIMARY KEY (tenant_id, id));
CREATE UNIQUE INDEX abuse_sign_open ON ctl.abuse_sign (tenant_id, kind, subject) WHERE settled_at IS NULL;
CREATE INDEX abuse_sign_last ON ctl.abuse_sign (last_at DESC, id);

CREATE FUNCTION ctl.raise_sign_v1(p_tenant uuid, p_id uuid, p_kind text, p_subject text, p_facts jsonb, p_now timestamptz)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE v_new boolean;
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a sign is raised in its own context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.abuse_sign AS g (tenant_id, id, kind, subject, first_at, last_at, facts)
       VALUES (p_tenant, p_id, p_kind, p_subject, p_now, p_now, p_facts)
  ON CONFLICT (tenant_id, kind, subject) WHERE settled_at IS NULL
  DO UPDATE SET last_at = greatest(g.last_at, excluded.last_at), facts = excluded.facts
  RETURNING g.id = p_id INTO v_new;
  RETURN v_new;
END $$;

CREATE FUNCTION ctl.settle_sign_v1(p_tenant uuid, p_id uuid, p_outcome text, p_note text, p_by text, p_now timestamptz)
  RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a sign is settled in its own context' USING ERRCODE = '42501';
  END IF;
  UPDATE ctl.abuse_sign g SET settled_at = p_now, settled_by = p_by, outcome = p_outcome, note = p_note
   WHERE g.tenant_id = p_tenant AND g.id = p_id AND g.settled_at IS NULL;
  RETURN FOUND;
END $$;

CREATE FUNCTION ctl.signs_v1(p_open boolean, p_limit integer)
  RETURNS TABLE (tenant_id uuid, slug text, name text, id uuid, kind text, subject text, first_at timestamptz,
                 last_at timestamptz, facts jsonb, settled_at timestamptz, settled_by text, outcome text, note text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN QUERY SELECT g.tenant_id, t.slug, t.name, g.id, g.kind, g.subject, g.first_at, g.last_at, g.facts,
                      g.settled_at, g.settled_by, g.outcome, g.note
    FROM ctl.abuse_sign g JOIN ctl.tenant t ON t.id = g.tenant_id
   WHERE (g.settled_at IS NULL) = p_open ORDER BY g.last_at DESC, g.id LIMIT p_limit;
END $$;
GRANT EXECUTE ON FUNCTION ctl.raise_sign_v1(uuid, uuid, text, text, jsonb, timestamptz) TO guerdon_app, guerdon_worker;
GRANT EXECUTE ON FUNCTION ctl.settle_sign_v1(uuid, uuid, text, text, text, timestamptz),
  ctl.signs_v1(boolean, integer) TO guerdon_app;
"""

HEALTH = """
-- What a tenant's own job found of its webhooks, letters and orders.
CREATE TABLE ctl.pulse (
  tenant_id uuid PRIMARY KEY REFERENCES ctl.tenant,
  at timestamptz NOT NULL,
  found jsonb NOT NULL);

CREATE FUNCTION ctl.keep_pulse_v1(p_tenant uuid, p_found jsonb, p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a pulse is taken in its own context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.pulse (tenant_id, at, found) VALUES (p_tenant, p_now, p_found)
  ON CONFLICT (tenant_id) DO UPDATE SET at = excluded.at, found = excluded.found;
END $$;

CREATE FUNCTION ctl.pulses_v1(p_tenant uuid)
  RETURNS TABLE (tenant_id uuid, slug text, name text, status text, at timestamptz, found jsonb)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_operator();
  RETURN QUERY SELECT p.tenant_id, t.slug, t.name, t.status, p.at, p.found
    FROM ctl.pulse p JOIN ctl.tenant t ON t.id = p.tenant_id
   WHERE p.tenant_id = p_tenant OR (p_tenant IS NULL AND p.found <> '{}') ORDER BY t.slug LIMIT 500;
END $$;
CREATE INDEX message_failed ON app.message_log (tenant_id, created_at) WHERE state = 'failed';
CREATE INDEX webhook_delivery_failing ON app.webhook_delivery (tenant_id, created_at)
  WHERE status IN ('pending', 'failed');
GRANT EXECUTE ON FUNCTION ctl.keep_pulse_v1(uuid, jsonb, timestamptz) TO guerdon_app, guerdon_worker;
GRANT EXECUTE ON FUNCTION ctl.pulses_v1(uuid) TO guerdon_app;
"""


def upgrade() -> None:
    for part in (KINDS, MAINTENANCE, ANNOUNCEMENTS, QUEUES, TRAFFIC, SIGNS, HEALTH):
        op.execute(part)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

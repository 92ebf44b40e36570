-- What happens again and again, once per tenant and slot, however many schedulers run.
CREATE TABLE ctl.schedule (
  name text PRIMARY KEY,
  topic text NOT NULL,
  queue text NOT NULL,
  every_s integer NOT NULL CHECK (every_s > 0),
  next_at timestamptz NOT NULL,
  fired_at timestamptz);

CREATE FUNCTION ctl.schedule_declare_v1(p_name text, p_topic text, p_queue text, p_every_s integer)
RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO ctl.schedule AS s (name, topic, queue, every_s, next_at)
  VALUES (p_name, p_topic, p_queue, p_every_s, now())
  ON CONFLICT (name) DO UPDATE
     SET topic = excluded.topic, queue = excluded.queue, every_s = excluded.every_s,
         next_at = least(s.next_at, now() + make_interval(secs => excluded.every_s))
   WHERE (s.topic, s.queue, s.every_s) IS DISTINCT FROM (excluded.topic, excluded.queue, excluded.every_s)
$$;

CREATE FUNCTION ctl.schedule_retire_v1(p_names text[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM ctl.schedule s WHERE s.name <> ALL (p_names)
$$;

-- The row stays locked until the caller commits: a second scheduler passes on.
CREATE FUNCTION ctl.schedule_take_v1() RETURNS TABLE (name text, topic text, queue text, slot timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v ctl.schedule;
BEGIN
  SELECT * INTO v FROM ctl.schedule s WHERE s.next_at <= clock_timestamp()
   ORDER BY s.next_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE ctl.schedule s
     SET fired_at = clock_timestamp(),
         next_at = to_timestamp((floor(extract(epoch FROM clock_timestamp()) / v.every_s) + 1) * v.every_s)
   WHERE s.name = v.name;
  RETURN QUERY SELECT v.name, v.topic, v.queue, v.next_at;
END $$;

CREATE FUNCTION ctl.open_tenants_v1() RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id FROM ctl.tenant t WHERE t.status IN ('active', 'sandbox', 'suspended')
$$;

-- One due schedule, spread over the tenants; null when nothing is due. The message's id follows
-- from tenant, schedule and slot, so that a slot fired twice is one message.
CREATE FUNCTION ctl.schedule_fire_v1() RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE v record;
BEGIN
  SELECT * INTO v FROM ctl.schedule_take_v1();
  IF v.name IS NULL THEN RETURN NULL; END IF;
  INSERT INTO app.outbox (tenant_id, id, topic, queue, payload, next_at)
  SELECT t.id, md5(t.id::text || v.name || extract(epoch FROM v.slot)::text)::uuid,
         v.topic, v.queue, '{}', now()
    FROM ctl.open_tenants_v1() t
  ON CONFLICT DO NOTHING;
  RETURN v.name;
END $$;

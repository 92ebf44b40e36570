-- Lease one due message to the caller; no row values when it is done, parked, leased or unknown.
-- attempts counts takings and fences: only the holder of the latest attempt can record. How the
-- tenant's programme stands in time is told with it, as it is in this moment.
CREATE FUNCTION app.outbox_take_v2(p_ctx text, p_id uuid, p_lease_s integer)
RETURNS TABLE (id uuid, topic text, payload text, attempt integer, traceparent text,
               ahead interval, stands_at timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
  v_tenant uuid := app.enter(p_ctx);
  v_row app.outbox;
BEGIN
  UPDATE app.outbox o
     SET attempts = o.attempts + 1,
         leased_until = clock_timestamp() + make_interval(secs => p_lease_s)
   WHERE o.tenant_id = v_tenant AND o.id = p_id AND o.done_at IS NULL AND o.parked_at IS NULL
     AND (o.leased_until IS NULL OR o.leased_until < clock_timestamp())
  RETURNING o.* INTO v_row;
  id := v_row.id;
  topic := v_row.topic;
  payload := v_row.payload::text;
  attempt := v_row.attempts;
  traceparent := v_row.traceparent;
  SELECT c.ahead, c.stands_at INTO ahead, stands_at FROM ctl.tenant_clock_v1(v_tenant) c;
  RETURN NEXT;
END $$;

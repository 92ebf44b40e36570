-- Whom the relay rings now: per tenant and queue the p_per_tenant oldest due rows, per queue no
-- more than it has room for. A row that is not taken within p_again_s is rung again.
CREATE FUNCTION ctl.outbox_ring_v1(p_queues text[], p_room integer[], p_per_tenant integer, p_again_s double precision)
RETURNS TABLE (tenant_id uuid, id uuid, topic text, queue text, traceparent text)
LANGUAGE sql VOLATILE AS $$
  WITH RECURSIVE tenants AS (
    (SELECT o.tenant_id FROM app.outbox o
      WHERE o.done_at IS NULL AND o.parked_at IS NULL ORDER BY o.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT o.tenant_id FROM app.outbox o
             WHERE o.done_at IS NULL AND o.parked_at IS NULL AND o.tenant_id > t.tenant_id
             ORDER BY o.tenant_id LIMIT 1)
      FROM tenants t WHERE t.tenant_id IS NOT NULL
  ), due AS (
    SELECT chosen.tenant_id, chosen.id
      FROM unnest(p_queues, p_room) AS q (queue, room)
      CROSS JOIN LATERAL (
        SELECT d.tenant_id, d.id
          FROM tenants t
          CROSS JOIN LATERAL (
            SELECT o.tenant_id, o.id, o.next_at FROM app.outbox o
             WHERE o.tenant_id = t.tenant_id AND o.queue = q.queue
               AND o.done_at IS NULL AND o.parked_at IS NULL
               AND o.next_at <= clock_timestamp()
               AND (o.leased_until IS NULL OR o.leased_until < clock_timestamp())
             ORDER BY o.next_at LIMIT p_per_tenant
             FOR UPDATE SKIP LOCKED) d
         WHERE t.tenant_id IS NOT NULL
         ORDER BY d.next_at LIMIT q.room) chosen
  )
  UPDATE app.outbox o SET next_at = clock_timestamp() + make_interval(secs => p_again_s)
    FROM due WHERE o.tenant_id = due.tenant_id AND o.id = due.id
  RETURNING o.tenant_id, o.id, o.topic, o.queue, o.traceparent
$$;

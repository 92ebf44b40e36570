-- Whom the relay rings now: per tenant and queue the oldest due rows, no more than p_per_tenant in
-- flight (rung or leased, and not done; p_own: tenants with a number of their own), per queue no
-- more than it has room for. Who has the least in flight comes first. A row that is not taken within p_again_s is rung again.
CREATE FUNCTION ctl.outbox_ring_v3(p_queues text[], p_room integer[], p_per_tenant integer, p_own jsonb, p_again_s double precision)
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
            SELECT count(*) AS n FROM app.outbox f
             WHERE f.tenant_id = t.tenant_id AND f.queue = q.queue
               AND f.done_at IS NULL AND f.parked_at IS NULL AND f.rung_at IS NOT NULL
               AND (f.rung_at > clock_timestamp() - make_interval(secs => p_again_s)
                    OR f.leased_until > clock_timestamp())) flying
          CROSS JOIN LATERAL (
            SELECT o.tenant_id, o.id, o.next_at FROM app.outbox o
             WHERE o.tenant_id = t.tenant_id AND o.queue = q.queue
               AND o.done_at IS NULL AND o.parked_at IS NULL
               AND o.next_at <= clock_timestamp()
               AND (o.leased_until IS NULL OR o.leased_until < clock_timestamp())
             ORDER BY o.next_at LIMIT greatest(
               0, coalesce((p_own ->> t.tenant_id::text)::integer, p_per_tenant) - flying.n)
             FOR UPDATE SKIP LOCKED) d
         WHERE t.tenant_id IS NOT NULL
         ORDER BY flying.n, d.next_at LIMIT q.room) chosen
  )
  UPDATE app.outbox o
     SET next_at = clock_timestamp() + make_interval(secs => p_again_s), rung_at = clock_timestamp()
    FROM due WHERE o.tenant_id = due.tenant_id AND o.id = due.id
  RETURNING o.tenant_id, o.id, o.topic, o.queue, o.traceparent
$$;

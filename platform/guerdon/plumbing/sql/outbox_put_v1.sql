-- A message written by a SQL function, in its caller's transaction.
CREATE FUNCTION app.outbox_put_v1(
  p_tenant uuid, p_id uuid, p_topic text, p_queue text, p_payload jsonb, p_delay_s integer, p_traceparent text
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO app.outbox (tenant_id, id, topic, queue, payload, next_at, traceparent)
  VALUES (p_tenant, p_id, p_topic, p_queue, p_payload, now() + make_interval(secs => p_delay_s), p_traceparent)
$$;

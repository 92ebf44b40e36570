-- Tell listeners of a credit, and of a tier that changed with it. The outbox row's id is the event's.
CREATE FUNCTION app.earning_announce_v1(
  p_tenant uuid, p_member uuid, p_occurred_at timestamptz, p_answer jsonb
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.outbox (tenant_id, id, topic, queue, payload)
  SELECT p_tenant, e.id, 'domain.event', 'bulk', jsonb_build_object(
           'event_id', e.id, 'type', e.type, 'member_id', p_member, 'occurred_at', p_occurred_at, 'data', e.data)
    FROM (SELECT app.time_ordered_id_v1(gen_random_uuid()) AS id, 'points.earned' AS type, jsonb_build_object(
                   'transactionId', p_answer->'transaction_id', 'points', p_answer->'points',
                   'balance', p_answer->'posted', 'expiresOn', p_answer->'expires_on', 'tier', p_answer->'tier') AS data
          UNION ALL
          SELECT app.time_ordered_id_v1(gen_random_uuid()), 'tier.changed', jsonb_build_object(
                   'from', p_answer->'tier_before', 'to', p_answer->'tier', 'qualifyingPoints', p_answer->'qualifying')
           WHERE p_answer->'tier_before' IS DISTINCT FROM p_answer->'tier') e;
END $$;

-- The answer given the first time this key or this event was seen, or null. The same key with
-- other input, or the same event told differently, is refused.
CREATE FUNCTION app.ledger_replay_v1(
  p_tenant uuid, p_key text, p_source text, p_event text, p_fingerprint bytea
) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  t record;
BEGIN
  IF p_key IS NOT NULL THEN
    SELECT x.answer, x.fingerprint INTO t FROM app.ledger_txn x
     WHERE x.tenant_id = p_tenant AND x.idempotency_key = p_key;
    IF FOUND THEN
      IF t.fingerprint IS DISTINCT FROM p_fingerprint THEN PERFORM app.refuse('idempotency_key_reused'); END IF;
      RETURN t.answer;
    END IF;
  END IF;
  IF p_event IS NOT NULL THEN
    SELECT x.answer, x.fingerprint INTO t FROM app.ledger_txn x
     WHERE x.tenant_id = p_tenant AND x.source = p_source AND x.event_id = p_event;
    IF FOUND THEN
      IF t.fingerprint IS DISTINCT FROM p_fingerprint THEN
        PERFORM app.refuse('event_differs', jsonb_build_object('source', p_source, 'event', p_event));
      END IF;
      RETURN t.answer;
    END IF;
  END IF;
  RETURN NULL;
END $$;

-- Correct a balance by hand: points above zero become a lot (after debt), points below zero come
-- out of free lots and must be there. Returns the stored answer and whether it is the first time.
CREATE FUNCTION app.ledger_adjust_v1(
  p_tenant uuid, p_txn uuid, p_account uuid, p_points bigint, p_expires_on date, p_version integer,
  p_source text, p_event text, p_key text, p_fingerprint bytea, p_explanation jsonb,
  p_now timestamptz, p_today date, OUT answer jsonb, OUT replayed boolean
) LANGUAGE plpgsql AS $$
DECLARE
  a record;
  v_settled bigint := 0;
  v_free bigint;
  v_lots uuid[] := '{}';
  v_expires date[] := '{}';
  v_moved bigint[] := '{}';
BEGIN
  SELECT posted, held, debt, closed_at INTO a FROM app.ledger_account
   WHERE tenant_id = p_tenant AND id = p_account FOR NO KEY UPDATE;
  IF NOT FOUND THEN PERFORM app.refuse('account_not_found'); END IF;
  SELECT * INTO answer FROM app.ledger_replay_v1(p_tenant, p_key, p_source, p_event, p_fingerprint);
  replayed := answer IS NOT NULL;
  IF replayed THEN RETURN; END IF;
  IF a.closed_at IS NOT NULL THEN PERFORM app.refuse('account_closed'); END IF;

  IF p_points > 0 THEN
    v_settled := least(a.debt, p_points);
    IF v_settled > 0 THEN
      v_lots := ARRAY['00000000-0000-0000-0000-000000000000'::uuid];
      v_expires := ARRAY[DATE '9999-12-31'];
      v_moved := ARRAY[v_settled];
    END IF;
    IF p_points > v_settled THEN
      INSERT INTO app.ledger_lot (tenant_id, account_id, expires_on, lot, remaining)
        VALUES (p_tenant, p_account, p_expires_on, p_txn, p_points - v_settled);
      v_lots := v_lots || p_txn;
      v_expires := v_expires || p_expires_on;
      v_moved := v_moved || (p_points - v_settled);
    END IF;
  ELSE
    SELECT coalesce(sum(l.remaining), 0) INTO v_free FROM app.ledger_lot l
     WHERE l.tenant_id = p_tenant AND l.account_id = p_account AND l.expires_on >= p_today;
    IF v_free < -p_points THEN
      PERFORM app.refuse('not_enough_points', jsonb_build_object('needed', -p_points, 'available', v_free - a.debt));
    END IF;
    SELECT k.lots, k.expires, k.points INTO v_lots, v_expires, v_moved
      FROM app.ledger_take_v1(p_tenant, p_account, -p_points, p_today, NULL) k;
  END IF;
  UPDATE app.ledger_account SET posted = posted + p_points, debt = debt - v_settled
   WHERE tenant_id = p_tenant AND id = p_account;
  answer := jsonb_build_object('transaction_id', p_txn, 'points', p_points, 'posted', a.posted + p_points, 'held', a.held);
  IF NOT app.ledger_record_v1(p_tenant, p_txn, p_account, 'adjust', p_points, a.posted + p_points,
           app.ledger_system_v1('adjusted'), p_now, p_version, p_source, p_event, p_key, p_fingerprint,
           NULL, NULL, p_explanation, answer, v_lots, v_expires, v_moved) THEN
    PERFORM app.refuse('idempotency_key_reused');
  END IF;
END $$;

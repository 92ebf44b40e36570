-- Give points of a redemption back (null: all that is left), cumulatively never more than it took,
-- into the same lots with the same last day. A partial refund starts with the lots that expire
-- last: what stays taken is what a smaller redemption would have taken.
CREATE FUNCTION app.ledger_refund_v1(
  p_tenant uuid, p_txn uuid, p_original uuid, p_points bigint, p_grace_days integer,
  p_source text, p_event text, p_key text, p_fingerprint bytea, p_explanation jsonb,
  p_now timestamptz, p_today date, OUT answer jsonb, OUT replayed boolean
) LANGUAGE plpgsql AS $$
DECLARE
  o record;
  a record;
  b record;
  v_before bigint;
  v_points bigint;
  v_lots uuid[];
  v_expires date[];
  v_back bigint[];
BEGIN
  SELECT account_id, kind, points, parameters_version INTO o FROM app.ledger_txn
   WHERE tenant_id = p_tenant AND id = p_original;
  IF NOT FOUND THEN PERFORM app.refuse('transaction_not_found'); END IF;
  SELECT posted, held, debt INTO a FROM app.ledger_account
   WHERE tenant_id = p_tenant AND id = o.account_id FOR NO KEY UPDATE;
  answer := app.ledger_replay_v1(p_tenant, p_key, p_source, p_event, p_fingerprint);
  replayed := answer IS NOT NULL;
  IF replayed THEN RETURN; END IF;
  IF o.kind <> 'redeem' THEN PERFORM app.refuse('not_reversible', jsonb_build_object('kind', o.kind)); END IF;
  SELECT coalesce(sum(r.points), 0) INTO v_before FROM app.ledger_txn r
   WHERE r.tenant_id = p_tenant AND r.reverses = p_original AND r.kind = 'refund';
  v_points := coalesce(p_points, -o.points - v_before);
  IF v_points < 1 OR v_points > -o.points - v_before THEN
    PERFORM app.refuse('more_than_remains', jsonb_build_object('points', v_points, 'remains', -o.points - v_before));
  END IF;

  SELECT array_agg(s.lot), array_agg(s.expires_on), array_agg(s.n) INTO v_lots, v_expires, v_back FROM (
    SELECT c.lot, c.expires_on, least(c.upto, v_before + v_points) - greatest(c.upto - c.n, v_before) AS n FROM (
      SELECT m.lot, m.expires_on, -m.points AS n,
             sum(-m.points) OVER (ORDER BY m.expires_on DESC, m.lot DESC)::bigint AS upto
        FROM app.ledger_lot_move m WHERE m.tenant_id = p_tenant AND m.txn_id = p_original) c) s
   WHERE s.n > 0;
  SELECT * INTO b FROM app.ledger_give_back_v1(p_tenant, o.account_id, a.debt, p_today, p_grace_days,
                                               v_lots, v_expires, v_back);
  UPDATE app.ledger_account SET posted = posted + v_points, debt = debt - b.settled
   WHERE tenant_id = p_tenant AND id = o.account_id;
  answer := jsonb_build_object('transaction_id', p_txn, 'points', v_points, 'posted', a.posted + v_points, 'held', a.held);
  IF NOT app.ledger_record_v1(p_tenant, p_txn, o.account_id, 'refund', v_points, a.posted + v_points,
           app.ledger_system_v1('redeemed'), p_now, o.parameters_version, p_source, p_event, p_key, p_fingerprint,
           p_original, NULL, p_explanation, answer, b.lots, b.expires, b.points) THEN
    PERFORM app.refuse('idempotency_key_reused');
  END IF;
END $$;

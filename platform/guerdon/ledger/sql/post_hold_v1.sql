-- Turn a hold into a transaction: all of it, or p_points of it, taken from the pinned lots that
-- expire first; the rest goes back to its lots. The parameters' version is the hold's. Posting
-- again with the same transaction id changes nothing. Returns the balance after it.
CREATE FUNCTION app.ledger_post_hold_v1(
  p_tenant uuid, p_hold uuid, p_txn uuid, p_points bigint, p_source text, p_event text,
  p_explanation jsonb, p_grace_days integer, p_now timestamptz, p_today date
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid;
  a record;
  h record;
  v_points bigint;
  v_left bigint;
  v_take bigint;
  v_lots uuid[] := '{}';
  v_expires date[] := '{}';
  v_moved bigint[] := '{}';
  v_back_lots uuid[] := '{}';
  v_back_expires date[] := '{}';
  v_back bigint[] := '{}';
  b record;
BEGIN
  SELECT account_id INTO v_account FROM app.ledger_hold WHERE tenant_id = p_tenant AND id = p_hold;
  IF NOT FOUND THEN PERFORM app.refuse('hold_not_found'); END IF;
  SELECT posted, held, debt INTO a FROM app.ledger_account
   WHERE tenant_id = p_tenant AND id = v_account FOR NO KEY UPDATE;
  SELECT * INTO h FROM app.ledger_hold WHERE tenant_id = p_tenant AND id = p_hold FOR NO KEY UPDATE;
  v_points := coalesce(p_points, h.points);
  IF h.state = 'posted' AND h.txn_id = p_txn AND h.posted_points = v_points THEN
    RETURN (SELECT t.balance_after FROM app.ledger_txn t WHERE t.tenant_id = p_tenant AND t.id = p_txn);
  END IF;
  IF h.state <> 'pending' THEN PERFORM app.refuse('hold_resolved', jsonb_build_object('state', h.state)); END IF;
  IF v_points < 1 OR v_points > h.points THEN
    PERFORM app.refuse('points_out_of_range', jsonb_build_object('points', v_points, 'most', h.points));
  END IF;

  v_left := v_points;
  FOR i IN 1 .. cardinality(h.lots) LOOP
    v_take := least(h.lot_points[i], v_left);
    v_left := v_left - v_take;
    IF v_take > 0 THEN
      v_lots := v_lots || h.lots[i];
      v_expires := v_expires || h.lot_expires_on[i];
      v_moved := v_moved || -v_take;
    END IF;
    IF v_take < h.lot_points[i] THEN
      v_back_lots := v_back_lots || h.lots[i];
      v_back_expires := v_back_expires || h.lot_expires_on[i];
      v_back := v_back || (h.lot_points[i] - v_take);
    END IF;
  END LOOP;

  UPDATE app.ledger_hold SET state = 'posted', txn_id = p_txn, posted_points = v_points, resolved_at = p_now
   WHERE tenant_id = p_tenant AND id = p_hold;
  IF cardinality(v_back) > 0 THEN
    SELECT * INTO b FROM app.ledger_give_back_v1(p_tenant, v_account, a.debt, p_today, p_grace_days,
                                                 v_back_lots, v_back_expires, v_back);
    a.debt := a.debt - b.settled;
  END IF;
  UPDATE app.ledger_account SET posted = posted - v_points, held = held - h.points, debt = a.debt
   WHERE tenant_id = p_tenant AND id = v_account;
  IF NOT app.ledger_record_v1(p_tenant, p_txn, v_account, 'redeem', -v_points, a.posted - v_points,
           app.ledger_system_v1('redeemed'), p_now, h.parameters_version, p_source, p_event,
           NULL, NULL, NULL, p_hold, p_explanation, NULL, v_lots, v_expires, v_moved) THEN
    PERFORM app.refuse('transaction_exists');
  END IF;
  IF cardinality(v_back) > 0 THEN
    PERFORM app.ledger_settle_v1(p_tenant, v_account, a.posted - v_points, p_hold, h.parameters_version, p_now,
                                 v_back_lots, v_back_expires, v_back, b.lots, b.expires, b.points);
  END IF;
  RETURN a.posted - v_points;
END $$;

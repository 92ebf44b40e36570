-- End a hold without taking its points: 'voided' by whoever placed it, 'expired' by time. The same
-- lots come back with their last day (ledger_give_back_v1 says what happens to one that has
-- passed). Voiding again changes nothing. Returns what is available after it.
CREATE FUNCTION app.ledger_void_hold_v1(
  p_tenant uuid, p_hold uuid, p_state text, p_grace_days integer, p_now timestamptz, p_today date
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid;
  a record;
  h record;
  b record;
BEGIN
  SELECT account_id INTO v_account FROM app.ledger_hold WHERE tenant_id = p_tenant AND id = p_hold;
  IF NOT FOUND THEN PERFORM app.refuse('hold_not_found'); END IF;
  SELECT posted, held, debt INTO a FROM app.ledger_account
   WHERE tenant_id = p_tenant AND id = v_account FOR NO KEY UPDATE;
  SELECT * INTO h FROM app.ledger_hold WHERE tenant_id = p_tenant AND id = p_hold FOR NO KEY UPDATE;
  IF h.state IN ('voided', 'expired') THEN RETURN a.posted - a.held; END IF;
  IF h.state <> 'pending' THEN PERFORM app.refuse('hold_resolved', jsonb_build_object('state', h.state)); END IF;

  UPDATE app.ledger_hold SET state = p_state, resolved_at = p_now WHERE tenant_id = p_tenant AND id = p_hold;
  SELECT * INTO b FROM app.ledger_give_back_v1(p_tenant, v_account, a.debt, p_today, p_grace_days,
                                               h.lots, h.lot_expires_on, h.lot_points);
  UPDATE app.ledger_account SET held = held - h.points, debt = debt - b.settled
   WHERE tenant_id = p_tenant AND id = v_account;
  PERFORM app.ledger_settle_v1(p_tenant, v_account, a.posted, p_hold, h.parameters_version, p_now,
                               h.lots, h.lot_expires_on, h.lot_points, b.lots, b.expires, b.points);
  RETURN a.posted - a.held + h.points;
END $$;

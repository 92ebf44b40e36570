-- Reserve points: the lots that expire first are pinned and leave the free ones, so that they
-- cannot expire under the hold. Returns what is still available.
-- The account is locked in a statement of its own: lots read in the same statement would be as old
-- as the beginning of the wait. Called again with the same id and input it changes nothing.
CREATE FUNCTION app.ledger_hold_v1(
  p_tenant uuid, p_hold uuid, p_account uuid, p_points bigint, p_purpose text,
  p_expires_at timestamptz, p_version integer, p_now timestamptz, p_today date
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  a record;
  l record;
  v_left bigint := p_points;
  v_take bigint;
  v_lots uuid[] := '{}';
  v_expires date[] := '{}';
  v_points bigint[] := '{}';
BEGIN
  IF p_points <= 0 THEN PERFORM app.refuse('points_out_of_range', jsonb_build_object('points', p_points)); END IF;
  SELECT posted, held, debt, closed_at INTO a FROM app.ledger_account
   WHERE tenant_id = p_tenant AND id = p_account FOR NO KEY UPDATE;
  IF NOT FOUND THEN PERFORM app.refuse('account_not_found'); END IF;
  IF a.closed_at IS NOT NULL THEN PERFORM app.refuse('account_closed'); END IF;

  FOR l IN SELECT lot, expires_on, remaining FROM app.ledger_lot
            WHERE tenant_id = p_tenant AND account_id = p_account AND expires_on >= p_today
            ORDER BY expires_on, lot LOOP
    v_take := least(l.remaining, v_left);
    v_lots := v_lots || l.lot;
    v_expires := v_expires || l.expires_on;
    v_points := v_points || v_take;
    v_left := v_left - v_take;
    EXIT WHEN v_left = 0;
  END LOOP;

  IF v_left > 0 THEN
    IF EXISTS (SELECT FROM app.ledger_hold h
                WHERE h.tenant_id = p_tenant AND h.id = p_hold AND h.account_id = p_account
                  AND h.points = p_points AND h.purpose = p_purpose) THEN
      RETURN a.posted - a.held;
    END IF;
    PERFORM app.refuse('not_enough_points', jsonb_build_object('needed', p_points, 'available', p_points - v_left));
  END IF;

  INSERT INTO app.ledger_hold (tenant_id, id, account_id, points, lots, lot_expires_on, lot_points,
                               purpose, expires_at, parameters_version, placed_at)
       VALUES (p_tenant, p_hold, p_account, p_points, v_lots, v_expires, v_points,
               p_purpose, p_expires_at, p_version, p_now)
  ON CONFLICT (tenant_id, id) DO NOTHING;
  IF NOT FOUND THEN
    IF NOT EXISTS (SELECT FROM app.ledger_hold h
                    WHERE h.tenant_id = p_tenant AND h.id = p_hold AND h.account_id = p_account
                      AND h.points = p_points AND h.purpose = p_purpose) THEN
      PERFORM app.refuse('hold_differs');
    END IF;
    RETURN a.posted - a.held;
  END IF;

  IF v_take < l.remaining THEN
    UPDATE app.ledger_lot SET remaining = remaining - v_take
     WHERE tenant_id = p_tenant AND account_id = p_account AND expires_on = l.expires_on AND lot = l.lot;
  ELSE
    DELETE FROM app.ledger_lot
     WHERE tenant_id = p_tenant AND account_id = p_account AND expires_on = l.expires_on AND lot = l.lot;
  END IF;
  IF cardinality(v_lots) > 1 THEN
    DELETE FROM app.ledger_lot
     WHERE tenant_id = p_tenant AND account_id = p_account AND expires_on >= p_today
       AND (expires_on, lot) < (l.expires_on, l.lot);
  END IF;
  UPDATE app.ledger_account SET held = held + p_points WHERE tenant_id = p_tenant AND id = p_account;
  RETURN a.posted - a.held - p_points;
END $$;

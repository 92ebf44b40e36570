-- Take up to p_points out of free lots whose last day has not passed: p_first before all others,
-- then those that expire first. Returns the movements (negative). The caller holds the lock on
-- the account.
CREATE FUNCTION app.ledger_take_v1(
  p_tenant uuid, p_account uuid, p_points bigint, p_today date, p_first uuid,
  OUT lots uuid[], OUT expires date[], OUT points bigint[], OUT taken bigint
) LANGUAGE plpgsql AS $$
DECLARE
  l record;
  v_take bigint;
BEGIN
  lots := '{}'; expires := '{}'; points := '{}'; taken := 0;
  IF p_points <= 0 THEN RETURN; END IF;
  FOR l IN SELECT lot, expires_on, remaining FROM app.ledger_lot
            WHERE tenant_id = p_tenant AND account_id = p_account AND expires_on >= p_today
            ORDER BY (lot IS DISTINCT FROM p_first), expires_on, lot LOOP
    v_take := least(l.remaining, p_points - taken);
    IF v_take = l.remaining THEN
      DELETE FROM app.ledger_lot
       WHERE tenant_id = p_tenant AND account_id = p_account AND expires_on = l.expires_on AND lot = l.lot;
    ELSE
      UPDATE app.ledger_lot SET remaining = remaining - v_take
       WHERE tenant_id = p_tenant AND account_id = p_account AND expires_on = l.expires_on AND lot = l.lot;
    END IF;
    lots := lots || l.lot;
    expires := expires || l.expires_on;
    points := points || -v_take;
    taken := taken + v_take;
    EXIT WHEN taken = p_points;
  END LOOP;
END $$;

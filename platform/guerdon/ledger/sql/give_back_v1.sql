-- Put points back into the lots they were taken from. What the wallet owes is settled first, out
-- of the points that would expire soonest. A lot whose last day has passed meanwhile comes back
-- with p_grace_days counted from today, once: a lot that already lives on its grace does not get
-- another one. Returns the movements (the nil lot is the debt) and how much debt was settled.
-- The caller holds the lock on the account.
CREATE FUNCTION app.ledger_give_back_v1(
  p_tenant uuid, p_account uuid, p_debt bigint, p_today date, p_grace_days integer,
  p_lots uuid[], p_expires date[], p_points bigint[],
  OUT lots uuid[], OUT expires date[], OUT points bigint[], OUT settled bigint
) LANGUAGE plpgsql AS $$
DECLARE
  r record;
  v_settle bigint;
BEGIN
  lots := '{}'; expires := '{}'; points := '{}'; settled := 0;
  FOR r IN
    SELECT b.lot, b.last_day, sum(b.n)::bigint AS n FROM (
      SELECT u.lot, u.n,
             CASE WHEN u.expires_on >= p_today THEN u.expires_on
                  WHEN u.expires_on = (SELECT m.expires_on FROM app.ledger_lot_move m
                                        WHERE m.tenant_id = p_tenant AND m.txn_id = u.lot AND m.lot = u.lot)
                  THEN p_today + p_grace_days
                  ELSE u.expires_on END AS last_day
        FROM unnest(p_lots, p_expires, p_points) AS u(lot, expires_on, n)) b
     GROUP BY b.lot, b.last_day ORDER BY b.last_day, b.lot
  LOOP
    v_settle := least(r.n, p_debt - settled);
    settled := settled + v_settle;
    IF r.n > v_settle THEN
      lots := lots || r.lot;
      expires := expires || r.last_day;
      points := points || (r.n - v_settle);
    END IF;
  END LOOP;
  INSERT INTO app.ledger_lot AS l (tenant_id, account_id, expires_on, lot, remaining)
       SELECT p_tenant, p_account, u.expires_on, u.lot, u.n FROM unnest(lots, expires, points) AS u(lot, expires_on, n)
  ON CONFLICT (tenant_id, account_id, expires_on, lot) DO UPDATE SET remaining = l.remaining + excluded.remaining;
  IF settled > 0 THEN
    lots := lots || '00000000-0000-0000-0000-000000000000'::uuid;
    expires := expires || DATE '9999-12-31';
    points := points || settled;
  END IF;
END $$;

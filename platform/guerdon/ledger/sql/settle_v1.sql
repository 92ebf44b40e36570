-- Points that came back from a hold went elsewhere than they came from: a debt took them, or a lot
-- whose last day had passed got its grace. A transaction over no points says which. Given are the
-- points that came back and where they went; nothing is recorded when both are the same.
CREATE FUNCTION app.ledger_settle_v1(
  p_tenant uuid, p_account uuid, p_balance bigint, p_hold uuid, p_version integer, p_now timestamptz,
  p_lots uuid[], p_expires date[], p_points bigint[], p_kept_lots uuid[], p_kept_expires date[], p_kept bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_lots uuid[];
  v_expires date[];
  v_points bigint[];
BEGIN
  SELECT array_agg(d.lot), array_agg(d.last_day), array_agg(d.n) INTO v_lots, v_expires, v_points FROM (
    SELECT u.lot, u.expires_on AS last_day, sum(u.n)::bigint AS n FROM (
      SELECT lot, expires_on, -n FROM unnest(p_lots, p_expires, p_points) AS g(lot, expires_on, n)
      UNION ALL SELECT lot, expires_on, n FROM unnest(p_kept_lots, p_kept_expires, p_kept) AS k(lot, expires_on, n)
    ) AS u(lot, expires_on, n) GROUP BY u.lot, u.expires_on HAVING sum(u.n) <> 0) d;
  IF v_lots IS NULL THEN RETURN; END IF;
  PERFORM app.ledger_record_v1(p_tenant, app.time_ordered_id_v1(gen_random_uuid()), p_account, 'settle', 0, p_balance,
    NULL, p_now, p_version, NULL, NULL, NULL, NULL, NULL, NULL,
    jsonb_build_object('rule', 'returned_from_hold', 'hold', p_hold), NULL, v_lots, v_expires, v_points);
END $$;

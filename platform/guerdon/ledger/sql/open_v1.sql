-- Open wallets, many at once, some with what their owners bring along: where p_txns names a
-- transaction its points become a lot. Nobody has seen these wallets, so there is nothing to lock;
-- one that is there already breaks the key, and nothing is opened. Over no points the transaction
-- keeps its explanation only. Returns the points that the entries written say.
CREATE FUNCTION app.ledger_open_v1(
  p_tenant uuid, p_accounts uuid[], p_txns uuid[], p_points bigint[], p_expires date[],
  p_keys text[], p_prints bytea[], p_explanations jsonb[], p_version integer, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_booked bigint;
BEGIN
  INSERT INTO app.ledger_account (tenant_id, id, posted, opened_at)
    SELECT p_tenant, u.account, CASE WHEN u.txn IS NULL THEN 0 ELSE u.points END, p_now
      FROM unnest(p_accounts, p_txns, p_points) AS u(account, txn, points);
  INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after, occurred_at,
      parameters_version, idempotency_key, fingerprint, explanation, answer)
    SELECT p_tenant, u.txn, u.account, 'adjust', u.points, u.points, p_now, p_version, u.key, u.print, u.explanation,
           jsonb_build_object('transaction_id', u.txn, 'points', u.points, 'posted', u.points, 'held', 0)
      FROM unnest(p_accounts, p_txns, p_points, p_keys, p_prints, p_explanations)
        AS u(account, txn, points, key, print, explanation)
     WHERE u.txn IS NOT NULL;
  WITH written AS (
    INSERT INTO app.ledger_entry (tenant_id, txn_id, account_id, amount)
      SELECT p_tenant, u.txn, side.account, side.amount
        FROM unnest(p_accounts, p_txns, p_points) AS u(account, txn, points)
       CROSS JOIN LATERAL (VALUES (u.account, u.points), (app.ledger_system_v1('adjusted'), -u.points)) AS side(account, amount)
       WHERE u.txn IS NOT NULL AND u.points > 0
    RETURNING amount)
  SELECT coalesce(sum(amount) FILTER (WHERE amount > 0), 0) INTO v_booked FROM written;
  INSERT INTO app.ledger_lot_move (tenant_id, txn_id, lot, expires_on, points)
    SELECT p_tenant, u.txn, u.txn, u.expires_on, u.points
      FROM unnest(p_txns, p_points, p_expires) AS u(txn, points, expires_on)
     WHERE u.txn IS NOT NULL AND u.points > 0;
  INSERT INTO app.ledger_lot (tenant_id, account_id, expires_on, lot, remaining)
    SELECT p_tenant, u.account, u.expires_on, u.txn, u.points
      FROM unnest(p_accounts, p_txns, p_points, p_expires) AS u(account, txn, points, expires_on)
     WHERE u.txn IS NOT NULL AND u.points > 0;
  RETURN v_booked;
END $$;

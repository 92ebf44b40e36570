-- Write one transaction: header, two entries, movements of lots. Returns false when its key, event
-- or id is already there: the caller then answers as the first time, or refuses. `recorded_at` is
-- the database's. The caller has locked the account and changes its columns.
CREATE FUNCTION app.ledger_record_v1(
  p_tenant uuid, p_txn uuid, p_account uuid, p_kind text, p_points bigint, p_balance_after bigint,
  p_counter uuid, p_now timestamptz, p_version integer, p_source text, p_event text,
  p_key text, p_fingerprint bytea, p_reverses uuid, p_hold uuid, p_explanation jsonb, p_answer jsonb,
  p_lots uuid[], p_expires date[], p_moved bigint[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after, occurred_at,
      parameters_version, source, event_id, idempotency_key, fingerprint, reverses, hold_id, explanation, answer)
    VALUES (p_tenant, p_txn, p_account, p_kind, p_points, p_balance_after, p_now,
      p_version, p_source, p_event, p_key, p_fingerprint, p_reverses, p_hold, p_explanation, p_answer)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  IF p_points <> 0 THEN
    INSERT INTO app.ledger_entry (tenant_id, txn_id, account_id, amount)
      VALUES (p_tenant, p_txn, p_account, p_points), (p_tenant, p_txn, p_counter, -p_points);
  END IF;
  INSERT INTO app.ledger_lot_move (tenant_id, txn_id, lot, expires_on, points)
    SELECT p_tenant, p_txn, u.lot, u.expires_on, u.n FROM unnest(p_lots, p_expires, p_moved) AS u(lot, expires_on, n);
  RETURN true;
END $$;

-- Expire the overdue lots of accounts that the caller has locked: one transaction per account.
CREATE FUNCTION app.ledger_expire_accounts_v1(
  p_tenant uuid, p_accounts uuid[], p_version integer, p_now timestamptz, p_today date,
  OUT lots bigint, OUT points bigint, OUT transactions uuid[]
) LANGUAGE plpgsql AS $$
BEGIN
  WITH gone AS (
    DELETE FROM app.ledger_lot
     WHERE tenant_id = p_tenant AND account_id = ANY (p_accounts) AND expires_on < p_today
    RETURNING account_id, lot, expires_on, remaining),
  due AS MATERIALIZED (
    SELECT g.account_id, app.time_ordered_id_v1(gen_random_uuid()) AS txn, sum(g.remaining)::bigint AS n,
           jsonb_agg(jsonb_build_object('lot', g.lot, 'expires_on', g.expires_on, 'points', g.remaining)
                     ORDER BY g.expires_on, g.lot) AS parts
      FROM gone g GROUP BY g.account_id),
  changed AS (
    UPDATE app.ledger_account a SET posted = a.posted - d.n FROM due d
     WHERE a.tenant_id = p_tenant AND a.id = d.account_id
    RETURNING a.id, a.posted),
  headers AS (
    INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after, occurred_at,
                                parameters_version, explanation)
    SELECT p_tenant, d.txn, d.account_id, 'expire', -d.n, c.posted, p_now, p_version,
           jsonb_build_object('rule', 'expiry', 'today', p_today, 'lots', d.parts)
      FROM due d JOIN changed c ON c.id = d.account_id),
  entries AS (
    INSERT INTO app.ledger_entry (tenant_id, txn_id, account_id, amount)
    SELECT p_tenant, d.txn, e.account_id, e.amount FROM due d CROSS JOIN LATERAL (
      VALUES (d.account_id, -d.n), (app.ledger_system_v1('expired'), d.n)) AS e(account_id, amount)),
  moves AS (
    INSERT INTO app.ledger_lot_move (tenant_id, txn_id, lot, expires_on, points)
    SELECT p_tenant, d.txn, g.lot, g.expires_on, -g.remaining FROM gone g JOIN due d USING (account_id))
  SELECT (SELECT count(*) FROM gone), coalesce(sum(d.n), 0)::bigint, coalesce(array_agg(d.txn), '{}')
    INTO lots, points, transactions FROM due d;
END $$;

-- Expire lots whose last day has passed, set-based, about p_limit lots a call. Accounts are locked
-- in order first; the lots are read again after that, as a hold may have pinned or a posting
-- removed them meanwhile. A call that finds no lot means that nothing is left.
CREATE FUNCTION app.ledger_expire_lots_v1(
  p_tenant uuid, p_version integer, p_now timestamptz, p_today date, p_limit integer,
  OUT lots bigint, OUT points bigint, OUT transactions uuid[]
) LANGUAGE plpgsql AS $$
DECLARE
  v_accounts uuid[];
BEGIN
  SELECT coalesce(array_agg(DISTINCT d.account_id), '{}') INTO v_accounts FROM (
    SELECT account_id FROM app.ledger_lot WHERE tenant_id = p_tenant AND expires_on < p_today
     ORDER BY expires_on LIMIT p_limit) d;
  PERFORM FROM app.ledger_account WHERE tenant_id = p_tenant AND id = ANY (v_accounts)
    ORDER BY id FOR NO KEY UPDATE;
  SELECT x.lots, x.points, x.transactions INTO lots, points, transactions
    FROM app.ledger_expire_accounts_v1(p_tenant, v_accounts, p_version, p_now, p_today) x;
END $$;

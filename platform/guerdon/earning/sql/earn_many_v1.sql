-- Credit up to some thousand events of one tenant, set-based: accounts are locked in order, then
-- one statement writes everything. Each row is computed as earning_earn_v1 would have, one after
-- the other in the order of `n`. A row that cannot be credited comes back with a code and the
-- others stand; a row seen before comes back with its first answer.
-- p_rows: [{n, txn, account, source, event, key, fingerprint (hex), occurred_at, expires_on, period,
--           rule, points, qualifies, amount_minor, currency, items, note, member}]
CREATE FUNCTION app.earning_earn_many_v1(
  p_tenant uuid, p_rows jsonb, p_unit numeric, p_factor text, p_rounding text, p_per text,
  p_thresholds bigint[], p_multipliers text[], p_tiers text[], p_version integer
) RETURNS TABLE (n integer, answer jsonb, replayed boolean, code text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_accounts uuid[];
BEGIN
  SELECT coalesce(array_agg(DISTINCT r.account), '{}') INTO v_accounts FROM jsonb_to_recordset(p_rows) AS r(account uuid);
  PERFORM FROM app.ledger_account WHERE tenant_id = p_tenant AND id = ANY (v_accounts) ORDER BY id FOR NO KEY UPDATE;
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT r.*, row_number() OVER (PARTITION BY r.key ORDER BY r.n) AS nth_key,
           row_number() OVER (PARTITION BY r.source, r.event ORDER BY r.n) AS nth_event
      FROM jsonb_to_recordset(p_rows) AS r(n integer, txn uuid, account uuid, member uuid, source text, event text, key text,
        fingerprint text, occurred_at timestamptz, expires_on date, period integer, rule text, points bigint,
        qualifies boolean, amount_minor bigint, currency text, items jsonb, note text)),
  known AS MATERIALIZED (
    SELECT g.n, t.answer, encode(t.fingerprint, 'hex') AS fingerprint, true AS by_key
      FROM given g JOIN app.ledger_txn t ON t.tenant_id = p_tenant AND t.idempotency_key = g.key
    UNION ALL
    SELECT g.n, t.answer, encode(t.fingerprint, 'hex'), false
      FROM given g JOIN app.ledger_txn t ON t.tenant_id = p_tenant AND t.source = g.source AND t.event_id = g.event),
  seen AS MATERIALIZED (
    SELECT DISTINCT ON (k.n) k.n, k.answer, k.fingerprint, k.by_key FROM known k ORDER BY k.n, k.by_key DESC),
  judged AS MATERIALIZED (
    SELECT g.*, a.posted, a.held, a.debt, coalesce(s.qualifying, 0) AS qualifying, CASE
        WHEN w.n IS NOT NULL AND w.fingerprint = g.fingerprint THEN NULL
        WHEN w.n IS NOT NULL AND w.by_key THEN 'idempotency_key_reused'
        WHEN w.n IS NOT NULL THEN 'event_differs'
        WHEN a.id IS NULL THEN 'account_not_found'
        WHEN a.closed_at IS NOT NULL THEN 'account_closed'
        WHEN g.key IS NOT NULL AND g.nth_key > 1 THEN 'duplicate_in_batch'
        WHEN g.event IS NOT NULL AND g.nth_event > 1 THEN 'duplicate_in_batch' END AS code,
      w.answer AS first_answer, w.n IS NOT NULL AS was_seen
      FROM given g
      LEFT JOIN seen w ON w.n = g.n
      LEFT JOIN app.ledger_account a ON a.tenant_id = p_tenant AND a.id = g.account
      LEFT JOIN app.tier_standing s ON s.tenant_id = p_tenant AND s.account_id = g.account AND s.period = g.period),
  based AS MATERIALIZED (
    SELECT j.*, CASE WHEN j.points IS NULL
        THEN app.earning_points_v1(j.amount_minor, j.items, p_unit * p_factor::numeric, p_rounding, p_per)
        WHEN j.qualifies THEN j.points ELSE 0 END AS base
      FROM judged j WHERE j.code IS NULL AND NOT j.was_seen),
  tiered AS MATERIALIZED (
    SELECT b.*, b.qualifying + coalesce(sum(b.base) OVER (PARTITION BY b.account, b.period ORDER BY b.n
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
      FROM based b),
  priced AS MATERIALIZED (
    SELECT t.*, greatest(width_bucket(t.before, p_thresholds), 1) AS tier,
           greatest(width_bucket(t.before + t.base, p_thresholds), 1) AS tier_after,
           CASE WHEN t.points IS NOT NULL THEN t.points
                WHEN p_multipliers[greatest(width_bucket(t.before, p_thresholds), 1)] = '1' THEN t.base
                ELSE app.earning_points_v1(t.amount_minor, t.items, p_unit * p_factor::numeric
                       * p_multipliers[greatest(width_bucket(t.before, p_thresholds), 1)]::numeric, p_rounding, p_per)
           END AS won
      FROM tiered t),
  summed AS MATERIALIZED (
    SELECT p.*, sum(p.won) OVER (PARTITION BY p.account ORDER BY p.n)::bigint AS upto FROM priced p),
  calc AS MATERIALIZED (
    SELECT s.*, s.posted + s.upto AS balance,
           least(s.won, greatest(s.debt - (s.upto - s.won), 0)) AS settled,
           jsonb_build_object('transaction_id', s.txn, 'points', s.won, 'base', s.base,
             'settled', least(s.won, greatest(s.debt - (s.upto - s.won), 0)),
             'posted', s.posted + s.upto, 'held', s.held, 'expires_on', nullif(s.expires_on, DATE '9999-12-31'),
             'tier_before', p_tiers[s.tier], 'tier', p_tiers[s.tier_after], 'qualifying', s.before + s.base,
             'next_tier', p_tiers[s.tier_after + 1], 'missing', p_thresholds[s.tier_after + 1] - s.before - s.base) AS said,
           CASE WHEN s.points IS NULL THEN jsonb_build_object('rule', s.rule, 'amount_minor', s.amount_minor,
             'currency', s.currency, 'unit', p_unit::text, 'factor', p_factor, 'multiplier', p_multipliers[s.tier],
             'tier', p_tiers[s.tier], 'rounding', p_rounding, 'per', p_per, 'items', s.items, 'points', s.won,
             'base', s.base, 'period', s.period)
           ELSE jsonb_build_object('rule', s.rule, 'note', s.note, 'points', s.won, 'base', s.base, 'period', s.period)
           END AS explanation
      FROM summed s),
  headers AS (
    INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after, occurred_at, parameters_version,
                                source, event_id, idempotency_key, fingerprint, explanation, answer)
    SELECT p_tenant, c.txn, c.account, 'earn', c.won, c.balance, c.occurred_at, p_version,
           c.source, c.event, c.key, decode(c.fingerprint, 'hex'), c.explanation, c.said FROM calc c),
  entries AS (
    INSERT INTO app.ledger_entry (tenant_id, txn_id, account_id, amount)
    SELECT p_tenant, c.txn, e.account_id, e.amount FROM calc c CROSS JOIN LATERAL (
      VALUES (c.account, c.won), (app.ledger_system_v1('issued'), -c.won)) AS e(account_id, amount) WHERE c.won > 0),
  moves AS (
    INSERT INTO app.ledger_lot_move (tenant_id, txn_id, lot, expires_on, points)
    SELECT p_tenant, c.txn, m.lot, m.expires_on, m.points FROM calc c CROSS JOIN LATERAL (
      VALUES (c.txn, c.expires_on, c.won - c.settled),
             ('00000000-0000-0000-0000-000000000000'::uuid, DATE '9999-12-31', c.settled)) AS m(lot, expires_on, points)
     WHERE m.points > 0),
  lots AS (
    INSERT INTO app.ledger_lot (tenant_id, account_id, expires_on, lot, remaining)
    SELECT p_tenant, c.account, c.expires_on, c.txn, c.won - c.settled FROM calc c WHERE c.won > c.settled),
  accounts AS (
    UPDATE app.ledger_account a SET posted = a.posted + d.won, debt = a.debt - d.settled
      FROM (SELECT c.account, sum(c.won)::bigint AS won, sum(c.settled)::bigint AS settled FROM calc c GROUP BY c.account) d
     WHERE a.tenant_id = p_tenant AND a.id = d.account),
  standings AS (
    INSERT INTO app.tier_standing AS ts (tenant_id, account_id, period, qualifying)
    SELECT p_tenant, c.account, c.period, sum(c.base)::bigint FROM calc c GROUP BY c.account, c.period HAVING sum(c.base) > 0
    ON CONFLICT (tenant_id, account_id, period) DO UPDATE SET qualifying = ts.qualifying + excluded.qualifying),
  announced AS (
    SELECT count(app.earning_announce_v1(p_tenant, c.member, c.occurred_at, c.said)) FROM calc c WHERE c.member IS NOT NULL)
  SELECT j.n, coalesce(c.said, CASE WHEN j.code IS NULL THEN j.first_answer END), j.was_seen AND j.code IS NULL, j.code
    FROM judged j LEFT JOIN calc c ON c.n = j.n WHERE (SELECT true FROM announced)
   ORDER BY j.n;
END $$;

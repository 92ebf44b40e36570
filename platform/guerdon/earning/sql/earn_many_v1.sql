-- Credit up to some thousand events of one tenant, set-based: accounts are locked in order, then
-- one statement writes everything. Each row is computed as earning_earn_v1 would have, one after
-- the other in the order of `n`. A row that cannot be credited comes back with a code and the
-- others stand; a row seen before comes back with its first answer.
-- p_rows: [{n, txn, account, source, event, key, fingerprint (hex), occurred_at, expires_on, period,
--           rule, points, qualifies, amount_minor, currency, items, note, member}]
CREATE FUNCTION app.earning_earn_many_v1(
  p_tenant uuid, p_rows jsonb, p_unit numeric, p_factor text, p_rounding text, p_per text,
  p_thresholds bigint[], p_multipliers text[], p_tiers text[], p_version integer
) RETURNS TABLE (n integer, answer jsonb, replayed boolean, code text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_accounts uuid[];
  v_rate numeric := p_unit * p_factor::numeric;
BEGIN
  SELECT coalesce(array_agg(DISTINCT r.account), '{}') INTO v_accounts FROM jsonb_to_recordset(p_rows) AS r(account uuid);
  PERFORM FROM app.ledger_account WHERE tenant_id = p_tenant AND id = ANY (v_accounts) ORDER BY id FOR NO KEY UPDATE;
  -- Look-ups are LATERAL with a LIMIT: whatever the planner believes, each is one index probe.
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT r.*, row_number() OVER (PARTITION BY r.key ORDER BY r.n) AS nth_key,
           row_number() OVER (PARTITION BY r.source, r.event ORDER BY r.n) AS nth_event
      FROM jsonb_to_recordset(p_rows) AS r(n integer, txn uuid, account uuid, member uuid, source text, event text, key text,
        fingerprint text, occurred_at timestamptz, expires_on date, period integer, rule text, points bigint,
        qualifies boolean, amount_minor bigint, currency text, items jsonb, note text)),
  judged AS MATERIALIZED (
    SELECT g.*, a.posted, a.held, a.debt, coalesce(s.qualifying, 0) AS qualifying,
           k.txn IS NOT NULL OR e.txn IS NOT NULL AS seen, coalesce(k.answer, e.answer) AS first_answer,
           CASE WHEN k.fingerprint <> g.fingerprint THEN 'idempotency_key_reused'
                WHEN k.txn IS NULL AND e.fingerprint <> g.fingerprint THEN 'event_differs'
                WHEN k.txn IS NOT NULL OR e.txn IS NOT NULL THEN NULL
                WHEN a.id IS NULL THEN 'account_not_found'
                WHEN a.closed_at IS NOT NULL THEN 'account_closed'
                WHEN g.key IS NOT NULL AND g.nth_key > 1 THEN 'duplicate_in_batch'
                WHEN g.event IS NOT NULL AND g.nth_event > 1 THEN 'duplicate_in_batch' END AS code
      FROM given g
      LEFT JOIN LATERAL (SELECT t.id AS txn, t.answer, encode(t.fingerprint, 'hex') AS fingerprint FROM app.ledger_txn t
                          WHERE t.tenant_id = p_tenant AND t.idempotency_key = g.key LIMIT 1) k ON true
      LEFT JOIN LATERAL (SELECT t.id AS txn, t.answer, encode(t.fingerprint, 'hex') AS fingerprint FROM app.ledger_txn t
                          WHERE t.tenant_id = p_tenant AND t.source = g.source AND t.event_id = g.event LIMIT 1) e ON true
      LEFT JOIN LATERAL (SELECT x.id, x.posted, x.held, x.debt, x.closed_at FROM app.ledger_account x
                          WHERE x.tenant_id = p_tenant AND x.id = g.account LIMIT 1) a ON true
      LEFT JOIN LATERAL (SELECT x.qualifying FROM app.tier_standing x
                          WHERE x.tenant_id = p_tenant AND x.account_id = g.account AND x.period = g.period LIMIT 1) s ON true),
  -- Rows that give nothing stay in line with zeros, so that nothing has to be joined again.
  based AS MATERIALIZED (
    SELECT j.*, j.code IS NULL AND NOT j.seen AS fresh,
           CASE WHEN j.code IS NOT NULL OR j.seen THEN 0
                WHEN j.points IS NOT NULL THEN CASE WHEN j.qualifies THEN j.points ELSE 0 END
                WHEN p_per = 'line' AND j.items IS NOT NULL
                THEN app.earning_points_v1(j.amount_minor, j.items, v_rate, p_rounding, p_per)
                ELSE app.earning_round_v1(j.amount_minor * v_rate, p_rounding) END AS base
      FROM judged j),
  tiered AS MATERIALIZED (
    SELECT b.*, b.qualifying + coalesce(sum(b.base) OVER (PARTITION BY b.account, b.period ORDER BY b.n
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
      FROM based b),
  stepped AS MATERIALIZED (
    SELECT t.*, greatest(width_bucket(t.before, p_thresholds), 1) AS tier,
           greatest(width_bucket(t.before + t.base, p_thresholds), 1) AS tier_after,
           v_rate * p_multipliers[greatest(width_bucket(t.before, p_thresholds), 1)]::numeric AS rate
      FROM tiered t),
  priced AS MATERIALIZED (
    SELECT p.*, CASE WHEN NOT p.fresh THEN 0
                     WHEN p.points IS NOT NULL THEN p.points
                     WHEN p_per = 'line' AND p.items IS NOT NULL
                     THEN app.earning_points_v1(p.amount_minor, p.items, p.rate, p_rounding, p_per)
                     ELSE app.earning_round_v1(p.amount_minor * p.rate, p_rounding) END AS won
      FROM stepped p),
  summed AS MATERIALIZED (
    SELECT p.*, sum(p.won) OVER (PARTITION BY p.account ORDER BY p.n)::bigint AS upto FROM priced p),
  calc AS MATERIALIZED (
    SELECT s.*, s.posted + s.upto AS balance, u.settled,
           CASE WHEN s.fresh THEN jsonb_build_object('transaction_id', s.txn, 'points', s.won, 'base', s.base,
             'settled', u.settled, 'posted', s.posted + s.upto, 'held', s.held, 'expires_on', nullif(s.expires_on, DATE '9999-12-31'),
             'tier_before', p_tiers[s.tier], 'tier', p_tiers[s.tier_after], 'qualifying', s.before + s.base,
             'next_tier', p_tiers[s.tier_after + 1], 'missing', p_thresholds[s.tier_after + 1] - s.before - s.base) END AS said,
           CASE WHEN s.points IS NULL THEN jsonb_build_object('rule', s.rule, 'amount_minor', s.amount_minor,
             'currency', s.currency, 'unit', p_unit::text, 'factor', p_factor, 'multiplier', p_multipliers[s.tier],
             'tier', p_tiers[s.tier], 'rounding', p_rounding, 'per', p_per, 'items', s.items, 'points', s.won,
             'base', s.base, 'period', s.period)
           ELSE jsonb_build_object('rule', s.rule, 'note', s.note, 'points', s.won, 'base', s.base, 'period', s.period)
           END AS explanation
      FROM summed s CROSS JOIN LATERAL (
        SELECT CASE WHEN s.fresh THEN least(s.won, greatest(s.debt - (s.upto - s.won), 0)) ELSE 0 END AS settled) u),
  headers AS (
    INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after, occurred_at, parameters_version,
                                source, event_id, idempotency_key, fingerprint, explanation, answer)
    SELECT p_tenant, c.txn, c.account, 'earn', c.won, c.balance, c.occurred_at, p_version,
           c.source, c.event, c.key, decode(c.fingerprint, 'hex'), c.explanation, c.said FROM calc c WHERE c.fresh),
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
      FROM (SELECT c.account, sum(c.won)::bigint AS won, sum(c.settled)::bigint AS settled
              FROM calc c WHERE c.won > 0 GROUP BY c.account) d
     WHERE a.tenant_id = p_tenant AND a.id = d.account),
  standings AS (
    INSERT INTO app.tier_standing AS ts (tenant_id, account_id, period, qualifying)
    SELECT p_tenant, c.account, c.period, sum(c.base)::bigint FROM calc c WHERE c.base > 0 GROUP BY c.account, c.period
    ON CONFLICT (tenant_id, account_id, period) DO UPDATE SET qualifying = ts.qualifying + excluded.qualifying),
  announced AS (
    SELECT count(app.earning_announce_v1(p_tenant, c.member, c.occurred_at, c.said)) FROM calc c
     WHERE c.fresh AND c.member IS NOT NULL)
  SELECT c.n, coalesce(c.said, CASE WHEN c.code IS NULL THEN c.first_answer END), c.seen AND c.code IS NULL, c.code
    FROM calc c WHERE (SELECT true FROM announced) ORDER BY c.n;
END $$;

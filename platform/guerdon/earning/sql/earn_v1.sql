-- A fraction of a point becomes whole.
CREATE FUNCTION app.earning_round_v1(p_value numeric, p_rounding text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (CASE p_rounding
    WHEN 'floor' THEN floor(p_value)
    WHEN 'ceiling' THEN ceil(p_value)
    WHEN 'half_up' THEN floor(p_value + 0.5)
    WHEN 'half_even' THEN CASE WHEN p_value - floor(p_value) = 0.5 THEN 2 * floor((floor(p_value) + 1) / 2)
                               ELSE floor(p_value + 0.5) END
  END)::bigint $$;

-- Points of a purchase: minor units × p_rate, rounded per order, or per line and for the rest that
-- no line names.
CREATE FUNCTION app.earning_points_v1(
  p_amount_minor bigint, p_items jsonb, p_rate numeric, p_rounding text, p_per text
) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_per = 'line' AND p_items IS NOT NULL THEN (
      SELECT coalesce(sum(app.earning_round_v1(x.minor * p_rate, p_rounding)), 0)::bigint
             + app.earning_round_v1((p_amount_minor - coalesce(sum(x.minor), 0)) * p_rate, p_rounding)
        FROM (SELECT (i->>'amount_minor')::numeric AS minor FROM jsonb_array_elements(p_items) AS i) x)
    ELSE app.earning_round_v1(p_amount_minor * p_rate, p_rounding) END $$;

-- Credit one event in one round trip: compute from the rule and the tier of the moment, settle
-- debt, make the lot, count towards the tier, answer. Call it with the entered tenant:
--   SELECT * FROM app.earning_earn_v1(app.enter(ctx), ...)
-- p_points set means a grant of that many points, else the purchase's amount counts:
-- points = round(minor × p_unit × p_factor × the tier's multiplier). Qualifying points are those
-- before the multiplier. p_thresholds rise from 0; p_multipliers and p_tiers belong to them.
-- With p_member an event leaves through the outbox. With p_dry nothing is written.
CREATE FUNCTION app.earning_earn_v1(
  p_tenant uuid, p_txn uuid, p_account uuid, p_member uuid, p_source text, p_event text, p_key text, p_fingerprint bytea,
  p_occurred_at timestamptz, p_expires_on date, p_period integer,
  p_rule text, p_points bigint, p_qualifies boolean, p_amount_minor bigint, p_currency text, p_items jsonb, p_note text,
  p_unit numeric, p_factor text, p_rounding text, p_per text,
  p_thresholds bigint[], p_multipliers text[], p_tiers text[], p_version integer, p_dry boolean,
  OUT answer jsonb, OUT replayed boolean
) LANGUAGE plpgsql AS $$
DECLARE
  a record;
  v_before bigint;
  v_after bigint;
  v_tier integer;
  v_tier_after integer;
  v_base bigint;
  v_points bigint;
  v_settled bigint;
  v_rate numeric;
  v_exact numeric;
  v_explanation jsonb;
BEGIN
  SELECT posted, held, debt, closed_at INTO a FROM app.ledger_account
   WHERE tenant_id = p_tenant AND id = p_account FOR NO KEY UPDATE;
  IF NOT FOUND THEN PERFORM app.refuse('account_not_found'); END IF;
  SELECT s.qualifying INTO v_before FROM app.tier_standing s
   WHERE s.tenant_id = p_tenant AND s.account_id = p_account AND s.period = p_period;
  v_before := coalesce(v_before, 0);
  v_tier := greatest(width_bucket(v_before, p_thresholds), 1);

  IF p_points IS NULL THEN
    v_rate := p_unit * p_factor::numeric;
    IF p_per = 'line' AND p_items IS NOT NULL THEN
      v_base := app.earning_points_v1(p_amount_minor, p_items, v_rate, p_rounding, p_per);
      v_points := app.earning_points_v1(p_amount_minor, p_items, v_rate * p_multipliers[v_tier]::numeric, p_rounding, p_per);
    ELSE
      v_exact := p_amount_minor * v_rate;
      v_base := app.earning_round_v1(v_exact, p_rounding);
      v_exact := v_exact * p_multipliers[v_tier]::numeric;
      v_points := app.earning_round_v1(v_exact, p_rounding);
    END IF;
    v_explanation := jsonb_build_object('rule', p_rule, 'amount_minor', p_amount_minor, 'currency', p_currency,
      'unit', p_unit::text, 'factor', p_factor, 'multiplier', p_multipliers[v_tier], 'tier', p_tiers[v_tier],
      'rounding', p_rounding, 'per', p_per, 'items', p_items, 'points', v_points, 'base', v_base, 'period', p_period);
  ELSE
    v_base := CASE WHEN p_qualifies THEN p_points ELSE 0 END;
    v_points := p_points;
    v_explanation := jsonb_build_object('rule', p_rule, 'note', p_note, 'points', v_points, 'base', v_base, 'period', p_period);
  END IF;
  IF v_points < 0 OR a.posted + v_points > 9007199254740991 THEN
    PERFORM app.refuse('points_out_of_range', jsonb_build_object('points', v_points));
  END IF;
  v_after := v_before + v_base;
  v_tier_after := greatest(width_bucket(v_after, p_thresholds), 1);
  v_settled := least(a.debt, v_points);
  answer := jsonb_build_object('transaction_id', p_txn, 'points', v_points, 'base', v_base, 'settled', v_settled,
    'posted', a.posted + v_points, 'held', a.held, 'expires_on', nullif(p_expires_on, DATE '9999-12-31'),
    'tier_before', p_tiers[v_tier], 'tier', p_tiers[v_tier_after], 'qualifying', v_after,
    'next_tier', p_tiers[v_tier_after + 1], 'missing', p_thresholds[v_tier_after + 1] - v_after);
  replayed := false;
  IF p_dry THEN RETURN; END IF;

  INSERT INTO app.ledger_txn (tenant_id, id, account_id, kind, points, balance_after, occurred_at, parameters_version,
                              source, event_id, idempotency_key, fingerprint, explanation, answer)
    VALUES (p_tenant, p_txn, p_account, 'earn', v_points, a.posted + v_points, p_occurred_at, p_version,
            p_source, p_event, p_key, p_fingerprint, v_explanation, answer)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    answer := app.ledger_replay_v1(p_tenant, p_key, p_source, p_event, p_fingerprint);
    IF answer IS NULL THEN PERFORM app.refuse('transaction_exists'); END IF;
    replayed := true;
    RETURN;
  END IF;
  IF a.closed_at IS NOT NULL THEN PERFORM app.refuse('account_closed'); END IF;

  IF v_points > 0 THEN
    UPDATE app.ledger_account SET posted = posted + v_points, debt = debt - v_settled
     WHERE tenant_id = p_tenant AND id = p_account;
    INSERT INTO app.ledger_entry (tenant_id, txn_id, account_id, amount)
      VALUES (p_tenant, p_txn, p_account, v_points), (p_tenant, p_txn, app.ledger_system_v1('issued'), -v_points);
    IF v_points > v_settled THEN
      INSERT INTO app.ledger_lot (tenant_id, account_id, expires_on, lot, remaining)
        VALUES (p_tenant, p_account, p_expires_on, p_txn, v_points - v_settled);
      INSERT INTO app.ledger_lot_move (tenant_id, txn_id, lot, expires_on, points)
        VALUES (p_tenant, p_txn, p_txn, p_expires_on, v_points - v_settled);
    END IF;
    IF v_settled > 0 THEN
      INSERT INTO app.ledger_lot_move (tenant_id, txn_id, lot, expires_on, points)
        VALUES (p_tenant, p_txn, '00000000-0000-0000-0000-000000000000', DATE '9999-12-31', v_settled);
    END IF;
  END IF;
  IF v_base > 0 THEN PERFORM app.tiers_add_v1(p_tenant, p_account, p_period, v_base); END IF;
  IF p_member IS NOT NULL THEN
    PERFORM app.earning_announce_v1(p_tenant, p_member, p_occurred_at, answer);
  END IF;
END $$;

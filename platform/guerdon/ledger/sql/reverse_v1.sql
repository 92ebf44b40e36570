-- Take back a credit, p_due points of it (null: all that is left), cumulatively never more than it
-- gave. What of it has expired is not taken again. Its own lot pays first, then the lots that
-- expire first; what is then missing becomes debt down to -p_floor (null: without limit), and
-- what the floor forbids stays uncollected and is recorded as such.
CREATE FUNCTION app.ledger_reverse_v1(
  p_tenant uuid, p_txn uuid, p_original uuid, p_due bigint, p_floor bigint,
  p_source text, p_event text, p_key text, p_fingerprint bytea, p_explanation jsonb,
  p_now timestamptz, p_today date, OUT answer jsonb, OUT replayed boolean
) LANGUAGE plpgsql AS $$
DECLARE
  o record;
  a record;
  k record;
  v_due bigint;
  v_due_before bigint;
  v_claimed_before bigint;
  v_gone bigint;
  v_claim bigint;
  v_short bigint;
  v_debt bigint;
  v_points bigint;
BEGIN
  SELECT account_id, kind, points, parameters_version INTO o FROM app.ledger_txn
   WHERE tenant_id = p_tenant AND id = p_original;
  IF NOT FOUND THEN PERFORM app.refuse('transaction_not_found'); END IF;
  PERFORM FROM app.ledger_account WHERE tenant_id = p_tenant AND id = o.account_id FOR NO KEY UPDATE;
  answer := app.ledger_replay_v1(p_tenant, p_key, p_source, p_event, p_fingerprint);
  replayed := answer IS NOT NULL;
  IF replayed THEN RETURN; END IF;
  IF o.kind NOT IN ('earn', 'adjust') OR o.points < 0 THEN
    PERFORM app.refuse('not_reversible', jsonb_build_object('kind', o.kind));
  END IF;
  PERFORM app.ledger_expire_accounts_v1(p_tenant, ARRAY[o.account_id], o.parameters_version, p_now, p_today);
  SELECT posted, held, debt INTO a FROM app.ledger_account WHERE tenant_id = p_tenant AND id = o.account_id;

  SELECT coalesce(sum((r.explanation->>'due')::bigint), 0),
         coalesce(sum((r.explanation->>'claimed')::bigint), 0)
    INTO v_due_before, v_claimed_before
    FROM app.ledger_txn r WHERE r.tenant_id = p_tenant AND r.reverses = p_original AND r.kind = 'reverse';
  v_due := coalesce(p_due, o.points - v_due_before);
  IF v_due < 0 OR v_due > o.points - v_due_before OR (p_due IS NULL AND v_due = 0 AND o.points > 0) THEN
    PERFORM app.refuse('more_than_remains', jsonb_build_object('points', v_due, 'remains', o.points - v_due_before));
  END IF;
  SELECT coalesce(-sum(m.points), 0) INTO v_gone
    FROM app.ledger_txn x JOIN app.ledger_lot_move m ON m.tenant_id = x.tenant_id AND m.txn_id = x.id
   WHERE x.tenant_id = p_tenant AND x.account_id = o.account_id AND x.kind = 'expire'
     AND m.tenant_id = p_tenant AND m.lot = p_original;
  v_claim := greatest(least(v_due_before + v_due, o.points - v_gone) - v_claimed_before, 0);

  SELECT * INTO k FROM app.ledger_take_v1(p_tenant, o.account_id, v_claim, p_today, p_original);
  v_short := v_claim - k.taken;
  v_debt := CASE WHEN p_floor IS NULL THEN v_short ELSE least(v_short, greatest(p_floor - a.debt, 0)) END;
  IF v_debt > 0 THEN
    k.lots := k.lots || '00000000-0000-0000-0000-000000000000'::uuid;
    k.expires := k.expires || DATE '9999-12-31';
    k.points := k.points || -v_debt;
  END IF;
  v_points := -(k.taken + v_debt);
  UPDATE app.ledger_account SET posted = posted + v_points, debt = debt + v_debt
   WHERE tenant_id = p_tenant AND id = o.account_id;
  answer := jsonb_build_object('transaction_id', p_txn, 'points', v_points, 'due', v_due,
    'uncollected', v_short - v_debt, 'posted', a.posted + v_points, 'held', a.held);
  IF NOT app.ledger_record_v1(p_tenant, p_txn, o.account_id, 'reverse', v_points, a.posted + v_points,
           app.ledger_system_v1('issued'), p_now, o.parameters_version, p_source, p_event, p_key, p_fingerprint,
           p_original, NULL,
           p_explanation || jsonb_build_object('due', v_due, 'claimed', v_claim, 'expired', v_gone,
                                               'debt', v_debt, 'uncollected', v_short - v_debt),
           answer, k.lots, k.expires, k.points) THEN
    PERFORM app.refuse('idempotency_key_reused');
  END IF;
END $$;

-- Place a redemption: everything or nothing, in one round trip.
-- Order of locks: key -> quote -> account and its lots -> new rows -> stock last, since that is
-- what many wait for. p_direct is a quote made and taken at once; p_quote is its id either way.
-- A refusal undoes the key too, so that it is evaluated again; a committed answer is replayed.
CREATE FUNCTION app.redemption_place_v1(
  p_ctx text, p_id uuid, p_number text, p_member uuid, p_quote uuid, p_direct jsonb,
  p_ship_to jsonb, p_language text, p_return_url text,
  p_principal text, p_key text, p_fingerprint bytea,
  p_now timestamptz, p_today date, p_hold_until timestamptz, p_payment_due timestamptz,
  p_payment_wait_s integer, p_checkout_delay_s integer, p_step uuid, p_message uuid, p_timer uuid,
  p_traceparent text
) RETURNS TABLE (id uuid, number text, state text, points bigint, money_minor bigint, fee_minor bigint,
                 currency text, available bigint, replayed boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_tenant uuid := app.enter(p_ctx);
  q app.quote;
  v_kept record;
  v_line record;
  v_available bigint;
  v_due boolean;
  v_state text;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended(v_tenant::text || '/' || p_principal || '/' || p_key, 0)) THEN
    PERFORM app.refuse('request_in_flight');
  END IF;
  INSERT INTO app.idempotency (tenant_id, principal, key, operation, fingerprint, status, response)
  VALUES (v_tenant, p_principal, p_key, 'redemption.place', p_fingerprint, 201, to_jsonb(p_id))
  ON CONFLICT (tenant_id, principal, key) DO NOTHING;
  IF NOT FOUND THEN
    SELECT i.fingerprint, i.operation, i.response INTO v_kept FROM app.idempotency i
     WHERE i.tenant_id = v_tenant AND i.principal = p_principal AND i.key = p_key;
    IF v_kept.operation <> 'redemption.place' OR v_kept.fingerprint <> p_fingerprint THEN
      PERFORM app.refuse('idempotency_key_reused', '{"field": "Idempotency-Key"}');
    END IF;
    RETURN QUERY
      SELECT r.id, r.number, CASE WHEN r.money_leg = 'none' THEN 'authorised' ELSE 'held' END,
             r.points, r.money_minor, r.fee_minor, r.currency, NULL::bigint, true
        FROM app.redemption r WHERE r.tenant_id = v_tenant AND r.id = (v_kept.response #>> '{}')::uuid;
    RETURN;
  END IF;

  IF p_direct IS NOT NULL THEN
    IF p_direct ->> 'points' IS DISTINCT FROM p_direct ->> 'expected_points' THEN
      PERFORM app.refuse('price_changed', jsonb_build_object('field', 'expectedPoints',
        'expected', (p_direct ->> 'expected_points')::bigint, 'actual', (p_direct ->> 'points')::bigint));
    END IF;
    INSERT INTO app.quote (tenant_id, id, member_id, account_id, supplier, points, money_minor, fee_minor,
                           currency, parameters_version, tier, ships, lines, created_at, expires_at, redemption_id)
    SELECT v_tenant, p_quote, p_member, d.account_id, d.supplier, d.points, d.money_minor, d.fee_minor,
           d.currency, d.parameters_version, d.tier, d.ships, d.lines, p_now, d.expires_at, p_id
      FROM jsonb_to_record(p_direct) AS d (account_id uuid, supplier text, points bigint, money_minor bigint,
             fee_minor bigint, currency text, parameters_version integer, tier text, ships boolean,
             lines jsonb, expires_at timestamptz)
    RETURNING * INTO q;
  ELSE
    UPDATE app.quote u SET redemption_id = p_id
     WHERE u.tenant_id = v_tenant AND u.id = p_quote AND u.member_id = p_member
       AND u.redemption_id IS NULL AND u.expires_at > p_now
    RETURNING * INTO q;
    IF NOT FOUND THEN
      SELECT * INTO q FROM app.quote u
       WHERE u.tenant_id = v_tenant AND u.id = p_quote AND u.member_id = p_member;
      IF NOT FOUND THEN PERFORM app.refuse('quote_unknown', '{"field": "quoteId"}'); END IF;
      IF q.redemption_id IS NOT NULL THEN PERFORM app.refuse('quote_used', '{"field": "quoteId"}'); END IF;
      PERFORM app.refuse('quote_expired', '{"field": "quoteId"}');
    END IF;
  END IF;
  IF q.ships AND p_ship_to IS NULL THEN
    PERFORM app.refuse('address_missing', '{"field": "addressId"}');
  END IF;

  IF q.points > 0 THEN
    v_available := app.ledger_hold_v1(v_tenant, p_id, q.account_id, q.points, 'redemption',
                                      p_hold_until, q.parameters_version, p_now, p_today);
  END IF;

  v_due := q.money_minor + q.fee_minor > 0;
  v_state := CASE WHEN v_due THEN 'held' ELSE 'authorised' END;
  INSERT INTO app.redemption (tenant_id, id, number, member_id, account_id, quote_id, supplier, points,
      money_minor, fee_minor, currency, parameters_version, state, points_leg, money_leg, order_leg,
      stock_leg, ship_to, language, return_url, payment_due_at, placed_at)
  VALUES (v_tenant, p_id, p_number, q.member_id, q.account_id, q.id, q.supplier, q.points,
      q.money_minor, q.fee_minor, q.currency, q.parameters_version, v_state,
      CASE WHEN q.points > 0 THEN 'held' ELSE 'none' END,
      CASE WHEN v_due THEN 'due' ELSE 'none' END, 'none',
      'reserved',
      CASE WHEN q.ships THEN p_ship_to END, p_language, p_return_url,
      CASE WHEN v_due THEN p_payment_due END, p_now);
  INSERT INTO app.redemption_line (tenant_id, redemption_id, line, variant_id, sku, supplier_sku, offer, title, picture, quantity,
      points, money_minor, cost_minor, cost_currency, fx_rate)
  SELECT v_tenant, p_id, l.line, l.variant_id, l.sku, l.supplier_sku, l.offer, l.title, l.picture, l.quantity,
         l.points, l.money_minor, l.cost_minor, l.cost_currency, l.fx_rate
    FROM jsonb_to_recordset(q.lines) AS l (line smallint, variant_id uuid, sku text, supplier_sku text, offer text, title jsonb, picture text,
         quantity integer, points bigint, money_minor bigint, cost_minor bigint, cost_currency text,
         fx_rate numeric);
  INSERT INTO app.redemption_step (tenant_id, redemption_id, id, kind, detail, occurred_at)
  VALUES (v_tenant, p_id, p_step, 'placed', jsonb_build_object('points', q.points, 'money', q.money_minor + q.fee_minor), p_now);
  PERFORM app.outbox_put_v1(v_tenant, p_message,
    CASE WHEN v_due THEN 'redemption.checkout' ELSE 'redemption.order' END, 'money',
    jsonb_build_object('redemption_id', p_id), CASE WHEN v_due THEN p_checkout_delay_s ELSE 0 END, p_traceparent);
  IF v_due THEN
    PERFORM app.outbox_put_v1(v_tenant, p_timer, 'redemption.payment_due', 'money',
      jsonb_build_object('redemption_id', p_id), p_payment_wait_s, p_traceparent);
  END IF;

  FOR v_line IN SELECT (l.value ->> 'variant_id')::uuid AS variant, (l.value ->> 'quantity')::integer AS quantity
                  FROM jsonb_array_elements(q.lines) l ORDER BY 1 LOOP
    PERFORM app.catalogue_reserve_v1(v_tenant, v_line.variant, v_line.quantity, p_now);
  END LOOP;
  RETURN QUERY SELECT p_id, p_number, v_state, q.points, q.money_minor, q.fee_minor, q.currency, v_available, false;
END $$;

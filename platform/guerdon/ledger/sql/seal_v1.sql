-- What a transaction says, as 32 bytes: its columns, entries and movements in a fixed form.
CREATE FUNCTION app.ledger_digest_v1(p_tenant uuid, p_txn uuid) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(concat_ws('|',
      t.tenant_id, t.id, t.account_id, t.kind, t.points, t.balance_after,
      extract(epoch FROM t.occurred_at), extract(epoch FROM t.recorded_at), t.parameters_version,
      coalesce(quote_literal(t.source), '-'), coalesce(quote_literal(t.event_id), '-'),
      coalesce(quote_literal(t.idempotency_key), '-'), coalesce(encode(t.fingerprint, 'hex'), '-'),
      coalesce(t.reverses::text, '-'), coalesce(t.hold_id::text, '-'),
      t.explanation::text, coalesce(t.answer::text, '-'),
      (SELECT string_agg(e.account_id || ':' || e.amount, ',' ORDER BY e.account_id)
         FROM app.ledger_entry e WHERE e.tenant_id = p_tenant AND e.txn_id = t.id),
      (SELECT string_agg(m.lot || ':' || to_char(m.expires_on, 'YYYY-MM-DD') || ':' || m.points, ',' ORDER BY m.lot, m.expires_on)
         FROM app.ledger_lot_move m WHERE m.tenant_id = p_tenant AND m.txn_id = t.id)), 'UTF8'))
    FROM app.ledger_txn t WHERE t.tenant_id = p_tenant AND t.id = p_txn $$;

-- The digests of transactions one after the other, in the order of the list. One that is not there
-- counts as 32 zero bytes.
CREATE FUNCTION app.ledger_digests_v1(p_tenant uuid, p_txns uuid[]) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT string_agg(coalesce(app.ledger_digest_v1(p_tenant, u.txn), decode(repeat('00', 32), 'hex')), ''::bytea ORDER BY u.n)
    FROM unnest(p_txns) WITH ORDINALITY AS u(txn, n) $$;

-- Seal up to p_limit transactions that are not sealed yet, oldest first. Ids sort by time, so
-- all that is new lies above the highest sealed one; p_overlap below it catches transactions that
-- took their id earlier and committed later. Returns how many were sealed. Two sealers at once: the
-- second finds the number taken and seals nothing.
CREATE FUNCTION app.ledger_seal_v1(p_tenant uuid, p_limit integer, p_overlap interval) RETURNS integer
  LANGUAGE plpgsql AS $$
DECLARE
  s record;
  v_from uuid := '00000000-0000-0000-0000-000000000000';
  v_previous bytea := decode(repeat('00', 32), 'hex');
  v_txns uuid[];
  v_digests bytea;
BEGIN
  SELECT seq, hash, upto INTO s FROM app.ledger_seal WHERE tenant_id = p_tenant ORDER BY seq DESC LIMIT 1;
  IF FOUND THEN
    v_from := app.ledger_id_below_v1(s.upto, p_overlap);
    v_previous := s.hash;
  END IF;
  SELECT array_agg(d.id ORDER BY d.id) INTO v_txns FROM (
    SELECT t.id FROM app.ledger_txn t
     WHERE t.tenant_id = p_tenant AND t.id >= v_from
       AND t.id NOT IN (SELECT unnest(x.txns) FROM app.ledger_seal x WHERE x.tenant_id = p_tenant AND x.upto >= v_from)
     ORDER BY t.id LIMIT p_limit) d;
  IF v_txns IS NULL THEN RETURN 0; END IF;
  v_digests := app.ledger_digests_v1(p_tenant, v_txns);
  INSERT INTO app.ledger_seal (tenant_id, seq, previous, hash, txns, digests, upto)
    VALUES (p_tenant, coalesce(s.seq, 0) + 1, v_previous, sha256(v_previous || v_digests), v_txns, v_digests,
            greatest(s.upto, v_txns[cardinality(v_txns)]))
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 0; END IF;
  RETURN cardinality(v_txns);
END $$;

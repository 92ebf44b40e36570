-- Adds one entry to the tenant's chain. The head row is the lock: entries of a tenant are written
-- one after the other, and each hash covers the one before it.
CREATE FUNCTION app.audit_append_v1(
  p_tenant uuid, p_occurred_at timestamptz, p_actor text, p_action text, p_subject text,
  p_summary jsonb, p_address text, p_request_id text
) RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_seq bigint;
  v_previous bytea;
  v_hash bytea;
BEGIN
  INSERT INTO app.audit_head (tenant_id, seq, hash)
  VALUES (p_tenant, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
  SELECT h.seq + 1, h.hash INTO v_seq, v_previous
    FROM app.audit_head h WHERE h.tenant_id = p_tenant FOR UPDATE;
  v_hash := sha256(v_previous || convert_to(concat_ws(E'\x1f',
    p_tenant::text, v_seq::text, (extract(epoch FROM p_occurred_at) * 1000000)::bigint::text,
    p_actor, p_action, p_subject, p_summary::text, p_address, p_request_id), 'UTF8'));
  INSERT INTO app.audit_entry (tenant_id, seq, occurred_at, actor, action, subject, summary,
                               address, request_id, previous, hash)
  VALUES (p_tenant, v_seq, p_occurred_at, p_actor, p_action, p_subject, p_summary,
          p_address, p_request_id, v_previous, v_hash);
  UPDATE app.audit_head h SET seq = v_seq, hash = v_hash WHERE h.tenant_id = p_tenant;
  RETURN v_seq;
END $$;
GRANT EXECUTE ON FUNCTION app.audit_append_v1(uuid, timestamptz, text, text, text, jsonb, text, text)
  TO guerdon_app, guerdon_worker;

-- Expire up to p_limit holds whose time is over, in the order of their accounts. Returns their ids.
CREATE FUNCTION app.ledger_expire_holds_v1(
  p_tenant uuid, p_grace_days integer, p_now timestamptz, p_today date, p_limit integer
) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
  h record;
  v_done uuid[] := '{}';
BEGIN
  FOR h IN SELECT d.id, d.account_id FROM (
             SELECT id, account_id FROM app.ledger_hold
              WHERE tenant_id = p_tenant AND state = 'pending' AND expires_at <= p_now
              ORDER BY expires_at LIMIT p_limit) d
           ORDER BY d.account_id, d.id LOOP
    PERFORM FROM app.ledger_account WHERE tenant_id = p_tenant AND id = h.account_id FOR NO KEY UPDATE;
    -- Whoever held the account's lock may have resolved this hold.
    IF EXISTS (SELECT FROM app.ledger_hold WHERE tenant_id = p_tenant AND id = h.id AND state = 'pending') THEN
      PERFORM app.ledger_void_hold_v1(p_tenant, h.id, 'expired', p_grace_days, p_now, p_today);
      v_done := v_done || h.id;
    END IF;
  END LOOP;
  RETURN v_done;
END $$;

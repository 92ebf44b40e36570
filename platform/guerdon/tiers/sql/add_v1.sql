-- Count points towards a tier in a period (a calendar year, or 0 for the whole life). Returns what
-- the period has after it. The caller holds the lock on the account.
CREATE FUNCTION app.tiers_add_v1(p_tenant uuid, p_account uuid, p_period integer, p_points bigint) RETURNS bigint
  LANGUAGE plpgsql AS $$
DECLARE
  v_after bigint;
BEGIN
  INSERT INTO app.tier_standing AS s (tenant_id, account_id, period, qualifying)
    VALUES (p_tenant, p_account, p_period, p_points)
  ON CONFLICT (tenant_id, account_id, period) DO UPDATE SET qualifying = s.qualifying + excluded.qualifying
  RETURNING qualifying INTO v_after;
  RETURN v_after;
END $$;

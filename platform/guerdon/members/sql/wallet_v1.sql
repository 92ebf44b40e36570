-- The member and the wallet behind an id, the brand's own id or a member number; refused if there
-- is none. Part of statements that must not spend a round trip on finding out.
CREATE FUNCTION app.member_wallet_v1(
  p_tenant uuid, p_id uuid, p_external_id text, p_number text, OUT member_id uuid, OUT account_id uuid
) LANGUAGE plpgsql AS $$
BEGIN
  IF p_id IS NOT NULL THEN
    SELECT m.id, m.account_id INTO member_id, account_id FROM app.member m
     WHERE m.tenant_id = p_tenant AND m.id = p_id AND m.status <> 'erased';
  ELSIF p_external_id IS NOT NULL THEN
    SELECT m.id, m.account_id INTO member_id, account_id FROM app.member m
     WHERE m.tenant_id = p_tenant AND m.external_id = p_external_id;
  ELSE
    SELECT m.id, m.account_id INTO member_id, account_id FROM app.member m
     WHERE m.tenant_id = p_tenant AND m.number = p_number;
  END IF;
  IF member_id IS NULL THEN PERFORM app.refuse('member_not_found', '{"field": "member"}'); END IF;
END $$;

-- The other side of every posting. System accounts are the same ids in every tenant, have no row
-- and no balance: their balance is the sum of their entries, so nobody waits for them.
CREATE FUNCTION app.ledger_system_v1(p_name text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT CASE p_name
     WHEN 'issued'   THEN '00000000-0000-8000-8000-000000000001'::uuid
     WHEN 'redeemed' THEN '00000000-0000-8000-8000-000000000002'::uuid
     WHEN 'expired'  THEN '00000000-0000-8000-8000-000000000003'::uuid
     WHEN 'adjusted' THEN '00000000-0000-8000-8000-000000000004'::uuid END $$;

-- The lowest time-ordered id that is p_back older than p_id.
CREATE FUNCTION app.ledger_id_below_v1(p_id uuid, p_back interval) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT encode(substring(int8send(greatest(
            ('x' || lpad(left(replace(p_id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint
            - floor(extract(epoch FROM p_back) * 1000)::bigint, 0)) from 3)
          || decode(repeat('00', 10), 'hex'), 'hex')::uuid $$;

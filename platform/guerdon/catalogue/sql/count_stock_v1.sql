-- States how many pieces of a variant there are: the count is spread over slots that buyers
-- contend for, one slot for small counts. Returns what was on hand before.
CREATE FUNCTION app.catalogue_count_stock_v1(p_tenant uuid, p_variant uuid, p_on_hand integer)
  RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  v_before bigint := 0;
  v_slots integer := CASE WHEN p_on_hand < 64 THEN 1 ELSE 16 END;
  v_slot record;
BEGIN
  IF p_on_hand < 0 THEN
    RAISE EXCEPTION 'stock is not negative' USING ERRCODE = '22023';
  END IF;
  FOR v_slot IN
    SELECT s.slot, s.on_hand FROM app.product_stock s
     WHERE s.tenant_id = p_tenant AND s.variant_id = p_variant
     ORDER BY s.slot
       FOR NO KEY UPDATE
  LOOP
    v_before := v_before + v_slot.on_hand;
  END LOOP;
  INSERT INTO app.product_stock AS t (tenant_id, variant_id, slot, on_hand)
  SELECT p_tenant, p_variant, n,
         CASE WHEN n < v_slots
              THEN p_on_hand / v_slots + CASE WHEN n < p_on_hand % v_slots THEN 1 ELSE 0 END
              ELSE 0 END
    FROM generate_series(0, greatest(v_slots - 1,
           coalesce((SELECT max(s.slot) FROM app.product_stock s
                      WHERE s.tenant_id = p_tenant AND s.variant_id = p_variant), 0))) AS n
  ON CONFLICT (tenant_id, variant_id, slot) DO UPDATE SET on_hand = excluded.on_hand;
  RETURN v_before;
END $$;
GRANT EXECUTE ON FUNCTION app.catalogue_count_stock_v1(uuid, uuid, integer) TO guerdon_app, guerdon_worker;

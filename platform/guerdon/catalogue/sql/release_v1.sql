-- Puts p_quantity pieces back; the caller's own state sees to it that this happens once. Also for
-- variants that are not offered any more: what came back is there.
CREATE FUNCTION app.catalogue_release_v1(p_tenant uuid, p_variant uuid, p_quantity integer)
  RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  v_unlimited boolean;
  v_slot smallint;
BEGIN
  IF p_quantity < 1 THEN
    RAISE EXCEPTION 'a quantity is at least one' USING ERRCODE = '22023';
  END IF;
  SELECT v.unlimited INTO v_unlimited FROM app.product_variant v
   WHERE v.tenant_id = p_tenant AND v.id = p_variant;
  IF NOT FOUND THEN
    PERFORM app.refuse('not_found', jsonb_build_object('field', 'variant'));
  ELSIF v_unlimited THEN
    RETURN;
  END IF;
  SELECT s.slot INTO v_slot FROM app.product_stock s
   WHERE s.tenant_id = p_tenant AND s.variant_id = p_variant
   ORDER BY s.on_hand, s.slot
   LIMIT 1
     FOR NO KEY UPDATE SKIP LOCKED;
  INSERT INTO app.product_stock AS t (tenant_id, variant_id, slot, on_hand)
       VALUES (p_tenant, p_variant, coalesce(v_slot, 0), p_quantity)
  ON CONFLICT (tenant_id, variant_id, slot) DO UPDATE SET on_hand = t.on_hand + excluded.on_hand;
END $$;
GRANT EXECUTE ON FUNCTION app.catalogue_release_v1(uuid, uuid, integer) TO guerdon_app, guerdon_worker;

-- Takes p_quantity pieces of a variant out of stock, or refuses. Called last in a transaction that
-- holds every other lock; several variants are taken in the order of their ids.
-- Refusals: not_found, product_unavailable {slug}, out_of_stock {sku, left}.
CREATE OR REPLACE FUNCTION app.catalogue_reserve_v1(p_tenant uuid, p_variant uuid, p_quantity integer, p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  v_unlimited boolean;
  v_offered boolean;
  v_sku text;
  v_slug text;
  v_left integer := p_quantity;
  v_slot record;
BEGIN
  IF p_quantity < 1 THEN
    RAISE EXCEPTION 'a quantity is at least one' USING ERRCODE = '22023';
  END IF;
  SELECT v.unlimited, v.sku, p.slug,
         v.active AND p.status = 'published' AND p.valid_from <= p_now
           AND (p.valid_to IS NULL OR p_now < p.valid_to)
    INTO v_unlimited, v_sku, v_slug, v_offered
    FROM app.product_variant v
    JOIN app.product p ON p.tenant_id = v.tenant_id AND p.id = v.product_id
   WHERE v.tenant_id = p_tenant AND v.id = p_variant;
  IF NOT FOUND THEN
    PERFORM app.refuse('not_found', jsonb_build_object('field', 'variant'));
  ELSIF NOT v_offered THEN
    PERFORM app.refuse('product_unavailable', jsonb_build_object('slug', v_slug));
  ELSIF v_unlimited THEN
    RETURN;
  END IF;

  -- The usual case: some slot that nobody else holds has enough. The fullest goes first, so that
  -- the slots empty evenly. A slot is locked before it is seen whether it still has enough; where
  -- none has, the block gives back what it locked on the way, for the wait below goes in order.
  BEGIN
    UPDATE app.product_stock t
       SET on_hand = t.on_hand - p_quantity
     WHERE t.tenant_id = p_tenant AND t.variant_id = p_variant AND t.on_hand >= p_quantity
       AND t.slot = (SELECT s.slot FROM app.product_stock s
                      WHERE s.tenant_id = p_tenant AND s.variant_id = p_variant
                        AND s.on_hand >= p_quantity
                      ORDER BY s.on_hand DESC, s.slot
                      LIMIT 1
                        FOR NO KEY UPDATE SKIP LOCKED);
    IF FOUND THEN
      RETURN;
    END IF;
    RAISE EXCEPTION 'no slot at once' USING ERRCODE = 'GU002';
  EXCEPTION WHEN SQLSTATE 'GU002' THEN
    NULL;
  END;

  -- Few are left, or others hold them: wait for each slot in turn and take from several. Who
  -- waited reads what the others left.
  FOR v_slot IN
    SELECT s.slot, s.on_hand FROM app.product_stock s
     WHERE s.tenant_id = p_tenant AND s.variant_id = p_variant AND s.on_hand > 0
     ORDER BY s.slot
       FOR NO KEY UPDATE
  LOOP
    UPDATE app.product_stock t
       SET on_hand = t.on_hand - least(v_left, v_slot.on_hand)
     WHERE t.tenant_id = p_tenant AND t.variant_id = p_variant AND t.slot = v_slot.slot;
    v_left := v_left - least(v_left, v_slot.on_hand);
    EXIT WHEN v_left = 0;
  END LOOP;
  IF v_left > 0 THEN
    PERFORM app.refuse('out_of_stock',
      jsonb_build_object('sku', v_sku, 'left', p_quantity - v_left, 'field', 'quantity'));
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION app.catalogue_reserve_v1(uuid, uuid, integer, timestamptz) TO guerdon_app, guerdon_worker;

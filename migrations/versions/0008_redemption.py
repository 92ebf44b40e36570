"""Redemption: quotes, the journey with its legs, lines, refunds, parcels; the queue's functions."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

QUEUE = """
DROP INDEX app.outbox_due;
CREATE INDEX outbox_due ON app.outbox (tenant_id, next_at) WHERE done_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_done ON app.outbox (tenant_id, done_at) WHERE done_at IS NOT NULL;
CREATE POLICY relay_schedule ON app.outbox AS PERMISSIVE FOR INSERT TO guerdon_relay WITH CHECK (true);
GRANT INSERT (tenant_id, id, topic, queue, payload, next_at) ON app.outbox TO guerdon_relay;
"""

QUEUE_GRANTS = """
GRANT EXECUTE ON FUNCTION app.outbox_take_v1(text, uuid, integer),
  app.outbox_put_v1(uuid, uuid, text, text, jsonb, integer, text) TO guerdon_app, guerdon_worker;
GRANT EXECUTE ON FUNCTION ctl.outbox_ring_v1(text[], integer[], integer, double precision),
  ctl.schedule_declare_v1(text, text, text, integer), ctl.schedule_retire_v1(text[]),
  ctl.schedule_take_v1(), ctl.schedule_fire_v1(), ctl.open_tenants_v1() TO guerdon_relay;
"""

TABLES = """
-- What the member was promised: points, money and everything that led there, until it expires.
CREATE TABLE app.quote (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  member_id uuid NOT NULL,
  account_id uuid NOT NULL,
  supplier text NOT NULL,
  points bigint NOT NULL CHECK (points >= 0),
  money_minor bigint NOT NULL CHECK (money_minor >= 0),
  fee_minor bigint NOT NULL CHECK (fee_minor >= 0),
  currency text NOT NULL CHECK (length(currency) = 3),
  parameters_version integer NOT NULL,
  tier text,
  ships boolean NOT NULL,
  lines jsonb NOT NULL CHECK (jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) BETWEEN 1 AND 20),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
  redemption_id uuid,
  PRIMARY KEY (tenant_id, id),
  CHECK (points > 0 OR money_minor > 0),
  CHECK (money_minor > 0 OR fee_minor = 0)) WITH (fillfactor = 80);
CREATE INDEX quote_expiry ON app.quote (tenant_id, expires_at);
CALL app_private.protect('app.quote', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, DELETE');

-- The journey: one row, one state, and how far each leg got. `reason` tells why it ended early.
CREATE TABLE app.redemption (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL CHECK (length(number) BETWEEN 6 AND 20),
  member_id uuid NOT NULL,
  account_id uuid NOT NULL,
  quote_id uuid NOT NULL,
  supplier text NOT NULL,
  points bigint NOT NULL CHECK (points >= 0),
  money_minor bigint NOT NULL CHECK (money_minor >= 0),
  fee_minor bigint NOT NULL CHECK (fee_minor >= 0),
  currency text NOT NULL,
  parameters_version integer NOT NULL,
  state text NOT NULL CHECK (state IN ('held','awaiting_payment','authorised','ordered','confirmed',
    'shipped','delivered','settled','refused','cancelled','expired','returned')),
  points_leg text NOT NULL CHECK (points_leg IN ('none','held','posted','voided')),
  money_leg text NOT NULL CHECK (money_leg IN ('none','due','open','authorised','capturing','captured','releasing','released')),
  order_leg text NOT NULL CHECK (order_leg IN ('none','sending','placed','refused')),
  stock_leg text NOT NULL CHECK (stock_leg IN ('reserved','taken','released')),
  reason text,
  attention text,
  ship_to jsonb,
  language text NOT NULL,
  return_url text,
  payment_reference text,
  payment_url text,
  payment_due_at timestamptz,
  captured_minor bigint NOT NULL DEFAULT 0 CHECK (captured_minor >= 0),
  supplier_charge_minor bigint,
  supplier_charge_currency text,
  supplier_reference text,
  pickup_code text,
  delivery_from timestamptz,
  delivery_to timestamptz,
  placed_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT redemption_number UNIQUE (tenant_id, number),
  CONSTRAINT redemption_quote UNIQUE (tenant_id, quote_id),
  CONSTRAINT redemption_points_leg CHECK ((points = 0) = (points_leg = 'none')),
  CONSTRAINT redemption_money_leg CHECK ((money_minor + fee_minor = 0) = (money_leg = 'none')),
  CONSTRAINT redemption_captured CHECK (captured_minor <= money_minor + fee_minor
    AND (captured_minor > 0) = (money_leg = 'captured')),
  CONSTRAINT redemption_confirmed CHECK (state NOT IN ('confirmed','shipped','delivered','settled','returned')
    OR (points_leg IN ('none','posted') AND order_leg = 'placed' AND stock_leg = 'taken'
        AND money_leg IN ('none','capturing','captured') AND confirmed_at IS NOT NULL)),
  CONSTRAINT redemption_settled CHECK (state <> 'settled' OR money_leg IN ('none','captured')),
  CONSTRAINT redemption_ended CHECK (state NOT IN ('refused','cancelled','expired')
    OR (points_leg IN ('none','voided') AND order_leg IN ('none','refused') AND stock_leg = 'released'
        AND money_leg IN ('none','due','releasing','released') AND ended_at IS NOT NULL)),
  CONSTRAINT redemption_open CHECK (state NOT IN ('held','awaiting_payment','authorised','ordered')
    OR (points_leg IN ('none','held') AND stock_leg = 'reserved'))) WITH (fillfactor = 75);
CREATE INDEX redemption_member ON app.redemption (tenant_id, member_id, placed_at DESC, id);
CREATE INDEX redemption_open_state ON app.redemption (tenant_id, state)
  WHERE state NOT IN ('settled','refused','cancelled','expired','returned');
CALL app_private.protect('app.redemption', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE');

CREATE FUNCTION app.redemption_may_move() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT (NEW.state = ANY (CASE OLD.state
    WHEN 'held' THEN ARRAY['awaiting_payment','authorised','refused','cancelled','expired']
    WHEN 'awaiting_payment' THEN ARRAY['authorised','refused','cancelled','expired']
    WHEN 'authorised' THEN ARRAY['ordered','refused','cancelled','expired']
    WHEN 'ordered' THEN ARRAY['confirmed','refused']
    WHEN 'confirmed' THEN ARRAY['shipped','delivered','returned']
    WHEN 'shipped' THEN ARRAY['delivered','returned']
    WHEN 'delivered' THEN ARRAY['settled','returned']
    WHEN 'settled' THEN ARRAY['returned']
    ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'a redemption does not go from % to %', OLD.state, NEW.state USING ERRCODE = '23514';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER redemption_state BEFORE UPDATE OF state ON app.redemption FOR EACH ROW
  WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION app.redemption_may_move();

-- Refunds add up here: never more than was paid, per line, by constraint.
CREATE TABLE app.redemption_line (
  tenant_id uuid NOT NULL,
  redemption_id uuid NOT NULL,
  line smallint NOT NULL,
  variant_id uuid NOT NULL,
  sku text NOT NULL,
  supplier_sku text NOT NULL,
  offer text,
  title jsonb NOT NULL,
  picture text,
  quantity integer NOT NULL CHECK (quantity > 0),
  points bigint NOT NULL CHECK (points >= 0),
  money_minor bigint NOT NULL CHECK (money_minor >= 0),
  cost_minor bigint NOT NULL CHECK (cost_minor >= 0),
  cost_currency text NOT NULL,
  fx_rate numeric NOT NULL CHECK (fx_rate > 0),
  accepted integer CHECK (accepted BETWEEN 0 AND quantity),
  refunded_quantity integer NOT NULL DEFAULT 0,
  refunded_points bigint NOT NULL DEFAULT 0,
  refunded_minor bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, redemption_id, line),
  CONSTRAINT line_redemption FOREIGN KEY (tenant_id, redemption_id) REFERENCES app.redemption (tenant_id, id),
  CONSTRAINT line_refunds CHECK (refunded_quantity BETWEEN 0 AND quantity
    AND refunded_points BETWEEN 0 AND points AND refunded_minor BETWEEN 0 AND money_minor));
CALL app_private.protect('app.redemption_line', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE');

CREATE TABLE app.redemption_step (
  tenant_id uuid NOT NULL,
  redemption_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  detail jsonb NOT NULL DEFAULT '{}',
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, redemption_id, id),
  CONSTRAINT step_redemption FOREIGN KEY (tenant_id, redemption_id) REFERENCES app.redemption (tenant_id, id));
CALL app_private.protect('app.redemption_step', app => 'SELECT, INSERT', worker => 'SELECT, INSERT');

CREATE TABLE app.redemption_refund (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  redemption_id uuid NOT NULL,
  reason text NOT NULL,
  points bigint NOT NULL CHECK (points >= 0),
  money_minor bigint NOT NULL CHECK (money_minor >= 0),
  money_leg text NOT NULL CHECK (money_leg IN ('none','due','done')),
  lines jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT refund_redemption FOREIGN KEY (tenant_id, redemption_id) REFERENCES app.redemption (tenant_id, id),
  CHECK ((money_minor = 0) = (money_leg = 'none')));
CREATE INDEX refund_of ON app.redemption_refund (tenant_id, redemption_id);
CALL app_private.protect('app.redemption_refund', app => 'SELECT, INSERT', worker => 'SELECT, INSERT, UPDATE');

CREATE TABLE app.shipment (
  tenant_id uuid NOT NULL,
  redemption_id uuid NOT NULL,
  reference text NOT NULL,
  state text NOT NULL CHECK (state IN ('preparing','shipped','in_transit','out_for_delivery','delivered','undeliverable','returned')),
  carrier text NOT NULL DEFAULT '',
  tracking_number text NOT NULL DEFAULT '',
  lines jsonb NOT NULL DEFAULT '{}',
  expected_from timestamptz,
  expected_to timestamptz,
  occurred_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, redemption_id, reference),
  CONSTRAINT shipment_redemption FOREIGN KEY (tenant_id, redemption_id) REFERENCES app.redemption (tenant_id, id));
CALL app_private.protect('app.shipment', app => 'SELECT', worker => 'SELECT, INSERT, UPDATE');
"""

GRANTS = """
GRANT EXECUTE ON FUNCTION app.redemption_place_v1(text, uuid, text, uuid, uuid, jsonb, jsonb, text, text,
  text, text, bytea, timestamptz, date, timestamptz, timestamptz, integer, integer, uuid, uuid, uuid, text)
  TO guerdon_app;
"""


def upgrade() -> None:
    op.execute(QUEUE)
    for name in ("outbox_put_v1", "outbox_take_v1", "outbox_ring_v1", "schedule_v1"):
        op.execute(sql_file("guerdon.plumbing", name))
    op.execute(QUEUE_GRANTS)
    op.execute(TABLES)
    op.execute(sql_file("guerdon.redemption", "place_v1"))
    op.execute(GRANTS)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

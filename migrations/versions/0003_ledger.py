"""Ledger: accounts, transactions, entries, lots, holds, seals, adjustment requests."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "ids_v1",
    "replay_v1",
    "record_v1",
    "give_back_v1",
    "take_v1",
    "settle_v1",
    "hold_v1",
    "post_hold_v1",
    "void_hold_v1",
    "expire_holds_v1",
    "expire_lots_v1",
    "adjust_v1",
    "reverse_v1",
    "refund_v1",
    "seal_v1",
)

ACCOUNTS = """
-- A wallet. available = posted - held. What is owed is named, so that nothing but a claw-back can
-- bring posted - held below zero: every other change that tries breaks the check.
CREATE TABLE app.ledger_account (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  posted bigint NOT NULL DEFAULT 0,
  held bigint NOT NULL DEFAULT 0,
  debt bigint NOT NULL DEFAULT 0,
  opened_at timestamptz NOT NULL,
  closed_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ledger_account_held CHECK (held >= 0),
  CONSTRAINT ledger_account_posted CHECK (posted BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT ledger_account_debt CHECK (debt = greatest(held - posted, 0))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CALL app_private.protect('app.ledger_account', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');
"""

TRANSACTIONS = """
CREATE TABLE app.ledger_txn (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  kind text NOT NULL,
  points bigint NOT NULL,
  balance_after bigint NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  parameters_version integer NOT NULL,
  source text,
  event_id text,
  idempotency_key text,
  fingerprint bytea,
  reverses uuid,
  hold_id uuid,
  explanation jsonb NOT NULL,
  answer jsonb,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, reverses) REFERENCES app.ledger_txn (tenant_id, id),
  CONSTRAINT ledger_txn_kind CHECK (kind IN ('earn','redeem','refund','reverse','expire','adjust','settle')),
  CONSTRAINT ledger_txn_points CHECK (points BETWEEN -9007199254740991 AND 9007199254740991),
  CONSTRAINT ledger_txn_event CHECK ((source IS NULL) = (event_id IS NULL)),
  CONSTRAINT ledger_txn_answer CHECK (coalesce(idempotency_key, event_id) IS NULL
                                      OR (fingerprint IS NOT NULL AND answer IS NOT NULL)
                                      OR kind = 'redeem'));
CREATE UNIQUE INDEX ledger_txn_key ON app.ledger_txn (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX ledger_txn_natural_key ON app.ledger_txn (tenant_id, source, event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_txn_hold ON app.ledger_txn (tenant_id, hold_id) WHERE hold_id IS NOT NULL;
CREATE INDEX ledger_txn_history ON app.ledger_txn (tenant_id, account_id, occurred_at, id);
CREATE INDEX ledger_txn_reverses ON app.ledger_txn (tenant_id, reverses) WHERE reverses IS NOT NULL;
CALL app_private.protect('app.ledger_txn', app => 'SELECT, INSERT', worker => 'SELECT, INSERT');

CREATE TABLE app.ledger_entry (
  tenant_id uuid NOT NULL,
  txn_id uuid NOT NULL,
  account_id uuid NOT NULL,
  amount bigint NOT NULL,
  PRIMARY KEY (tenant_id, txn_id, account_id),
  CONSTRAINT ledger_entry_amount CHECK (amount <> 0));
CALL app_private.protect('app.ledger_entry', app => 'SELECT, INSERT', worker => 'SELECT, INSERT');

-- Which lots a transaction filled or emptied. They add up to its points; the nil lot is debt.
CREATE TABLE app.ledger_lot_move (
  tenant_id uuid NOT NULL,
  txn_id uuid NOT NULL,
  lot uuid NOT NULL,
  expires_on date NOT NULL,
  points bigint NOT NULL,
  PRIMARY KEY (tenant_id, txn_id, lot, expires_on),
  CONSTRAINT ledger_lot_move_points CHECK (points <> 0));
CALL app_private.protect('app.ledger_lot_move', app => 'SELECT, INSERT', worker => 'SELECT, INSERT');

-- The entries that one statement writes add up to zero for every transaction: so do all of them,
-- always. Looked at in the statement's own rows, once, however many they are.
CREATE FUNCTION app.ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_txn uuid;
BEGIN
  SELECT w.txn_id INTO v_txn FROM written w GROUP BY w.tenant_id, w.txn_id HAVING sum(w.amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'unbalanced ledger transaction %', v_txn USING ERRCODE = '23514';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER balanced AFTER INSERT ON app.ledger_entry
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION app.ledger_balanced();
"""

LOTS = """
-- Points that can be spent, by their last day (9999-12-31: never) in the programme's zone. `lot` is
-- the transaction that made it. A lot without points is removed: its story is in the movements.
CREATE TABLE app.ledger_lot (
  tenant_id uuid NOT NULL,
  account_id uuid NOT NULL,
  expires_on date NOT NULL,
  lot uuid NOT NULL,
  remaining bigint NOT NULL,
  PRIMARY KEY (tenant_id, account_id, expires_on, lot),
  CONSTRAINT ledger_lot_remaining CHECK (remaining > 0)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX ledger_lot_expiry ON app.ledger_lot (tenant_id, expires_on);
CALL app_private.protect('app.ledger_lot', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, INSERT, UPDATE, DELETE');

-- Points set aside, with the lots they were taken from. A hold is resolved at most once.
CREATE TABLE app.ledger_hold (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  points bigint NOT NULL,
  lots uuid[] NOT NULL,
  lot_expires_on date[] NOT NULL,
  lot_points bigint[] NOT NULL,
  purpose text NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  expires_at timestamptz NOT NULL,
  parameters_version integer NOT NULL,
  placed_at timestamptz NOT NULL,
  resolved_at timestamptz,
  txn_id uuid,
  posted_points bigint,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ledger_hold_points CHECK (points > 0),
  CONSTRAINT ledger_hold_pins CHECK (cardinality(lots) > 0 AND cardinality(lots) = cardinality(lot_expires_on)
                                     AND cardinality(lots) = cardinality(lot_points)),
  CONSTRAINT ledger_hold_state CHECK (state IN ('pending','posted','voided','expired')),
  CONSTRAINT ledger_hold_resolved CHECK ((state = 'pending') = (resolved_at IS NULL)),
  CONSTRAINT ledger_hold_posted CHECK ((state = 'posted') = (txn_id IS NOT NULL) AND (txn_id IS NULL) = (posted_points IS NULL)
                                       AND posted_points BETWEEN 1 AND points)
) WITH (fillfactor = 85);
CREATE INDEX ledger_hold_due ON app.ledger_hold (tenant_id, expires_at) WHERE state = 'pending';
CALL app_private.protect('app.ledger_hold', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

-- What is resolved stays as it is, and what was promised is not rewritten.
CREATE FUNCTION app.ledger_hold_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'pending'
     OR (NEW.tenant_id, NEW.id, NEW.account_id, NEW.points, NEW.lots, NEW.lot_expires_on, NEW.lot_points, NEW.purpose)
        IS DISTINCT FROM
        (OLD.tenant_id, OLD.id, OLD.account_id, OLD.points, OLD.lots, OLD.lot_expires_on, OLD.lot_points, OLD.purpose) THEN
    RAISE EXCEPTION 'hold % is resolved once and keeps its points', OLD.id USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER once BEFORE UPDATE ON app.ledger_hold FOR EACH ROW EXECUTE FUNCTION app.ledger_hold_once();
"""

PROOF = """
-- A chain of batches: hash = sha256(previous || digests), 32 bytes for each transaction.
CREATE TABLE app.ledger_seal (
  tenant_id uuid NOT NULL,
  seq bigint NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  txns uuid[] NOT NULL,
  digests bytea NOT NULL,
  upto uuid NOT NULL,
  sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, seq),
  CONSTRAINT ledger_seal_hash CHECK (length(hash) = 32 AND length(previous) = 32 AND cardinality(txns) > 0
                                      AND length(digests) = 32 * cardinality(txns)));
CALL app_private.protect('app.ledger_seal', app => 'SELECT', worker => 'SELECT, INSERT');

-- A correction above the limit waits here for a second person.
CREATE TABLE app.ledger_adjustment (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  account_id uuid NOT NULL,
  points bigint NOT NULL,
  reason text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  parameters_version integer NOT NULL,
  idempotency_key text NOT NULL,
  fingerprint bytea NOT NULL,
  state text NOT NULL DEFAULT 'awaiting',
  decided_by text,
  decided_at timestamptz,
  txn_id uuid,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, idempotency_key),
  CONSTRAINT ledger_adjustment_points CHECK (points <> 0),
  CONSTRAINT ledger_adjustment_reason CHECK (length(reason) BETWEEN 1 AND 500),
  CONSTRAINT ledger_adjustment_state CHECK (state IN ('awaiting','approved','rejected')),
  CONSTRAINT ledger_adjustment_decided CHECK ((state = 'awaiting') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
  CONSTRAINT ledger_adjustment_four_eyes CHECK (decided_by <> requested_by),
  CONSTRAINT ledger_adjustment_txn CHECK ((state = 'approved') = (txn_id IS NOT NULL)));
CREATE INDEX ledger_adjustment_awaiting ON app.ledger_adjustment (tenant_id, requested_at) WHERE state = 'awaiting';
CALL app_private.protect('app.ledger_adjustment', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT');
"""

APPEND_ONLY = ("ledger_txn", "ledger_entry", "ledger_lot_move", "ledger_seal")


def upgrade() -> None:
    for part in (ACCOUNTS, TRANSACTIONS, LOTS, PROOF):
        op.execute(part)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.{table}"
            " FOR EACH ROW EXECUTE FUNCTION app.refuse_change();"
            f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.{table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();"
        )
    op.execute(sql_file("guerdon.plumbing", "time_ordered_id_v1"))
    op.execute(
        "GRANT EXECUTE ON FUNCTION app.time_ordered_id_v1(uuid) TO guerdon_app, guerdon_worker"
    )
    for name in FUNCTIONS:
        op.execute(sql_file("guerdon.ledger", name))
    op.execute(
        """
        DO $$ DECLARE f regprocedure; BEGIN
          FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname = 'app' AND p.proname LIKE 'ledger\\_%\\_v_' LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO guerdon_app, guerdon_worker', f);
          END LOOP;
        END $$
        """
    )


def downgrade() -> None:
    op.execute(
        "DROP TABLE app.ledger_adjustment, app.ledger_seal, app.ledger_hold, app.ledger_lot,"
        " app.ledger_lot_move, app.ledger_entry, app.ledger_txn, app.ledger_account CASCADE"
    )

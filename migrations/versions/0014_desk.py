"""The daily desk: finding members by a word, orders in every order, a catalogue's imports."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MEMBERS = """
-- What a member is found by: folded words of the name and of the mailbox, the last digits of the
-- phone. Equality and ranges of "C" text only, which serve behind row-level security.
CREATE TABLE app.member_word (
  tenant_id uuid NOT NULL,
  word text COLLATE "C" NOT NULL,
  member_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, word, member_id),
  CONSTRAINT member_word_of FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id));
CREATE INDEX member_word_member ON app.member_word (tenant_id, member_id, word);
CALL app_private.protect('app.member_word', app => 'SELECT, INSERT, DELETE', worker => 'SELECT, INSERT, DELETE');

CREATE FUNCTION app.member_words_v1(p_text text) RETURNS SETOF text
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
$$
  SELECT DISTINCT left(w, 40)
    FROM regexp_split_to_table(
           regexp_replace(lower(normalize(coalesce(p_text, ''), NFKD)), '[\\u0300-\\u036f]', '', 'g'),
           '[^[:alnum:]]+') w
   WHERE w <> ''
$$;
CREATE FUNCTION app.member_finds_v1(p_name text, p_email text, p_phone text) RETURNS SETOF text
  LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS
$$
  SELECT app.member_words_v1(p_name)
  UNION SELECT app.member_words_v1(split_part(p_email, '@', 1))
  UNION SELECT right(p_phone, 8) WHERE p_phone IS NOT NULL
$$;
CREATE FUNCTION app.member_found_by() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  INSERT INTO app.member_word (tenant_id, word, member_id)
  SELECT n.tenant_id, w, n.id
    FROM made n CROSS JOIN LATERAL app.member_finds_v1(n.name, n.email, n.phone) w
   ORDER BY 1, 2, 3;
  RETURN NULL;
END $$;
CREATE FUNCTION app.member_found_anew() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  DELETE FROM app.member_word w WHERE w.tenant_id = NEW.tenant_id AND w.member_id = NEW.id;
  INSERT INTO app.member_word (tenant_id, word, member_id)
  SELECT NEW.tenant_id, w, NEW.id FROM app.member_finds_v1(NEW.name, NEW.email, NEW.phone) w
   ORDER BY 2;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION app.member_words_v1(text), app.member_finds_v1(text, text, text)
  TO guerdon_app, guerdon_worker;

-- Who has joined already: written by the owner, whom the guard binds too unless it is lifted
-- for the length of this transaction.
ALTER TABLE app.member NO FORCE ROW LEVEL SECURITY;
ALTER TABLE app.member_word NO FORCE ROW LEVEL SECURITY;
INSERT INTO app.member_word (tenant_id, word, member_id)
SELECT m.tenant_id, w, m.id
  FROM app.member m CROSS JOIN LATERAL app.member_finds_v1(m.name, m.email, m.phone) w;
ALTER TABLE app.member FORCE ROW LEVEL SECURITY;
ALTER TABLE app.member_word FORCE ROW LEVEL SECURITY;
CREATE TRIGGER found_by AFTER INSERT ON app.member REFERENCING NEW TABLE AS made
  FOR EACH STATEMENT EXECUTE FUNCTION app.member_found_by();
CREATE TRIGGER found_anew AFTER UPDATE ON app.member FOR EACH ROW
  WHEN ((OLD.name, OLD.email, OLD.phone) IS DISTINCT FROM (NEW.name, NEW.email, NEW.phone))
  EXECUTE FUNCTION app.member_found_anew();
"""

ORDERS = """
CREATE INDEX redemption_placed ON app.redemption (tenant_id, placed_at DESC, id);
CREATE INDEX redemption_attention ON app.redemption (tenant_id, placed_at DESC, id)
  WHERE attention IS NOT NULL;
CREATE INDEX redemption_ended_state ON app.redemption (tenant_id, state, placed_at DESC, id)
  WHERE state IN ('refused','cancelled','expired','returned');
CREATE INDEX message_subject ON app.message_log (tenant_id, subject_id);
-- A message is sent again under an id of its own.
GRANT UPDATE (id, state, reason, provider_reference, created_at, sent_at) ON app.message_log TO guerdon_app;
"""

CATALOGUE = """
CREATE INDEX product_by_change ON app.product (tenant_id, changed_at, id);

-- A file of products on its way: looked through first, taken in when somebody says so. `position`
-- and `line` are where the next product starts; `seen` are hashes of the slugs so far.
CREATE TABLE app.catalogue_import (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  file_name text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 200),
  size_bytes bigint NOT NULL CHECK (size_bytes > 0),
  state text NOT NULL CHECK (state IN ('checking','checked','applying','applied','failed','discarded')),
  position bigint NOT NULL DEFAULT 0,
  line integer NOT NULL DEFAULT 0,
  seen bytea NOT NULL DEFAULT '',
  totals jsonb NOT NULL,
  checked_totals jsonb,
  errors jsonb NOT NULL DEFAULT '[]',
  fault text,
  fault_field text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  applied_by text,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id));
CREATE INDEX catalogue_import_time ON app.catalogue_import (tenant_id, created_at DESC, id);
CALL app_private.protect('app.catalogue_import', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, UPDATE, DELETE');
GRANT INSERT, DELETE ON app.product_word TO guerdon_worker;
GRANT INSERT, UPDATE ON app.search_form TO guerdon_worker;
GRANT INSERT, DELETE ON app.product_picture TO guerdon_worker;
"""


def upgrade() -> None:
    for part in (MEMBERS, ORDERS, CATALOGUE):
        op.execute(part)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""Catalogue: products, variants, stock in slots, pictures, search words, contract price lists."""

from alembic import op

from guerdon.plumbing.ddl import sql_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
-- Raised by every change that a member can see; pages are cached by it.
CREATE TABLE app.catalogue_state (
  tenant_id uuid NOT NULL PRIMARY KEY,
  revision bigint NOT NULL DEFAULT 1);
CALL app_private.protect('app.catalogue_state', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

-- cost_minor is the cheapest active variant's supplier price, in cost_currency.
CREATE TABLE app.product (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  slug text NOT NULL CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){0,79}$'),
  category text NOT NULL CHECK (length(category) BETWEEN 1 AND 40),
  supplier text NOT NULL CHECK (length(supplier) BETWEEN 1 AND 40),
  cost_currency text NOT NULL CHECK (cost_currency ~ '^[A-Z]{3}$'),
  cost_minor bigint NOT NULL CHECK (cost_minor > 0),
  status text NOT NULL CHECK (status IN ('draft','published','withdrawn')),
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  delivery text NOT NULL CHECK (delivery IN ('parcel','counter','digital')),
  delivery_days_min smallint NOT NULL DEFAULT 0 CHECK (delivery_days_min >= 0),
  delivery_days_max smallint NOT NULL DEFAULT 0,
  return_days smallint NOT NULL DEFAULT 0 CHECK (return_days BETWEEN 0 AND 365),
  featured integer NOT NULL DEFAULT 0,
  texts jsonb NOT NULL CHECK (jsonb_typeof(texts) = 'object'),
  fingerprint bytea NOT NULL,
  published_at timestamptz,
  changed_at timestamptz NOT NULL,
  row_version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, slug),
  CHECK (valid_to > valid_from),
  CHECK (delivery_days_max >= delivery_days_min));
CREATE INDEX product_by_cost ON app.product (tenant_id, category, cost_currency, cost_minor, id)
  WHERE status = 'published';
CREATE INDEX product_by_feature ON app.product (tenant_id, featured, id) WHERE status = 'published';
CREATE INDEX product_by_age ON app.product (tenant_id, published_at, id) WHERE status = 'published';
CALL app_private.protect('app.product', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

CREATE TABLE app.product_variant (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  product_id uuid NOT NULL,
  position smallint NOT NULL,
  sku text NOT NULL CHECK (length(sku) BETWEEN 1 AND 60),
  external_id text CHECK (length(external_id) BETWEEN 1 AND 120),
  offer text CHECK (length(offer) BETWEEN 1 AND 2000),
  restriction text CHECK (length(restriction) BETWEEN 1 AND 500),
  cost_minor bigint NOT NULL CHECK (cost_minor > 0),
  label jsonb NOT NULL DEFAULT '{}',
  unlimited boolean NOT NULL DEFAULT false,
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, sku),
  FOREIGN KEY (tenant_id, product_id) REFERENCES app.product (tenant_id, id));
CREATE INDEX product_variant_product ON app.product_variant (tenant_id, product_id, position);
CALL app_private.protect('app.product_variant', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

CREATE TABLE app.product_stock (
  tenant_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  slot smallint NOT NULL CHECK (slot BETWEEN 0 AND 63),
  on_hand integer NOT NULL CHECK (on_hand >= 0),
  PRIMARY KEY (tenant_id, variant_id, slot),
  FOREIGN KEY (tenant_id, variant_id) REFERENCES app.product_variant (tenant_id, id))
  WITH (fillfactor = 50);
CALL app_private.protect('app.product_stock', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');

-- file is a name in the tenant's file store.
CREATE TABLE app.product_picture (
  tenant_id uuid NOT NULL,
  product_id uuid NOT NULL,
  position smallint NOT NULL,
  file text NOT NULL CHECK (file ~ '^[0-9a-f]{64}[.](svg|png|webp|jpg)$'),
  alt jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, product_id, position),
  FOREIGN KEY (tenant_id, product_id) REFERENCES app.product (tenant_id, id));
CALL app_private.protect('app.product_picture', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT');

-- Search compares folded words for equality and by range only: those operators are leakproof, so
-- the indexes serve behind row-level security, where trigram and LIKE operators cannot.
CREATE TABLE app.product_word (
  tenant_id uuid NOT NULL,
  word text COLLATE "C" NOT NULL,
  product_id uuid NOT NULL,
  weight smallint NOT NULL,
  PRIMARY KEY (tenant_id, word, product_id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES app.product (tenant_id, id));
CREATE INDEX product_word_product ON app.product_word (tenant_id, product_id);
CALL app_private.protect('app.product_word', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT');

-- A word under itself and under each form that lacks one letter: a search with one letter wrong,
-- missing, added or swapped shares a form with the word that was meant.
CREATE TABLE app.search_form (
  tenant_id uuid NOT NULL,
  form text COLLATE "C" NOT NULL,
  word text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant_id, form, word));
CALL app_private.protect('app.search_form', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT');

-- What the brand pays, as negotiated: from a supplier, for a time, by volume.
CREATE TABLE app.price_list (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  key text NOT NULL CHECK (key ~ '^[a-z0-9](-?[a-z0-9]){0,59}$'),
  supplier text NOT NULL CHECK (length(supplier) BETWEEN 1 AND 40),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  fingerprint bytea NOT NULL,
  changed_at timestamptz NOT NULL,
  row_version integer NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, key),
  CHECK (valid_to > valid_from));
CALL app_private.protect('app.price_list', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT');

CREATE TABLE app.price_list_line (
  tenant_id uuid NOT NULL,
  price_list_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  min_quantity integer NOT NULL CHECK (min_quantity >= 1),
  unit_minor bigint NOT NULL CHECK (unit_minor > 0),
  PRIMARY KEY (tenant_id, price_list_id, variant_id, min_quantity),
  FOREIGN KEY (tenant_id, price_list_id) REFERENCES app.price_list (tenant_id, id),
  FOREIGN KEY (tenant_id, variant_id) REFERENCES app.product_variant (tenant_id, id));
CREATE INDEX price_list_line_variant ON app.price_list_line (tenant_id, variant_id);
CALL app_private.protect('app.price_list_line', app => 'SELECT, INSERT, DELETE', worker => 'SELECT');
"""

FUNCTIONS = ("reserve_v1", "release_v1", "count_stock_v1")


def upgrade() -> None:
    op.execute(TABLES)
    for name in FUNCTIONS:
        op.execute(sql_file("guerdon.catalogue", name))


def downgrade() -> None:
    for table in (
        "price_list_line", "price_list", "search_form", "product_word", "product_picture",
        "product_stock", "product_variant", "product", "catalogue_state",
    ):  # fmt: skip
        op.execute(f"DROP TABLE app.{table} CASCADE")
    for name, arguments in (
        ("reserve_v1", "uuid, uuid, integer, timestamptz"),
        ("release_v1", "uuid, uuid, integer"),
        ("count_stock_v1", "uuid, uuid, integer"),
    ):
        op.execute(f"DROP FUNCTION app.catalogue_{name}({arguments})")

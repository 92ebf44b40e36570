"""What became of recommendations: events as they happen, and the sums that caps are held against."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Rows come in by time and are read by period, so that a BRIN index is enough for that; a slate's
# event of one kind counts once, however often it is sent. `member_id` is null of members who do
# not want to be profiled.
EVENTS = """
CREATE TABLE app.recommendation_event (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  type text NOT NULL CHECK (type IN ('impression','click','view','dismissal','conversion')),
  member_id uuid,
  slate_id uuid,
  position smallint CHECK (position BETWEEN 0 AND 49),
  placement text NOT NULL DEFAULT '',
  kind text NOT NULL CHECK (kind IN ('co_branded_card','ancillary','club','catalogue')),
  offer text NOT NULL DEFAULT '',
  sku text NOT NULL DEFAULT '',
  variant text NOT NULL DEFAULT '',
  arm text CHECK (arm IN ('shown','holdout')),
  parameters_version integer NOT NULL,
  model_version text NOT NULL DEFAULT '',
  generated boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, id));
CREATE INDEX recommendation_event_at ON app.recommendation_event USING brin (at);
CREATE INDEX recommendation_event_member ON app.recommendation_event (tenant_id, member_id, at)
  WHERE member_id IS NOT NULL;
CREATE UNIQUE INDEX recommendation_event_once ON app.recommendation_event (tenant_id, slate_id, position, type)
  WHERE slate_id IS NOT NULL;
CALL app_private.protect('app.recommendation_event', app => 'SELECT, INSERT', worker => 'SELECT, INSERT, UPDATE, DELETE');
GRANT UPDATE (member_id) ON app.recommendation_event TO guerdon_app;
"""

# `key` is the offer, or the SKU of a product that no offer names.
SUMS = """
CREATE TABLE app.recommendation_day (
  tenant_id uuid NOT NULL,
  day date NOT NULL,
  kind text NOT NULL,
  key text NOT NULL,
  impressions bigint NOT NULL DEFAULT 0,
  clicks bigint NOT NULL DEFAULT 0,
  dismissals bigint NOT NULL DEFAULT 0,
  conversions bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, day, kind, key));
CALL app_private.protect('app.recommendation_day', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE app.recommendation_total (
  tenant_id uuid NOT NULL,
  offer text NOT NULL,
  impressions bigint NOT NULL DEFAULT 0,
  clicks bigint NOT NULL DEFAULT 0,
  dismissals bigint NOT NULL DEFAULT 0,
  conversions bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, offer)) WITH (fillfactor = 80);
CALL app_private.protect('app.recommendation_total', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, INSERT, UPDATE');
"""

# One row a member, read with the member: how often they saw what, and what they sent away.
MEMBERS = """
CREATE TABLE app.recommendation_member (
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  seen jsonb NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, member_id),
  CONSTRAINT recommendation_member_of FOREIGN KEY (tenant_id, member_id) REFERENCES app.member (tenant_id, id)
) WITH (fillfactor = 80);
CALL app_private.protect('app.recommendation_member', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, INSERT, UPDATE, DELETE');
"""

POPULAR = """
CREATE TABLE app.recommendation_popular (
  tenant_id uuid NOT NULL,
  product_id uuid NOT NULL,
  redeemed bigint NOT NULL,
  redeemed_lately bigint NOT NULL,
  refreshed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, product_id));
CALL app_private.protect('app.recommendation_popular', app => 'SELECT', worker => 'SELECT, INSERT, UPDATE, DELETE');
"""


def upgrade() -> None:
    for part in (EVENTS, SUMS, MEMBERS, POPULAR):
        op.execute(part)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

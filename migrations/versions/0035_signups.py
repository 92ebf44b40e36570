"""Sign-ups of brands: drafts of people whose address is proved, the company behind a brand, and
what of the platform's terms its people have accepted."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SQL = """
-- A row of the operator: nobody has a draft before their address is proved.
CREATE TABLE app.signup (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  -- The brand to be made has its id from the start, so that work that is repeated makes one.
  brand_id uuid NOT NULL,
  email_norm text NOT NULL CHECK (length(email_norm) BETWEEN 3 AND 320),
  language text NOT NULL CHECK (length(language) BETWEEN 2 AND 10),
  state text NOT NULL CHECK (state IN ('open', 'founding', 'founded', 'expired')),
  slug text CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){1,39}$'),
  answers jsonb NOT NULL DEFAULT '{}',
  fault text NOT NULL DEFAULT '' CHECK (length(fault) <= 60),
  created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
  founded_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT signup_times CHECK ((state = 'founded') = (founded_at IS NOT NULL))
);
CREATE UNIQUE INDEX signup_of ON app.signup (tenant_id, email_norm) WHERE state IN ('open', 'founding');
CREATE UNIQUE INDEX signup_slug ON app.signup (tenant_id, slug) WHERE slug IS NOT NULL AND state IN ('open', 'founding');
CREATE INDEX signup_latest ON app.signup (tenant_id, email_norm, created_at DESC);
CREATE INDEX signup_ends ON app.signup (tenant_id, expires_at) WHERE state = 'open';
CALL app_private.protect('app.signup', app => 'SELECT, INSERT, UPDATE');

-- Who runs a brand, before the law. One row per brand.
CREATE TABLE app.company (
  tenant_id uuid NOT NULL PRIMARY KEY,
  legal_name text NOT NULL CHECK (length(legal_name) BETWEEN 1 AND 200),
  country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  tax_id text NOT NULL CHECK (length(tax_id) BETWEEN 1 AND 40),
  changed_at timestamptz NOT NULL
);
CALL app_private.protect('app.company', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT', console => 'SELECT');

-- Insert-only: what somebody accepted, word for word by its hash, and when.
CREATE TABLE app.platform_terms (
  tenant_id uuid NOT NULL, version text NOT NULL CHECK (length(version) BETWEEN 1 AND 40),
  text_sha256 text NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
  language text NOT NULL CHECK (length(language) BETWEEN 2 AND 10),
  accepted_by text NOT NULL CHECK (length(accepted_by) BETWEEN 1 AND 340),
  accepted_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, version)
);
CALL app_private.protect('app.platform_terms', app => 'SELECT, INSERT', worker => 'SELECT', console => 'SELECT');

-- Names that look alike have the same skeleton; `onboarding.names` says the same in Python.
CREATE FUNCTION ctl.name_skeleton_v1(p_slug text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS
$$ SELECT replace(replace(replace(translate(replace(p_slug, '-', ''), '01i2589q', 'ollzsbgg'),
                                  'rn', 'm'), 'vv', 'w'), 'cl', 'd') $$;
-- Whether a brand has this name, or one that looks like it: no more is told of it than that.
CREATE FUNCTION ctl.name_resembles_v1(p_slug text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT CASE WHEN bool_or(t.slug = p_slug) THEN 'taken' WHEN count(*) > 0 THEN 'alike' ELSE '' END
     FROM ctl.tenant t WHERE ctl.name_skeleton_v1(t.slug) = ctl.name_skeleton_v1(p_slug) $$;
GRANT EXECUTE ON FUNCTION ctl.name_skeleton_v1(text), ctl.name_resembles_v1(text) TO guerdon_app;
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

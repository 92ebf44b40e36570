"""Change sets, scheduled versions, and their withdrawal."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

VERSIONS = """
-- NOT VALID: no row restores anything yet, and to look for one would need a tenant.
ALTER TABLE app.parameter_version
  ADD COLUMN scheduled boolean NOT NULL DEFAULT false,
  ADD COLUMN restores integer,
  ADD CONSTRAINT parameter_version_moment UNIQUE (tenant_id, version, effective_at),
  ADD CONSTRAINT parameter_version_restores FOREIGN KEY (tenant_id, restores)
    REFERENCES app.parameter_version (tenant_id, version) NOT VALID,
  ADD CONSTRAINT parameter_version_back CHECK (restores < version);
CREATE INDEX parameter_version_effective ON app.parameter_version (tenant_id, effective_at, version);

-- Versions are never changed. One that is not to take effect gets a row here, before its instant:
-- what was once in force cannot be withdrawn.
CREATE TABLE app.parameter_withdrawal (
  tenant_id uuid NOT NULL,
  version integer NOT NULL,
  effective_at timestamptz NOT NULL,
  withdrawn_at timestamptz NOT NULL,
  withdrawn_by text NOT NULL CHECK (length(withdrawn_by) BETWEEN 1 AND 120),
  PRIMARY KEY (tenant_id, version),
  CONSTRAINT parameter_withdrawal_version FOREIGN KEY (tenant_id, version, effective_at)
    REFERENCES app.parameter_version (tenant_id, version, effective_at),
  CONSTRAINT parameter_withdrawal_before CHECK (withdrawn_at < effective_at));
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.parameter_withdrawal
  FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.parameter_withdrawal
  FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CALL app_private.protect('app.parameter_withdrawal', app => 'SELECT, INSERT', worker => 'SELECT', console => 'SELECT');
"""

CHANGE_SETS = """
CREATE TABLE app.change_set (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
  note text NOT NULL CHECK (length(note) <= 2000),
  state text NOT NULL CHECK (state IN ('draft', 'in_review', 'returned', 'approved', 'scheduled', 'published', 'discarded')),
  base_version integer NOT NULL,
  row_version integer NOT NULL CHECK (row_version > 0),
  edits jsonb NOT NULL CHECK (jsonb_typeof(edits) = 'array'),
  author text NOT NULL CHECK (length(author) BETWEEN 1 AND 120),
  editors text[] NOT NULL CHECK (author = ANY (editors)),
  version integer,
  effective_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT change_set_version UNIQUE (tenant_id, version),
  CONSTRAINT change_set_base FOREIGN KEY (tenant_id, base_version)
    REFERENCES app.parameter_version (tenant_id, version),
  CONSTRAINT change_set_release FOREIGN KEY (tenant_id, version, effective_at)
    REFERENCES app.parameter_version (tenant_id, version, effective_at),
  CONSTRAINT change_set_released CHECK ((state IN ('scheduled', 'published')) = (version IS NOT NULL)
                                        AND (version IS NULL) = (effective_at IS NULL)),
  CONSTRAINT change_set_forward CHECK (base_version < version));
CREATE INDEX change_set_recent ON app.change_set (tenant_id, created_at, id);
CALL app_private.protect('app.change_set', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT', console => 'SELECT');

-- What is published or discarded is history.
CREATE FUNCTION app.refuse_ended_change_set() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$ BEGIN RAISE EXCEPTION 'change set % has ended', OLD.id USING ERRCODE = '42501'; END $$;
CREATE TRIGGER ended BEFORE UPDATE ON app.change_set FOR EACH ROW
  WHEN (OLD.state IN ('published', 'discarded')) EXECUTE FUNCTION app.refuse_ended_change_set();

CREATE TABLE app.change_set_event (
  tenant_id uuid NOT NULL,
  change_set_id uuid NOT NULL,
  row_version integer NOT NULL CHECK (row_version > 0),
  kind text NOT NULL CHECK (kind IN ('created', 'renamed', 'edited', 'rebased', 'submitted', 'returned', 'approved', 'scheduled', 'unscheduled', 'published', 'discarded')),
  occurred_at timestamptz NOT NULL,
  actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 120),
  comment text NOT NULL CHECK (length(comment) <= 2000),
  data jsonb NOT NULL CHECK (jsonb_typeof(data) = 'object'),
  PRIMARY KEY (tenant_id, change_set_id, row_version, kind),
  CONSTRAINT change_set_event_of FOREIGN KEY (tenant_id, change_set_id)
    REFERENCES app.change_set (tenant_id, id));
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app.change_set_event
  FOR EACH ROW EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app.change_set_event
  FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CALL app_private.protect('app.change_set_event', app => 'SELECT, INSERT', worker => 'SELECT', console => 'SELECT');

-- Nobody approves what they wrote, whichever way the row comes.
CREATE FUNCTION app.refuse_own_approval() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF EXISTS (SELECT FROM app.change_set c WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.change_set_id
                AND NEW.actor = ANY (c.editors)) THEN
    PERFORM app.refuse('own_change');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER not_ones_own BEFORE INSERT ON app.change_set_event FOR EACH ROW
  WHEN (NEW.kind = 'approved') EXECUTE FUNCTION app.refuse_own_approval();
"""


def upgrade() -> None:
    op.execute(VERSIONS)
    op.execute(CHANGE_SETS)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

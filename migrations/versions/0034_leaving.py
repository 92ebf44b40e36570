"""A brand leaves: exports that its people ask for, and the removal of all it has, with proof."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

EXPORTS = """
CREATE TABLE app.tenant_export (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting','running','ready','failed','expired')),
  requested_by text NOT NULL CHECK (length(requested_by) BETWEEN 1 AND 120),
  requested_at timestamptz NOT NULL,
  done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
  total integer NOT NULL DEFAULT 0 CHECK (total >= done),
  ready_at timestamptz,
  expires_at timestamptz,
  size_bytes bigint CHECK (size_bytes > 0),
  row_count bigint CHECK (row_count >= 0),
  file_count integer CHECK (file_count >= 0),
  content_hash text CHECK (content_hash ~ '^[0-9a-f]{64}$'),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT tenant_export_ready CHECK ((state IN ('ready','expired')) = (ready_at IS NOT NULL)
    AND num_nulls(ready_at, expires_at, size_bytes, row_count, file_count, content_hash) IN (0, 6)));
CREATE INDEX tenant_export_recent ON app.tenant_export (tenant_id, requested_at, id);
CREATE UNIQUE INDEX tenant_export_one ON app.tenant_export (tenant_id) WHERE state IN ('waiting','running');
CALL app_private.protect('app.tenant_export', app => 'SELECT, INSERT', worker => 'SELECT, UPDATE', console => 'SELECT');
"""

# Only functions of the owner run as the owner, and of those only `remove_rows_v1` says what it
# removes; `restoring` is said by the operator's own command, which brings a brand back as it was.
TRIGGERS = """
CREATE OR REPLACE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
  IF TG_OP = 'DELETE' AND current_user = 'guerdon_owner' THEN
    IF current_setting('app.removing', true) = OLD.tenant_id::text THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;

CREATE OR REPLACE FUNCTION app.refuse_own_approval() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF current_user = 'guerdon_owner' AND current_setting('app.restoring', true) = NEW.tenant_id::text THEN
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM app.change_set c WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.change_set_id
                AND NEW.actor = ANY (c.editors)) THEN
    PERFORM app.refuse('own_change');
  END IF;
  RETURN NEW;
END $$;
"""

REMOVAL = """
-- What stays of a brand whose data was removed. `recipients` are its owners, until they are told.
CREATE TABLE ctl.tenant_removal (
  tenant_id uuid PRIMARY KEY REFERENCES ctl.tenant,
  begun_at timestamptz NOT NULL,
  recipients jsonb,
  counts jsonb NOT NULL DEFAULT '{}',
  file_count bigint NOT NULL DEFAULT 0,
  file_bytes bigint NOT NULL DEFAULT 0,
  key_count bigint NOT NULL DEFAULT 0,
  finished_at timestamptz,
  certificate jsonb,
  certificate_hash text CHECK (certificate_hash ~ '^[0-9a-f]{64}$'),
  slug_free_at timestamptz,
  CONSTRAINT tenant_removal_finished CHECK (num_nulls(finished_at, certificate, certificate_hash, slug_free_at) IN (0, 4)));
CREATE INDEX tenant_removal_slug ON ctl.tenant_removal (slug_free_at) WHERE slug_free_at IS NOT NULL;

CREATE FUNCTION ctl.require_closed_v1(p_tenant uuid) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE v_status text;
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a brand is removed in its own context' USING ERRCODE = '42501';
  END IF;
  SELECT t.status INTO v_status FROM ctl.tenant t WHERE t.id = p_tenant FOR SHARE;
  IF v_status IS DISTINCT FROM 'closed' THEN
    PERFORM app.refuse('removal_refused', jsonb_build_object('state', v_status,
      'detail', 'The data of a brand is removed after it has closed; this one is ' || coalesce(v_status, 'not there') || '.'));
  END IF;
END $$;

-- Nothing leads to the brand any more: its own address answers that it is gone, others nothing.
CREATE FUNCTION ctl.begin_removal_v1(p_tenant uuid, p_host text, p_recipients jsonb, p_now timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_closed_v1(p_tenant);
  INSERT INTO ctl.tenant_removal (tenant_id, begun_at, recipients) VALUES (p_tenant, p_now, p_recipients)
  ON CONFLICT DO NOTHING;
  IF FOUND THEN
    DELETE FROM ctl.tenant_host h WHERE h.tenant_id = p_tenant AND h.host <> p_host;
    UPDATE ctl.tenant t SET name = t.slug, canonical_host = p_host WHERE t.id = p_tenant;
    PERFORM ctl.note_change(p_tenant, 'tenant');
  END IF;
END $$;

-- A bounded number of rows of one table; how many it were. Rows that others of their table name go
-- after those.
CREATE FUNCTION ctl.remove_rows_v1(p_tenant uuid, p_schema text, p_table text, p_limit integer)
  RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  v_table regclass := format('%I.%I', p_schema, p_table)::regclass;
  v_more text := '';
  v_removed bigint;
BEGIN
  PERFORM ctl.require_closed_v1(p_tenant);
  IF p_schema NOT IN ('app', 'ctl')
     OR p_schema = 'ctl' AND p_table IN ('tenant', 'tenant_host', 'tenant_removal', 'change')
     OR NOT EXISTS (SELECT FROM ctl.tenant_removal r WHERE r.tenant_id = p_tenant AND r.finished_at IS NULL) THEN
    RAISE EXCEPTION 'no rows of % are removed now', v_table USING ERRCODE = '42501';
  END IF;
  SELECT coalesce(string_agg(' AND NOT EXISTS (SELECT FROM ' || v_table || ' c WHERE '
           || (SELECT string_agg(format('c.%I = t.%I', a.attname, b.attname), ' AND ')
                 FROM unnest(k.conkey, k.confkey) AS u(child, parent)
                 JOIN pg_attribute a ON a.attrelid = v_table AND a.attnum = u.child
                 JOIN pg_attribute b ON b.attrelid = v_table AND b.attnum = u.parent) || ')', ''), '')
    INTO v_more
    FROM pg_constraint k WHERE k.conrelid = v_table AND k.confrelid = v_table AND k.contype = 'f';
  IF v_table = 'app.outbox'::regclass THEN
    v_more := ' AND t.topic NOT IN (''tenancy.remove_data'', ''tenancy.send_certificate'')';
  END IF;
  PERFORM set_config('app.removing', p_tenant::text, true);
  EXECUTE format('DELETE FROM %1$s WHERE tenant_id = $1 AND ctid = ANY (ARRAY('
                 'SELECT t.ctid FROM %1$s t WHERE t.tenant_id = $1%2$s LIMIT $2))', v_table, v_more)
    USING p_tenant, p_limit;
  GET DIAGNOSTICS v_removed = ROW_COUNT;
  PERFORM set_config('app.removing', '', true);
  UPDATE ctl.tenant_removal r
     SET counts = r.counts || jsonb_build_object(v_table::text, coalesce((r.counts ->> v_table::text)::bigint, 0) + v_removed)
   WHERE r.tenant_id = p_tenant AND v_removed > 0;
  RETURN v_removed;
END $$;

-- What was removed beside rows.
CREATE FUNCTION ctl.note_removal_v1(p_tenant uuid, p_files bigint, p_bytes bigint, p_keys bigint)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_closed_v1(p_tenant);
  UPDATE ctl.tenant_removal r SET file_count = r.file_count + p_files, file_bytes = r.file_bytes + p_bytes,
         key_count = r.key_count + p_keys
   WHERE r.tenant_id = p_tenant AND r.finished_at IS NULL;
END $$;

CREATE FUNCTION ctl.finish_removal_v1(p_tenant uuid, p_certificate jsonb, p_hash text, p_now timestamptz, p_slug_free_at timestamptz)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_closed_v1(p_tenant);
  UPDATE ctl.tenant_removal r
     SET certificate = p_certificate, certificate_hash = p_hash, finished_at = p_now, slug_free_at = p_slug_free_at
   WHERE r.tenant_id = p_tenant AND r.finished_at IS NULL;
END $$;

-- The owners were told: their addresses are the last that is known of them.
CREATE FUNCTION ctl.forget_recipients_v1(p_tenant uuid)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  PERFORM ctl.require_closed_v1(p_tenant);
  UPDATE ctl.tenant_removal r SET recipients = NULL WHERE r.tenant_id = p_tenant;
END $$;

CREATE FUNCTION ctl.read_removal_v1(p_tenant uuid)
  RETURNS TABLE (begun_at timestamptz, recipients jsonb, counts jsonb, file_count bigint, file_bytes bigint,
                 key_count bigint, finished_at timestamptz, certificate jsonb, certificate_hash text, slug_free_at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a removal is read in the brand''s context' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT r.begun_at, r.recipients, r.counts, r.file_count, r.file_bytes, r.key_count, r.finished_at,
                      r.certificate, r.certificate_hash, r.slug_free_at
                 FROM ctl.tenant_removal r WHERE r.tenant_id = p_tenant;
END $$;

-- Short names come free a while after their brand is gone. Real time: nobody's clock counts here.
CREATE FUNCTION ctl.release_slugs_v1() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE v_id uuid; v_released bigint := 0; v_seq bigint;
BEGIN
  FOR v_id IN SELECT r.tenant_id FROM ctl.tenant_removal r
               WHERE r.slug_free_at <= clock_timestamp() LIMIT 100 FOR UPDATE SKIP LOCKED LOOP
    DELETE FROM ctl.tenant_host h WHERE h.tenant_id = v_id;
    UPDATE ctl.tenant t SET slug = 'gone-' || replace(v_id::text, '-', ''), name = 'gone', canonical_host = 'gone.invalid'
     WHERE t.id = v_id;
    UPDATE ctl.tenant_removal r SET slug_free_at = 'infinity' WHERE r.tenant_id = v_id;
    UPDATE ctl.change_counter SET seq = seq + 1 RETURNING seq INTO v_seq;
    INSERT INTO ctl.change (seq, tenant_id, kind) VALUES (v_seq, v_id, 'tenant');
    v_released := v_released + 1;
  END LOOP;
  RETURN v_released;
END $$;

GRANT EXECUTE ON FUNCTION ctl.begin_removal_v1(uuid, text, jsonb, timestamptz), ctl.remove_rows_v1(uuid, text, text, integer),
  ctl.note_removal_v1(uuid, bigint, bigint, bigint), ctl.finish_removal_v1(uuid, jsonb, text, timestamptz, timestamptz),
  ctl.forget_recipients_v1(uuid), ctl.release_slugs_v1() TO guerdon_worker;
GRANT EXECUTE ON FUNCTION ctl.read_removal_v1(uuid) TO guerdon_app, guerdon_worker, guerdon_console;
"""


def upgrade() -> None:
    for part in (EXPORTS, TRIGGERS, REMOVAL):
        op.execute(part)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")

"""Whoever can run any SQL as guerdon_app stays inside the tenant and gains nothing."""

from typing import Any

import psycopg

GENERAL = """
SET ROLE {role}
SET SESSION AUTHORIZATION {role}
SET LOCAL ROLE {role}
SELECT set_config('role', '{role}', false)
SELECT set_config('session_authorization', '{role}', false)
ALTER ROLE guerdon_app {power}
ALTER ROLE {role} PASSWORD 'x'
GRANT {role} TO guerdon_app
CREATE ROLE intruder {power}
ALTER TABLE app.{table} DISABLE ROW LEVEL SECURITY
ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY
ALTER TABLE app.{table} OWNER TO guerdon_app
DROP POLICY tenant_guard ON app.{table}
CREATE POLICY slip ON app.{table} USING (true)
CREATE TRIGGER slip BEFORE INSERT ON app.{table} FOR EACH ROW EXECUTE FUNCTION app.refuse_change()
TRUNCATE app.{table}
DROP TABLE app.{table} CASCADE
CREATE VIEW app.slip AS SELECT * FROM app.{table}
CREATE RULE slip AS ON SELECT TO app.{table} DO INSTEAD SELECT 1
COPY app.{table} TO STDOUT
COPY app.{table} TO '/tmp/slip'
COPY app.{table} TO PROGRAM 'cat'
COPY app.{table} FROM PROGRAM 'id'
GRANT ALL ON app.{table} TO PUBLIC
LOCK TABLE app.{table} IN ACCESS EXCLUSIVE MODE
REFRESH MATERIALIZED VIEW app.{table}
COMMENT ON TABLE app.{table} IS 'slip'
VACUUM app.{table}
CREATE INDEX slip ON app.{table} (tenant_id)
SELECT * FROM app.{table}
SELECT * FROM app.{table} WHERE tenant_id = '{foreign}'
SELECT * FROM app.{table} WHERE tenant_id = '{foreign}' OR true
SELECT t::text::int FROM app.{table} t
SELECT * FROM app.{table} t WHERE t::text::int > 0
SELECT * FROM app.{table} t WHERE 1 / (CASE WHEN t::text LIKE '%{canary}%' THEN 0 ELSE 1 END) = 1
SELECT tenant_id, count(*) FROM app.{table} GROUP BY tenant_id
SELECT max(tenant_id::text) FROM app.{table}
SELECT * FROM app.{table} TABLESAMPLE SYSTEM (100)
SELECT * FROM app.{table} FOR UPDATE
SELECT ctid, xmin, * FROM app.{table}
SELECT query_to_xml('SELECT * FROM app.{table}', true, true, '')
SELECT table_to_xml('app.{table}', true, true, '')
SELECT * FROM pg_stats WHERE tablename = '{table}'
SELECT * FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid WHERE c.relname = '{table}'
EXPLAIN ANALYZE SELECT * FROM app.{table}
UPDATE app.{table} SET tenant_id = '{foreign}'
UPDATE app.{table} SET tenant_id = tenant_id WHERE tenant_id = '{foreign}' RETURNING *
DELETE FROM app.{table} WHERE tenant_id = '{foreign}' RETURNING *
MERGE INTO app.{table} t USING (SELECT 1) x ON t.tenant_id = '{foreign}' WHEN MATCHED THEN DELETE
WITH d AS (DELETE FROM app.{table} RETURNING *) SELECT * FROM d
"""

ONCE = """
SELECT app.enter('{foreign_context}')
SELECT app.enter('{forged}')
SELECT set_config('app.ctx', '{forged}', true), app.current_tenant()
SELECT set_config('app.ctx', '{forged}', false), app.current_tenant()
SELECT set_config('app.ctx', '{other_role_context}', true), app.current_tenant()
SELECT set_config('app.ctx_at', '0', true), app.current_tenant()
SELECT set_config('app.ctx', '', true), app.current_tenant()
SELECT set_config('row_security', 'off', true)
SELECT set_config('search_path', 'app_private', true)
SELECT set_config('session_replication_role', 'replica', true)
SET LOCAL session_preload_libraries = 'x'
SELECT * FROM app_private.ctx_key
INSERT INTO app_private.ctx_key VALUES (9, repeat('a', 64)::bytea, repeat('a', 64)::bytea, true)
CALL app_private.protect('app.secret', 'ALL', 'ALL', 'ALL')
SELECT * FROM ctl.tenant
SELECT * FROM ctl.tenant_host
UPDATE ctl.tenant SET status = 'closed'
INSERT INTO ctl.change_counter VALUES (true, 1)
SELECT ctl.save_tenant('{foreign}', 'slip', 'x', 'closed', 's.localhost', '{{s.localhost}}')
SELECT * FROM ctl.lock_tenant_v1('{foreign}')
SELECT ctl.move_tenant_v1('{foreign}', 'live', 'closing', '{{live}}', now())
SELECT ctl.note_change('{foreign}', 'tenant')
SELECT * FROM pg_authid
SELECT * FROM pg_shadow
SELECT passwd FROM pg_user
SELECT * FROM pg_user_mappings
SELECT pg_read_file('postgresql.conf')
SELECT pg_read_binary_file('PG_VERSION')
SELECT pg_ls_dir('.')
SELECT pg_stat_file('PG_VERSION')
SELECT lo_import('/etc/passwd')
SELECT lo_export(1, '/tmp/slip')
SELECT lo_creat(-1)
SELECT * FROM pg_largeobject
SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> 'guerdon_app'
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_switch_wal()
SELECT pg_create_restore_point('x')
SELECT pg_logical_slot_get_changes('x', NULL, NULL)
SELECT pg_create_physical_replication_slot('x')
SELECT dblink('dbname=guerdon', 'SELECT 1')
CREATE EXTENSION dblink
CREATE EXTENSION pg_stat_statements
CREATE SCHEMA slip
CREATE TABLE app.slip (id int)
CREATE TABLE public.slip (id int)
CREATE TEMP TABLE slip AS SELECT 1
CREATE FUNCTION app.slip() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'
CREATE FUNCTION pg_temp.slip(text) RETURNS bool LANGUAGE sql COST 0.0001 AS 'SELECT true'
CREATE OR REPLACE FUNCTION app.current_tenant() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'
ALTER FUNCTION app.current_tenant() OWNER TO guerdon_app
DROP FUNCTION app.current_tenant() CASCADE
CREATE OPERATOR app.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)
CREATE LANGUAGE plpython3u
CREATE SERVER slip FOREIGN DATA WRAPPER postgres_fdw
CREATE PUBLICATION slip FOR ALL TABLES
CREATE SUBSCRIPTION slip CONNECTION 'x' PUBLICATION y
CREATE EVENT TRIGGER slip ON ddl_command_end EXECUTE FUNCTION app.refuse_change()
CREATE DATABASE slip
DROP DATABASE guerdon_isolation
ALTER DATABASE guerdon_isolation OWNER TO guerdon_app
ALTER SYSTEM SET log_statement = 'all'
ALTER DATABASE guerdon_isolation SET row_security = off
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC
DO $$ BEGIN EXECUTE 'SET ROLE guerdon_owner'; END $$
DO $$ BEGIN PERFORM set_config('app.ctx', '{forged}', true); PERFORM app.current_tenant(); END $$
DO $$ BEGIN EXECUTE 'ALTER TABLE app.secret DISABLE ROW LEVEL SECURITY'; END $$
CHECKPOINT
NOTIFY slip, 'x'
PREPARE TRANSACTION 'slip'
"""

ROLES = ("guerdon_owner", "guerdon_migrator", "guerdon_worker", "guerdon_backup", "postgres")
POWERS = ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "LOGIN")


def corpus(house: Any) -> list[str]:
    """Every statement, filled in for every table."""
    own, foreign = house.tenants
    forged = house.sign("guerdon_app", own).replace(str(own), str(foreign))
    known = {
        "foreign": foreign,
        "canary": house.canary(foreign),
        "forged": forged,
        "foreign_context": house.sign("guerdon_app", foreign),
        "other_role_context": house.sign("guerdon_worker", foreign),
    }
    made = [line.format(**known) for line in ONCE.strip().splitlines()]
    for line in GENERAL.strip().splitlines():
        for index, table in enumerate(house.tables):
            role, power = ROLES[index % len(ROLES)], POWERS[index % len(POWERS)]
            made.append(line.format(table=table.name, role=role, power=power, **known))
    for role in ROLES:
        for power in POWERS:
            made.append(f"ALTER ROLE {role} {power}")
            made.append(f"CREATE ROLE slip {power} IN ROLE {role}")
    return list(dict.fromkeys(made))


def state(house: Any) -> list[Any]:
    """Roles, grants, policies, functions and settings: what an intruder would want to change."""
    return house.admin.execute(
        """
        SELECT 'role', rolname::text, (rolsuper, rolbypassrls, rolcreaterole, rolcanlogin)::text
          FROM pg_roles
        UNION ALL SELECT 'member', roleid::text, member::text FROM pg_auth_members
        UNION ALL SELECT 'class', oid::regclass::text,
                         (relacl::text, relowner, relrowsecurity, relforcerowsecurity)::text
          FROM pg_class WHERE relnamespace IN ('app'::regnamespace, 'ctl'::regnamespace,
                                               'app_private'::regnamespace)
        UNION ALL SELECT 'policy', polname::text, polrelid::regclass::text FROM pg_policy
        UNION ALL SELECT 'function', oid::regprocedure::text, md5(prosrc) FROM pg_proc
                   WHERE pronamespace IN ('app'::regnamespace, 'ctl'::regnamespace)
        UNION ALL SELECT 'setting', setdatabase::text, setconfig::text FROM pg_db_role_setting
        ORDER BY 1, 2, 3
        """
    ).fetchall()


def run(connection: Any, context: str, text: str) -> tuple[str, str]:
    """What came back, and what the error said."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT app.enter(%s)", (context,))
            if text.endswith("TO STDOUT"):
                with connection.cursor().copy(text.encode()) as copied:
                    return str([bytes(block) for block in copied]), ""
            cursor = connection.execute(text.encode())
            rows = cursor.fetchall() if cursor.description else []
            if "app.enter('" in text or "app.current_tenant()" in text:
                seen = connection.execute("SELECT app.current_tenant()").fetchone()
                rows.append(seen)
            return str(rows), ""
    except psycopg.Error as error:
        return "", f"{error} {error.diag.message_detail or ''} {error.diag.context or ''}"


def test_a_full_injection_stays_inside(house: Any, report: Any) -> None:
    own, foreign = house.tenants
    before = state(house), house.fingerprint(foreign)
    context = house.sign("guerdon_app", own)
    leaks, answered = [], 0
    statements = corpus(house)
    connection = house.connect("guerdon_app")
    for text in statements:
        if connection.closed:
            connection = house.connect("guerdon_app")
        result, error = run(connection, context, text)
        answered += not error
        shown = result + error.replace(text, "")
        if house.canary(foreign) in shown or (result and str(foreign) in result):
            leaks.append(text)
    connection.close()
    report.add(
        "hostile SQL as guerdon_app", crossed=len(leaks), statements=len(statements),
        answered=answered,
    )  # fmt: skip
    assert leaks == []
    assert (state(house), house.fingerprint(foreign)) == before
    assert len(statements) >= 400


def test_the_oracle_sees_a_leak(house: Any) -> None:
    """The administrator's answer to the same question holds the canary."""
    own, foreign = house.tenants
    result, _ = run(house.admin, house.sign("postgres", own), "SELECT * FROM app.secret")
    assert house.canary(foreign) in result
    result, _ = run(house.admin, house.sign("postgres", own), "COPY app.secret TO STDOUT")
    assert str(foreign) in result

-- Catalogue lint: one row per violated rule, none on a sound database. Runs after migrations, at
-- start-up and in `guerdon db check`, as any login role: it reads pg_catalog only.
WITH
t AS (
  SELECT c.oid, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl,
         pg_get_userbyid(c.relowner) AS owner,
         EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS has_tenant
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = 'app' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
),
login AS (
  SELECT oid, rolname FROM pg_roles
   WHERE rolname IN ('guerdon_app', 'guerdon_worker', 'guerdon_relay', 'guerdon_console', 'guerdon_migrator')
),
table_grant AS (
  SELECT t.relname, pg_get_userbyid(g.grantee) AS grantee, g.privilege_type
    FROM t CROSS JOIN LATERAL aclexplode(t.relacl) g
   WHERE g.grantee <> 0
),
column_grant AS (
  SELECT t.relname, a.attname, pg_get_userbyid(g.grantee) AS grantee, g.privilege_type
    FROM t JOIN pg_attribute a ON a.attrelid = t.oid CROSS JOIN LATERAL aclexplode(a.attacl) g
   WHERE g.grantee <> 0
),
allowed_definer (schema_name, function_name) AS (
  VALUES ('app', 'current_tenant')
),
append_only (relname) AS (
  VALUES ('ledger_txn'), ('ledger_entry'), ('parameter_version'), ('parameter_withdrawal'), ('change_set_event')
)
SELECT 'R01 table without tenant_id' AS rule, relname::text AS object FROM t WHERE relkind IN ('r', 'p') AND NOT has_tenant
UNION ALL
SELECT 'R02 row-level security not enabled and forced', relname FROM t
 WHERE relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)
UNION ALL
SELECT 'R03 no RESTRICTIVE guard with USING and CHECK', relname FROM t
 WHERE relkind IN ('r', 'p') AND NOT EXISTS (
   SELECT 1 FROM pg_policy p
    WHERE p.polrelid = t.oid AND NOT p.polpermissive AND p.polcmd = '*'
      AND strpos(pg_get_expr(p.polqual, p.polrelid), 'current_tenant()') > 0
      AND strpos(pg_get_expr(p.polwithcheck, p.polrelid), 'current_tenant()') > 0)
UNION ALL
SELECT 'R04 tenant_id nullable', relname FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id'
 WHERE relkind IN ('r', 'p') AND NOT a.attnotnull
UNION ALL
SELECT 'R05 unique index not led by tenant_id: ' || i.relname, t.relname
  FROM t JOIN pg_index x ON x.indrelid = t.oid AND x.indisunique JOIN pg_class i ON i.oid = x.indexrelid
 WHERE t.relkind IN ('r', 'p')
   AND (SELECT attname FROM pg_attribute WHERE attrelid = t.oid AND attnum = x.indkey[0]) IS DISTINCT FROM 'tenant_id'
UNION ALL
SELECT 'R06 foreign key without tenant_id on both sides: ' || k.conname, t.relname
  FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
 WHERE NOT EXISTS (
   SELECT 1 FROM generate_subscripts(k.conkey, 1) g
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[g] AND a.attname = 'tenant_id'
     JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[g] AND b.attname = 'tenant_id')
UNION ALL
SELECT 'R07 view without security_invoker', relname FROM t
 WHERE relkind = 'v' AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)
UNION ALL
SELECT 'R08 materialised view or foreign table, where no row-level security is possible', relname FROM t WHERE relkind IN ('m', 'f')
UNION ALL
SELECT 'R09 sequence: its value tells one tenant the volume of all', relname FROM t WHERE relkind = 'S'
UNION ALL
SELECT 'R10 owner is not guerdon_owner', relname FROM t WHERE owner <> 'guerdon_owner'
UNION ALL
SELECT 'R11 ' || privilege_type || ' granted to ' || grantee, relname FROM table_grant
 WHERE grantee IN (SELECT rolname FROM login) AND privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
UNION ALL
SELECT 'R11 column ' || attname || ': REFERENCES granted to ' || grantee, relname FROM column_grant
 WHERE grantee IN (SELECT rolname FROM login) AND privilege_type = 'REFERENCES'
UNION ALL
SELECT 'R12 privileged login role', r.rolname FROM pg_roles r JOIN login USING (rolname)
 WHERE r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolinherit
UNION ALL
SELECT 'R13 login role is a member of another role', login.rolname
  FROM pg_auth_members m JOIN login ON login.oid = m.member WHERE login.rolname <> 'guerdon_migrator'
UNION ALL
SELECT 'R14 SECURITY DEFINER without a pinned search_path', p.proname
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('app', 'ctl', 'app_private') AND p.prosecdef
   AND NOT coalesce(strpos(array_to_string(p.proconfig, ','), 'search_path=') > 0, false)
UNION ALL
SELECT 'R15 SECURITY DEFINER in schema app and not on the allow-list', p.proname
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'app' AND p.prosecdef AND (n.nspname, p.proname) NOT IN (SELECT schema_name, function_name FROM allowed_definer)
UNION ALL
SELECT 'R16 append-only table: ' || privilege_type || ' granted to ' || grantee, relname FROM table_grant
 WHERE relname IN (SELECT relname FROM append_only) AND grantee IN (SELECT rolname FROM login) AND privilege_type IN ('UPDATE', 'DELETE')
UNION ALL
SELECT 'R16 append-only table: UPDATE of ' || attname || ' granted to ' || grantee, relname FROM column_grant
 WHERE relname IN (SELECT relname FROM append_only) AND grantee IN (SELECT rolname FROM login) AND privilege_type = 'UPDATE'
UNION ALL
SELECT 'R17 CREATE or TEMP granted', rolname FROM login
 WHERE has_database_privilege(rolname, current_database(), 'TEMP') OR has_database_privilege(rolname, current_database(), 'CREATE')
    OR has_schema_privilege(rolname, 'app', 'CREATE') OR has_schema_privilege(rolname, 'public', 'CREATE')
UNION ALL
SELECT 'R18 granted to PUBLIC', t.relname FROM t CROSS JOIN LATERAL aclexplode(t.relacl) g WHERE g.grantee = 0
UNION ALL
SELECT 'R19 login role holds ' || g.privilege_type || ' on a control-plane table', n.nspname || '.' || c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) g
 WHERE n.nspname IN ('ctl', 'app_private') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
   AND (g.grantee = 0 OR pg_get_userbyid(g.grantee) IN (SELECT rolname FROM login))
UNION ALL
SELECT 'R20 table outside the schemas app, ctl and app_private', n.nspname || '.' || c.relname
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname NOT IN ('app', 'ctl', 'app_private', 'pg_catalog', 'information_schema')
   AND left(n.nspname, 3) <> 'pg_' AND (n.nspname, c.relname) NOT IN (VALUES ('public'::name, 'alembic_version'::name))
ORDER BY 1, 2

"""Whether a database fits this release. Synchronous: asked by a command."""

import psycopg
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from guerdon.plumbing.context import key_pads
from guerdon.plumbing.ddl import sql_file
from guerdon.plumbing.provision import LOGIN_ROLES, alembic_config


def head_revision() -> str | None:
    """The newest migration of this release."""
    return ScriptDirectory.from_config(alembic_config("postgresql://")).get_current_head()


def revision(migrator_dsn: str) -> str | None:
    """The migration a database is at; None when it is empty."""
    url = alembic_config(migrator_dsn).get_main_option("sqlalchemy.url") or ""
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET ROLE guerdon_owner")
        context = MigrationContext.configure(
            connection, opts={"version_table_schema": "app_private"}
        )
        return context.get_current_revision()


def findings(migrator_dsn: str, *, context_key: bytes) -> list[str]:
    """What stands between this database and this release, as sentences."""
    head, here = head_revision(), revision(migrator_dsn)
    if here != head:
        return [f"the schema is at {here or 'nothing'}, this release needs {head}"]
    found = []
    with psycopg.connect(migrator_dsn, autocommit=True) as owner:
        owner.execute("SET ROLE guerdon_owner")
        known = owner.execute(
            "SELECT 1 FROM app_private.ctx_key WHERE valid AND ipad = %s AND opad = %s",
            key_pads(context_key),
        ).fetchone()
        if known is None:
            found.append("GUERDON_CONTEXT_KEY is not a key that this database knows")
        for (role,) in owner.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolcreaterole"
            " OR rolcreatedb OR (rolbypassrls AND rolname <> 'guerdon_backup')) ORDER BY rolname",
            ([f"guerdon_{role}" for role in LOGIN_ROLES],),
        ).fetchall():
            found.append(f"the role {role} may more than it should: run `guerdon db init` again")
        lint = sql_file("guerdon.plumbing", "catalogue_lint").encode()
        found += [f"{rule}: {name}" for rule, name in owner.execute(lint).fetchall()]
    return found

"""Setting up a cluster and a database, and migrating it. Synchronous: done before serving."""

import time
from collections.abc import Mapping

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from guerdon.kit.paths import bundled
from guerdon.plumbing.context import key_pads

LOGIN_ROLES = ("migrator", "app", "worker", "relay", "console", "backup")
_LOCK_ATTEMPTS = 20


def provision_cluster(admin_dsn: str, passwords: Mapping[str, str]) -> None:
    """Make the roles (safe to repeat) and set the password of each login role that has one."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        connection.execute((bundled("migrations") / "cluster.sql").read_bytes())
        for role, password in passwords.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(password)
                )
            )


def provision_database(admin_dsn: str, name: str, *, template: str | None = None) -> None:
    """Make the database `name` unless it is there; `admin_dsn` is any database of the cluster."""
    with psycopg.connect(admin_dsn, autocommit=True) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (name,)
        ).fetchone()
        if not found:
            statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            if template is not None:
                statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(template)
                )
            connection.execute(statement)
    with psycopg.connect(admin_dsn, dbname=name, autocommit=True) as connection:
        connection.execute((bundled("migrations") / "database.sql").read_bytes())


def alembic_config(migrator_dsn: str) -> Config:
    """Alembic's configuration for the database behind `migrator_dsn`."""
    config = Config()
    config.set_main_option("script_location", str(bundled("migrations")))
    url = migrator_dsn.replace("postgresql://", "postgresql+psycopg://", 1)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(migrator_dsn: str, revision: str = "head") -> None:
    """Bring the schema to `revision`.

    A migration waits at most a second for a lock, gives way to the traffic, and is tried again.
    """
    for attempt in range(_LOCK_ATTEMPTS):
        try:
            command.upgrade(alembic_config(migrator_dsn), revision)
        except OperationalError as error:
            if attempt == _LOCK_ATTEMPTS - 1 or not isinstance(error.orig, LockNotAvailable):
                raise
            time.sleep(min(0.2 * (attempt + 1), 2.0))  # whoever waited behind us goes first
        else:
            return


def install_context_key(migrator_dsn: str, key: bytes, *, kid: int = 1) -> None:
    """Let the database verify contexts signed with `key` under `kid`."""
    inner, outer = key_pads(key)
    with psycopg.connect(migrator_dsn, autocommit=True) as connection:
        connection.execute("SET ROLE guerdon_owner")
        connection.execute(
            "INSERT INTO app_private.ctx_key (kid, ipad, opad) VALUES (%s, %s, %s)"
            " ON CONFLICT (kid) DO UPDATE SET ipad = excluded.ipad, opad = excluded.opad,"
            " valid = true",
            (kid, inner, outer),
        )

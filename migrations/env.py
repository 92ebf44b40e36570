"""Alembic environment: migrates as guerdon_migrator, which works as guerdon_owner."""

import importlib
import pkgutil
from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool, text

import guerdon
from guerdon.plumbing.models import Base

for module in pkgutil.iter_modules(guerdon.__path__):
    if module.ispkg:
        try:
            importlib.import_module(f"guerdon.{module.name}.models")
        except ModuleNotFoundError as error:
            if error.name != f"guerdon.{module.name}.models":
                raise

OWN_SCHEMAS = {"app", "ctl"}


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Compare our own schemas only."""
    return name in OWN_SCHEMAS if kind == "schema" else True


def configure(**kwargs: Any) -> None:
    """Settings shared by both modes."""
    context.configure(
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        version_table="alembic_version",
        version_table_schema="app_private",
        compare_server_default=False,
        compare_type=True,
        transaction_per_migration=True,
        **kwargs,
    )


def run_online() -> None:
    """Migrate the database whose address is in the configuration."""
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("Use `guerdon db migrate`: it knows the address of the database.")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SET ROLE guerdon_owner"))
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS app_private"))
        connection.execute(text("SET lock_timeout = '1s'"))
        connection.execute(text("SET statement_timeout = '5min'"))
        connection.commit()
        configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    configure(url="postgresql+psycopg://", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    run_online()

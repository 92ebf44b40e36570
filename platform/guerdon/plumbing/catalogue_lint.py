"""Is every table of this database safe for many tenants? Asked after migrating and at start-up."""

import msgspec

from guerdon.plumbing.db import ControlSession, Database
from guerdon.plumbing.ddl import sql_file


class Violation(msgspec.Struct, frozen=True):
    """A broken rule of `sql/catalogue_lint.sql` and the object that breaks it."""

    rule: str
    object: str


class UnsafeCatalogueError(RuntimeError):
    """The database does not keep tenants apart; nothing should be served from it."""


async def violations(s: ControlSession) -> list[Violation]:
    """Every violated rule, none on a sound database. Any login role may ask."""
    return await s.all(Violation, sql_file("guerdon.plumbing", "catalogue_lint"))


async def require_safe_catalogue(db: Database) -> None:
    """UnsafeCatalogueError names every violation."""
    async with db.control() as s:
        found = await violations(s)
    if found:
        listed = "; ".join(f"{one.rule}: {one.object}" for one in found)
        raise UnsafeCatalogueError(listed)

"""Reads that take one round trip each: no transaction stays open between them."""

from typing import TypeVar
from uuid import UUID

from guerdon.plumbing.db import Database, Params

T = TypeVar("T")
_NO_PARAMS: Params = {}


class PipelinedReads:
    """Stands in for a session where a query is a single statement."""

    def __init__(self, db: Database, tenant_id: UUID) -> None:
        self._db = db
        self.tenant_id = tenant_id

    async def all(self, row: type[T], sql: str, params: Params = _NO_PARAMS) -> list[T]:
        """All rows of the query, in a READ ONLY transaction of its own."""
        return await self._db.fetch(self.tenant_id, row, sql, params)

"""The model in force, in memory in every process that serves members.

A change of the model reaches each process through the change counter, within a second, and so does
that a member was erased; a new file is read and proven in a thread while the old model goes on
serving. No numeric library is
loaded: the process maps the file and reads a few hundred bytes of it per member.
"""

import asyncio
import time
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

import msgspec
import structlog

from guerdon.kit.errors import GuerdonError
from guerdon.plumbing.db import Database
from guerdon.recommendations.model_file import Model, Scored, read_model
from guerdon.recommendations.model_store import ModelStore
from guerdon.runtime import Runtime
from guerdon.tenancy.changes import Changes

Personal = Model
__all__ = ["Personal", "Scored", "forget", "personal"]

# A file that cannot be used may be on its way from another machine: look again after a while.
AGAIN_S: Final = 5.0
log = structlog.get_logger(__name__)


class _InForce(msgspec.Struct, frozen=True):
    version: int
    file_hash: str
    gone: tuple[UUID, ...]


# Who is erased after the export is in the file; clocks of two machines may differ by so much.
_IN_FORCE: Final = """
SELECT m.version, m.file_hash,
       (SELECT coalesce(array_agg(t.member_id), '{}') FROM app.member_tombstone t
         WHERE t.tenant_id = %(tenant_id)s AND t.erased_at > m.made_at - interval '1 hour') AS gone
  FROM app.recommendation_model m WHERE m.tenant_id = %(tenant_id)s AND m.state = 'in_force'
"""


class _Kept(msgspec.Struct, frozen=True):
    """`failed_at` is where the monotonic clock stood when the file in force could not be used."""

    model: Model | None
    version: int
    failed_at: float | None = None


class _Models:
    """The models of this process."""

    def __init__(self, db: Database, store: ModelStore, changes: Changes) -> None:
        self._db = db
        self._store = store
        self._kept: dict[UUID, _Kept] = {}
        self._loading: dict[UUID, asyncio.Lock] = {}
        self._reloads: dict[UUID, asyncio.Task[None]] = {}
        changes.listen("recommendations", self._changed)
        changes.on_lost(self._kept.clear)

    async def get(self, tenant_id: UUID) -> Model | None:
        kept = self._kept.get(tenant_id)
        if kept is None:
            async with self._loading.setdefault(tenant_id, asyncio.Lock()):
                kept = self._kept.get(tenant_id) or await self._load(tenant_id)
        elif kept.failed_at is not None and time.monotonic() - kept.failed_at > AGAIN_S:
            self._begin_reload(tenant_id)
        return kept.model

    def forget(self, tenant_id: UUID) -> None:
        self._kept.pop(tenant_id, None)

    async def _load(self, tenant_id: UUID) -> _Kept:
        """Take in what is in force now; one at a time for a tenant."""
        rows = await self._db.fetch(tenant_id, _InForce, _IN_FORCE)
        before = self._kept.get(tenant_id)
        if not rows:
            kept = _Kept(None, 0)
        elif before and before.version == rows[0].version and before.failed_at is None:
            kept = before
        else:
            kept = await self._read(tenant_id, rows[0], before)
        if kept.model is not None:
            kept.model.gone = frozenset(rows[0].gone)
        self._kept[tenant_id] = kept
        return kept

    async def _read(self, tenant_id: UUID, row: _InForce, before: _Kept | None) -> _Kept:
        try:
            model = await asyncio.to_thread(
                read_model,
                self._store.path(tenant_id, row.file_hash),
                tenant_id=tenant_id,
                file_hash=row.file_hash,
                version=row.version,
            )
        except (GuerdonError, OSError) as error:
            log.error(
                "recommendations.model_unusable",
                tenant_id=str(tenant_id),
                version=row.version,
                code=error.code if isinstance(error, GuerdonError) else type(error).__name__,
                detail=str(error),
            )
            # The one that served so far is better than none.
            standing = None if before is None else before.model
            return _Kept(standing, row.version, time.monotonic())
        return _Kept(model, row.version)

    async def _changed(self, tenant_id: UUID) -> None:
        if tenant_id in self._kept:
            self._begin_reload(tenant_id)

    def _begin_reload(self, tenant_id: UUID) -> None:
        """In a task of its own: a large file must not hold up other changes."""
        waiting = self._reloads.get(tenant_id)

        async def reload() -> None:
            if waiting is not None:
                await asyncio.wait([waiting])
            async with self._loading.setdefault(tenant_id, asyncio.Lock()):
                await self._load(tenant_id)

        self._reloads[tenant_id] = asyncio.create_task(reload())


_models: WeakKeyDictionary[Changes, _Models] = WeakKeyDictionary()


def _of(rt: Runtime) -> _Models:
    found = _models.get(rt.changes)
    if found is None:
        store = ModelStore(rt.settings.files_dir)
        found = _models[rt.changes] = _Models(rt.aside, store, rt.changes)
    return found


async def personal(rt: Runtime, tenant_id: UUID) -> Personal | None:
    """The tenant's model in force; None where there is none, or none that can be used.

    Costs a dictionary look-up once it is in memory. A file that is missing, broken or another
    brand's is logged as `recommendations.model_unusable` and never used.
    """
    return await _of(rt).get(tenant_id)


def forget(rt: Runtime, tenant_id: UUID) -> None:
    """Read the tenant's model anew at the next call."""
    _of(rt).forget(tenant_id)

"""Snapshots: the version in force, one immutable object per tenant in each process."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

import msgspec

from guerdon.parameters.rollouts import RUNNING, Rollout
from guerdon.parameters.sections import Registry, Section
from guerdon.plumbing.db import Database
from guerdon.plumbing.flight import SingleFlight
from guerdon.tenancy.changes import Changes

S = TypeVar("S", bound=Section)


class Snapshot:
    """All sections of one version. `snapshot[TierParameters]` costs a dictionary look-up."""

    __slots__ = ("_sections", "effective_at", "tenant_id", "version")

    def __init__(
        self,
        tenant_id: UUID,
        version: int,
        effective_at: datetime,
        sections: Mapping[type[Section], Section],
    ) -> None:
        self.tenant_id = tenant_id
        self.version = version
        self.effective_at = effective_at
        self._sections = dict(sections)

    def __getitem__(self, section: type[S]) -> S:
        return cast(S, self._sections[section])

    def sections(self) -> dict[type[Section], Section]:
        """All of them."""
        return dict(self._sections)


class _VersionRow(msgspec.Struct):
    version: int
    content: dict[str, Any] | None
    effective_at: datetime


# The version in force and every one after it: scheduled versions are loaded ahead. A process whose
# clock is behind the database's by up to a minute still finds the version that it is in. Contents
# never change, so what is known is not sent again.
_IN_FORCE_AND_LATER = """
WITH standing AS (
  SELECT v.version, v.effective_at FROM app.parameter_version v
   WHERE v.tenant_id = %(tenant_id)s
     AND NOT EXISTS (SELECT FROM app.parameter_withdrawal w
                      WHERE w.tenant_id = v.tenant_id AND w.version = v.version)
), reached AS (
  SELECT max(effective_at) AS at FROM standing WHERE effective_at <= now() - interval '1 minute'
)
SELECT s.version, s.effective_at,
       CASE WHEN s.version = ANY (%(known)s) THEN NULL
            ELSE (SELECT v.content FROM app.parameter_version v
                   WHERE v.tenant_id = %(tenant_id)s AND v.version = s.version) END AS content
  FROM standing s, reached
 WHERE reached.at IS NULL OR s.effective_at >= reached.at
 ORDER BY s.effective_at, s.version
"""


class NoParametersError(LookupError):
    """The tenant has no version in force at this instant, or was never loaded."""


class Snapshots:
    """The snapshots of this process."""

    def __init__(self, db: Database, changes: Changes, registry: Registry) -> None:
        self._db = db
        self.registry = registry
        self._loaded: dict[UUID, tuple[Snapshot, ...]] = {}
        self._rollouts: dict[UUID, tuple[Rollout, Snapshot]] = {}
        self._flight: SingleFlight[UUID, None] = SingleFlight()
        changes.listen("parameters", self._changed)
        changes.on_lost(self._loaded.clear)

    async def ensure(self, tenant_id: UUID) -> None:
        """Load the tenant's versions unless they are in memory."""
        if tenant_id not in self._loaded:
            await self._flight.run(tenant_id, lambda: self.load(tenant_id))

    async def load(self, tenant_id: UUID) -> None:
        """Read the version in force and those scheduled."""
        known = {snapshot.version: snapshot for snapshot in self._loaded.get(tenant_id, ())}
        rows = await self._db.fetch(
            tenant_id, _VersionRow, _IN_FORCE_AND_LATER, {"known": list(known)}
        )
        self._loaded[tenant_id] = tuple(
            known[row.version] if row.content is None else self._snapshot(tenant_id, row)
            for row in rows
        )
        rollouts = await self._db.fetch(tenant_id, Rollout, RUNNING)
        self._rollouts.pop(tenant_id, None)
        for rollout in rollouts:
            for snapshot in self._loaded[tenant_id]:
                if snapshot.version == rollout.version:
                    self._rollouts[tenant_id] = (rollout, snapshot)

    def _snapshot(self, tenant_id: UUID, row: _VersionRow) -> Snapshot:
        # What was published under the rules of its day stays in force under stricter ones.
        sections = self.registry.convert(row.content or {})
        return Snapshot(tenant_id, row.version, row.effective_at, sections)

    def current(self, tenant_id: UUID, now: datetime) -> Snapshot:
        """The snapshot in force at `now`; NoParametersError if none is (or `ensure` was not)."""
        versions = self._loaded.get(tenant_id, ())
        for snapshot in reversed(versions):
            if snapshot.effective_at <= now:
                return snapshot
        if versions:
            # A test clock may stand before the first version; the first one holds from ever.
            return versions[0]
        raise NoParametersError(f"tenant {tenant_id} has no parameters in force")

    def rolling_out(self, tenant_id: UUID) -> bool:
        """Whether some members have other parameters than the rest."""
        return tenant_id in self._rollouts

    def for_member(self, snapshot: Snapshot, member_id: UUID) -> Snapshot:
        """What this member has in place of `snapshot`, the one in force."""
        found = self._rollouts.get(snapshot.tenant_id)
        if found is None:
            return snapshot
        rollout, other = found
        # A draft that is looked at, or a version of another day, is nobody's to replace.
        stands = any(snapshot is one for one in self._loaded.get(snapshot.tenant_id, ()))
        return other if stands and rollout.takes(member_id) else snapshot

    async def version(self, tenant_id: UUID, version: int) -> Snapshot:
        """A version of any age: what a refund or a dispute is computed with."""
        for snapshot in self._loaded.get(tenant_id, ()):
            if snapshot.version == version:
                return snapshot
        async with self._db.read(tenant_id) as s:
            row = await s.one(
                _VersionRow,
                "SELECT version, content, effective_at FROM app.parameter_version"
                " WHERE tenant_id = %(tenant_id)s AND version = %(version)s",
                {"version": version},
            )
        return self._snapshot(tenant_id, row)

    async def _changed(self, tenant_id: UUID) -> None:
        if tenant_id in self._loaded:
            await self.load(tenant_id)

"""Host to tenant, in process memory; a change reaches every process within a second."""

import time
from uuid import UUID

import msgspec

from guerdon.kit.clock import TenantClock
from guerdon.kit.errors import NotFoundError
from guerdon.plumbing.db import Database, ReadSession
from guerdon.plumbing.flight import SingleFlight
from guerdon.tenancy.changes import Changes
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

UNKNOWN_KEPT_S = 3.0
_UNKNOWN_MAX = 10_000


class Directory:
    """Looks tenants up by host, id or slug. Hosts and slugs are those of brands; the operator is
    asked for by its own name."""

    def __init__(self, db: Database, changes: Changes) -> None:
        self._db = db
        self._by_host: dict[str, Tenant] = {}
        self._by_id: dict[UUID, Tenant] = {}
        self._by_slug: dict[str, UUID] = {}
        self._unknown: dict[str, float] = {}
        self._flight: SingleFlight[str, Tenant | None] = SingleFlight()
        changes.listen("tenant", self._changed)
        changes.on_lost(self._forget)

    def peek(self, host: str) -> Tenant | None:
        """The tenant at `host` if it is in memory."""
        return self._by_host.get(host)

    async def by_host(self, host: str) -> Tenant | None:
        """The tenant whose verified host this is (lower case, no port), or None."""
        if (known := self._by_host.get(host)) is not None:
            return known
        if self._unknown.get(host, 0.0) > time.monotonic():
            return None
        return await self._flight.run(host, lambda: self._look_up(host))

    async def refresh(self, tenant_id: UUID) -> Tenant:
        """The tenant as it is this moment, in this process at once."""
        return await self._load(tenant_id)

    async def _look_up(self, host: str) -> Tenant | None:
        async with self._db.control() as s:
            tenant_id = await s.value("SELECT ctl.resolve_host(%(host)s)", {"host": host})
        if tenant_id is None:
            if len(self._unknown) >= _UNKNOWN_MAX:
                self._unknown.clear()
            self._unknown[host] = time.monotonic() + UNKNOWN_KEPT_S
            return None
        return await self._load(tenant_id)

    async def by_id(self, tenant_id: UUID) -> Tenant:
        """The tenant of this id; NotFoundError if there is none."""
        return self._by_id.get(tenant_id) or await self._load(tenant_id)

    async def operator(self) -> Tenant:
        """The platform's operator."""
        return await self.by_id(OPERATOR_ID)

    async def by_slug(self, slug: str) -> Tenant:
        """The brand of this slug; NotFoundError if there is none."""
        if (known := self._by_slug.get(slug)) is not None:
            return await self.by_id(known)
        async with self._db.control() as s:
            tenant_id = await s.value("SELECT ctl.tenant_by_slug(%(slug)s)", {"slug": slug})
        if tenant_id is None:
            raise NotFoundError(f"There is no tenant {slug!r}.", field="slug")
        return await self.by_id(tenant_id)

    async def read(self, s: ReadSession, tenant_id: UUID) -> Tenant:
        """The tenant as this transaction sees it, changes of its own included."""
        return await s.one(Tenant, "SELECT * FROM ctl.read_tenant_v2(%(id)s)", {"id": tenant_id})

    async def _load(self, tenant_id: UUID) -> Tenant:
        async with self._db.control() as s:
            found = await s.all(
                Tenant, "SELECT * FROM ctl.read_tenant_v2(%(id)s)", {"id": tenant_id}
            )
            clocks = await s.all(
                TenantClock, "SELECT * FROM ctl.tenant_clock_v1(%(id)s)", {"id": tenant_id}
            )
        if not found:
            raise NotFoundError("There is no such tenant.")
        self._drop(tenant_id)
        tenant = msgspec.structs.replace(found[0], clock=clocks[0])
        self._by_id[tenant.id] = tenant
        if tenant.id != OPERATOR_ID:
            self._by_slug[tenant.slug] = tenant.id
        for host in tenant.hosts:
            self._by_host[host] = tenant
        return tenant

    async def _changed(self, tenant_id: UUID) -> None:
        self._unknown.clear()
        if tenant_id in self._by_id:
            # Load before dropping: requests in between are served by what was true until now.
            await self._load(tenant_id)

    def _drop(self, tenant_id: UUID) -> None:
        gone = self._by_id.pop(tenant_id, None)
        if gone is None:
            return
        self._by_slug.pop(gone.slug, None)
        # Its own hosts only: a look at every brand's would cost more with every brand.
        for host in gone.hosts:
            if (known := self._by_host.get(host)) is not None and known.id == tenant_id:
                del self._by_host[host]

    def _forget(self) -> None:
        self._by_host.clear()
        self._by_id.clear()
        self._by_slug.clear()
        self._unknown.clear()

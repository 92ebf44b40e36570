"""What every operation has at hand, made once per process by its composition root."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from guerdon.kit.clock import Clock, SystemClock
from guerdon.parameters.sections import NO_RULES, Registry, Rules, Section
from guerdon.parameters.snapshot import Snapshot, Snapshots
from guerdon.plumbing.cache import Valkey, open_valkey
from guerdon.plumbing.catalogue_lint import require_safe_catalogue
from guerdon.plumbing.crypto import MasterKey, SecretBox
from guerdon.plumbing.db import Database, ReadOnlyDatabase
from guerdon.plumbing.egress import Egress
from guerdon.plumbing.files import FileStore
from guerdon.settings import Settings
from guerdon.tenancy.allowances import Allowances
from guerdon.tenancy.changes import Changes
from guerdon.tenancy.directory import Directory
from guerdon.tenancy.maintenance import Maintenance
from guerdon.tenancy.terms import Terms


@dataclass(frozen=True, slots=True)
class Runtime:
    """The process' own: settings, database, Valkey, clock, tenants, parameters, secrets, egress.

    `aside` is a line to the database of its own, for what is asked while a connection of `db` is
    held: what a process keeps in memory, how far a job is. Over one pool, a crowd that holds every
    connection would wait for itself.
    """

    settings: Settings
    db: Database
    aside: Database
    valkey: Valkey
    clock: Clock
    changes: Changes
    directory: Directory
    maintenance: Maintenance
    allowances: Allowances
    snapshots: Snapshots
    secrets: SecretBox
    egress: Egress
    files: FileStore
    terms: Terms

    def read_only(self) -> "Runtime":
        """The same for a request that must not write, whatever it tries."""
        return replace(self, db=ReadOnlyDatabase(self.db), aside=ReadOnlyDatabase(self.aside))

    async def now(self, tenant_id: UUID) -> datetime:
        """The programme's instant: real time, but for a sandbox whose clock was moved."""
        return (await self.directory.by_id(tenant_id)).time(self.clock.now())

    async def snapshot(
        self, tenant_id: UUID, now: datetime, *, member_id: UUID | None = None
    ) -> Snapshot:
        """The tenant's parameters in force at `now`, loaded when they are not in memory.

        With `member_id`, what that member has: a rollout may have given them others.
        """
        await self.snapshots.ensure(tenant_id)
        found = self.snapshots.current(tenant_id, now)
        return found if member_id is None else self.snapshots.for_member(found, member_id)


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    *,
    role: str,
    sections: Sequence[type[Section]],
    rules: Rules = NO_RULES,
    clock: Clock | None = None,
    pool_size: int | None = None,
) -> AsyncIterator[Runtime]:
    """Connect as `guerdon_<role>`; everything is closed at the end."""
    pool = partial(
        Database,
        settings.database_dsn(role),
        bytes.fromhex(settings.context_key),
        prepare=settings.database_prepare,
        wait_s=settings.database_wait_s,
    )
    db = pool(pool_size=pool_size or settings.database_pool_size)
    aside = pool(pool_size=2, kept_open=1)
    await db.open()
    await aside.open()
    await require_safe_catalogue(db)
    valkey = open_valkey(settings.redis_url)
    egress = Egress(settings.egress_allowed_origins)
    changes = Changes(aside)
    at = clock or SystemClock()
    runtime = Runtime(
        settings=settings,
        db=db,
        aside=aside,
        valkey=valkey,
        clock=at,
        changes=changes,
        directory=Directory(aside, changes),
        maintenance=Maintenance(aside, changes),
        allowances=Allowances(aside, changes, at),
        snapshots=Snapshots(aside, changes, Registry(sections, rules.of_content, rules.of_change)),
        secrets=SecretBox(MasterKey(bytes.fromhex(settings.master_key))),
        egress=egress,
        files=FileStore(Path(settings.files_dir)),
        terms=Terms(settings.terms_dir),
    )
    await changes.start()
    await runtime.maintenance.load()
    await runtime.allowances.load()
    try:
        yield runtime
    finally:
        await changes.stop()
        await egress.close()
        await valkey.aclose()
        await aside.close()
        await db.close()

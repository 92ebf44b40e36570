"""Change sets, made as the console makes them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from guerdon.identity.roles import AREAS
from guerdon.kit.ids import uuid7
from guerdon.parameters import drafts
from guerdon.parameters.drafts import Wish
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

AUTHOR = "staff:019a0000-0000-7000-8000-0000000000aa"


async def change_set(
    rt: Runtime, tenant: Tenant, edits: Mapping[str, Any], *, title: str = "Spring"
) -> UUID:
    """A draft with these edits."""
    made = uuid7()
    async with rt.db.write(tenant.id) as s:
        await drafts.create(s, change_set_id=made, title=title, actor=AUTHOR, now=rt.clock.now())
    await edit(rt, tenant, made, edits, row_version=1)
    return made


async def edit(
    rt: Runtime, tenant: Tenant, made: UUID, edits: Mapping[str, Any], *, row_version: int
) -> None:
    """More edits."""
    async with rt.db.write(tenant.id) as s:
        await drafts.edit(
            s,
            registry=rt.snapshots.registry,
            change_set_id=made,
            row_version=row_version,
            wishes=[Wish(path, value) for path, value in edits.items()],
            actor=AUTHOR,
            areas=AREAS,
            now=rt.clock.now(),
        )


async def discard(rt: Runtime, tenant: Tenant, made: UUID) -> None:
    """Throw it away."""
    async with rt.db.write(tenant.id) as s:
        await drafts.discard(s, change_set_id=made, actor=AUTHOR, now=rt.clock.now())

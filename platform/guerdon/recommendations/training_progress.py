"""How far a training is, told where every process can read it."""

from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

import msgspec

from guerdon.kit.errors import UnavailableError
from guerdon.plumbing import cache
from guerdon.plumbing.cache import reach
from guerdon.recommendations.learning.plan import Progress
from guerdon.runtime import Runtime

# The last word of a process that died is not believed for longer.
_TOLD_S: Final = int(timedelta(minutes=10).total_seconds())
_KEY: Final = "training"


async def tell(rt: Runtime, tenant_id: UUID, progress: Progress) -> None:
    """Say how far it is; the training goes on where it cannot be said."""
    with suppress(UnavailableError):
        name = cache.key(tenant_id, _KEY)
        await reach(rt.valkey.set(name, msgspec.msgpack.encode(progress), ex=_TOLD_S))


async def told(rt: Runtime, tenant_id: UUID) -> Progress:
    """What was said last."""
    raw = await reach(rt.valkey.get(cache.key(tenant_id, _KEY)))
    return msgspec.msgpack.decode(raw, type=Progress) if raw else Progress("")


async def forget(rt: Runtime, tenant_id: UUID) -> None:
    """It is over."""
    with suppress(UnavailableError):
        await reach(rt.valkey.delete(cache.key(tenant_id, _KEY)))

"""Hard limits, where something is added. A soft limit is told and charged, never refused."""

import time
from datetime import date
from typing import Final
from uuid import UUID

from guerdon.plans import meters
from guerdon.plans.errors import QuotaReachedError
from guerdon.plans.periods import period_of
from guerdon.plans.plans import Meter, Quota
from guerdon.plans.queries import CHOSEN, Chosen, chosen
from guerdon.plumbing.db import Database, ReadSession, WriteSession
from guerdon.plumbing.files import FileStore

# For so long the end of a quota of its own may go unnoticed; a change of plan is told.
KEPT_S: Final = 2.0
_KEPT_MAX: Final = 20_000
_kept: dict[UUID, tuple[float, Chosen]] = {}


async def guard_members(s: WriteSession, count: int) -> None:
    """QuotaReachedError where the plan has no room for `count` more members.

    Whoever adds near a hard limit waits for the others who do, so that it holds exactly.
    """
    quota = (await chosen(s)).quotas["members"]
    if quota.limit is None or quota.policy == "soft":
        return
    await s.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(tenant_id)s::text || '/quota/members', 0))"
    )
    there = await s.value(
        # Nobody counts a million rows to know that there is no room for one.
        "SELECT count(*) FROM (SELECT FROM app.member WHERE tenant_id = %(tenant_id)s"
        " AND status <> 'erased' LIMIT %(bound)s) x",
        {"bound": quota.limit + 1},
    )
    _check("members", quota, int(there), count)


async def require_order(db: Database, tenant_id: UUID, *, principal: str, key: str) -> None:
    """QuotaReachedError where the orders of the month are used up.

    Costs nothing where the plan sets no hard limit. Two that are placed at the same instant may
    both be the last one. What was placed under `key` before is not refused: it is answered again.
    """
    quota = (await _chosen(db, tenant_id)).quotas["orders"]
    if quota.limit is None or quota.policy == "soft":
        return
    async with db.read(tenant_id) as s:
        there = await meters.count(s, "orders", period=await _period(s))
        if there >= quota.limit and not await s.value(
            "SELECT 1 FROM app.idempotency WHERE tenant_id = %(tenant_id)s"
            " AND principal = %(principal)s AND key = %(key)s",
            {"principal": principal, "key": key},
        ):
            _check("orders", quota, there, 1)


async def require_seats(s: WriteSession, count: int) -> None:
    """QuotaReachedError where `count` more cannot work for the brand."""
    quota = (await chosen(s)).quotas["seats"]
    if quota.limit is not None and quota.policy == "hard":
        _check("seats", quota, await meters.count(s, "seats", period=await _period(s)), count)


async def require_storage(s: ReadSession, files: FileStore, size: int) -> None:
    """QuotaReachedError where a file of `size` bytes has no room."""
    quota = (await chosen(s)).quotas["storage"]
    if quota.limit is not None and quota.policy == "hard":
        _check("storage", quota, await files.used(s.tenant_id), size)


async def _period(s: ReadSession) -> date:
    """The month of real time, which a sandbox's own clock does not move."""
    return period_of(await s.value("SELECT now()"))


def forget(tenant_id: UUID) -> None:
    """What was known of a brand's plan is looked up anew."""
    _kept.pop(tenant_id, None)


async def _chosen(db: Database, tenant_id: UUID) -> Chosen:
    kept = _kept.get(tenant_id)
    if kept is not None and time.monotonic() - kept[0] < KEPT_S:
        return kept[1]
    rows = await db.fetch(tenant_id, Chosen, CHOSEN, {})
    if len(_kept) >= _KEPT_MAX:
        _kept.clear()
    found = rows[0] if rows else Chosen()
    _kept[tenant_id] = (time.monotonic(), found)
    return found


_WORDS: Final = {
    "members": "members", "orders": "orders a month", "seats": "people who work for the brand",
    "storage": "bytes of files",
}  # fmt: skip


def _check(meter: Meter, quota: Quota, there: int, more: int) -> None:
    if quota.limit is not None and there + more > quota.limit:
        raise QuotaReachedError(
            f"The plan of the programme includes {quota.limit} {_WORDS[meter]}. Nothing is lost;"
            " an owner of the brand can choose a larger plan in the console.",
            quota=meter,
            limit=quota.limit,
            used=there,
        )

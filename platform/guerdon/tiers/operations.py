"""Changing standings."""

from uuid import UUID

from guerdon.plumbing.db import WriteSession


async def count(s: WriteSession, *, account_id: UUID, period: int, points: int) -> int:
    """Count `points` (below zero: take them off) in a period; what the period has after it.

    The caller has locked the wallet.
    """
    qualifying: int = await s.value(
        "SELECT app.tiers_add_v1(%(tenant_id)s, %(account_id)s, %(period)s::integer,"
        " %(points)s::bigint)",
        {"account_id": account_id, "period": period, "points": points},
    )
    return qualifying

"""Members drawn to try something on: few, and the same ones again, however many there are."""

from typing import Final
from uuid import UUID

from guerdon.plumbing.db import ReadSession

SAMPLED_MAX: Final = 100


async def sampled(s: ReadSession) -> list[UUID]:
    """Up to a hundred active members. Member numbers come from chance, so that the lowest are as
    good a draw as any."""
    return await s.all(
        UUID,
        "SELECT id FROM app.member WHERE tenant_id = %(tenant_id)s AND status = 'active'"
        " AND number IS NOT NULL ORDER BY number LIMIT %(most)s",
        {"most": SAMPLED_MAX},
    )

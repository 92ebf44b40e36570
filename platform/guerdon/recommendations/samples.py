"""Members drawn to try something on: few, and the same ones again, however many there are."""

from typing import Final
from uuid import UUID

from guerdon.plumbing.db import ReadSession

SAMPLED_MAX: Final = 100
# Member numbers are random, so that the one after each of these is drawn by chance.
_POINTS: Final = tuple(f"{n * 10**12 // SAMPLED_MAX:012d}" for n in range(SAMPLED_MAX))


async def sampled(s: ReadSession) -> list[UUID]:
    """Up to a hundred active members, all of them where there are no more."""
    few = await s.all(
        UUID,
        "SELECT id FROM app.member WHERE tenant_id = %(tenant_id)s AND status = 'active'"
        " AND number IS NOT NULL ORDER BY number LIMIT %(most)s",
        {"most": SAMPLED_MAX + 1},
    )
    if len(few) <= SAMPLED_MAX:
        return few
    drawn = await s.all(
        UUID,
        """
        SELECT m.id FROM unnest(%(points)s::text[]) WITH ORDINALITY AS p (point, n)
          CROSS JOIN LATERAL (
            SELECT id FROM app.member
             WHERE tenant_id = %(tenant_id)s AND number >= p.point AND status = 'active'
             ORDER BY number LIMIT 1) m
         ORDER BY p.n
        """,
        {"points": list(_POINTS)},
    )
    return list(dict.fromkeys(drawn))

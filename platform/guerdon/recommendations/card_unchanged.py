"""Whether a file says what is in force already. It is only read: an import that would change
nothing writes no row, however large the base."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

import msgspec

from guerdon.members.import_rows import RowError
from guerdon.plumbing.db import ReadSession
from guerdon.recommendations import card_bases
from guerdon.recommendations.card_placing import members_named, unknown
from guerdon.recommendations.card_rows import Approval
from guerdon.runtime import Runtime

# A file with more than these is imported as if it were new.
ERRORS_MAX: Final = 10_000
_THE_SAME: Final = """
SELECT c.line
  FROM unnest(%(members)s::uuid[], %(banks)s::text[], %(variants)s::text[], %(limits)s::bigint[],
              %(currencies)s::text[], %(days)s::date[], %(consents)s::boolean[])
    AS u(member_id, bank, variant, limit_minor, currency, valid_until, consent)
  JOIN app.card_preapproval c
    ON c.tenant_id = %(tenant_id)s AND c.base_id = %(base)s AND c.member_id = u.member_id
   AND c.bank = u.bank
 WHERE c.variant = u.variant AND c.limit_minor IS NOT DISTINCT FROM u.limit_minor
   AND c.currency = u.currency AND c.valid_until = u.valid_until AND c.consent = u.consent
"""


class Same(msgspec.Struct, frozen=True):
    """The base in force, how many lines say it, and the lines that say nothing."""

    base: card_bases.Base
    taken: int
    errors: list[RowError]


async def same_as_in_force(
    rt: Runtime,
    *,
    tenant_id: UUID,
    name: str,
    chunks: Iterator[tuple[list[Approval], list[RowError]]],
) -> Same | None:
    """What is in force under `name`, if the lines come to exactly that; None if they may not."""
    async with rt.db.read(tenant_id) as s:
        base = await card_bases.in_force(s, name=name)
    if base is None:
        return None
    # One bit for each line of the base that has been found: an order of its own needs no memory.
    found, taken, errors = bytearray(), 0, list[RowError]()
    for rows, unread in chunks:
        async with rt.db.read(tenant_id) as s:
            known = await members_named(s, rows)
            placed = [(r, known.get((r.named_by, r.name))) for r in rows]
            lines = await _the_same(s, base.id, [(r, m) for r, m in placed if m is not None])
        errors += unread
        errors += [unknown(row) for row, member_id in placed if member_id is None]
        if len(lines) < sum(m is not None for _, m in placed) or len(errors) > ERRORS_MAX:
            return None
        found.extend(bytes(max(0, max(lines, default=0) // 8 + 1 - len(found))))
        for line in lines:
            if found[line // 8] & 1 << line % 8:
                return None
            found[line // 8] |= 1 << line % 8
        taken += len(lines)
    return Same(base, taken, errors) if taken == base.rows else None


async def _the_same(
    s: ReadSession, base_id: UUID, placed: Sequence[tuple[Approval, UUID]]
) -> list[int]:
    """The lines of the base that say just this."""
    rows = [row for row, _ in placed]
    return await s.all(
        int,
        _THE_SAME,
        {
            "base": base_id,
            "members": [member_id for _, member_id in placed],
            "banks": [row.bank for row in rows],
            "variants": [row.variant for row in rows],
            "limits": [row.limit_minor for row in rows],
            "currencies": [row.currency for row in rows],
            "days": [row.valid_until for row in rows],
            "consents": [row.consent for row in rows],
        },
    )

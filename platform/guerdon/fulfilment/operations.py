"""The counter's side: hand over against a code."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.fulfilment.errors import UnknownCodeError
from guerdon.fulfilment.providers.counter import code_hash
from guerdon.plumbing.db import WriteSession


class Collected(msgspec.Struct, frozen=True):
    """What was handed over: the order's id (the redemption's), its number, what is in it."""

    id: UUID
    supplier: str
    purchase_order: str
    lines: dict[str, int]
    placed_at: datetime


async def collect(
    s: WriteSession, *, code: str, data_key: bytes, by: str, now: datetime
) -> Collected:
    """Hand the order with this code over, once; `by` names who did, for the record.

    Raises UnknownCodeError for a code that is not known or was used.
    """
    found = await s.one_or_none(
        Collected,
        """
        UPDATE app.counter_order SET collected_at = %(now)s, collected_by = %(by)s
         WHERE tenant_id = %(tenant_id)s AND code_hash = %(hash)s AND collected_at IS NULL
           AND withdrawn_at IS NULL
        RETURNING id, supplier, purchase_order, lines, placed_at
        """,
        {"hash": code_hash(data_key, code), "by": by, "now": now},
    )
    if found is None:
        raise UnknownCodeError
    return found


class Given(msgspec.Struct, frozen=True):
    """The code that a member was given for an order."""

    id: UUID
    code: str


async def keep_codes(s: WriteSession, given: Sequence[Given], *, data_key: bytes) -> None:
    """Let codes work that were given under another key of the brand."""
    await s.execute(
        """
        UPDATE app.counter_order o SET code_hash = g.hash
          FROM unnest(%(ids)s::uuid[], %(hashes)s::bytea[]) AS g (id, hash)
         WHERE o.tenant_id = %(tenant_id)s AND o.id = g.id
        """,
        {
            "ids": [one.id for one in given],
            "hashes": [code_hash(data_key, one.code) for one in given],
        },
    )


async def withdraw(s: WriteSession, *, order_id: UUID, now: datetime) -> bool:
    """Take an order off the counter before it is handed over; False when it is too late."""
    touched = await s.execute(
        """
        UPDATE app.counter_order SET withdrawn_at = %(now)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND collected_at IS NULL
           AND withdrawn_at IS NULL
        """,
        {"id": order_id, "now": now},
    )
    return touched == 1

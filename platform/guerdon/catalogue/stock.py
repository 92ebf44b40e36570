"""Counting stock, taking from it, putting back."""

from datetime import datetime
from uuid import UUID

from guerdon.catalogue.errors import InvalidStockError, ProductStateError
from guerdon.catalogue.operations import bump_revision
from guerdon.plumbing.db import WriteSession


async def count_stock(s: WriteSession, *, variant_id: UUID, on_hand: int) -> int:
    """State how many pieces there are; returns how many there were."""
    if not 0 <= on_hand <= 10_000_000:
        raise InvalidStockError(field="on_hand")
    before = await s.value(
        "SELECT app.catalogue_count_stock_v1(%(tenant_id)s, v.id, %(on_hand)s)"
        " FROM app.product_variant v WHERE v.tenant_id = %(tenant_id)s AND v.id = %(variant)s",
        {"variant": variant_id, "on_hand": on_hand},
    )
    if before is None:
        raise ProductStateError("There is no such variant.", field="variant")
    await bump_revision(s)
    return int(before)


async def reserve(s: WriteSession, *, variant_id: UUID, quantity: int, now: datetime) -> None:
    """Take pieces out of stock; the last step of a transaction.

    Raises OutOfStockError, ProductUnavailableError, NotFoundError.
    """
    await s.execute(
        "SELECT app.catalogue_reserve_v1(%(tenant_id)s, %(variant)s, %(quantity)s, %(now)s)",
        {"variant": variant_id, "quantity": quantity, "now": now},
    )


async def release(s: WriteSession, *, variant_id: UUID, quantity: int) -> None:
    """Put pieces back; the caller's state sees to it that this happens once."""
    await s.execute(
        "SELECT app.catalogue_release_v1(%(tenant_id)s, %(variant)s, %(quantity)s)",
        {"variant": variant_id, "quantity": quantity},
    )

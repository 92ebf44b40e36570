"""Keeping a listed product in step with its supplier's offer.

Offers are asked for outside any transaction, through the fulfilment port, and handed in here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec

from guerdon.catalogue.errors import OfferGoneError
from guerdon.catalogue.operations import bump_revision
from guerdon.kit.errors import NotFoundError
from guerdon.kit.money import Money
from guerdon.plumbing.db import WriteSession


class Offer(Protocol):
    """What is read of a supplier's product with its offer."""

    @property
    def price(self) -> Money | None: ...
    @property
    def available(self) -> bool: ...
    @property
    def quantity_available(self) -> int | None: ...
    @property
    def restrictions(self) -> Sequence[str]: ...
    @property
    def offer(self) -> str | None: ...


class _Listed(msgspec.Struct):
    product_id: UUID
    cost_minor: int
    cost_currency: str
    unlimited: bool
    on_hand: int


async def refresh(s: WriteSession, *, variant_id: UUID, offer: Offer | None, now: datetime) -> str:
    """Bring a listed variant up to date with the supplier's present offer.

    A restricted offer takes its product out of the catalogue and keeps it out; an offer that is
    gone takes the variant's stock away, one that is back brings it again. Answers `unchanged`,
    `changed`, `withdrawn`, `gone` or `back`.
    """
    listed = await s.one_or_none(
        _Listed,
        "SELECT p.id AS product_id, v.cost_minor, p.cost_currency, v.unlimited,"
        " coalesce((SELECT sum(k.on_hand) FROM app.product_stock k"
        " WHERE k.tenant_id = %(tenant_id)s AND k.variant_id = v.id), 0) AS on_hand"
        " FROM app.product_variant v JOIN app.product p"
        " ON p.tenant_id = %(tenant_id)s AND p.id = v.product_id"
        " WHERE v.tenant_id = %(tenant_id)s AND v.id = %(id)s FOR NO KEY UPDATE OF p",
        {"id": variant_id},
    )
    if listed is None:
        raise NotFoundError("There is no such variant.", field="variant")
    restriction = offer.restrictions[0] if offer is not None and offer.restrictions else None
    if restriction is not None:
        await s.execute(
            "UPDATE app.product_variant SET restriction = %(restriction)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": variant_id, "restriction": restriction[:500]},
        )
        await s.execute(
            "UPDATE app.product SET status = 'withdrawn', row_version = row_version + 1,"
            " fingerprint = '', changed_at = %(now)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND status = 'published'",
            {"id": listed.product_id, "now": now},
        )
        await bump_revision(s)
        return "withdrawn"
    if offer is None or offer.price is None or not offer.available:
        await _stock(s, variant_id, 0)
        return "gone"
    back = not listed.unlimited and not listed.on_hand
    if back:
        await _stock(s, variant_id, offer.quantity_available)
    if offer.price == Money(listed.cost_minor, listed.cost_currency):
        return "back" if back else "unchanged"
    if offer.price.currency != listed.cost_currency:
        raise OfferGoneError("The supplier's currency has changed: pick it anew.", field="sku")
    await s.execute(
        "UPDATE app.product_variant SET cost_minor = %(cost)s, offer = %(offer)s,"
        " restriction = NULL WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": variant_id, "cost": offer.price.minor, "offer": offer.offer},
    )
    await s.execute(
        "UPDATE app.product p SET fingerprint = '', changed_at = %(now)s,"
        " row_version = row_version + 1, cost_minor = (SELECT min(v.cost_minor)"
        " FROM app.product_variant v WHERE v.tenant_id = %(tenant_id)s"
        " AND v.product_id = p.id AND v.active)"
        " WHERE p.tenant_id = %(tenant_id)s AND p.id = %(id)s",
        {"id": listed.product_id, "now": now},
    )
    await bump_revision(s)
    return "changed"


async def _stock(s: WriteSession, variant_id: UUID, pieces: int | None) -> None:
    """So many pieces; None: as many as are asked for."""
    await s.execute(
        "UPDATE app.product_variant SET unlimited = %(unlimited)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": variant_id, "unlimited": pieces is None},
    )
    await s.value(
        "SELECT app.catalogue_count_stock_v1(%(tenant_id)s, %(id)s, %(pieces)s)",
        {"id": variant_id, "pieces": pieces or 0},
    )
    await bump_revision(s)

"""Products that may stand in a slate, as one reader sees them: read when wanted, then kept."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

import msgspec

from guerdon.catalogue.cards import CARD, IN_STOCK, OFFERED, CardRow, Reader, card
from guerdon.catalogue.schemas import Card
from guerdon.plumbing.db import Database

# Stock and dates are looked at again after this; a checkout looks once more anyway.
KEPT_S: Final = 20.0
_READERS_MAX: Final = 200
_PRODUCTS_MAX: Final = 20_000


class Shown(msgspec.Struct, frozen=True):
    """A product's card and the SKU of its first variant."""

    sku: str
    card: Card


class _Row(CardRow):
    sku: str


_SKU = """(SELECT v.sku FROM app.product_variant v
  WHERE v.tenant_id = %(tenant_id)s AND v.product_id = p.id AND v.active
  ORDER BY v.position LIMIT 1)"""
_BY_ID = f"""
SELECT {CARD}, {_SKU} AS sku FROM app.product p
 WHERE {OFFERED} AND {IN_STOCK} AND p.id = ANY (%(ids)s::uuid[])
"""
_BY_SKU = f"""
SELECT {CARD}, w.sku FROM app.product_variant w
  JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = w.product_id
 WHERE w.tenant_id = %(tenant_id)s AND w.active AND w.sku = ANY (%(skus)s::text[])
   AND {OFFERED} AND {IN_STOCK}
"""


class Shelf:
    """The products of one brand, version, language and tier that were asked for; what cannot be
    had is None."""

    def __init__(self) -> None:
        self.at = time.monotonic()
        self.by_id: dict[UUID, Shown | None] = {}
        self.by_sku: dict[str, Shown | None] = {}
        # Whatever can be had, by the SKU that it is shown under.
        self.shown: dict[str, Shown] = {}


class Products:
    """The shelves of this process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._shelves: OrderedDict[tuple[UUID, int, str, str | None], Shelf] = OrderedDict()

    async def of(
        self,
        tenant_id: UUID,
        *,
        version: int,
        reader: Reader,
        ids: Iterable[UUID],
        skus: Iterable[str],
    ) -> Shelf:
        """The shelf, with at least these products by id and by SKU."""
        key = (tenant_id, version, reader.language, reader.tier)
        shelf = self._shelves.get(key)
        if (
            shelf is None
            or time.monotonic() - shelf.at > KEPT_S
            or len(shelf.by_id) > _PRODUCTS_MAX
        ):
            shelf = self._shelves[key] = Shelf()
            if len(self._shelves) > _READERS_MAX:
                self._shelves.popitem(last=False)
        wanted = [i for i in ids if i not in shelf.by_id]
        if wanted:
            rows = await self._db.fetch(tenant_id, _Row, _BY_ID, reader.params() | {"ids": wanted})
            found = {r.id: _shown(r, reader) for r in rows}
            shelf.by_id |= dict.fromkeys(wanted) | found
            shelf.shown = {one.sku: one for one in found.values()} | shelf.shown
        named = [sku for sku in skus if sku not in shelf.by_sku]
        if named:
            rows = await self._db.fetch(tenant_id, _Row, _BY_SKU, reader.params() | {"skus": named})
            of_sku = {r.sku: _shown(r, reader) for r in rows}
            shelf.by_sku |= dict.fromkeys(named) | of_sku
            shelf.shown |= of_sku
        return shelf

    def forget(self, tenant_id: UUID) -> None:
        """Read anew at the next call."""
        for key in [key for key in self._shelves if key[0] == tenant_id]:
            del self._shelves[key]


def _shown(row: _Row, reader: Reader) -> Shown:
    return Shown(row.sku, card(row, reader))

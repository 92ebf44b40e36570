"""Contract prices: what the brand pays a supplier, for a time, by volume; and what that saves."""

import hashlib
from collections import Counter
from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.catalogue import pricing
from guerdon.catalogue.cards import TEXT, Reader, Reads
from guerdon.catalogue.errors import PriceListError
from guerdon.catalogue.schemas import MarginRow, PriceListDefinition, ProductText, UnitCost
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.plumbing.db import WriteSession, jsonb

_LINES_PER_CHUNK = 5_000


class _Known(msgspec.Struct):
    id: UUID
    fingerprint: bytes


class _Sku(msgspec.Struct):
    sku: str
    id: UUID
    supplier: str
    cost_currency: str


async def apply_price_list(
    s: WriteSession, *, definition: PriceListDefinition, now: datetime
) -> UUID:
    """Make the list with this key be as defined; returns its id. PriceListError names the line.

    Lists may overlap: the one that starts last wins. The same definition again changes nothing.
    """
    digest = hashlib.sha256(msgspec.json.encode(definition, order="deterministic")).digest()
    known = await s.one_or_none(
        _Known,
        "SELECT id, fingerprint FROM app.price_list"
        " WHERE tenant_id = %(tenant_id)s AND key = %(key)s",
        {"key": definition.key},
    )
    if known is not None and known.fingerprint == digest:
        return known.id
    found = await _check(s, definition)
    list_id: UUID = await s.value(
        "INSERT INTO app.price_list AS l (tenant_id, id, key, supplier, name, currency,"
        " valid_from, valid_to, fingerprint, changed_at)"
        " VALUES (%(tenant_id)s, %(id)s, %(key)s, %(supplier)s, %(name)s, %(currency)s,"
        " %(valid_from)s, %(valid_to)s, %(fingerprint)s, %(now)s)"
        " ON CONFLICT (tenant_id, key) DO UPDATE SET supplier = excluded.supplier,"
        " name = excluded.name, currency = excluded.currency, valid_from = excluded.valid_from,"
        " valid_to = excluded.valid_to, fingerprint = excluded.fingerprint,"
        " changed_at = excluded.changed_at,"
        " row_version = l.row_version + 1 RETURNING id",
        {
            "id": uuid7(),
            "key": definition.key,
            "supplier": definition.supplier,
            "name": definition.name,
            "currency": definition.currency,
            "valid_from": definition.valid_from,
            "valid_to": definition.valid_to,
            "fingerprint": digest,
            "now": now,
        },
    )
    await s.execute(
        "DELETE FROM app.price_list_line"
        " WHERE tenant_id = %(tenant_id)s AND price_list_id = %(id)s",
        {"id": list_id},
    )
    rows = [
        {
            "variant": found[line.sku].id,
            "min_quantity": line.min_quantity,
            "unit": Money.parse(line.price, definition.currency).minor,
        }
        for line in definition.lines
    ]
    for start in range(0, len(rows), _LINES_PER_CHUNK):
        await s.execute(
            "INSERT INTO app.price_list_line"
            " (tenant_id, price_list_id, variant_id, min_quantity, unit_minor)"
            " SELECT %(tenant_id)s, %(id)s, r.variant, r.min_quantity, r.unit"
            " FROM jsonb_to_recordset(%(rows)s)"
            " AS r(variant uuid, min_quantity integer, unit bigint)",
            {"id": list_id, "rows": jsonb(rows[start : start + _LINES_PER_CHUNK])},
        )
    return list_id


async def _check(s: WriteSession, definition: PriceListDefinition) -> dict[str, _Sku]:
    if definition.valid_from.tzinfo is None or (
        definition.valid_to is not None and definition.valid_to.tzinfo is None
    ):
        raise PriceListError("An instant needs its offset from UTC.", field="valid_from")
    if definition.valid_to is not None and definition.valid_to <= definition.valid_from:
        raise PriceListError("The end is not after the start.", field="valid_to")
    found = {
        row.sku: row
        for row in await s.all(
            _Sku,
            "SELECT v.sku, v.id, p.supplier, p.cost_currency FROM app.product_variant v"
            " JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = v.product_id"
            " WHERE v.tenant_id = %(tenant_id)s AND v.sku = ANY (%(skus)s)",
            {"skus": sorted({line.sku for line in definition.lines})},
        )
    }
    steps = Counter((line.sku, line.min_quantity) for line in definition.lines)
    for i, line in enumerate(definition.lines):
        field = f"lines[{i}]"
        known = found.get(line.sku)
        if known is None:
            raise PriceListError(f"There is no SKU {line.sku}.", field=field)
        if known.supplier != definition.supplier:
            raise PriceListError(f"{line.sku} comes from {known.supplier}.", field=field)
        if known.cost_currency != definition.currency:
            raise PriceListError(f"{line.sku} is priced in {known.cost_currency}.", field=field)
        if steps[line.sku, line.min_quantity] > 1:
            raise PriceListError(f"{line.sku} has a quantity twice.", field=field)
        try:
            if not Money.parse(line.price, definition.currency).minor:
                raise PriceListError("A price is above zero.", field=field)
        except ValueError as error:
            raise PriceListError(f"{error}.", field=field) from error
    return found


class _CostRow(msgspec.Struct):
    list_minor: int
    currency: str
    unit_minor: int | None
    key: str | None
    min_quantity: int | None


# The list that started last, and in it the highest step that the quantity reaches.
_UNIT_COST = """
SELECT v.cost_minor AS list_minor, p.cost_currency AS currency, c.unit_minor, c.key, c.min_quantity
  FROM app.product_variant v
  JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = v.product_id
  LEFT JOIN LATERAL (
    SELECT n.unit_minor, l.key, n.min_quantity
      FROM app.price_list_line n
      JOIN app.price_list l ON l.tenant_id = %(tenant_id)s AND l.id = n.price_list_id
     WHERE n.tenant_id = %(tenant_id)s AND n.variant_id = v.id
       AND n.min_quantity <= %(quantity)s AND l.valid_from <= %(now)s
       AND (l.valid_to IS NULL OR %(now)s < l.valid_to)
       AND l.supplier = p.supplier AND l.currency = p.cost_currency
     ORDER BY l.valid_from DESC, l.id DESC, n.min_quantity DESC
     LIMIT 1) c ON true
 WHERE v.tenant_id = %(tenant_id)s AND v.id = %(variant)s
"""


async def unit_cost(s: Reads, *, variant_id: UUID, quantity: int, now: datetime) -> UnitCost:
    """What one piece costs the brand when `quantity` are bought; NotFoundError."""
    rows = await s.all(
        _CostRow, _UNIT_COST, {"variant": variant_id, "quantity": quantity, "now": now}
    )
    if not rows:
        raise NotFoundError("There is no such product.", field="variant")
    row = rows[0]
    listed = Money(row.list_minor, row.currency)
    if row.unit_minor is None or row.min_quantity is None:
        return UnitCost(list_price=listed, unit=listed)
    return UnitCost(
        list_price=listed,
        unit=Money(row.unit_minor, row.currency),
        price_list=row.key,
        min_quantity=row.min_quantity,
    )


class _LineRow(msgspec.Struct):
    sku: str
    category: str
    text: ProductText
    min_quantity: int
    list_minor: int
    unit_minor: int
    currency: str


_REPORT = f"""
SELECT v.sku, p.category, {TEXT} AS text, n.min_quantity, v.cost_minor AS list_minor,
       n.unit_minor, l.currency
  FROM app.price_list l
  JOIN app.price_list_line n ON n.tenant_id = %(tenant_id)s AND n.price_list_id = l.id
  JOIN app.product_variant v ON v.tenant_id = %(tenant_id)s AND v.id = n.variant_id
  JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = v.product_id
 WHERE l.tenant_id = %(tenant_id)s AND l.key = %(key)s
 ORDER BY v.sku, n.min_quantity
 LIMIT 10000
"""


async def margin_report(s: Reads, *, key: str, reader: Reader) -> list[MarginRow]:
    """Every line of a list: what it saves over the list price, and what a sale leaves.

    The margin is the value of the member's price less the contract's cost at today's rate.
    """
    rows = await s.all(_LineRow, _REPORT, reader.params() | {"key": key})
    report = []
    for row in rows:
        listed, unit = Money(row.list_minor, row.currency), Money(row.unit_minor, row.currency)
        price = pricing.price(
            cost=listed, category=row.category, rules=reader.rules, tier=reader.tier
        )
        paid = Money(pricing.converted_minor(unit, reader.rules), reader.rules.currency)
        margin = price.value - paid
        report.append(
            MarginRow(
                sku=row.sku,
                name=row.text.name,
                min_quantity=row.min_quantity,
                list_cost=listed,
                contract_cost=unit,
                saving_percent=pricing.saving_percent(listed, unit),
                value=price.value,
                margin=margin,
                margin_percent=pricing.saving_percent(price.value, paid),
            )
        )
    return report

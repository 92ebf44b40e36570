"""Own stock and counter: the member comes, shows a code, and is handed the goods.

The counter is ours, yet it keeps the port's manners: it is asked outside the journey's
transactions, it knows an order by its id, and placing twice places once. The code is derived from
the order's id under the tenant's key, so it can be shown again; what is stored is a keyed hash.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.fulfilment.errors import ForgedPushError, SupplierNotConfiguredError
from guerdon.fulfilment.parameters import SupplierParameters
from guerdon.fulfilment.port import (
    Capabilities,
    LineAnswer,
    Order,
    OrderStatus,
    Package,
    Placed,
    Push,
    Refused,
    SupplierProduct,
    SupplierProducts,
    Trial,
)
from guerdon.kit.money import Money
from guerdon.plumbing.db import ReadSession, jsonb
from guerdon.runtime import Runtime

_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 10
CAPABILITIES: Final = Capabilities(ships=False, trial=True)


def pickup_code(data_key: bytes, order_id: UUID) -> str:
    """The code of an order, as people read it: `XXXXX-XXXXX`, no look-alikes."""
    mac = hmac.new(data_key, b"pickup-code|" + order_id.bytes, hashlib.sha256).digest()
    number = int.from_bytes(mac[:8], "big")
    text = "".join(_ALPHABET[number >> (5 * i) & 31] for i in range(CODE_LENGTH))
    return f"{text[:5]}-{text[5:]}"


def code_hash(data_key: bytes, code: str) -> bytes:
    """What is stored of a code, however people type it.

    A code has 50 bits, so a plain hash could be searched; this one needs the tenant's key.
    """
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hmac.new(data_key, b"pickup-hash|" + plain.encode(), hashlib.sha256).digest()


async def connect(
    rt: Runtime, s: ReadSession, parameters: SupplierParameters, now: datetime
) -> "Counter":
    """The tenant's counter."""
    key = await rt.secrets.data_key(s)
    if key is None:
        raise SupplierNotConfiguredError("The tenant has no key yet.")
    return Counter(rt, s.tenant_id, parameters.key, key, now)


class _Row(msgspec.Struct, frozen=True):
    lines: dict[str, int]
    placed_at: datetime
    collected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counter:
    """One tenant's counter."""

    _rt: Runtime
    _tenant_id: UUID
    _supplier: str
    _key: bytes
    _now: datetime

    @property
    def capabilities(self) -> Capabilities:
        """Nothing is shipped; a trial costs nothing."""
        return CAPABILITIES

    async def search(self, *, text: str, page: int = 1, page_size: int = 24) -> SupplierProducts:
        """Own goods are entered in the catalogue, there is nothing to search."""
        return SupplierProducts(items=[], total=0, page=page, pages=0)

    async def offer(self, *, sku: str, quantity: int = 1) -> SupplierProduct | None:
        """Own goods have no offer beside the catalogue's."""
        return None

    async def trial(self, order: Order) -> Trial | Refused:
        """Own goods cost what the catalogue says: nothing is charged by anybody."""
        currency = order.lines[0].expected_unit_price.currency
        zero = Money.zero(currency)
        lines = [LineAnswer(id=line.id, accepted=line.quantity) for line in order.lines]
        return Trial(charge=zero, subtotal=zero, shipping=zero, tax=zero, lines=lines)

    async def place(self, order: Order) -> Placed | Refused:
        """The order waits at the counter."""
        code = pickup_code(self._key, order.id)
        async with self._rt.db.write(self._tenant_id) as s:
            new = await s.execute(
                """
                INSERT INTO app.counter_order
                  (tenant_id, id, supplier, code_hash, lines, purchase_order, placed_at)
                VALUES (%(tenant_id)s, %(id)s, %(supplier)s, %(hash)s, %(lines)s, %(number)s,
                        %(now)s)
                ON CONFLICT (tenant_id, id) DO NOTHING
                """,
                {
                    "id": order.id,
                    "supplier": self._supplier,
                    "hash": code_hash(self._key, code),
                    "lines": jsonb({line.id: line.quantity for line in order.lines}),
                    "number": order.purchase_order,
                    "now": self._now,
                },
            )
        lines = {line.id: line.quantity for line in order.lines}
        return _placed(lines, code, already=new == 0)

    async def status(self, external_id: UUID) -> OrderStatus | None:
        """Waiting or handed over: one parcel that is prepared or delivered."""
        async with self._rt.db.read(self._tenant_id) as s:
            row = await s.one_or_none(
                _Row,
                """
                SELECT lines, placed_at, collected_at FROM app.counter_order
                 WHERE tenant_id = %(tenant_id)s AND id = %(id)s
                """,
                {"id": external_id},
            )
        if row is None:
            return None
        package = Package(
            reference="counter",
            state="preparing" if row.collected_at is None else "delivered",
            lines=row.lines,
            occurred_at=row.collected_at or row.placed_at,
        )
        answer = _placed(row.lines, pickup_code(self._key, external_id), already=True)
        return OrderStatus(answer=answer, packages=[package])

    async def verify_push(self, raw: bytes, headers: Mapping[str, str], *, now: datetime) -> Push:
        """Nobody pushes for the counter."""
        raise ForgedPushError


def _placed(lines: Mapping[str, int], code: str, *, already: bool) -> Placed:
    return Placed(
        lines=[LineAnswer(id=key, accepted=count) for key, count in lines.items()],
        already=already,
        pickup_code=code,
    )

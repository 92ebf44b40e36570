"""The back-test: a brand's real events under two versions of its programme, from one instant.

Everything is read in one READ ONLY transaction that sees one instant, through cursors, so that
memory does not grow with the brand. Nothing is written.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import msgspec

from guerdon.catalogue.errors import NoRateError
from guerdon.catalogue.pricing import Price
from guerdon.kit.money import Money
from guerdon.parameters.sections import ProgrammeParameters, content_hash
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession
from guerdon.simulation.errors import WindowTooLargeError
from guerdon.simulation.happenings import (
    COUNT,
    HAPPENINGS,
    WALLETS,
    Counted,
    Happening,
    Wallet,
    Window,
)
from guerdon.simulation.replay import Outcome, Replay
from guerdon.simulation.report import FORMAT, BackTestChecked, BackTestPrice, BackTestReport
from guerdon.simulation.rules import Rules
from guerdon.simulation.tally import Tally

EVENTS_MAX: Final = 500_000
PRODUCTS: Final = 20
_CHUNK: Final = 1_000
_WORK_MEM: Final = "64MB"

R = TypeVar("R")
Progress = Callable[[int, int], Awaitable[None]]
Watch = Callable[[Outcome], None]

# The most redeemed; a brand without redemptions sees the first of what it offers.
_PRODUCTS: Final = """
SELECT v.sku, p.slug, p.category, v.cost_minor, p.cost_currency,
       (SELECT jsonb_object_agg(t.key, t.value ->> 'name') FROM jsonb_each(p.texts) t) AS names,
       coalesce(n.pieces, 0) AS redeemed
  FROM app.product_variant v
  JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = v.product_id
  LEFT JOIN (SELECT l.variant_id, sum(l.quantity - l.refunded_quantity)::bigint AS pieces
               FROM app.redemption r
               JOIN app.redemption_line l ON l.tenant_id = %(tenant_id)s AND l.redemption_id = r.id
              WHERE r.tenant_id = %(tenant_id)s
                AND r.placed_at >= %(since)s AND r.placed_at < %(until)s
                AND r.state NOT IN ('refused', 'cancelled', 'expired')
              GROUP BY l.variant_id) n ON n.variant_id = v.id
 WHERE v.tenant_id = %(tenant_id)s AND v.active
   AND (p.status = 'published' OR n.pieces > 0)
 ORDER BY coalesce(n.pieces, 0) DESC, v.sku, v.id LIMIT %(products)s
"""


class _ProductRow(msgspec.Struct):
    sku: str
    slug: str
    category: str
    cost_minor: int
    cost_currency: str
    names: dict[str, str] | None
    redeemed: int


class _Rows(Generic[R]):
    """The rows of a long query one by one, with a look at the next."""

    def __init__(self, chunks: AsyncIterator[list[Any]], make: Callable[[Any], R]) -> None:
        self._chunks, self._make = chunks, make
        self._kept: list[R] = []

    async def peek(self) -> R | None:
        if not self._kept:
            rows = await anext(self._chunks, None)
            if rows is None:
                return None
            self._kept = [self._make(row) for row in reversed(rows)]
        return self._kept[-1]

    async def take(self) -> R | None:
        row = await self.peek()
        if row is not None:
            self._kept.pop()
        return row


async def back_test(
    s: ReadSession,
    *,
    before: Snapshot,
    after: Snapshot,
    contents: tuple[dict[str, Any], dict[str, Any]],
    window: Window,
    days: int,
    progress: Progress,
    watch: Watch = lambda _: None,
) -> BackTestReport:
    """Run the window's events under both versions. `s` sees one instant (`read_frozen`).

    `contents` are both versions as plain data; `watch` is shown each wallet's outcome. Raises
    WindowTooLargeError.
    """
    params = {"since": window.since, "until": window.until}
    # For this transaction: the sort of a window's events stays in memory.
    await s.value("SELECT set_config('work_mem', %(mem)s, true)", {"mem": _WORK_MEM})
    counted = await s.one(Counted, COUNT, params)
    if counted.happenings > EVENTS_MAX:
        raise WindowTooLargeError(
            field="days",
            events=counted.happenings,
            most=EVENTS_MAX,
            days=max(1, days * EVENTS_MAX // counted.happenings),
        )
    total = counted.happenings + counted.wallets
    rules = Rules(before), Rules(after)
    replay, tally = Replay(*rules, until=window.until), Tally(*rules)
    seen = hashlib.sha256()
    kinds: Counter[str] = Counter()
    done = 0
    wallets = _Rows(s.chunks("wallets", WALLETS, size=_CHUNK), lambda r: Wallet(*r))
    events = _Rows(s.chunks("happenings", HAPPENINGS, params, size=_CHUNK), lambda r: Happening(*r))
    while (wallet := await wallets.take()) is not None:
        mine = await _of(wallet.account_id, events)
        outcome = replay.run(wallet, mine)
        tally.add(outcome)
        watch(outcome)
        seen.update(msgspec.json.encode((wallet, mine)))
        kinds.update(e.kind for e in mine)
        done += 1 + len(mine)
        if done % _CHUNK <= len(mine):
            await progress(done, total)
            await asyncio.sleep(0)
    products = [_priced(p, rules) for p in await _products(s, params)]
    seen.update(msgspec.json.encode(products))
    zone = before[ProgrammeParameters].time_zone
    hashes = [content_hash(content) for content in contents]
    seen.update(b"".join(hashes))
    seen.update(f"{FORMAT} {window.first} {window.last} {zone}".encode())
    await progress(total, total)
    totals = tally.totals()
    return BackTestReport(
        format=FORMAT,
        version=before.version,
        days=days,
        first=window.first,
        last=window.last,
        time_zone=zone,
        events={kind: kinds[kind] for kind in ("earn", "reverse", "redeem", "other")},
        before=totals[0],
        after=totals[1],
        by_day=tally.days(window),
        expiry=tally.expiry(),
        tiers=tally.tiers(),
        members=tally.members(),
        products=products,
        checked=BackTestChecked(purchases=tally.recomputed, equal=tally.equal),
        content_before=hashes[0].hex(),
        content_after=hashes[1].hex(),
        fingerprint=seen.hexdigest(),
    )


async def _of(account_id: UUID, events: _Rows[Happening]) -> list[Happening]:
    mine: list[Happening] = []
    while (event := await events.peek()) is not None and event.account_id <= account_id:
        await events.take()
        if event.account_id == account_id:
            mine.append(event)
    return mine


async def _products(s: ReadSession, params: dict[str, Any]) -> list[_ProductRow]:
    return await s.all(_ProductRow, _PRODUCTS, {**params, "products": PRODUCTS})


def _priced(product: _ProductRow, rules: tuple[Rules, Rules]) -> BackTestPrice:
    prices: list[Price | None] = []
    for side in rules:
        try:
            cost = Money(product.cost_minor, product.cost_currency)
            prices.append(side.price_of(cost, product.category))
        except NoRateError:
            prices.append(None)
    before, after = prices
    return BackTestPrice(
        sku=product.sku,
        slug=product.slug,
        names=product.names or {},
        redeemed=product.redeemed,
        points_before=before.points if before else None,
        points_after=after.points if after else None,
        value_before=before.value.minor if before else None,
        value_after=after.value.minor if after else None,
    )

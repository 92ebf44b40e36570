"""What a member or a brand can do with a redemption. The rest of the journey is jobs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.catalogue import pricing
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.queries import offered
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Offered
from guerdon.fulfilment.port import ShipTo
from guerdon.kit.errors import ForbiddenError, InvalidError, NotFoundError
from guerdon.kit.ids import readable_code, uuid7
from guerdon.kit.money import allocate
from guerdon.ledger.expiry import local_day
from guerdon.members.queries import member
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.idempotency import fingerprint
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.runner import Runner
from guerdon.plumbing.tracing import current_traceparent
from guerdon.redemption import journey
from guerdon.redemption.errors import (
    MixedSuppliersError,
    RedemptionStateError,
    TooLateToCancelError,
)
from guerdon.redemption.messages import CreateCheckout, SyncPayment
from guerdon.redemption.payment_jobs import LookAtPayment, MakeCheckout
from guerdon.redemption.refunds import Piece, give_back
from guerdon.redemption.schemas import CANCELLABLE, ENDED, Placed, Quote, QuoteLine
from guerdon.runtime import Runtime
from guerdon.tiers.queries import standing

QUANTITY_MAX: Final = 99
LINES_MAX: Final = 20
NUMBER_LENGTH: Final = 10
# A payment page lives this long; the provider's own minimum is thirty minutes.
PAYMENT_WINDOW: Final = timedelta(minutes=35)
# A hold outlives every step of the journey: the journey ends it, not the ledger's clock.
HOLD_LIFETIME: Final = timedelta(days=120)
# The face that placed makes the page itself; a worker does it if the face has died by then.
CHECKOUT_DELAY_S: Final = 4


class Wanted(msgspec.Struct, frozen=True):
    """So many pieces of a variant."""

    variant_id: UUID
    quantity: int = 1


async def quote(
    rt: Runtime,
    s: WriteSession,
    *,
    member_id: UUID,
    wanted: Sequence[Wanted],
    points: int | None,
    language: str,
    now: datetime,
) -> Quote:
    """Promise a price until it expires: all in points, or `points` and money for the rest.

    Raises NotFoundError, ProductUnavailableError, PointsShareError, NoRateError,
    MixedSuppliersError.
    """
    made = await _price(
        rt, s, member_id=member_id, wanted=wanted, points=points, language=language, now=now
    )
    await s.execute(
        """
        INSERT INTO app.quote (tenant_id, id, member_id, account_id, supplier, points, money_minor,
            fee_minor, currency, parameters_version, tier, ships, lines, created_at, expires_at)
        VALUES (%(tenant_id)s, %(id)s, %(member_id)s, %(account_id)s, %(supplier)s, %(points)s,
            %(money_minor)s, %(fee_minor)s, %(currency)s, %(parameters_version)s, %(tier)s,
            %(ships)s, %(lines)s, %(created_at)s, %(expires_at)s)
        """,
        {**msgspec.structs.asdict(made), "lines": jsonb(made.lines)},
    )
    return made


async def _price(
    rt: Runtime,
    s: ReadSession,
    *,
    member_id: UUID,
    wanted: Sequence[Wanted],
    points: int | None,
    language: str,
    now: datetime,
) -> Quote:
    _check_wanted(wanted)
    snapshot = await rt.snapshot(s.tenant_id, now)
    rules = price_rules(snapshot)
    programme = snapshot[ProgrammeParameters]
    who = await member(s, member_id=member_id)
    if not who.active:
        raise ForbiddenError
    stand = await standing(s, account_id=who.account_id, snapshot=snapshot, now=now)
    found = await offered(
        s,
        variant_ids=[one.variant_id for one in wanted],
        language=language,
        fallback=programme.languages[0],
        now=now,
    )
    chosen = [(found[one.variant_id], one.quantity) for one in wanted]
    if len({offer.supplier for offer, _ in chosen}) > 1:
        raise MixedSuppliersError(field="lines")
    prices = [
        pricing.price(
            cost=offer.cost,
            category=offer.category,
            rules=rules,
            tier=stand.tier,
            quantity=quantity,
        )
        for offer, quantity in chosen
    ]
    full = msgspec.structs.replace(
        prices[0],
        points=sum(price.points for price in prices),
        value=sum((price.value for price in prices[1:]), prices[0].value),
    )
    mix = pricing.split(full, points=full.points if points is None else points, rules=rules)
    point_shares = allocate(mix.points, [price.points for price in prices])
    money_shares = allocate(mix.money.minor, [price.points for price in prices])
    lifetime = timedelta(seconds=snapshot[CatalogueParameters].quote_lifetime_s)
    return Quote(
        id=uuid7(),
        member_id=member_id,
        account_id=who.account_id,
        supplier=chosen[0][0].supplier,
        points=mix.points,
        money_minor=mix.money.minor,
        fee_minor=mix.fee.minor,
        currency=mix.money.currency,
        parameters_version=snapshot.version,
        tier=stand.tier,
        ships=any(offer.delivery == "parcel" for offer, _ in chosen),
        lines=[
            _line(number, offer, quantity, language, price, point_share, money_share)
            for number, ((offer, quantity), price, point_share, money_share) in enumerate(
                zip(chosen, prices, point_shares, money_shares, strict=True), start=1
            )
        ],
        created_at=now,
        expires_at=now + lifetime,
    )


def _check_wanted(wanted: Sequence[Wanted]) -> None:
    if not 1 <= len(wanted) <= LINES_MAX:
        raise InvalidError(f"A redemption has 1 to {LINES_MAX} lines.", field="lines")
    if len({one.variant_id for one in wanted}) != len(wanted):
        raise InvalidError("The same item stands twice.", field="lines")
    for one in wanted:
        if not 1 <= one.quantity <= QUANTITY_MAX:
            raise InvalidError(f"A quantity is 1 to {QUANTITY_MAX}.", field="quantity")


def _line(
    number: int,
    offer: Offered,
    quantity: int,
    language: str,
    price: pricing.Price,
    points: int,
    money_minor: int,
) -> QuoteLine:
    name = f"{offer.name}, {offer.label}" if offer.label else offer.name
    return QuoteLine(
        line=number,
        variant_id=offer.variant_id,
        sku=offer.sku,
        supplier_sku=offer.external_id or offer.sku,
        offer=offer.offer,
        title={language: name},
        picture=offer.picture,
        quantity=quantity,
        points=points,
        money_minor=money_minor,
        cost_minor=offer.cost.minor,
        cost_currency=offer.cost.currency,
        fx_rate=price.rate,
        price=msgspec.to_builtins(price),
    )


async def place(
    rt: Runtime,
    *,
    tenant_id: UUID,
    member_id: UUID,
    quote_id: UUID,
    ship_to: ShipTo | None,
    language: str,
    return_url: str | None,
    principal: str,
    key: str,
    now: datetime,
) -> Placed:
    """Redeem what was quoted, once per `key`; the same key and input answer the same again.

    Raises QuoteUnknownError, QuoteExpiredError, QuoteUsedError, NotEnoughPointsError,
    OutOfStockError, ProductUnavailableError, AddressMissingError, IdempotencyKeyReusedError,
    RequestInFlightError; then nothing has changed.
    """
    print_ = fingerprint("redemption.place", member_id, quote_id, ship_to)
    return await _place(
        rt,
        tenant_id=tenant_id,
        member_id=member_id,
        quote_id=quote_id,
        direct=None,
        ship_to=ship_to,
        language=language,
        return_url=return_url,
        principal=principal,
        key=key,
        print_=print_,
        now=now,
    )


async def place_for_points(
    rt: Runtime,
    *,
    tenant_id: UUID,
    member_id: UUID,
    wanted: Sequence[Wanted],
    expected_points: int,
    ship_to: ShipTo | None,
    language: str,
    principal: str,
    key: str,
    now: datetime,
) -> Placed:
    """Quote and redeem in one call, all in points, if the price is the expected one.

    Raises PriceChangedError, and what `quote` and `place` raise.
    """
    print_ = fingerprint("redemption.place", member_id, wanted, expected_points, ship_to)
    async with rt.db.read(tenant_id) as s:
        made = await _price(
            rt, s, member_id=member_id, wanted=wanted, points=None, language=language, now=now
        )
    return await _place(
        rt,
        tenant_id=tenant_id,
        member_id=member_id,
        quote_id=made.id,
        direct={**msgspec.to_builtins(made), "expected_points": expected_points},
        ship_to=ship_to,
        language=language,
        return_url=None,
        principal=principal,
        key=key,
        print_=print_,
        now=now,
    )


_PLACE: Final = """
SELECT * FROM app.redemption_place_v1(%(ctx)s, %(id)s, %(number)s, %(member)s, %(quote)s,
  %(direct)s, %(ship_to)s, %(language)s, %(return_url)s, %(principal)s, %(key)s, %(print)s,
  %(now)s, %(today)s, %(hold_until)s, %(payment_due)s, %(payment_wait)s::integer,
  %(checkout_delay)s::integer, %(step)s, %(message)s, %(timer)s, %(traceparent)s)
"""


async def _place(
    rt: Runtime,
    *,
    tenant_id: UUID,
    member_id: UUID,
    quote_id: UUID,
    direct: dict[str, Any] | None,
    ship_to: ShipTo | None,
    language: str,
    return_url: str | None,
    principal: str,
    key: str,
    print_: bytes,
    now: datetime,
) -> Placed:
    snapshot = await rt.snapshot(tenant_id, now)
    redemption_id = uuid7()
    message_id = uuid7()
    placed = await rt.db.call(
        tenant_id,
        Placed,
        _PLACE,
        {
            "id": redemption_id,
            "number": readable_code(NUMBER_LENGTH),
            "member": member_id,
            "quote": quote_id,
            "direct": None if direct is None else jsonb(direct),
            "ship_to": None if ship_to is None else jsonb(ship_to),
            "language": language,
            "return_url": return_url,
            "principal": principal,
            "key": key,
            "print": print_,
            "now": now,
            "today": local_day(now, snapshot[ProgrammeParameters].zone),
            "hold_until": now + HOLD_LIFETIME,
            "payment_due": now + PAYMENT_WINDOW,
            "payment_wait": int(PAYMENT_WINDOW.total_seconds()) + 60,
            "checkout_delay": CHECKOUT_DELAY_S,
            "step": uuid7(),
            "message": message_id,
            "timer": uuid7(),
            "traceparent": current_traceparent(),
        },
    )
    if placed.state == "held" and not placed.replayed:
        await _run_now(rt, tenant_id, message_id)
    return placed


async def _run_now(rt: Runtime, tenant_id: UUID, message_id: UUID) -> None:
    """Do a message's work in this process, as a worker would, so that a person need not wait."""
    await Runner(
        rt,
        Handlers(MakeCheckout(), LookAtPayment()),
        lease_s=rt.settings.job_lease_s,
        attempts_max=rt.settings.job_attempts_max,
    ).run(tenant_id, message_id)


async def came_back(rt: Runtime, *, tenant_id: UUID, redemption_id: UUID, now: datetime) -> None:
    """The member is back from the payment page: ask the provider now rather than soon."""
    async with rt.db.write(tenant_id) as s:
        row = await journey.locked(s, redemption_id)
        if row.state == "held":
            await outbox.put(s, CreateCheckout(redemption_id=redemption_id))
        if row.state != "awaiting_payment":
            return
        message_id = await outbox.put(
            s, SyncPayment(redemption_id=redemption_id, look=-1), delay_s=CHECKOUT_DELAY_S
        )
    await _run_now(rt, tenant_id, message_id)


async def cancel(
    s: WriteSession,
    *,
    redemption_id: UUID,
    member_id: UUID | None,
    reason: str,
    now: datetime,
) -> None:
    """Give everything back, as long as the order was not sent. Cancelling again changes nothing.

    Raises NotFoundError, TooLateToCancelError.
    """
    row = await journey.locked(s, redemption_id)
    if member_id is not None and row.member_id != member_id:
        raise NotFoundError
    if row.state == "cancelled":
        return
    if row.state in ENDED:
        raise RedemptionStateError(state=row.state)
    if row.state not in CANCELLABLE:
        raise TooLateToCancelError(state=row.state)
    await journey.end(s, row, "cancelled", reason, now)


async def refund(
    s: WriteSession,
    *,
    redemption_id: UUID,
    refund_id: UUID,
    pieces: Sequence[Piece] | None,
    reason: str,
    now: datetime,
) -> UUID:
    """Give pieces back (None: all that is left) in the mix they were paid in; the refund's id.

    The same `refund_id` again changes nothing. Raises RefundTooLargeError, RedemptionStateError.
    """
    row = await journey.locked(s, redemption_id)
    known = await s.value(
        "SELECT 1 FROM app.redemption_refund WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": refund_id},
    )
    if known:
        return refund_id
    if row.state not in {"confirmed", "shipped", "delivered", "settled", "returned"}:
        raise RedemptionStateError(state=row.state)
    parts = await journey.lines(s, row.id)
    if pieces is None:
        pieces = [
            Piece(part.line, part.quantity - part.refunded_quantity)
            for part in parts
            if part.quantity > part.refunded_quantity
        ]
    return await give_back(
        s, row, parts, pieces=pieces, reason=reason, taken=True, now=now, refund_id=refund_id
    )

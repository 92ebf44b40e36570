"""What a member or a brand can do with a redemption. The rest of the journey is jobs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.fulfilment.port import ShipTo
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import readable_code, uuid7
from guerdon.ledger.expiry import local_day
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plans.quotas import require_order
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.plumbing.idempotency import fingerprint
from guerdon.plumbing.jobs import Handlers
from guerdon.plumbing.runner import Runner
from guerdon.plumbing.tracing import current_traceparent
from guerdon.redemption import journey
from guerdon.redemption.errors import (
    RedemptionStateError,
    TooLateToCancelError,
)
from guerdon.redemption.messages import CreateCheckout, SyncPayment
from guerdon.redemption.payment_jobs import LookAtPayment, MakeCheckout
from guerdon.redemption.quotes import Wanted, price
from guerdon.redemption.refunds import Piece, give_back
from guerdon.redemption.schemas import CANCELLABLE, ENDED, Placed, Quote
from guerdon.runtime import Runtime

NUMBER_LENGTH: Final = 10
# A payment page lives this long; the provider's own minimum is thirty minutes.
PAYMENT_WINDOW: Final = timedelta(minutes=35)
# A hold outlives every step of the journey: the journey ends it, not the ledger's clock.
HOLD_LIFETIME: Final = timedelta(days=120)
# The face that placed makes the page itself; a worker does it if the face has died by then.
CHECKOUT_DELAY_S: Final = 4
# A person waits this long for a provider; after that a worker goes on asking.
PATIENCE_S: Final = 8


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
    made = await price(
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
        made = await price(
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
    snapshot = await rt.snapshot(tenant_id, now, member_id=member_id)
    await require_order(rt.db, tenant_id, principal=principal, key=key)
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
        lease_s=min(rt.settings.job_lease_s, PATIENCE_S),
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

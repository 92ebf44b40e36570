"""The money leg: hosted page, what became of it, capture, release, refund."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.payments.errors import PaymentRefusedError
from guerdon.payments.parameters import PaymentParameters
from guerdon.payments.port import Checkout, HostedPage, PaymentProvider, PaymentState
from guerdon.payments.providers import connect
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Job, PostponeError
from guerdon.redemption import journey
from guerdon.redemption.messages import (
    CapturePayment,
    CreateCheckout,
    PaymentDue,
    RefundPayment,
    ReleasePayment,
    SettleRedemption,
    SyncPayment,
)
from guerdon.redemption.schemas import ENDED
from guerdon.runtime import Runtime
from guerdon.theming.parameters import BrandingParameters

POLL_S_MAX: Final = 120


def poll_delay_s(look: int) -> int:
    """Seconds until the next look: webhooks usually come first, this is for those that do not."""
    return min(POLL_S_MAX, 5 + 2 * look * look)


class CheckoutCall(msgspec.Struct, frozen=True):
    """A hosted page to be made."""

    provider: PaymentProvider
    checkout: Checkout


class PaymentCall(msgspec.Struct, frozen=True):
    """A call about a payment that exists."""

    provider: PaymentProvider
    reference: str
    key: str
    amount: Money
    authorise_key: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """The provider said no, for good."""

    reason: str


async def _begin(rt: Runtime, s: WriteSession, row: journey.Row, now: datetime) -> str:
    """The provider that this payment begins with and ends with, written before it is called."""
    if row.payment_provider is not None:
        return row.payment_provider
    provider = (await rt.snapshot(s.tenant_id, now))[PaymentParameters].provider
    await s.execute(
        """
        UPDATE app.redemption SET payment_provider = %(provider)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {"id": row.id, "provider": provider},
    )
    return provider


class MakeCheckout(Job[CreateCheckout, CheckoutCall, HostedPage | Refusal]):
    """held -> awaiting_payment, or refused when the provider will not have it."""

    message = CreateCheckout

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: CreateCheckout, now: datetime
    ) -> CheckoutCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.state != "held" or row.payment_due_at is None:
            return None
        parts = await journey.lines(s, row.id)
        title = parts[0].title
        tenant = await rt.directory.by_id(s.tenant_id)
        back = row.return_url or rt.settings.tenant_url(tenant.canonical_host)
        return CheckoutCall(
            await connect(rt, s, now=now, provider=await _begin(rt, s, row, now)),
            Checkout(
                id=row.id,
                tenant_id=s.tenant_id,
                amount=Money(row.due_minor, row.currency),
                title=title.get(row.language) or next(iter(title.values())),
                return_url=back,
                cancel_url=back,
                # The page lives outside, where a sandbox's clock is unknown.
                expires_at=tenant.clock.real(row.payment_due_at, now=rt.clock.now()),
                language=row.language,
                brand_name=tenant.name,
                brand_colour=(await rt.snapshot(s.tenant_id, now))[BrandingParameters].brand_colour,
            ),
        )

    async def perform(self, rt: Runtime, call: CheckoutCall) -> HostedPage | Refusal:
        try:
            return await call.provider.create_checkout(call.checkout)
        except PaymentRefusedError as error:
            return Refusal(error.reason)

    async def record(
        self,
        rt: Runtime,
        s: WriteSession,
        m: CreateCheckout,
        outcome: HostedPage | Refusal,
        now: datetime,
    ) -> None:
        row = await journey.locked(s, m.redemption_id)
        if isinstance(outcome, Refusal):
            if row.state == "held":
                await journey.end(s, row, "refused", f"payment_{outcome.reason}", now)
            return
        await s.execute(
            """
            UPDATE app.redemption
               SET payment_reference = %(reference)s,
                   state = CASE state WHEN 'held' THEN 'awaiting_payment' ELSE state END,
                   money_leg = CASE state WHEN 'held' THEN 'open' ELSE money_leg END,
                   payment_url = CASE state WHEN 'held' THEN %(url)s END
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND payment_reference IS NULL
            """,
            {"id": row.id, "reference": outcome.reference, "url": outcome.url},
        )
        if row.state in ENDED:
            await journey.release_late(s, row, now)
        elif row.state == "held":
            await journey.note(s, row.id, "awaiting_payment", now)
            await outbox.put(s, SyncPayment(redemption_id=row.id), delay_s=poll_delay_s(0))


class LookAtPayment(Job[SyncPayment, PaymentCall, PaymentState]):
    """What the provider says decides; webhooks and polls only say when to ask."""

    message = SyncPayment

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: SyncPayment, now: datetime
    ) -> PaymentCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.payment_reference is None:
            return None
        if row.state != "awaiting_payment" and row.state not in ENDED:
            return None
        return PaymentCall(
            await connect(rt, s, now=now, provider=row.payment_provider),
            row.payment_reference,
            "",
            Money(row.due_minor, row.currency),
            authorise_key=row.id.hex if row.state == "awaiting_payment" else "",
        )

    async def perform(self, rt: Runtime, call: PaymentCall) -> PaymentState:
        state = await call.provider.retrieve(call.reference)
        if state.status == "approved" and call.authorise_key:
            return await call.provider.authorise(
                call.reference, amount=call.amount, key=call.authorise_key
            )
        return state

    async def record(
        self, rt: Runtime, s: WriteSession, m: SyncPayment, outcome: PaymentState, now: datetime
    ) -> None:
        row = await journey.locked(s, m.redemption_id)
        if row.state in ENDED:
            if outcome.status == "authorised":
                await journey.release_late(s, row, now)
            return
        if row.state != "awaiting_payment":
            return
        await take_in(s, row, outcome, now)
        if outcome.status in {"open", "approved"} and m.look >= 0:
            await outbox.put(
                s,
                SyncPayment(redemption_id=row.id, look=m.look + 1),
                delay_s=poll_delay_s(m.look + 1),
            )


async def take_in(s: WriteSession, row: journey.Row, state: PaymentState, now: datetime) -> None:
    """Move a redemption that waits for its payment to where the provider says it is."""
    if state.status == "authorised":
        if state.amount != Money(row.due_minor, row.currency):
            await journey.end(s, row, "refused", "payment_amount_mismatch", now)
        else:
            await journey.authorised(s, row, now, reference=state.reference)
    elif state.status == "declined":
        await journey.end(s, row, "refused", f"payment_{state.decline or 'declined'}", now)
    elif state.status == "expired":
        await journey.end(s, row, "expired", "payment_expired", now)
    elif state.status == "cancelled":
        await journey.end(s, row, "cancelled", "payment_cancelled", now)
    elif state.decline is not None:
        await s.execute(
            """
            INSERT INTO app.redemption_step
              (tenant_id, redemption_id, id, kind, detail, occurred_at)
            SELECT %(tenant_id)s, %(id)s, %(step)s, 'payment_declined',
                   jsonb_build_object('reason', %(reason)s::text), %(now)s
             WHERE NOT EXISTS (SELECT FROM app.redemption_step p
                    WHERE p.tenant_id = %(tenant_id)s AND p.redemption_id = %(id)s
                      AND p.kind = 'payment_declined' AND p.detail ->> 'reason' = %(reason)s)
            """,
            {"id": row.id, "step": uuid7(), "reason": state.decline, "now": now},
        )


class EndUnpaid(Job[PaymentDue, PaymentCall, PaymentState]):
    """The time to pay is over: close the page, unless the member was just in time."""

    message = PaymentDue

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: PaymentDue, now: datetime
    ) -> PaymentCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.state == "held":
            await journey.end(s, row, "expired", "payment_expired", now)
            return None
        if row.state != "awaiting_payment" or row.payment_reference is None:
            return None
        return PaymentCall(
            await connect(rt, s, now=now, provider=row.payment_provider),
            row.payment_reference,
            f"{row.id.hex}-due",
            Money(row.due_minor, row.currency),
            authorise_key=row.id.hex,
        )

    async def perform(self, rt: Runtime, call: PaymentCall) -> PaymentState:
        state = await call.provider.retrieve(call.reference)
        if state.status == "approved":
            state = await call.provider.authorise(
                call.reference, amount=call.amount, key=call.authorise_key
            )
        if state.status not in {"open", "approved"}:
            return state
        return await call.provider.cancel(call.reference, key=call.key)

    async def record(
        self, rt: Runtime, s: WriteSession, m: PaymentDue, outcome: PaymentState, now: datetime
    ) -> None:
        row = await journey.locked(s, m.redemption_id)
        if row.state != "awaiting_payment":
            return
        if outcome.status in {"authorised", "declined"}:
            await take_in(s, row, outcome, now)
        elif outcome.status in {"cancelled", "expired"}:
            await journey.end(s, row, "expired", "payment_expired", now)
        else:
            raise PostponeError(30, f"the page is still {outcome.status}")


class LetGo(Job[ReleasePayment, PaymentCall, PaymentState]):
    """Compensation of the money leg: nothing stays reserved at the provider."""

    message = ReleasePayment

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: ReleasePayment, now: datetime
    ) -> PaymentCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.money_leg != "releasing" or row.payment_reference is None:
            return None
        return PaymentCall(
            await connect(rt, s, now=now, provider=row.payment_provider),
            row.payment_reference,
            m.key.hex,
            Money(row.due_minor, row.currency),
        )

    async def perform(self, rt: Runtime, call: PaymentCall) -> PaymentState:
        return await call.provider.cancel(call.reference, key=call.key)

    async def record(
        self, rt: Runtime, s: WriteSession, m: ReleasePayment, outcome: PaymentState, now: datetime
    ) -> None:
        if outcome.status not in {"cancelled", "expired", "declined"}:
            raise PostponeError(30, f"the payment is still {outcome.status}")
        done = await s.execute(
            """
            UPDATE app.redemption SET money_leg = 'released'
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND money_leg = 'releasing'
            """,
            {"id": m.redemption_id},
        )
        if done:
            await journey.note(s, m.redemption_id, "money_released", now)

    async def parked(self, rt: Runtime, s: WriteSession, m: ReleasePayment, now: datetime) -> None:
        await flag(s, m.redemption_id, "release_failed", now)


class Capture(Job[CapturePayment, PaymentCall, PaymentState]):
    """The supplier has confirmed: take the money, once."""

    message = CapturePayment

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: CapturePayment, now: datetime
    ) -> PaymentCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.money_leg != "capturing" or row.payment_reference is None:
            return None
        return PaymentCall(
            await connect(rt, s, now=now, provider=row.payment_provider),
            row.payment_reference,
            f"{row.id.hex}-capture",
            Money(m.amount_minor, row.currency),
        )

    async def ask(self, rt: Runtime, call: PaymentCall) -> PaymentState | None:
        state = await call.provider.retrieve(call.reference)
        return state if state.status == "captured" else None

    async def perform(self, rt: Runtime, call: PaymentCall) -> PaymentState:
        try:
            return await call.provider.capture(call.reference, amount=call.amount, key=call.key)
        except PaymentRefusedError as error:
            if error.reason != "already_captured":
                raise
            return await call.provider.retrieve(call.reference)

    async def record(
        self, rt: Runtime, s: WriteSession, m: CapturePayment, outcome: PaymentState, now: datetime
    ) -> None:
        if outcome.status != "captured" or outcome.captured.minor != m.amount_minor:
            raise PostponeError(30, f"captured {outcome.captured.minor} of {m.amount_minor}")
        row = await journey.locked(s, m.redemption_id)
        if row.money_leg != "capturing":
            return
        await s.execute(
            """
            UPDATE app.redemption
               SET money_leg = 'captured', captured_minor = %(amount)s, attention = NULL
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s
            """,
            {"id": row.id, "amount": m.amount_minor},
        )
        await journey.note(s, row.id, "captured", now, money=m.amount_minor, currency=row.currency)
        if row.state == "delivered":
            await outbox.put(s, SettleRedemption(redemption_id=row.id))

    async def parked(self, rt: Runtime, s: WriteSession, m: CapturePayment, now: datetime) -> None:
        await flag(s, m.redemption_id, "capture_failed", now)


class RefundRow(msgspec.Struct, frozen=True):
    """A refund with what its payment is known by."""

    id: UUID
    redemption_id: UUID
    money_minor: int
    money_leg: str
    currency: str
    payment_provider: str | None
    payment_reference: str | None
    captured: bool


class GiveBack(Job[RefundPayment, PaymentCall, str]):
    """The money part of a refund; the key is the refund's id."""

    message = RefundPayment

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: RefundPayment, now: datetime
    ) -> PaymentCall | None:
        row = await s.one(
            RefundRow,
            """
            SELECT f.id, f.redemption_id, f.money_minor, f.money_leg, r.currency,
                   r.payment_provider, r.payment_reference, r.money_leg = 'captured' AS captured
              FROM app.redemption_refund f
              JOIN app.redemption r ON r.tenant_id = f.tenant_id AND r.id = f.redemption_id
             WHERE f.tenant_id = %(tenant_id)s AND f.id = %(id)s
            """,
            {"id": m.refund_id},
        )
        if row.money_leg != "due" or row.payment_reference is None:
            return None
        if not row.captured:
            raise PostponeError(10, "the money is being captured")
        return PaymentCall(
            await connect(rt, s, now=now, provider=row.payment_provider),
            row.payment_reference,
            row.id.hex,
            Money(row.money_minor, row.currency),
        )

    async def perform(self, rt: Runtime, call: PaymentCall) -> str:
        refund = await call.provider.refund(call.reference, amount=call.amount, key=call.key)
        if refund.status == "failed":
            raise PaymentRefusedError("The refund was declined.", reason="declined")
        return refund.reference

    async def record(
        self, rt: Runtime, s: WriteSession, m: RefundPayment, outcome: str, now: datetime
    ) -> None:
        await s.execute(
            """
            UPDATE app.redemption_refund SET money_leg = 'done'
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND money_leg = 'due'
            """,
            {"id": m.refund_id},
        )


async def flag(s: WriteSession, redemption_id: UUID, what: str, now: datetime) -> None:
    """Somebody has to look at this redemption."""
    await s.execute(
        """
        UPDATE app.redemption SET attention = %(what)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {"id": redemption_id, "what": what},
    )
    await journey.note(s, redemption_id, "attention", now, what=what)

"""The journey's handlers."""

from datetime import datetime, timedelta
from typing import Final

from guerdon.kit.money import Money
from guerdon.payments.port import PaymentState
from guerdon.payments.providers import connect
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Job, PostponeError
from guerdon.redemption import journey
from guerdon.redemption.inbox import AnswerSubscription, TakePackage
from guerdon.redemption.messages import SettleRedemption, SweepQuotes
from guerdon.redemption.order_jobs import Send, Track
from guerdon.redemption.payment_jobs import (
    Capture,
    EndUnpaid,
    GiveBack,
    LetGo,
    LookAtPayment,
    MakeCheckout,
    PaymentCall,
    flag,
)
from guerdon.redemption.queries import refunded_minor
from guerdon.runtime import Runtime

QUOTES_KEPT: Final = timedelta(days=30)
QUOTES_PER_CHUNK: Final = 5_000


class Settle(Job[SettleRedemption, PaymentCall, PaymentState]):
    """delivered -> settled, when what we booked is what the provider says."""

    message = SettleRedemption

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: SettleRedemption, now: datetime
    ) -> PaymentCall | None:
        row = await journey.locked(s, m.redemption_id)
        if row.state != "delivered":
            return None
        if row.money_leg == "capturing":
            raise PostponeError(15, "the money is being captured")
        if row.money_leg == "none" or row.payment_reference is None:
            await self._settle(s, row, now)
            return None
        return PaymentCall(
            await connect(rt, s, now=now, provider=row.payment_provider),
            row.payment_reference,
            "",
            Money(row.captured_minor, row.currency),
        )

    async def perform(self, rt: Runtime, call: PaymentCall) -> PaymentState:
        return await call.provider.retrieve(call.reference)

    async def record(
        self,
        rt: Runtime,
        s: WriteSession,
        m: SettleRedemption,
        outcome: PaymentState,
        now: datetime,
    ) -> None:
        row = await journey.locked(s, m.redemption_id)
        if row.state != "delivered":
            return
        refunded = await refunded_minor(s, row.id)
        if outcome.captured.minor != row.captured_minor or outcome.refunded.minor != refunded:
            await flag(s, row.id, "payment_differs", now)
            return
        await self._settle(s, row, now)

    async def _settle(self, s: WriteSession, row: journey.Row, now: datetime) -> None:
        await s.execute(
            """
            UPDATE app.redemption SET state = 'settled', ended_at = %(now)s
             WHERE tenant_id = %(tenant_id)s AND id = %(id)s
            """,
            {"id": row.id, "now": now},
        )
        await journey.note(s, row.id, "settled", now)


class SweepQuotesAway(Effect[SweepQuotes]):
    """Quotes that expired a month ago and became nothing, chunk by chunk."""

    message = SweepQuotes

    async def apply(self, rt: Runtime, s: WriteSession, m: SweepQuotes, now: datetime) -> None:
        removed = await s.execute(
            """
            DELETE FROM app.quote q USING (
              SELECT d.id FROM app.quote d
               WHERE d.tenant_id = %(tenant_id)s AND d.expires_at < %(before)s
                 AND d.redemption_id IS NULL
               LIMIT %(chunk)s) old
             WHERE q.tenant_id = %(tenant_id)s AND q.id = old.id
            """,
            {"before": now - QUOTES_KEPT, "chunk": QUOTES_PER_CHUNK},
        )
        if removed == QUOTES_PER_CHUNK:
            await outbox.put(s, SweepQuotes())


HANDLERS: Final[tuple[Handler, ...]] = (
    MakeCheckout(),
    LookAtPayment(),
    EndUnpaid(),
    LetGo(),
    Send(),
    Capture(),
    GiveBack(),
    Track(),
    Settle(),
    TakePackage(),
    AnswerSubscription(),
    SweepQuotesAway(),
)

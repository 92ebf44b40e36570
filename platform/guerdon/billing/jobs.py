"""The way of the money: page, what became of it, capture; the brand's state follows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.billing import connection
from guerdon.billing.charges import Charge, locked, make, uncharged
from guerdon.billing.messages import CaptureCharge, CollectDues, LookAtCharge, OpenPage
from guerdon.billing.standing import READ, follow
from guerdon.identity import staff
from guerdon.kit.money import Money
from guerdon.payments.errors import PaymentRefusedError
from guerdon.payments.port import Checkout, HostedPage, PaymentProvider, PaymentState
from guerdon.plans.jobs import write_to_owners
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Job, PostponeError
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.schemas import Tenant

POLL_S_MAX: Final = 600
# Sooner than the provider lets a page end: it lives as short as can be. The time to pay is ours.
_ITS_OWN_HOUR: Final = datetime(2000, 1, 1, tzinfo=UTC)
# A brand that is tried or has left is not charged.
_CHARGED: Final = frozenset({State.LIVE, State.PAST_DUE, State.SUSPENDED, State.CLOSING})


class Page(msgspec.Struct, frozen=True):
    """A payment page to be made."""

    provider: PaymentProvider
    checkout: Checkout


class Asked(msgspec.Struct, frozen=True):
    """A call about a page that there is."""

    provider: PaymentProvider
    reference: str
    amount: Money
    key: str


async def current(s: WriteSession, period: object, attempt: UUID) -> Charge | None:
    """The charge under its lock, if `attempt` is its page and the money is still to come."""
    found = await locked(s, period)  # type: ignore[arg-type]
    return found if found.attempt == attempt and found.state != "paid" else None


class CollectingDues(Effect[CollectDues]):
    """Charges for new statements, told to owners; past due after their day."""

    message = CollectDues

    async def apply(self, rt: Runtime, s: WriteSession, m: CollectDues, now: datetime) -> None:
        tenant = await s.one(Tenant, READ)
        if connection.charges(rt.settings) and tenant.status in _CHARGED:
            owners: Sequence[UUID] = await staff.active_owners(s)
            for one in await uncharged(s):
                due_at = await make(s, one, now=now)
                what = f"{one.period:%Y-%m} {one.total_minor} {one.currency}"
                await write_to_owners(s, owners, kind="statement", what=what, at=due_at)
        await follow(s, now=now)


class MakePage(Job[OpenPage, Page, HostedPage]):
    """due -> open."""

    message = OpenPage

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: OpenPage, now: datetime
    ) -> Page | None:
        charge = await current(s, m.period, m.attempt)
        if charge is None or charge.state != "due":
            return None
        tenant = await s.one(Tenant, READ)
        back = f"{rt.settings.console_url}/{tenant.slug}/plan"
        checkout = Checkout(
            id=m.attempt,
            tenant_id=s.tenant_id,
            amount=Money(charge.amount_minor, charge.currency),
            title=f"Guerdon {tenant.slug} {m.period:%Y-%m}",
            return_url=back,
            cancel_url=back,
            expires_at=_ITS_OWN_HOUR,
        )
        return Page(connection.connect(rt), checkout)

    async def perform(self, rt: Runtime, call: Page) -> HostedPage:
        return await call.provider.create_checkout(call.checkout)

    async def record(
        self, rt: Runtime, s: WriteSession, m: OpenPage, outcome: HostedPage, now: datetime
    ) -> None:
        charge = await current(s, m.period, m.attempt)
        if charge is None or charge.state != "due":
            return
        await s.execute(
            "UPDATE app.plan_charge SET state = 'open', reference = %(reference)s, url = %(url)s"
            " WHERE tenant_id = %(tenant_id)s AND period = %(period)s",
            {"period": m.period, "reference": outcome.reference, "url": outcome.url},
        )
        await outbox.put(s, LookAtCharge(period=m.period, attempt=m.attempt), delay_s=20)

    async def parked(self, rt: Runtime, s: WriteSession, m: OpenPage, now: datetime) -> None:
        """Another may be asked for: this one was never shown to anybody."""
        await _forget_page(s, m.period, m.attempt, decline=None)


class LookAtPage(Job[LookAtCharge, Asked, PaymentState]):
    """What the provider says decides; events and polls only say when to ask."""

    message = LookAtCharge

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: LookAtCharge, now: datetime
    ) -> Asked | None:
        return _asked(rt, await current(s, m.period, m.attempt))

    async def perform(self, rt: Runtime, call: Asked) -> PaymentState:
        return await call.provider.retrieve(call.reference)

    async def record(
        self, rt: Runtime, s: WriteSession, m: LookAtCharge, outcome: PaymentState, now: datetime
    ) -> None:
        charge = await current(s, m.period, m.attempt)
        if charge is None:
            return
        if outcome.status == "captured":
            await paid(s, charge, outcome, now)
        elif outcome.status in ("authorised", "approved"):
            if charge.state != "paying":
                await s.execute(
                    "UPDATE app.plan_charge SET state = 'paying', url = NULL, card = %(card)s"
                    " WHERE tenant_id = %(tenant_id)s AND period = %(period)s",
                    {"period": m.period, "card": outcome.card},
                )
                await outbox.put(s, CaptureCharge(period=m.period, attempt=m.attempt))
        elif outcome.status == "open":
            await s.execute(
                "UPDATE app.plan_charge SET decline = %(decline)s"
                " WHERE tenant_id = %(tenant_id)s AND period = %(period)s",
                {"period": m.period, "decline": outcome.decline},
            )
            if m.look >= 0:
                after = min(POLL_S_MAX, 20 * 2 ** min(m.look, 10))
                again = LookAtCharge(period=m.period, attempt=m.attempt, look=m.look + 1)
                await outbox.put(s, again, delay_s=after)
        else:
            await _forget_page(s, m.period, m.attempt, decline=outcome.decline or outcome.status)


class TakeMoney(Job[CaptureCharge, Asked, PaymentState]):
    """paying -> paid; the key is the page's, so that repeating it takes nothing twice."""

    message = CaptureCharge

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: CaptureCharge, now: datetime
    ) -> Asked | None:
        return _asked(rt, await current(s, m.period, m.attempt))

    async def ask(self, rt: Runtime, call: Asked) -> PaymentState | None:
        state = await call.provider.retrieve(call.reference)
        return state if state.status == "captured" else None

    async def perform(self, rt: Runtime, call: Asked) -> PaymentState:
        try:
            return await call.provider.capture(call.reference, amount=call.amount, key=call.key)
        except PaymentRefusedError:
            # Taken already, or lapsed: what is true is asked.
            return await call.provider.retrieve(call.reference)

    async def record(
        self, rt: Runtime, s: WriteSession, m: CaptureCharge, outcome: PaymentState, now: datetime
    ) -> None:
        charge = await current(s, m.period, m.attempt)
        if charge is None:
            return
        if outcome.status == "captured":
            await paid(s, charge, outcome, now)
        elif outcome.status in ("authorised", "approved"):
            raise PostponeError(30, "the money is reserved and not taken yet")
        else:
            await _forget_page(s, m.period, m.attempt, decline=outcome.decline or outcome.status)


async def paid(s: WriteSession, charge: Charge, state: PaymentState, now: datetime) -> None:
    """The money is here: the charge ends, and the brand goes on where that was the reason."""
    if state.captured != Money(charge.amount_minor, charge.currency):
        raise PostponeError(
            300, f"{state.captured.minor} {state.captured.currency} came, not what is owed"
        )
    await s.execute(
        "UPDATE app.plan_charge SET state = 'paid', paid_at = %(now)s, url = NULL, decline = NULL,"
        " card = coalesce(%(card)s, card) WHERE tenant_id = %(tenant_id)s AND period = %(period)s",
        {"period": charge.period, "now": now, "card": state.card},
    )
    await follow(s, now=now)


def _asked(rt: Runtime, charge: Charge | None) -> Asked | None:
    if charge is None or charge.reference is None or charge.attempt is None:
        return None
    amount = Money(charge.amount_minor, charge.currency)
    return Asked(connection.connect(rt), charge.reference, amount, charge.attempt.hex)


async def _forget_page(
    s: WriteSession, period: object, attempt: UUID, *, decline: str | None
) -> None:
    await s.execute(
        "UPDATE app.plan_charge SET state = 'due', attempt = NULL, reference = NULL, url = NULL,"
        " decline = %(decline)s WHERE tenant_id = %(tenant_id)s AND period = %(period)s"
        " AND attempt = %(attempt)s AND state <> 'paid'",
        {"period": period, "attempt": attempt, "decline": decline},
    )


HANDLERS: Final[tuple[Handler, ...]] = (CollectingDues(), MakePage(), LookAtPage(), TakeMoney())

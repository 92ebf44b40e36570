"""What providers tell us. An event is verified over its raw bytes and written once, by its id;
then a job asks the provider what is true. The order of arrival means nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from guerdon.fulfilment import providers as suppliers
from guerdon.fulfilment.errors import ForgedPushError
from guerdon.fulfilment.port import Package, Push, Supplier
from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import secret_token
from guerdon.payments import providers as payments
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.inbox import first_time
from guerdon.plumbing.jobs import Effect, Job
from guerdon.plumbing.outbox import Message
from guerdon.redemption import journey
from guerdon.redemption.messages import SyncPayment, TrackOrder
from guerdon.redemption.order_jobs import packages_told
from guerdon.runtime import Runtime
from guerdon.settings import Settings

STRIPE: Final = "stripe"
AMAZON_PAY: Final = "amazon_pay"
AMAZON_BUSINESS: Final = "amazon_business"
# Everybody who has an address of ours to call.
PROVIDERS: Final = (STRIPE, AMAZON_PAY, AMAZON_BUSINESS)


class PackageTold(Message, frozen=True):
    """A push told of a parcel."""

    topic: ClassVar[str] = "redemption.package"
    redemption_id: UUID
    package: Package


class ConfirmPush(Message, frozen=True):
    """A subscription of pushes wants to be confirmed."""

    topic: ClassVar[str] = "redemption.confirm_push"
    real_time: ClassVar[bool] = True
    url: str


async def open_hook(s: WriteSession, *, provider: str) -> str:
    """A new unguessable id for the provider's webhook address; the one before stops working."""
    hook_id = secret_token(24)
    await s.value(
        "SELECT ctl.save_hook_v1(%(tenant_id)s, %(provider)s, %(id)s)",
        {"provider": provider, "id": hook_id},
    )
    return hook_id


def hook_url(settings: Settings, provider: str, hook_id: str) -> str:
    """The address to register at the provider."""
    path = provider.replace("_", "-")
    return f"{settings.base_scheme}://{settings.hooks_authority}/{path}/{hook_id}"


async def tenant_of(rt: Runtime, *, provider: str, hook_id: str) -> UUID:
    """Whose address this is; NotFoundError if nobody's."""
    async with rt.db.control() as s:
        found = await s.value(
            "SELECT ctl.resolve_hook_v1(%(provider)s, %(id)s)",
            {"provider": provider, "id": hook_id},
        )
    if not isinstance(found, UUID):
        raise NotFoundError
    return found


async def payment_told(
    rt: Runtime,
    *,
    tenant_id: UUID,
    provider: str,
    raw: bytes,
    headers: Mapping[str, str],
    now: datetime,
) -> bool:
    """Take in an event of `provider`; False if it was here before. `now` is real.

    The programme may have another provider by now: payments under way end where they began.
    Raises ForgedEventError, PaymentUnavailableError.
    """
    async with rt.db.read(tenant_id) as r:
        account = await payments.connect(rt, r, now=await rt.now(tenant_id), provider=provider)
    event = await account.verify_event(raw, headers, now=now)
    async with rt.db.write(tenant_id) as s:
        subject = await _ours(s, event.checkout_id) or await _by_reference(s, event.reference)
        new = await first_time(s, source=f"payments.{provider}", event_id=event.id, now=now)
        if new and subject is not None and event.kind != "other":
            await outbox.put(s, SyncPayment(redemption_id=subject, look=-1))
    return new


async def supplier_told(
    rt: Runtime,
    *,
    tenant_id: UUID,
    provider: str,
    raw: bytes,
    headers: Mapping[str, str],
    now: datetime,
) -> bool:
    """Take in a supplier's push; False if it was here before. `now` is real.

    Raises ForgedPushError.
    """
    async with rt.db.read(tenant_id) as r:
        connections = await suppliers.connect_all(
            rt, r, provider=provider, now=await rt.now(tenant_id)
        )
    supplier, push = await _verified(connections, raw, headers, now)
    async with rt.db.write(tenant_id) as s:
        if not await first_time(s, source=f"fulfilment.{supplier}", event_id=push.id, now=now):
            return False
        if push.confirm_url is not None:
            await outbox.put(s, ConfirmPush(url=push.confirm_url))
        subject = await _by_number(s, push.purchase_order)
        if subject is not None:
            if push.package is not None:
                await outbox.put(s, PackageTold(redemption_id=subject, package=push.package))
            await outbox.put(s, TrackOrder(redemption_id=subject))
    return True


async def _verified(
    connections: Sequence[tuple[str, Supplier]],
    raw: bytes,
    headers: Mapping[str, str],
    now: datetime,
) -> tuple[str, Push]:
    """The push, and the key of the connection whose topic it came from."""
    for key, connection in connections:
        try:
            return key, await connection.verify_push(raw, headers, now=now)
        except ForgedPushError:
            continue
    raise ForgedPushError


async def _ours(s: WriteSession, redemption_id: UUID | None) -> UUID | None:
    """The id, if it is a redemption's: a brand may use its account for other business too."""
    if redemption_id is None:
        return None
    found = await s.value(
        "SELECT id FROM app.redemption WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": redemption_id},
    )
    return found if isinstance(found, UUID) else None


async def _by_reference(s: WriteSession, reference: str | None) -> UUID | None:
    if reference is None:
        return None
    found = await s.value(
        "SELECT id FROM app.redemption"
        " WHERE tenant_id = %(tenant_id)s AND payment_reference = %(reference)s",
        {"reference": reference},
    )
    return found if isinstance(found, UUID) else None


async def _by_number(s: WriteSession, number: str) -> UUID | None:
    found = await s.value(
        "SELECT id FROM app.redemption WHERE tenant_id = %(tenant_id)s AND number = %(number)s",
        {"number": number},
    )
    return found if isinstance(found, UUID) else None


class TakePackage(Effect[PackageTold]):
    """A parcel's news, old or new."""

    message = PackageTold

    async def apply(self, rt: Runtime, s: WriteSession, m: PackageTold, now: datetime) -> None:
        row = await journey.locked(s, m.redemption_id)
        await packages_told(s, row, [m.package], now)


class AnswerSubscription(Job[ConfirmPush, str, bool]):
    """Calls the address that confirms a subscription; egress lets it go to allowed places only."""

    message = ConfirmPush

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: ConfirmPush, now: datetime
    ) -> str | None:
        return m.url

    async def perform(self, rt: Runtime, call: str) -> bool:
        answer = await rt.egress.request("GET", call)
        if answer.status >= 300:
            raise RuntimeError(f"the subscription answered {answer.status}")
        return True

    async def record(
        self, rt: Runtime, s: WriteSession, m: ConfirmPush, outcome: bool, now: datetime
    ) -> None:
        return

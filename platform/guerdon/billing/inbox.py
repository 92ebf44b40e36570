"""What the provider tells of the platform's own account: verified, taken once, then asked about."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from guerdon.billing import connection
from guerdon.billing.messages import LookAtCharge
from guerdon.plumbing import outbox
from guerdon.plumbing.inbox import first_time
from guerdon.runtime import Runtime


async def told(rt: Runtime, *, raw: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """Take in an event; False if it was here before or concerns no statement.

    Raises ForgedEventError, PaymentNotConfiguredError.
    """
    event = await connection.connect(rt).verify_event(raw, headers, now=now)
    if event.tenant_id is None or event.checkout_id is None:
        return False
    async with rt.db.write(event.tenant_id) as s:
        period: date | None = await s.value(
            "SELECT period FROM app.plan_charge"
            " WHERE tenant_id = %(tenant_id)s AND attempt = %(attempt)s",
            {"attempt": event.checkout_id},
        )
        new = await first_time(s, source="billing.stripe", event_id=event.id, now=now)
        if new and period is not None:
            look = LookAtCharge(period=period, attempt=UUID(str(event.checkout_id)), look=-1)
            await outbox.put(s, look)
    return new and period is not None

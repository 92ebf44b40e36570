"""What does not work for one tenant right now: webhooks, letters, orders, providers.

Taken by a job of the tenant itself every few minutes; what was found is kept where the platform's
staff see it, as counts without a name.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from redis.exceptions import RedisError

from guerdon.plumbing.breaker import failing
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.runtime import Runtime

TAKE_EVERY_S: Final = 300
WITHIN: Final = timedelta(hours=1)


class Found(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Counts of the last hour; nothing at all where all is well.

    `webhooks_failing`: deliveries of the last day that failed, whether they are tried again or
    not; `endpoints_off`: endpoints that were switched off; `mails_failed`, `texts_failed`: letters
    and SMS that were not sent; `orders_waiting`: orders that a person has to look at, of whatever
    age; `providers_failing`: providers that are left alone for now.
    """

    webhooks_failing: int = 0
    endpoints_off: int = 0
    mails_failed: int = 0
    texts_failed: int = 0
    orders_waiting: int = 0
    providers_failing: tuple[str, ...] = ()


class Pulse(msgspec.Struct, frozen=True):
    """What a tenant's job found, and when."""

    tenant_id: UUID
    slug: str
    name: str
    status: str
    at: datetime
    found: Found


async def take(rt: Runtime, s: ReadSession, *, now: datetime) -> Found:
    """Look at the tenant in context."""
    since: dict[str, Any] = {"since": now - WITHIN}
    counted = await s.one(
        Found,
        """
        SELECT (SELECT count(*) FROM app.webhook_delivery WHERE tenant_id = %(tenant_id)s
                   AND created_at > %(since)s - interval '1 day' AND attempts > 0
                   AND status IN ('pending', 'failed')) AS "webhooksFailing",
               (SELECT count(*) FROM app.webhook_endpoint WHERE tenant_id = %(tenant_id)s
                   AND disabled_at IS NOT NULL) AS "endpointsOff",
               (SELECT count(*) FROM app.message_log WHERE tenant_id = %(tenant_id)s
                   AND state = 'failed' AND channel = 'mail' AND created_at > %(since)s)
                 AS "mailsFailed",
               (SELECT count(*) FROM app.message_log WHERE tenant_id = %(tenant_id)s
                   AND state = 'failed' AND channel = 'sms' AND created_at > %(since)s)
                 AS "textsFailed",
               (SELECT count(*) FROM app.redemption WHERE tenant_id = %(tenant_id)s
                   AND attention IS NOT NULL) AS "ordersWaiting"
        """,
        since,
    )
    try:
        providers = await failing(rt.valkey, s.tenant_id)
    except RedisError:
        providers = ()
    return msgspec.structs.replace(counted, providers_failing=providers)


async def keep(s: WriteSession, found: Found, *, now: datetime) -> None:
    """Put what was found where the platform's staff see it."""
    await s.execute(
        "SELECT ctl.keep_pulse_v1(%(tenant_id)s, %(found)s, %(now)s)",
        {"found": jsonb(found), "now": now},
    )


async def unwell(s: ReadSession) -> list[Pulse]:
    """Every tenant whose pulse shows something; in the operator's context."""
    return await s.all(Pulse, "SELECT * FROM ctl.pulses_v1(NULL)")


async def of(s: ReadSession, *, tenant_id: UUID) -> Pulse | None:
    """One tenant's pulse; in the operator's context."""
    return await s.one_or_none(
        Pulse, "SELECT * FROM ctl.pulses_v1(%(tenant)s)", {"tenant": tenant_id}
    )

"""The grace of a state ends by itself: a brand past due is suspended, one that closes is closed.

A sign-up that nobody came back to ends too, and owners hear of terms that wait for them.
"""

from datetime import datetime
from typing import Any, ClassVar

import structlog

from guerdon.notifications.terms_letters import tell_owners
from guerdon.onboarding.sweeping import sweep
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.redemption.queries import open_orders
from guerdon.tenancy.lifecycle import Act, Who, ending
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import change_state

log = structlog.get_logger(__name__)


class EndState(Message, frozen=True):
    """End the state that the brand is in, if its grace is over."""

    topic: ClassVar[str] = "tenancy.end_state"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class StateEnded(Effect[EndState]):
    """Leads the brand on; one with open orders waits for the next time."""

    message = EndState

    async def apply(self, rt: Any, s: WriteSession, m: EndState, now: datetime) -> None:
        """Nothing happens before the day."""
        await s.value("SELECT ctl.release_slugs_v1()")
        if s.tenant_id == OPERATOR_ID:
            await sweep(rt, s, now=now)
            return
        tenant = await s.one(Tenant, "SELECT * FROM ctl.read_tenant_v2(%(tenant_id)s)")
        if tenant.allows(Act.RUN):
            await tell_owners(s, rt.terms, now=now)
        way, day = ending(tenant.status), tenant.status_ends_at
        if way is None or day is None or now < day:
            return
        orders = await open_orders(s)
        if way.settled and orders:
            log.warning("tenant.waits_for_orders", tenant=tenant.slug, orders=orders)
            return
        changed = await change_state(
            s,
            to=way.target,
            by=Who.SYSTEM,
            actor="system",
            reason=f"The {way.after.days} days of grace are over.",
            now=now,
            open_orders=orders,
        )
        log.info("tenant.state_ended", tenant=tenant.slug, to=changed.target.value)

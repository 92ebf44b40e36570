"""How the brand's state follows from what it owes."""

from datetime import datetime

from guerdon.billing.charges import Charge, charges
from guerdon.plumbing.db import WriteSession
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import change_state

READ = "SELECT * FROM ctl.read_tenant_v2(%(tenant_id)s)"


async def follow(s: WriteSession, *, now: datetime) -> State:
    """Lead a brand with an overdue statement to past due, and one that owes nothing back.

    What the platform's staff suspended stays suspended, whatever is paid.
    """
    tenant = await s.one(Tenant, READ)
    overdue = [one for one in await charges(s) if one.overdue(now)]
    if overdue and tenant.status is State.LIVE:
        return await _lead(s, State.PAST_DUE, _unpaid(overdue[-1]), now)
    if overdue:
        return tenant.status
    if (
        tenant.status is State.SUSPENDED
        and tenant.came_from[-1:] == (State.PAST_DUE,)
        and await _suspended_by_grace(s)
    ):
        await _lead(s, State.PAST_DUE, "Every statement is paid.", now)
        return await _lead(s, State.LIVE, "Every statement is paid.", now)
    if tenant.status is State.PAST_DUE and await charges(s):
        return await _lead(s, State.LIVE, "Every statement is paid.", now)
    return tenant.status


def _unpaid(charge: Charge) -> str:
    return f"The statement of {charge.period:%Y-%m} is not paid."


async def _lead(s: WriteSession, to: State, reason: str, now: datetime) -> State:
    changed = await change_state(
        s, to=to, by=Who.SYSTEM, actor="system", reason=reason, now=now, open_orders=0
    )
    return changed.target


async def _suspended_by_grace(s: WriteSession) -> bool:
    """Whether the end of the grace led here, and no person."""
    by = await s.value(
        "SELECT summary ->> 'by' FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
        " AND action = 'tenant.state_changed' AND summary ->> 'to' = 'suspended'"
        " ORDER BY seq DESC LIMIT 1"
    )
    return bool(by == Who.SYSTEM.value)

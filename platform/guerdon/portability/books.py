"""What the platform's own books keep of a brand that is gone: the bills it sent, to whom, how paid.

They are entries of the operator's trail, which nobody can change. Nothing of members is in them.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.audit import operations as audit
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

ACTION: Final = "tenant.bills_kept"


class Bill(msgspec.Struct, frozen=True):
    """A monthly statement that cost something, and what became of the money."""

    period: date
    plan: str
    total_minor: int
    currency: str
    state: str
    paid_at: datetime | None
    reference: str | None


class Company(msgspec.Struct, frozen=True):
    """Who was billed."""

    legal_name: str
    country: str
    tax_id: str


async def bills(s: ReadSession) -> list[Bill]:
    """The bills of the brand in context, oldest first."""
    return await s.all(
        Bill,
        "SELECT u.period, u.plan, u.total_minor, u.currency, coalesce(c.state, 'due') AS state,"
        " c.paid_at, c.reference FROM app.usage_statement u"
        "  LEFT JOIN app.plan_charge c ON c.tenant_id = u.tenant_id AND c.period = u.period"
        " WHERE u.tenant_id = %(tenant_id)s AND u.total_minor > 0 ORDER BY u.period",
    )


async def company(s: ReadSession) -> Company | None:
    """Who runs the brand in context, if it said so."""
    return await s.one_or_none(
        Company,
        "SELECT legal_name, country, tax_id FROM app.company WHERE tenant_id = %(tenant_id)s",
    )


async def keep(
    rt: Runtime, tenant: Tenant, *, bills: list[Bill], company: Company | None, now: datetime
) -> None:
    """Enter each bill once; whoever was killed half-way has entered some of them."""
    async with rt.db.write(OPERATOR_ID) as s:
        # The id, since short names come free again.
        entered = await s.all(
            str,
            "SELECT summary ->> 'period' FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
            " AND action = %(action)s AND summary ->> 'brand' = %(brand)s",
            {"action": ACTION, "brand": str(tenant.id)},
        )
        for bill in bills:
            if str(bill.period) not in entered:
                await audit.record(
                    s,
                    actor="system",
                    action=ACTION,
                    subject=f"tenant:{tenant.slug}",
                    summary=_summary(tenant.id, bill, company),
                    now=now,
                )


def _summary(brand: UUID, bill: Bill, company: Company | None) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(bill)
    if company is not None:
        told["company"] = msgspec.to_builtins(company)
    return {"brand": str(brand), **told}

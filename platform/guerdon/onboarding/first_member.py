"""The first member of a new brand: its owner, with points earned by a purchase like anybody's.

It is how an owner sees a redemption through before the first real member comes.
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from guerdon.catalogue.pricing import price
from guerdon.catalogue.rules import price_rules
from guerdon.earning.operations import earn
from guerdon.earning.schemas import Event
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money, Rounding, exponent, round_to_int
from guerdon.ledger.parameters import PointsParameters
from guerdon.members import operations, queries
from guerdon.members.schemas import Member
from guerdon.onboarding.errors import NotASandboxError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession
from guerdon.redemption import queries as redemptions
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.schemas import Tenant

SOURCE: Final = "onboarding"
# Among so many rewards of the first shelf, the dearest can be had.
_SHELF: Final = 6
_STEP: Final = 50


class FirstSteps(msgspec.Struct, frozen=True):
    """How far the owner's trial is: the member, its points, the latest order."""

    member: bool = False
    points: int = 0
    order_number: str = ""
    order_state: str = ""
    delivered: bool = False


class _Cost(msgspec.Struct):
    category: str
    cost_minor: int
    cost_currency: str


async def ensure(
    rt: Runtime, *, tenant: Tenant, email: str, name: str, language: str, now: datetime
) -> Member:
    """The owner as a member, made with a purchase that is enough for a reward; once.

    Raises NotASandboxError elsewhere than in a sandbox.
    """
    if tenant.status is not State.SANDBOX:
        raise NotASandboxError(field="brand")
    snapshot = await rt.snapshot(tenant.id, now)
    async with rt.db.write(tenant.id) as s:
        member = await queries.find_by_email(s, email_norm=email)
        if member is None:
            member = await operations.join(
                s,
                id=uuid7(),
                email=email,
                name=name or email.partition("@")[0],
                language=language,
                email_verified=True,
                terms_version=snapshot[ProgrammeParameters].terms_version,
                snapshot=snapshot,
                now=now,
            )
        purchase = await _purchase(s, snapshot, now)
    await earn(
        rt,
        tenant_id=tenant.id,
        now=now,
        event=Event(
            account_id=member.account_id,
            member_id=member.id,
            source=SOURCE,
            event_id="first-purchase",
            amount=purchase,
            # Told again, it is the same purchase of the same instant.
            occurred_at=member.joined_at,
        ),
    )
    return member


async def steps(rt: Runtime, *, tenant: Tenant, email: str) -> FirstSteps:
    """How far it is."""
    async with rt.db.read(tenant.id) as s:
        member = await queries.find_by_email(s, email_norm=email)
        if member is None:
            return FirstSteps()
        found = await redemptions.orders(s, member_id=member.id, limit=1)
        points = await s.value(
            "SELECT posted - held FROM app.ledger_account"
            " WHERE tenant_id = %(tenant_id)s AND id = %(account)s",
            {"account": member.account_id},
        )
    order = found.items[0] if found.items else None
    return FirstSteps(
        member=True,
        points=int(points or 0),
        order_number=order.number if order else "",
        order_state=order.state if order else "",
        delivered=order is not None and order.state in {"delivered", "settled"},
    )


async def _purchase(s: ReadSession, snapshot: Snapshot, now: datetime) -> Money:
    """A purchase whose points are enough for any reward of the first shelf."""
    rules = price_rules(snapshot)
    rows = await s.all(
        _Cost,
        """
        SELECT p.category, min(v.cost_minor) AS cost_minor, p.cost_currency
          FROM app.product p
          JOIN app.product_variant v ON v.tenant_id = p.tenant_id AND v.product_id = p.id
         WHERE p.tenant_id = %(tenant_id)s AND p.status = 'published' AND v.active
         GROUP BY p.id, p.category, p.cost_currency, p.featured
         ORDER BY p.featured DESC, p.id LIMIT %(shelf)s
        """,
        {"shelf": _SHELF},
    )
    asked = [
        price(cost=Money(row.cost_minor, row.cost_currency), category=row.category, rules=rules,
              tier=None).points
        for row in rows
    ]  # fmt: skip
    factor = Decimal(snapshot[PointsParameters].earn_factor)
    whole = round_to_int(max(asked, default=100) / factor, Rounding.CEILING, step=_STEP)
    return Money(whole * 10 ** exponent(rules.currency), rules.currency)

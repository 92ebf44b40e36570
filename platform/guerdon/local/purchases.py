"""What a demo brand's own systems would have sent: tickets of members, and the CRM's cards.

`demo.toml` names the tickets, their days counted from the day of the run, and other purchases as
the API takes them; `cards.csv` is the base.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.members import queries
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations import card_imports, kept_contexts
from guerdon.recommendations.contexts import Context, Itinerary, Passenger, Segment
from guerdon.recommendations.offers import Product
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

CARDS: Final = "cards.csv"
_BASE: Final = "crm"


class Ticket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A journey there and back, as the folder tells it."""

    member: str
    reference: str
    route: tuple[str, ...]
    in_days: int
    nights: int
    passengers: tuple[Passenger, ...]
    bought: tuple[Product, ...] = ()

    def itinerary(self, now: datetime, zone: ZoneInfo) -> Itinerary:
        """The ticket: a leg there, the nights, and a leg for each stop that follows."""
        day = now.astimezone(zone).date() + timedelta(days=self.in_days)
        legs = []
        for origin, destination in zip(self.route, self.route[1:], strict=False):
            arrives = day + timedelta(days=1)
            legs.append(
                Segment(
                    origin=origin,
                    destination=destination,
                    departs_on=day,
                    arrives_on=arrives,
                    carrier="AU",
                )
            )
            day = arrives + timedelta(days=self.nights)
        return Itinerary(segments=tuple(legs), passengers=self.passengers, bought=self.bought)


class Purchase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purchase as it is kept."""

    member: str
    reference: str
    context: Context


async def ensure_tickets(
    rt: Runtime, tenant: Tenant, told: list[dict[str, Any]], now: datetime
) -> None:
    """Keep each member's ticket; a later run moves its days."""
    snapshot = await rt.snapshot(tenant.id, now)
    zone = snapshot[ProgrammeParameters].zone
    for ticket in msgspec.convert(told, list[Ticket]):
        bought = Purchase(ticket.member, ticket.reference, ticket.itinerary(now, zone))
        await _keep(rt, tenant, bought, snapshot, now)


async def ensure_purchases(
    rt: Runtime, tenant: Tenant, told: list[dict[str, Any]], now: datetime
) -> None:
    """Keep what else members bought."""
    snapshot = await rt.snapshot(tenant.id, now)
    for bought in msgspec.convert(told, list[Purchase]):
        await _keep(rt, tenant, bought, snapshot, now)


async def _keep(
    rt: Runtime, tenant: Tenant, bought: Purchase, snapshot: Snapshot, now: datetime
) -> None:
    async with rt.db.write(tenant.id) as s:
        member = await queries.find_by_email(s, email_norm=bought.member)
        if member is not None:
            await kept_contexts.keep(
                s,
                context_id=uuid7(),
                member_id=member.id,
                reference=bought.reference,
                context=bought.context,
                snapshot=snapshot,
                now=now,
            )


async def ensure_cards(rt: Runtime, tenant: Tenant, folder: Path, now: datetime) -> None:
    """Put the CRM's base in force; the same base again changes nothing."""
    file = folder / CARDS
    if not file.is_file():
        return
    with file.open("rb") as source:
        await card_imports.run(
            rt,
            tenant_id=tenant.id,
            file=source,
            name=_BASE,
            principal="demo",
            snapshot=await rt.snapshot(tenant.id, now),
            now=now,
        )

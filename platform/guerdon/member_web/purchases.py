"""What the member bought from the brand and is still to come, each with what goes with it."""

import asyncio
from datetime import date
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.identity.policy import member
from guerdon.kit.errors import NotFoundError
from guerdon.member_web.slots import TICKET, slot_of
from guerdon.member_web.views.offers import Purchase, Purchases, Slot
from guerdon.member_web.web import Web
from guerdon.recommendations import kept_contexts
from guerdon.recommendations.contexts import (
    Basket,
    Context,
    Itinerary,
    Policy,
    Stay,
    arrival_day,
    departure_day,
)
from guerdon.recommendations.kept_contexts import Kept
from guerdon.recommendations.offers import Product
from guerdon.recommendations.places import Places

# Of more purchases, the others show theirs on a page of their own.
_WITH_OFFERS: Final = 5


@get("/purchases", opt={"policy": member()})
async def listing(web: NamedDependency[Web]) -> Response[str]:
    """Every purchase that is still to come, the latest first."""
    async with web.rt.db.read(web.tenant.id) as s:
        kept = await kept_contexts.live(s, member_id=web.member_id, now=web.now)
    slots = await asyncio.gather(*(_slot(web, one) for one in kept[:_WITH_OFFERS]))
    filled = [*slots, *[None] * (len(kept) - len(slots))]
    shown = tuple(_view(web, one, slot) for one, slot in zip(kept, filled, strict=True))
    return web.page("purchases", "purchases", Purchases(shown))


@get("/purchases/{purchase_id:uuid}", opt={"policy": member()})
async def one(purchase_id: FromPath[UUID], web: NamedDependency[Web]) -> Response[str]:
    """One purchase."""
    async with web.rt.db.read(web.tenant.id) as s:
        mine = await kept_contexts.live(s, member_id=web.member_id, now=web.now)
    kept = next((k for k in mine if k.id == purchase_id), None)
    if kept is None:
        raise NotFoundError
    shown = _view(web, kept, await _slot(web, kept))
    return web.page("purchases", "purchases", Purchases((shown,), single=True))


async def _slot(web: Web, kept: Kept) -> Slot | None:
    return await slot_of(web, TICKET, context=kept.context, key=f"{TICKET}-{kept.id.hex}")


def _view(web: Web, kept: Kept, slot: Slot | None) -> Purchase:
    _, context = web.words.text, kept.context
    places = kept_contexts.places_of(web.snapshot)
    match context:
        case Itinerary():
            symbol, title = "plane", _route(web, context, places)
        case Stay():
            symbol, title = "bed", _("Stay in %(place)s", place=_called(web, context.place, places))
        case Policy():
            symbol, title = "shield", _("Insurance")
        case Basket():
            symbol, title = "gift", _("What you bought")
    return Purchase(
        id=str(kept.id),
        url=f"/purchases/{kept.id}",
        symbol=symbol,
        title=title,
        when=_when(web, context, places),
        reference=kept.reference,
        facts=_facts(web, context),
        slot=slot,
    )


def _called(web: Web, code: str, places: Places) -> str:
    place = places.find(code)
    return place.called(web.language) if place is not None else code


def _route(web: Web, ticket: Itinerary, places: Places) -> str:
    legs = ticket.segments
    stops = [legs[0].origin, *(leg.destination for leg in legs)]
    # There and back reads as one way with an arrow to both sides.
    if len(stops) == 3 and stops[0] == stops[2]:
        return f"{_called(web, stops[0], places)} ⇄ {_called(web, stops[1], places)}"
    return " → ".join(_called(web, stop, places) for stop in stops)


def _when(web: Web, context: Context, places: Places) -> str:
    _, fmt = web.words.text, web.formats

    def period(first: date, last: date) -> str:
        if first == last:
            return fmt.full_date(first)
        return _("%(first)s to %(last)s", first=fmt.day_month(first), last=fmt.full_date(last))

    match context:
        case Itinerary():
            first = departure_day(context.segments[0], places)
            last = arrival_day(context.segments[-1], places)
            return period(first, context.stay_until or last)
        case Stay():
            return period(context.check_in, context.check_out)
        case Policy():
            return period(context.starts_on, context.ends_on)
        case Basket():
            return ""


def _facts(web: Web, context: Context) -> tuple[str, ...]:
    """How many travel, and what they have already."""
    words = web.words
    _ = words.text
    labels: dict[Product, str] = {
        "baggage": _("Checked bag"), "seat": _("Seats chosen"), "hotel": _("Hotel"),
        "travel_insurance": _("Travel insurance"), "car_rental": _("Rental car"),
        "ride_credit": _("Ride to the airport"), "theme_parks": _("Theme parks"),
        "excursions": _("Excursions"), "cruise": _("Cruise"),
    }  # fmt: skip
    if isinstance(context, Basket):
        count = sum(item.quantity for item in context.items)
        first = words.plural("%(n)s item", "%(n)s items", count)
    else:
        first = words.plural("%(n)s person", "%(n)s people", len(context.passengers))
    return (first, *(labels[product] for product in context.bought))


HANDLERS = [listing, one]

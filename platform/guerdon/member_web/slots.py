"""Offers on a page: the brand's placements of these names, filled within a time budget.

A slate that comes late or not at all leaves no trace on the page: nothing of it waits, nothing of
it fails. What happened is in the log.
"""

import asyncio
from typing import Final
from urllib.parse import quote

import structlog

from guerdon.kit.errors import GuerdonError
from guerdon.member_web.shelves import picture_view
from guerdon.member_web.views.offers import OfferCard, Slot
from guerdon.member_web.web import Web
from guerdon.recommendations.candidates import Value
from guerdon.recommendations.contexts import Context
from guerdon.recommendations.offers import KINDS
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.reasons import said
from guerdon.recommendations.service import Answered, Asked, Item, engine
from guerdon.recommendations.wording import words

HOME: Final = "home"
CATALOGUE: Final = "catalogue"
PRODUCT: Final = "product"
CHECKOUT: Final = "checkout"
TICKET: Final = "ticket"
# Longer than this no page waits for what it recommends.
BUDGET_S: Final = 0.25
_SYMBOLS: Final = {
    "baggage": "suitcase", "seat": "seat", "travel_insurance": "shield", "hotel": "bed",
    "car_rental": "car", "ride_credit": "pin", "theme_parks": "wheel", "excursions": "map",
    "cruise": "ship",
}  # fmt: skip
_SYMBOL_OF_KIND: Final = {"co_branded_card": "card", "club": "star", "ancillary": "spark"}
log = structlog.get_logger("guerdon.member_web")


def recommends(web: Web) -> bool:
    """Whether the brand recommends anything at all."""
    parameters = web.snapshot[RecommendationParameters]
    return parameters.enabled and any(parameters.kinds.of(kind).enabled for kind in KINDS)


def slot_here(web: Web, placement: str) -> str | None:
    """The placement, if this reader's page has one; a preview shows nobody's offers."""
    if not web.signed_in or web.preview is not None or not recommends(web):
        return None
    placements = web.snapshot[RecommendationParameters].placements
    return placement if any(p.key == placement and p.enabled for p in placements) else None


async def slot_of(
    web: Web, placement: str, *, context: Context | None = None, key: str = "", looking_at: str = ""
) -> Slot | None:
    """The offers of a placement, None where there are none in time.

    `key` is for a page with several of one placement; `looking_at`: the SKU of the product whose
    page it is.
    """
    if slot_here(web, placement) is None:
        return None
    asked = Asked(
        member_id=web.member_id,
        placement=placement,
        context=context,
        looking_at=looking_at or None,
        language=web.language,
    )
    work = asyncio.ensure_future(engine(web.rt).slate(asked, snapshot=web.snapshot, now=web.now))
    # A slate that is late is not broken off: what it reads serves the next one.
    done, _ = await asyncio.wait({work}, timeout=BUDGET_S)
    if not done:
        work.add_done_callback(_look_away)
        log.warning("slot.late", placement=placement, budget_s=BUDGET_S)
        return None
    error = work.exception()
    if error is not None:
        code = error.code if isinstance(error, GuerdonError) else type(error).__name__
        log.warning("slot.empty", placement=placement, code=code, exc_info=error)
        return None
    return _slot(web, work.result(), key or placement, looking_at)


def _look_away(work: asyncio.Future[Answered]) -> None:
    if not work.cancelled() and (error := work.exception()) is not None:
        log.warning("slot.empty", exc_info=error)


def _slot(web: Web, answered: Answered, key: str, looking_at: str) -> Slot | None:
    cards = tuple(
        _card(web, item, answered)
        for item in answered.items
        if item.product is None or item.product.sku != looking_at
    )
    if not cards:
        return None
    _ = web.words.text
    names = {str(language): name for language, name in answered.placement.name.items()}
    heading = names.get(answered.language) or next(iter(names.values()), "")
    return Slot(
        key=key,
        heading=heading or _("For you"),
        cards=cards,
        personal=answered.member.facts.profiled,
        more_url="/purchases"
        if answered.member.context is not None and not key.startswith(TICKET)
        else None,
    )


def _card(web: Web, item: Item, answered: Answered) -> OfferCard:
    _, fmt = web.words.text, web.formats
    chosen, offer = item.chosen, item.chosen.offer
    kind, personal = chosen.candidate.kind, chosen.candidate.personal
    said_of_it = words(item, language=answered.language, formats=fmt)
    product = item.product.card if item.product else None
    url = (offer.url if offer else "") or (f"/products/{product.slug}" if product else "")
    outside = url.startswith("https:")
    support = web.look.programme.support_email
    if not url and support:
        url = f"mailto:{support}?subject={quote(said_of_it.title)}"
    symbol = _SYMBOLS.get(offer.product or "", "") if offer else ""
    days = web.snapshot[RecommendationParameters].kinds.of(kind).fatigue.dismissed_days
    return OfferCard(
        id=item.feedback_id,
        kind=kind,
        symbol=symbol or _SYMBOL_OF_KIND.get(kind, "gift"),
        title=said_of_it.title,
        text=said_of_it.text,
        reason=said_of_it.reason,
        call_to_action=said_of_it.call_to_action or (_("See it") if product else _("Tell me more")),
        url=url,
        outside=outside,
        bank=offer.bank if offer and kind == "co_branded_card" else "",
        variant=said_of_it.variant_name or str(personal.get("variant", "")),
        points=fmt.points(product.points) if product else "",
        picture=picture_view(product.picture, "") if product else None,
        facts=_facts(web, kind, dict(personal)),
        rest_days=days if answered.member.facts.profiled else None,
    )


def _facts(web: Web, kind: str, personal: dict[str, Value]) -> tuple[tuple[str, str], ...]:
    """A card's terms, a package's arithmetic; of other kinds the words say it all."""
    _, fmt = web.words.text, web.formats

    def of(name: str) -> str:
        value = personal.get(name, "")
        return said(value, fmt) if value != "" else ""

    def points(name: str) -> str:
        value = personal.get(name)
        return fmt.points(value) if isinstance(value, int) else ""

    told: list[tuple[str, str]] = []
    match kind:
        case "co_branded_card":
            told = [(_("Limit"), of("limit")), (_("Approved until"), of("until"))]
        case "club":
            months = of("months")
            told = [
                (_("You get each month"), points("points_a_month")),
                (_("You pay each month"), of("price")),
                (_("You get in %(months)s months", months=months), points("points")),
                (_("Of these you would use"), points("used")),
                (_("They are worth"), of("used_value")),
                (_("You pay in %(months)s months", months=months), of("cost")),
                (_("What it leaves you"), of("gain")),
            ]
            if personal.get("months_min"):
                least = _("%(months)s months", months=of("months_min"))
                told.append((_("Shortest stay"), least))
    return tuple(line for line in told if line[1])

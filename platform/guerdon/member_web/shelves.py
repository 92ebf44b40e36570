"""The catalogue as a member sees it: who reads, at which prices, and a product as a card."""

from functools import lru_cache

from guerdon.catalogue import pricing, schemas
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.rules import price_rules
from guerdon.kit.money import Money, Rounding, allocate, round_to_int
from guerdon.member_web.views.pictures import Picture
from guerdon.member_web.views.shop import Card
from guerdon.member_web.web import Web
from guerdon.parameters.snapshot import Snapshot
from guerdon.payments.parameters import PaymentParameters
from guerdon.theming.formats import unbroken

# From how many pieces on a card says what is left.
_FEW = 5

WIDTH, HEIGHT = 800, 600


@lru_cache(maxsize=512)
def rules_of(snapshot: Snapshot) -> PriceRules:
    """The rules of prices of a version, worked out once."""
    return price_rules(snapshot)


def category_names(web: Web) -> dict[str, str]:
    """Shelves in order, with their names in the reader's language."""
    return {
        c.key: web.look.words(c.name, web.language)
        for c in web.snapshot[CatalogueParameters].categories
    }


def catalogue_reader(web: Web, tier: str | None) -> Reader:
    """Who looks at the catalogue, for its queries."""
    return Reader(
        rules=rules_of(web.snapshot),
        categories=tuple(c.key for c in web.snapshot[CatalogueParameters].categories),
        language=web.language,
        fallback=web.look.programme.languages[0],
        tier=tier,
        now=web.now,
    )


def takes_money(snapshot: Snapshot) -> bool:
    """Whether the programme lets members pay a part in money."""
    return snapshot[PaymentParameters].provider != "none"


def half_way(
    points: int, value: Money, rules: PriceRules, snapshot: Snapshot
) -> tuple[int, Money] | None:
    """The mix that a card names: half the points and money for the rest, fee included."""
    if not takes_money(snapshot):
        return None
    least = round_to_int(
        points * rules.minimum_share_percent / 100, Rounding.CEILING, step=rules.step
    )
    part = max(least, points // 2 - points // 2 % rules.step)
    if not 0 < part < points:
        return None
    _, minor = allocate(value.minor, [part, points - part])
    rest = Money(minor, value.currency)
    return part, rest + pricing.fee(rest, rules)


def card_view(card: schemas.Card, web: Web, names: dict[str, str], balance: int | None) -> Card:
    """A product in a list."""
    mix = half_way(card.points, card.value, rules_of(web.snapshot), web.snapshot)
    left = card.stock
    return Card(
        id=str(card.id),
        url=f"/products/{card.slug}",
        name=unbroken(card.name),
        category=card.category,
        category_name=names.get(card.category, ""),
        picture=picture_view(card.picture, card.alt),
        points=card.points,
        mix_points=mix[0] if mix else None,
        mix_money=mix[1] if mix else None,
        stock="out" if left == 0 else "in",
        left=left if left is not None and 0 < left <= _FEW else None,
        delivery=card.delivery,
        missing=card.points - balance if balance is not None and balance < card.points else None,
    )


def picture_view(file: str | None, alt: str) -> Picture | None:
    """A picture of the brand's file store."""
    return Picture(f"/files/{file}", alt, WIDTH, HEIGHT) if file else None

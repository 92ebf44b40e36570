"""What a supplier sells, as a list to choose from."""

from typing import Final

import msgspec

from guerdon.fulfilment import picking
from guerdon.fulfilment.port import SupplierProducts
from guerdon.kit.money import Money
from guerdon.onboarding import supplier_goods
from guerdon.onboarding.schemas import Draft
from guerdon.platform_web.forms import Form

BOX: Final = "sku-"


class Line(msgspec.Struct, frozen=True):
    """A product to tick. What cannot be chosen has no price, or tells why in `restriction`."""

    sku: str
    title: str
    price: Money | None
    days: tuple[int, int]
    ticked: bool = False
    restriction: str = ""

    @property
    def box(self) -> str:
        """The name of its box; empty where there is none."""
        return f"{BOX}{self.sku}" if self.price is not None and not self.restriction else ""


class Shelf(msgspec.Struct, frozen=True):
    """What was searched (`asked` is what `hits` are of) and chosen."""

    words: str
    asked: str
    chosen: tuple[Line, ...]
    hits: tuple[Line, ...] = ()
    total: int = 0
    picks_max: int = supplier_goods.PICKS_MAX


def of_draft(draft: Draft, form: Form | None) -> Shelf:
    """What was chosen before, and the words that are typed."""
    return Shelf(form.text("words") if form else "", "", _chosen(draft))


def of_hits(draft: Draft, words: str, found: SupplierProducts) -> Shelf:
    """What was chosen before, and what was found beside it."""
    chosen = _chosen(draft)
    known = {line.sku for line in chosen}
    hits = tuple(
        Line(
            one.sku,
            one.title,
            one.price,
            picking.delivery_days(one),
            restriction=one.restrictions[0] if one.restrictions else "",
        )
        for one in found.items
        if one.sku not in known
    )
    return Shelf(words, words, chosen, hits, found.total)


def _chosen(draft: Draft) -> tuple[Line, ...]:
    kept = draft.answers.catalogue
    lines = []
    for one in kept.goods if kept else ():
        (variant,), (text,) = one.variants, one.texts.values()
        price = Money.parse(variant.price, one.currency)
        lines.append(Line(variant.sku, text.name, price, one.delivery_days, ticked=True))
    return tuple(lines)

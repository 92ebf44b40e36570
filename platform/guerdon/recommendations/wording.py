"""An offer in words: the brand's copy, filled with what is this member's own."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import msgspec

from guerdon.parameters.sections import Language, ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations.candidates import Value
from guerdon.recommendations.offers import Offer, Variant
from guerdon.recommendations.reasons import filled, reason_words
from guerdon.recommendations.service import Item
from guerdon.theming.formats import Formats
from guerdon.theming.looks import points_name
from guerdon.theming.parameters import BrandingParameters


class Words(msgspec.Struct, frozen=True):
    """What a member reads of one place."""

    title: str
    text: str
    call_to_action: str
    variant_name: str
    reason: str


@lru_cache(maxsize=1_000)
def formats_of(snapshot: Snapshot, language: str) -> Formats:
    """How the brand writes numbers and days in this language."""
    programme = snapshot[ProgrammeParameters]
    return Formats(
        language=language,
        time_zone=programme.time_zone,
        points_name=points_name(snapshot[BrandingParameters], programme, language),
    )


def words(item: Item, *, language: str, formats: Formats) -> Words:
    """The words of one place in `language`, else in one there is."""
    offer, candidate = item.chosen.offer, item.chosen.candidate
    variant = _variant(offer, item.chosen.variant)
    variant_name = _in(variant.name, language) or "" if variant else ""
    copy = (_in(variant.copy, language) if variant else None) or (
        _in(offer.copy, language) if offer else None
    )
    values: dict[str, Value] = {"variant": variant_name, "bank": offer.bank if offer else ""}
    values |= candidate.personal
    product = item.product.card if item.product else None
    name = (_in(offer.name, language) if offer else None) or (product.name if product else "")
    title = copy.title if copy else name or (offer.key if offer else "")
    text = copy.text if copy else ""
    return Words(
        title=filled(title, values, formats),
        text=filled(text or (product.summary if product else ""), values, formats),
        call_to_action=filled(copy.call_to_action if copy else "", values, formats),
        variant_name=variant_name,
        reason=reason_words(candidate.reason, language, formats),
    )


def _variant(offer: Offer | None, key: str) -> Variant | None:
    if offer is None or not key:
        return None
    return next((v for v in offer.variants if v.key == key), None)


def _in(texts: Mapping[Any, Any], language: str) -> Any:
    """The text of a language, else the first there is."""
    return texts.get(cast(Language, language)) or next(iter(texts.values()), None)

"""Blanks in a brand's words: what fills them, and what is refused because nothing does."""

from typing import Any

import msgspec
import pytest

from guerdon.recommendations.offers import Offer


def findings(**more: Any) -> list[tuple[str, str, Any]]:
    offer = msgspec.convert({"key": "o", "kind": "ancillary"} | more, Offer)
    return [(f.path, f.code, f.params.get("blank")) for f in offer.check("o")]


def words(title: str, text: str = "") -> dict[str, Any]:
    return {"en": {"title": title, "text": text}}


@pytest.mark.parametrize("offer", [
    {"product": "hotel", "copy": words("{nights} nights in {place}", "{from} to {to}")},
    {"kind": "club", "package": {"price_minor": 1, "points_a_month": 1},
     "copy": words("{points} for {cost}")},
    {"kind": "co_branded_card", "bank": "Azul", "copy": words("{bank} {variant}", "{limit}")},
    {"copy": words("No blanks")},
])  # fmt: skip
def test_a_blank_that_something_fills_stands(offer: dict[str, Any]) -> None:
    assert findings(**offer) == []


def test_a_blank_that_nothing_fills_is_named() -> None:
    assert findings(product="seat", copy=words("{seats} seats", "{nights} nights")) == [
        ("o.copy.en", "unknown_blank", "nights")
    ]
    variant = {"key": "gold", "name": {"en": "Gold"}, "copy": words("{bnk} Gold")}
    card = {"kind": "co_branded_card", "bank": "Azul", "variants": [variant]}
    assert findings(**card) == [("o.variants[0].copy.en", "unknown_blank", "bnk")]

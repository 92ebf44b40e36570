"""Edits in words: numbers, units, items, languages, switches, orders."""

from typing import Any

import pytest
from msgspec import UNSET

from guerdon.admin_api.words import Words
from guerdon.parameters.differences import Edit, diff
from guerdon.parameters.sections import Registry
from guerdon.programme import SECTIONS

REGISTRY = Registry(SECTIONS)
NBSP = "\u00a0"


def whole(**sections: Any) -> dict[str, Any]:
    return REGISTRY.encode(REGISTRY.convert(sections))


BEFORE = whole(
    programme={"currency": "BRL"},
    tiers={
        "tiers": [
            {"key": "blue", "threshold": 0, "name": {"en": "Blue"}},
            {"key": "gold", "threshold": 10_000, "name": {"en": "Gold", "es": "Oro"}},
        ]
    },
    integrations={"webhooks": [{"key": "crm", "url": "https://crm.example/in"}]},
)


@pytest.mark.parametrize(
    ("edit", "language", "words"),
    [
        (Edit("points.fee.flat_minor", 0, 1_250), "en",
         "Fee on the money part, flat R$0.00 → R$12.50"),
        (Edit("points.fee.flat_minor", 0, 1_250), "pt-BR",
         f"Taxa sobre a parte em dinheiro, valor fixo R${NBSP}0,00 → R${NBSP}12,50"),
        (Edit("points.earn_factor", "1", "1234.5"), "es",
         "Puntos que se ganan 1 → 1.234,5 puntos"),
        (Edit("tiers.tiers[gold].earn_multiplier", "1", "1.5"), "en", "Gold earns times ×1 → ×1.5"),
        (Edit("tiers.tiers[gold].name.pt-BR", UNSET, "Ouro"), "en",
         "Gold name (Português (Brasil)) set to Ouro"),
        (Edit("tiers.tiers[gold]", {"key": "gold"}, UNSET), "en", "Gold removed"),
        (Edit("tiers.tiers[gold]", {"key": "gold"}, UNSET), "es", "Oro: eliminado"),
        (Edit("tiers.tiers[*]", ["blue", "gold"], ["gold", "blue"]), "en",
         "Tiers in a new order: Gold, Blue"),
        (Edit("integrations.webhooks[crm].enabled", True, False), "en",
         "Webhook endpoint crm enabled switched off"),
        (Edit("catalogue.fx.USD", "5.1", "5.25"), "pt-BR", "Taxas de câmbio (USD) 5,1 → 5,25"),
        (Edit("catalogue.fx.USD", "5.1", UNSET), "en", "Exchange rates (USD) removed (it was 5.1)"),
        (Edit("branding.logo", "", "0" * 64 + ".svg"), "en", "Symbol added"),
        (Edit("branding.logo", "1" * 64 + ".svg", "0" * 64 + ".svg"), "en", "Symbol rewritten"),
        (Edit("programme.terms.en", "Old " * 30, "New " * 30), "en", "Terms (English) rewritten"),
        (Edit("programme.languages", ["en"], ["en", "es"]), "en", "Languages en → en, es"),
        (Edit("branding.tagline.en", "Fly", "Fly more"), "en",
         "Promise (English) Fly → “Fly more”"),
        (Edit("security.approval_from", "medium", "never"), "en",
         "A second person approves changes of medium or high risk → no change"),
        (Edit("tiers.period", "lifetime", "calendar_year"), "en",
         "Counted over the whole membership → a calendar year"),
    ],
)  # fmt: skip
def test_words(edit: Edit, language: str, words: str) -> None:
    assert Words(REGISTRY, BEFORE, BEFORE, language=language).of(edit) == words


@pytest.mark.parametrize("language", ["en", "pt-BR", "es"])
def test_every_field_has_words(language: str) -> None:
    """From nothing to a full programme and back, each edit is a sentence."""
    for before, after in ((whole(), BEFORE), (BEFORE, whole())):
        words = Words(REGISTRY, before, after, language=language)
        told = [words.of(edit) for edit in diff(before, after)]
        assert len(told) >= 4
        assert all(told)
        assert not [t for t in told if "%(" in t]

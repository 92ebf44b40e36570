"""The section `recommendations`: what it accepts, what it refuses, and how large it may be."""

import copy
from datetime import date
from typing import Any

import msgspec
import pytest

from guerdon.parameters.sections import InvalidParametersError, Registry
from guerdon.programme import SECTIONS
from guerdon.recommendations.parameters import RecommendationParameters

REGISTRY = Registry(SECTIONS)

GOOD: dict[str, Any] = {
    "kinds": {
        "co_branded_card": {"enabled": True, "weight": 30, "factor": "1.25"},
        "ancillary": {"enabled": True, "weight": 70, "category_caps": {"hotel": 1}},
        "club": {"enabled": True, "lifespan": {"valid_from": "2026-01-01"}},
    },
    "placements": [
        {"key": "home", "kinds": ["co_branded_card", "ancillary"], "slots": 6},
        {"key": "after-checkout", "kinds": ["club"], "name": {"en": "For you"}},
    ],
    "offers": [
        {
            "key": "banco-azul",
            "kind": "co_branded_card",
            "bank": "Banco Azul",
            "lifespan": {
                "valid_from": "2026-01-01",
                "valid_to": "2026-02-01",
                "age_days_max": 30,
                "impressions_max": 100000,
            },
            "variants": [
                {"key": "gold", "name": {"en": "Gold"}, "weight": 60},
                {"key": "platinum", "name": {"en": "Platinum"}, "eligibility": "tier == 'gold'"},
            ],
            "copy": {"en": {"title": "Your card", "call_to_action": "Ask for it"}},
        },
        {"key": "bag", "kind": "ancillary", "category": "baggage", "factor": "0.5"},
        {
            "key": "club-5000",
            "kind": "club",
            "package": {"price_minor": 4990, "points_a_month": 5000, "months_min": 6},
        },
        {"key": "lamp", "kind": "catalogue", "sku": "LAMP-1"},
    ],
}


def decode(content: dict[str, Any]) -> RecommendationParameters:
    section = REGISTRY.decode({"recommendations": content})[RecommendationParameters]
    assert isinstance(section, RecommendationParameters)
    return section


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good content with one value replaced."""
    content = copy.deepcopy(GOOD)
    *way, last = path.split("/")
    at: Any = content
    for step in way:
        at = at[int(step)] if step.isdigit() else at.setdefault(step, {})
    at[int(last) if last.isdigit() else last] = value
    return content


def test_good_content_comes_back_as_it_was() -> None:
    section = decode(GOOD)
    assert section.offers[0].lifespan.valid_to == date(2026, 2, 1)
    assert section.kinds.of("ancillary").category_caps == {"hotel": 1}
    plain = REGISTRY.encode(REGISTRY.decode({"recommendations": GOOD}))["recommendations"]
    assert plain["offers"][0]["lifespan"]["valid_from"] == "2026-01-01"
    assert decode(plain) == section


@pytest.mark.parametrize(
    ("path", "value", "field", "code"),
    [
        ("offers/1/key", "banco-azul", "recommendations.offers", "duplicate_key"),
        ("placements/1/key", "home", "recommendations.placements", "duplicate_key"),
        (
            "offers/0/variants/1/key",
            "gold",
            "recommendations.offers[0].variants",
            "duplicate_key",
        ),
        (
            "offers/0/lifespan/valid_to",
            "2026-01-01",
            "recommendations.offers[0].lifespan.valid_to",
            "empty_period",
        ),
        (
            "kinds/club/lifespan/valid_to",
            "2025-01-01",
            "recommendations.kinds.club.lifespan.valid_to",
            "empty_period",
        ),
        ("offers/1/factor", "0.00", "recommendations.offers[1].factor", "zero_factor"),
        ("kinds/ancillary/factor", "0", "recommendations.kinds.ancillary.factor", "zero_factor"),
        ("offers/1/factor", "100.1", "recommendations.offers[1].factor", "wrong_form"),
        ("offers/1/weight", 101, "recommendations.offers[1].weight", "out_of_range"),
        ("offers/1/weight", 0, "recommendations.offers", "weightless_kind"),
        ("kinds/club/weight", 0, "recommendations.placements[1].kinds", "weightless_slot"),
        (
            "placements/0/kinds",
            ["club", "club"],
            "recommendations.placements[0].kinds",
            "duplicate_kind",
        ),
        (
            "offers/0/variants",
            [{"key": "gold", "name": {"en": "Gold"}, "weight": 0}],
            "recommendations.offers[0].variants",
            "weightless_variants",
        ),
        ("offers/0/variants/0/name", {}, "recommendations.offers[0].variants[0].name", "no_name"),
        ("offers/0/bank", "", "recommendations.offers[0].bank", "bank_missing"),
        ("offers/2/package", None, "recommendations.offers[2].package", "package_missing"),
        ("offers/3/sku", "", "recommendations.offers[3].sku", "product_missing"),
        (
            "external_scores/url",
            "http://scores.example/",
            "recommendations.external_scores.url",
            "bad_address",
        ),
    ],
)
def test_what_cannot_work_is_refused(path: str, value: Any, field: str, code: str) -> None:
    with pytest.raises(InvalidParametersError) as refused:
        decode(changed(path, value))
    assert [(f.path, f.code) for f in refused.value.findings] == [(field, code)]


def test_a_placement_whose_kinds_are_off_is_a_warning() -> None:
    content = changed("kinds/club/enabled", False)
    findings = list(decode(content).check())
    assert [(f.path, f.code, f.severity) for f in findings] == [
        ("recommendations.placements[1].kinds", "empty_slot", "warning")
    ]


def test_two_thousand_offers_are_nothing_special() -> None:
    offers = [
        GOOD["offers"][0] | {"key": f"offer-{n}", "weight": n % 101, "factor": "1.5"}
        for n in range(2000)
    ]
    content = GOOD | {"offers": offers}
    section = decode(content)
    assert len(section.offers) == 2000
    encoded = REGISTRY.encode(REGISTRY.decode({"recommendations": content}))
    assert [offer["weight"] for offer in encoded["recommendations"]["offers"]] == [
        n % 101 for n in range(2000)
    ]


def test_every_field_says_what_it_is() -> None:
    """The form has a title for each field."""
    (_, parts) = msgspec.json.schema_components([RecommendationParameters])
    untitled = [
        f"{name}.{field}"
        for name, part in parts.items()
        for field, schema in part.get("properties", {}).items()
        if "title" not in schema
    ]
    assert untitled == []

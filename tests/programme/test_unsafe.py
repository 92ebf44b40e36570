"""Unsafe configurations: each is told by its own code, at its field, with what to do about it."""

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from guerdon.parameters.sections import Finding, Registry
from guerdon.programme import RULES, SECTIONS

ROOT = Path(__file__).parents[2]
REGISTRY = Registry(SECTIONS, RULES.of_content)


def _weak_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def tier(key: str, threshold: int, **more: Any) -> dict[str, Any]:
    return {"key": key, "threshold": threshold, **more}


TIERS = {"tiers": [tier("blue", 0), tier("gold", 1000)]}
AMAZON = {
    "key": "amazon", "provider": "amazon_business", "buyer_email": "b@brand.example",
    "buying_group": "g", "contact_phone": "+14155550100",
}  # fmt: skip
ISSUER = {"key": "own", "issuer": "https://id.brand.example", "client_id": "a"}
APP = {"client_id": "app-one", "name": "One", "redirect_uris": ["com.brand.one:/back"]}
HOOK = {"key": "crm", "url": "https://crm.brand.example/in"}
# Put together here, so that no scanner takes it for a lost one.
SECRET_URL = "https://x.example/" + "sk_" + "live_" + "a" * 24
CARD = {"key": "card", "kind": "co_branded_card", "bank": "Bank"}


class Bad(NamedTuple):
    """A configuration, and what has to be said of it: path, code, words of the message."""

    content: dict[str, Any]
    path: str
    code: str
    words: str
    severity: str = "error"


CASES = [
    # the programme itself
    Bad({"programme": {"time_zone": "Mars/Base"}}, "programme.time_zone", "unknown_time_zone",
        "Mars/Base"),
    Bad({"programme": {"languages": ["en", "en"]}}, "programme.languages", "duplicate_language",
        "twice"),
    Bad({"programme": {"currency": "XQZ"}}, "programme.currency", "unknown_currency", "ISO 4217"),
    Bad({"programme": {"support_email": "help at brand"}}, "programme.support_email", "bad_email",
        "help@brand.example"),
    Bad({"programme": {"terms": {"en": "…"}}}, "programme.support_email", "nobody_to_ask",
        "name one", "warning"),
    Bad({"programme": {"languages": ["pt-BR"], "terms": {"en": "…"},
                        "support_email": "a@b.example"}},
        "programme.terms", "default_language_missing", "pt-BR"),
    Bad({"programme": {"languages": ["en", "es"]}, "branding": {"tagline": {"en": "Hello"}}},
        "branding.tagline", "language_missing", "es", "warning"),
    Bad({"branding": {"points_name": {"en": {"one": "mile", "other": "miles"},
                                      "es": {"one": "milla", "other": "millas"}}}},
        "branding.points_name", "language_not_offered", "es", "warning"),
    Bad({"programme": {"languages": ["en", "pt-BR"]},
         "branding": {"points_name": {"en": {"one": "mile", "other": "miles"}}}},
        "branding.points_name", "language_missing", "pt-BR", "warning"),
    Bad({"branding": {"brand_colour": "#fffd00"}}, "branding.brand_colour", "unreadable_colour",
        "nearest", "warning"),
    Bad({"branding": {"theme": "glitter"}}, "branding.theme", "unknown_theme", "editorial"),
    # points
    Bad({"points": {"earn_factor": "0"}}, "points.earn_factor", "zero_factor", "earn", "warning"),
    Bad({"points": {"price_factor": "0.0"}}, "points.price_factor", "zero_factor", "free"),
    Bad({"points": {"earn_factor": "100", "price_factor": "100"}}, "points.earn_factor",
        "more_than_money_back", "100 %"),
    Bad({"points": {"earn_factor": "30", "price_factor": "100"},
         "tiers": {"tiers": [tier("blue", 0), tier("gold", 10, earn_multiplier="4")]}},
        "points.earn_factor", "more_than_money_back", "120 %"),
    Bad({"points": {"earn_factor": "60", "price_factor": "100"}}, "points.earn_factor",
        "half_money_back", "60 %", "warning"),
    Bad({"points": {"validity": {"model": "rolling"}}}, "points.validity.months", "no_validity",
        "months or days"),
    Bad({"points": {"validity": {"model": "fixed_date", "month": 2, "day": 31, "years_ahead": 1}}},
        "points.validity.day", "no_such_day", "no such day"),
    Bad({"points": {"validity": {"model": "fixed_date", "month": 12, "day": 31}}},
        "points.validity.years_ahead", "expires_at_once", "year after", "warning"),
    Bad({"points": {"validity": {"model": "rolling", "days": 5}}}, "points.hold_grace_days",
        "grace_longer_than_validity", "Shorten the grace"),
    Bad({"points": {"negative_policy": {"model": "floor"}}}, "points.negative_policy.floor",
        "zero_floor", "forbid"),
    Bad({"points": {"price_floor_points": 150, "price_rounding_step": 100}},
        "points.price_floor_points", "floor_between_steps", "multiple", "warning"),
    Bad({"points": {"adjustment_approval_limit": 5_000_000}}, "points.adjustment_approval_limit",
        "corrections_unchecked", "50000 USD", "warning"),
    Bad({"points": {"fee": {"flat_minor": 100}}}, "points.fee", "fee_without_payments",
        "payment provider", "warning"),
    Bad({"points": {"fee": {"percent": "30"}}, "payments": {"provider": "stripe"}},
        "points.fee.percent", "high_fee", "30 %", "warning"),
    Bad({"points": {"minimum_points_share_percent": 100}, "payments": {"provider": "stripe"}},
        "points.minimum_points_share_percent", "money_never_due", "At 100 % in points", "warning"),
    # tiers
    Bad({"tiers": {"tiers": [tier("blue", 5)]}}, "tiers.tiers[0].threshold", "first_tier_not_zero",
        "first tier"),
    Bad({"tiers": {"tiers": [tier("blue", 0), tier("gold", 0)]}}, "tiers.tiers[1].threshold",
        "overlapping_tiers", "more than"),
    Bad({"tiers": {"tiers": [tier("blue", 0), tier("blue", 9)]}}, "tiers.tiers[1].key",
        "duplicate_tier", "twice"),
    Bad({"tiers": {"tiers": [tier("blue", 0, earn_multiplier="0")]}},
        "tiers.tiers[0].earn_multiplier", "zero_multiplier", "blue"),
    Bad({"tiers": {"tiers": [tier("blue", 0, earn_multiplier="2"), tier("gold", 9)]}},
        "tiers.tiers[1].earn_multiplier", "falling_multiplier", "rising", "warning"),
    Bad({"tiers": {"tiers": [tier("blue", 0, colour="#ffee00")]}}, "tiers.tiers[0].colour",
        "unreadable_tier_colour", "darker", "warning"),
    Bad({"tiers": TIERS, "catalogue": {"tier_discounts": {"platinum": "5"}}},
        "catalogue.tier_discounts.platinum", "unknown_tier", "blue, gold"),
    Bad({"tiers": TIERS, "catalogue": {"tier_discounts": {"blue": "10", "gold": "5"}}},
        "catalogue.tier_discounts.gold", "falling_discount", "gets 10 %", "warning"),
    # catalogue
    Bad({"tiers": TIERS, "catalogue": {"tier_discounts": {"gold": "100"}}},
        "catalogue.tier_discounts.gold", "free", "pays something"),
    Bad({"catalogue": {"fx": {"EUR": "0"}}}, "catalogue.fx.EUR", "zero_rate", "above zero"),
    Bad({"catalogue": {"fx": {"USD": "1.1"}}}, "catalogue.fx.USD", "rate_of_own_currency",
        "remove it"),
    Bad({"catalogue": {"categories": [{"key": "a", "name": {}}]}}, "catalogue.categories[0].name",
        "no_name", "needs a name"),
    Bad({"programme": {"languages": ["es"]},
         "catalogue": {"categories": [{"key": "a", "name": {"en": "A", "es": ""}}]}},
        "catalogue.categories[0].name", "default_language_missing", "es"),
    Bad({"catalogue": {"categories": [{"key": "a", "name": {"en": "A"}},
                                      {"key": "a", "name": {"en": "B"}}]}},
        "catalogue.categories", "duplicate_category", "2"),
    # payments
    Bad({"payments": {"provider": "stripe", "statement": "1234 *"}}, "payments.statement",
        "statement_text", "Latin letter"),
    Bad({"programme": {"currency": "BRL"}, "payments": {"provider": "amazon_pay"}},
        "payments.provider", "currency_not_taken", "keep another provider"),
    Bad({"payments": {"provider": "amazon_pay", "statement": "COPPER KETTLE BEANS"}},
        "payments.statement", "statement_too_long", "16"),
    Bad({"payments": {"provider": "amazon_pay", "methods": ["link"]}}, "payments.methods",
        "methods_not_offered", "wallet", "warning"),
    # suppliers
    Bad({"fulfilment": {"suppliers": [AMAZON, AMAZON]}}, "fulfilment.suppliers[1].key",
        "duplicate_key", "twice"),
    Bad({"fulfilment": {"suppliers": [AMAZON | {"buying_group": ""}]}},
        "fulfilment.suppliers[0].buying_group", "missing", "Amazon Business"),
    Bad({"fulfilment": {"suppliers": [AMAZON | {"buyer_email": "buyer"}]}},
        "fulfilment.suppliers[0].buyer_email", "bad_email", "buyer"),
    # messages
    Bad({"notifications": {"sms_sender": "12345"}}, "notifications.sms_sender",
        "sender_without_letter", "letter"),
    Bad({"notifications": {"sms_sender": "KETTLE", "sms": []}}, "notifications.sms",
        "sms_sender_unused", "SMS", "warning"),
    # sign-in and apps
    Bad({"security": {"session_idle_minutes": 600, "session_length_h": 5}},
        "security.session_idle_minutes", "idle_longer_than_session", "5 h"),
    Bad({"security": {"console_idle_minutes": 600, "console_session_length_h": 5}},
        "security.console_idle_minutes", "idle_longer_than_session", "5 h"),
    Bad({"security": {"step_up_minutes": 60, "session_length_h": 1, "session_idle_minutes": 30}},
        "security.step_up_minutes", "step_up_longer_than_session", "60 min"),
    Bad({"security": {"tries_per_address_h": 5}}, "security.tries_per_address_h",
        "address_limit_below_account", "family", "warning"),
    Bad({"security": {"connections": [ISSUER | {"issuer": "https://id.example?x=1"}]}},
        "security.connections[0].issuer", "bad_issuer", "query"),
    Bad({"security": {"connections": [ISSUER | {"issuer": "http://id.example"}]}},
        "security.connections[0].issuer", "issuer_not_encrypted", "https", "warning"),
    Bad({"security": {"connections": [ISSUER | {"algorithms": ["HS256"]}]}},
        "security.connections[0].algorithms", "bad_algorithm", "HS256"),
    Bad({"security": {"connections": [ISSUER | {"scopes": ["email"]}]}},
        "security.connections[0].scopes", "scope_missing", "openid"),
    Bad({"security": {"hand_off": [{"kid": "a", "issuer": "b", "algorithm": "RS256",
                                    "public_key": "not a key"}]}},
        "security.hand_off[0].public_key", "unreadable_key", "BEGIN PUBLIC KEY"),
    Bad({"security": {"hand_off": [{"kid": "a", "issuer": "b", "algorithm": "RS256",
                                    "public_key": _weak_key()}]}},
        "security.hand_off[0].public_key", "weak_key", "2048"),
    Bad({"security": {"apps": [APP | {"redirect_uris": ["http://app.example/back"]}]}},
        "security.apps[0].redirect_uris", "bad_redirect", "https"),
    Bad({"security": {"apps": [APP | {"scopes": ["everything"]}]}}, "security.apps[0].scopes",
        "unknown_scope", "everything"),
    Bad({"security": {"apps": [APP, APP | {"client_id": "app-two"}]}},
        "security.apps[1].redirect_uris", "shared_redirect", "app-one", "warning"),
    # integrations
    Bad({"integrations": {"webhooks": [HOOK | {"url": "crm"}]}}, "integrations.webhooks[0].url",
        "bad_address", "https://"),
    Bad({"integrations": {"webhooks": [HOOK | {"url": "http://crm.example/in"}]}},
        "integrations.webhooks[0].url", "webhook_not_encrypted", "https", "warning"),
    Bad({"integrations": {"webhooks": [HOOK | {"events": ["member.sneezed"]}]}},
        "integrations.webhooks[0].events", "unknown_event", "member.sneezed"),
    Bad({"integrations": {"requests_per_minute": 100}}, "integrations.member_requests_per_minute",
        "member_limit_above_key", "100", "warning"),
    Bad({"integrations": {"webhooks": [HOOK | {"url": SECRET_URL}]}},
        "integrations.webhooks[0].url", "looks_like_a_secret", "Secrets"),
    # recommendations
    Bad({"recommendations": {"offers": [CARD | {"lifespan": {"valid_from": "2026-02-01",
                                                             "valid_to": "2026-01-01"}}]}},
        "recommendations.offers[0].lifespan.valid_to", "empty_period", "2026-01-01"),
    Bad({"recommendations": {"offers": [CARD | {"bank": ""}]}}, "recommendations.offers[0].bank",
        "bank_missing", "bank"),
    Bad({"recommendations": {"kinds": {"club": {"enabled": True, "weight": 0}},
                             "placements": [{"key": "home", "kinds": ["club"]}]}},
        "recommendations.placements[0].kinds", "weightless_slot", "club"),
    Bad({"recommendations": {"offers": [{"key": "club", "kind": "club"}]}},
        "recommendations.offers[0].package", "package_missing", "price"),
]  # fmt: skip


def findings(content: dict[str, Any]) -> list[Finding]:
    return REGISTRY.review(REGISTRY.convert(content))


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: f"{bad.code}@{bad.path}")
def test_it_is_told_exactly(bad: Bad) -> None:
    found = findings(bad.content)
    assert [(f.path, f.code, f.severity) for f in found] == [(bad.path, bad.code, bad.severity)]
    text = found[0].text()
    assert bad.words in text
    assert "%(" not in text
    assert "%%" not in text


def test_there_are_many_kinds() -> None:
    assert len({bad.code for bad in CASES}) >= 50


@pytest.mark.parametrize("folder", sorted((ROOT / "tenants" / "demo").glob("*/tenant.toml")))
def test_the_demo_brands_have_none(folder: Path) -> None:
    content = tomllib.loads(folder.read_text())
    del content["tenant"]
    # Names of pictures become names in the file store when the folder is applied.
    content["branding"] |= {"logo": "", "hero_picture": ""}
    assert findings(content) == []


def test_what_a_brand_starts_with_has_none() -> None:
    assert findings({}) == []

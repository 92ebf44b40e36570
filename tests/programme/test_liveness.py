"""No dead setting: for each field of a built section two values are published through the
console, and a named route then answers differently; what changes elsewhere is not seen by it.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.identity.provider import Provider
from tests.programme import liveness
from tests.programme.liveness import (
    ELSEWHERE,
    OTHER_KEY,
    PICTURE,
    Live,
    app,
    category,
    connection,
    earned,
    hand_off,
    hands_over,
    hook,
    mix,
    of,
    purpose,
    says,
    supplier,
    tiers,
    validity,
)
from tests.programme.stage import Stage, merged
from tests.programme.test_recommended import RECOMMENDED

from guerdon.parameters.sections import ProgrammeParameters, Section
from guerdon.programme import SECTIONS
from guerdon.programme.unbuilt import UNBUILT, is_built

BEAN = {"en": {"one": "bean", "other": "beans"}, "pt-BR": {"one": "grão", "other": "grãos"}}
MILE = {"en": {"one": "mile", "other": "miles"}, "pt-BR": {"one": "milha", "other": "milhas"}}
WEEK = {"en": "Weekly"}
# Points that live for ever would hide what ends them.
YEAR = {"validity": {"model": "rolling", "months": 12}}
EARN, QUOTE, SIGN_IN = "POST /api/v1/points/earn", "POST /api/v1/quotes", "GET /sign-in"
REDEEM, SSO, AUTHORIZE = "POST /api/v1/redemptions", "GET /sso/{connection}", "GET /oauth/authorize"
SHARE, FIRST, ORDER = 60, "GET /", f"{REDEEM}, then the supplier's order"


def fixed(month: int = 12, day: int = 31, ahead: int = 1) -> dict[str, Any]:
    return {"model": "fixed_date", "month": month, "day": day, "years_ahead": ahead}


def entries() -> Iterator[Live]:
    ask = liveness
    drinks = {"en": "Drinks", "pt-BR": "Bebidas"}
    # the programme
    yield Live(
        "programme.name",
        FIRST,
        of("programme", name="Alpha Club"),
        of("programme", name="Beta Club"),
        says("/", "Alpha Club"),
    )
    yield Live(
        "programme.legal_name",
        "GET /terms",
        of("programme", legal_name="Alpha Ltd"),
        of("programme", legal_name="Beta Ltd"),
        says("/terms", "Alpha Ltd"),
    )
    yield Live(
        "programme.currency",
        QUOTE,
        {
            **of("programme", currency="USD", languages=["en", "pt-BR"]),
            **of(
                "catalogue",
                fx={"USD": "1", "EUR": "2"},
                categories=[{"key": "drinks", "name": drinks}],
            ),
        },
        {
            **of("programme", currency="EUR", languages=["en", "pt-BR"]),
            **of(
                "catalogue",
                fx={"USD": "2", "EUR": "1"},
                categories=[{"key": "drinks", "name": drinks}],
            ),
        },
        says("/products/coffee", "€"),
        quiet=True,
    )
    yield Live(
        "programme.time_zone",
        EARN,
        {**of("programme", time_zone="UTC"), **of("points", **YEAR)},
        {**of("programme", time_zone="America/New_York"), **of("points", **YEAR)},
        ask.LATE,
    )
    yield Live(
        "programme.languages",
        FIRST,
        of("programme", languages=["en", "pt-BR"]),
        of("programme", languages=["en"]),
        says("/", 'lang="pt-BR"', **{"accept-language": "pt-BR"}),
    )
    yield Live(
        "programme.support_email",
        "GET /terms",
        of("programme", support_email="alpha@stage.example"),
        of("programme", support_email="beta@stage.example"),
        says("/terms", "alpha@"),
    )
    yield Live(
        "programme.terms_version",
        "GET /join",
        of("programme", terms_version="alpha-1"),
        of("programme", terms_version="beta-2"),
        says("/join", "alpha-1"),
    )
    yield Live(
        "programme.terms",
        "GET /terms",
        of("programme", terms={"en": "First terms", "pt-BR": "."}, terms_version="1"),
        of("programme", terms={"en": "Second terms", "pt-BR": "."}, terms_version="2"),
        ask.terms,
    )
    # looks
    yield Live(
        "branding.theme",
        FIRST,
        of("branding", theme="editorial"),
        of("branding", theme="playful"),
        ask.style,
    )
    yield Live(
        "branding.brand_colour",
        "GET /theme/{name}",
        of("branding", brand_colour="#1f4fa8"),
        of("branding", brand_colour="#7a2f2f"),
        ask.style,
    )
    yield Live(
        "branding.neutral",
        "GET /theme/{name}",
        of("branding", neutral="warm"),
        of("branding", neutral="cool"),
        ask.style,
    )
    yield Live(
        "branding.corners",
        "GET /theme/{name}",
        of("branding", corners="sharp"),
        of("branding", corners="round"),
        ask.style,
    )
    yield Live(
        "branding.fonts",
        "GET /theme/{name}",
        of("branding", fonts="clear"),
        of("branding", fonts="lively"),
        ask.style,
    )
    yield Live(
        "branding.density",
        "GET /theme/{name}",
        of("branding", density="comfortable"),
        of("branding", density="compact"),
        ask.style,
    )
    yield Live(
        "branding.logo",
        FIRST,
        of("branding", logo=PICTURE),
        of("branding", logo=""),
        ask.stored_picture,
    )
    yield Live(
        "branding.hero_picture",
        FIRST,
        of("branding", theme="editorial", hero_picture=PICTURE),
        of("branding", theme="editorial", hero_picture=""),
        ask.stored_picture,
    )
    yield Live(
        "branding.points_name",
        "GET /products/{slug}",
        of("branding", points_name=BEAN),
        of("branding", points_name=MILE),
        says("/products/coffee", "beans"),
    )
    yield Live(
        "branding.tagline",
        FIRST,
        of("branding", tagline={"en": "Up we go"}),
        of("branding", tagline={"en": "Down we go"}),
        says("/", "Up we go"),
    )
    yield Live(
        "branding.hero",
        FIRST,
        of("branding", hero={"en": "Come in"}),
        of("branding", hero={"en": "Go out"}),
        says("/", "Come in"),
    )
    # prices
    fx = {"fx": {"EUR": "1.10"}, "categories": [{"key": "drinks", "name": drinks}]}
    yield Live(
        "catalogue.margin_percent",
        QUOTE,
        of("catalogue", **fx, margin_percent="0"),
        of("catalogue", **fx, margin_percent="10"),
        ask.price,
    )
    yield Live(
        "catalogue.fx",
        QUOTE,
        of("catalogue", **fx),
        of("catalogue", **fx | {"fx": {"EUR": "1.20"}}),
        ask.price_in_euros,
    )
    yield Live(
        "catalogue.tier_discounts",
        QUOTE,
        of("catalogue", **fx, tier_discounts={}),
        of("catalogue", **fx, tier_discounts={"pour": "10"}),
        ask.in_gold,
    )
    yield Live(
        "catalogue.quote_lifetime_s",
        QUOTE,
        of("catalogue", **fx, quote_lifetime_s=300),
        of("catalogue", **fx, quote_lifetime_s=600),
        ask.price_holds,
    )
    more = {"key": "drinks", "name": drinks}
    yield Live(
        "catalogue.categories[].key",
        "GET /catalogue",
        of("catalogue", **fx | {"categories": [more, {"key": "alpha", "name": {"en": "A"}}]}),
        of("catalogue", **fx | {"categories": [more, {"key": "beta", "name": {"en": "A"}}]}),
        says("/catalogue", "category=alpha"),
    )
    yield Live(
        "catalogue.categories[].name",
        "GET /catalogue",
        category(name={"en": "Hot drinks"}),
        category(name={"en": "Cold drinks"}),
        says("/catalogue", "Hot drinks"),
    )
    yield Live(
        "catalogue.categories[].margin_percent",
        QUOTE,
        category(margin_percent="0"),
        category(margin_percent="20"),
        ask.price,
    )
    # webhooks, limits
    yield Live(
        "integrations.webhooks[].key",
        "GET /api/v1/webhook-endpoints",
        hook(),
        hook(key="till"),
        ask.endpoints,
    )
    yield Live(
        "integrations.webhooks[].url",
        "GET /api/v1/webhook-endpoints",
        hook(),
        hook(url="https://till.example/in"),
        ask.endpoints,
    )
    deliveries = "GET /api/v1/webhook-endpoints/{key}/deliveries"
    yield Live(
        "integrations.webhooks[].events",
        deliveries,
        hook(),
        hook(events=["redemption.shipped"]),
        ask.delivered,
    )
    yield Live(
        "integrations.webhooks[].enabled", deliveries, hook(), hook(enabled=False), ask.delivered
    )
    yield Live(
        "integrations.requests_per_minute",
        "GET /api/v1/tiers",
        of("integrations", requests_per_minute=900_000),
        of("integrations", requests_per_minute=800_000),
        ask.key_limit,
    )
    big = {"requests_per_minute": 1_000_000}
    yield Live(
        "integrations.member_requests_per_minute",
        "GET /api/v1/me",
        of("integrations", **big, member_requests_per_minute=400_000),
        of("integrations", **big, member_requests_per_minute=300_000),
        ask.app_limit,
    )
    # consents
    yield Live(
        "members.purposes[].key",
        "GET /join",
        purpose(key="alpha_news"),
        purpose(key="beta_news"),
        says("/join", "alpha_news"),
    )
    yield Live(
        "members.purposes[].title",
        "GET /join",
        purpose(title={"en": "Alpha title"}),
        purpose(title={"en": "Beta title"}),
        says("/join", "Alpha title"),
    )
    yield Live(
        "members.purposes[].text",
        "GET /join",
        purpose(text={"en": "Alpha text"}, version="text-1"),
        purpose(text={"en": "Beta text"}, version="text-2"),
        says("/join", "Alpha text"),
    )
    yield Live(
        "members.purposes[].version",
        "GET /api/v1/members/{id}/export",
        purpose(version="alpha"),
        purpose(version="beta"),
        ask.consent_version,
    )
    # messages
    yield Live(
        "notifications.sender_name",
        "POST /api/v1/redemptions, then the mail",
        of("notifications", sender_name="Alpha", sms_sender="STAGE"),
        of("notifications", sender_name="Beta", sms_sender="STAGE"),
        ask.written,
    )
    yield Live(
        "notifications.mail",
        "POST /api/v1/redemptions, then the mail",
        of("notifications", sms_sender="STAGE", mail=["redemption_confirmed"]),
        of("notifications", sms_sender="STAGE", mail=[]),
        ask.written,
    )
    yield Live(
        "notifications.sms_sender",
        f"{REDEEM}, then the SMS",
        of("notifications", sms_sender="ALPHA"),
        of("notifications", sms_sender="BETA"),
        ask.texts,
    )
    yield Live(
        "notifications.sms",
        f"{REDEEM}, then the SMS",
        of("notifications", sms_sender="STAGE", sms=["redemption_confirmed"]),
        of("notifications", sms_sender="STAGE", sms=[]),
        ask.texts,
    )
    yield Live(
        "notifications.expiry_notice_days",
        "POST /api/v1/points/earn, then the mail",
        {**of("notifications", expiry_notice_days=50), **of("points", **YEAR)},
        {**of("notifications", expiry_notice_days=40), **of("points", **YEAR)},
        ask.told_of_expiry(days=50),
    )
    yield Live(
        "notifications.expiry_last_notice_days",
        "POST /api/v1/points/earn, then the mail",
        {**of("notifications", expiry_notice_days=0, expiry_last_notice_days=9),
         **of("points", **YEAR)},
        {**of("notifications", expiry_notice_days=0, expiry_last_notice_days=8),
         **of("points", **YEAR)},
        ask.told_of_expiry(days=9),
    )  # fmt: skip
    # payments
    yield Live(
        "payments.provider",
        REDEEM,
        of("payments", provider="stripe"),
        of("payments", provider="amazon_pay"),
        ask.paid_at,
    )
    yield Live(
        "payments.methods",
        f"{REDEEM}, then the payment page",
        of("payments", provider="stripe", methods=["card"]),
        of("payments", provider="stripe", methods=["card", "link"]),
        ask.payment_page,
    )
    yield Live(
        "payments.statement",
        f"{REDEEM}, then the payment",
        of("payments", provider="stripe", statement="ALPHA"),
        of("payments", provider="stripe", statement="BETA"),
        ask.card_statement,
    )
    # suppliers
    listed = "GET /api/v1/suppliers"
    search = "GET /api/v1/suppliers/{supplier}/products"
    yield Live(
        "fulfilment.suppliers[].key",
        listed,
        ask.suppliers_and(key="alpha"),
        ask.suppliers_and(key="beta"),
        ask.suppliers,
    )
    yield Live(
        "fulfilment.suppliers[].provider",
        search,
        ask.suppliers_and(key="more", provider="counter"),
        ask.suppliers_and(
            key="more",
            provider="amazon_business",
            buyer_email="a@b.example",
            buying_group="1",
            contact_phone="+14155550100",
        ),
        ask.more_can_search,
    )
    yield Live(
        "fulfilment.suppliers[].region",
        search,
        supplier(region="US"),
        supplier(region="ZZ"),
        ask.supplier_search,
    )
    yield Live(
        "fulfilment.suppliers[].locale",
        search,
        supplier(locale="en_US"),
        supplier(locale="zz_ZZ"),
        ask.supplier_search,
    )
    yield Live(
        "fulfilment.suppliers[].buyer_email",
        ORDER,
        supplier(buyer_email="alpha@stage.example"),
        supplier(buyer_email="beta@stage.example"),
        ask.ordered(r"\w+@stage.example"),
    )
    yield Live(
        "fulfilment.suppliers[].buying_group",
        ORDER,
        supplier(buying_group="group-alpha"),
        supplier(buying_group="group-beta"),
        ask.ordered(r"group-\w+"),
    )
    yield Live(
        "fulfilment.suppliers[].contact_phone",
        ORDER,
        supplier(contact_phone="+14155550111"),
        supplier(contact_phone="+14155550122"),
        ask.ordered(r"415555\d+"),
    )
    yield Live(
        "fulfilment.suppliers[].push_topic",
        "POST /amazon-business/{hook}",
        ask.topic_of_ours,
        ask.topic_of_others,
        ask.push_taken,
    )
    # points
    yield Live(
        "points.earn_factor",
        EARN,
        of("points", earn_factor="1"),
        of("points", earn_factor="2"),
        ask.CENTS,
    )
    yield Live(
        "points.earn_rounding",
        EARN,
        of("points", earn_rounding="floor"),
        of("points", earn_rounding="ceiling"),
        ask.CENTS,
    )
    yield Live(
        "points.earn_rounding_per",
        EARN,
        of("points", earn_rounding_per="order"),
        of("points", earn_rounding_per="line"),
        ask.LINES,
    )
    yield Live(
        "points.price_factor",
        QUOTE,
        of("points", price_factor="100"),
        of("points", price_factor="200"),
        ask.price,
    )
    yield Live(
        "points.price_rounding",
        QUOTE,
        of("points", price_rounding="floor", price_rounding_step=10),
        of("points", price_rounding="ceiling", price_rounding_step=10),
        ask.price,
    )
    yield Live(
        "points.price_rounding_step",
        QUOTE,
        of("points", price_rounding_step=1),
        of("points", price_rounding_step=100),
        ask.price,
    )
    yield Live(
        "points.price_floor_points",
        QUOTE,
        of("points", price_floor_points=0),
        of("points", price_floor_points=900),
        ask.price,
    )
    yield Live(
        "points.minimum_points_share_percent",
        QUOTE,
        of("points", minimum_points_share_percent=0),
        of("points", minimum_points_share_percent=SHARE),
        mix(100),
    )
    yield Live(
        "points.fee.flat_minor",
        QUOTE,
        of("points", fee={"flat_minor": 0}),
        of("points", fee={"flat_minor": 90}),
        mix(300),
    )
    yield Live(
        "points.fee.percent",
        QUOTE,
        of("points", fee={"percent": "0"}),
        of("points", fee={"percent": "10"}),
        mix(300),
    )
    yield Live(
        "points.validity.model",
        EARN,
        validity(model="none"),
        validity(model="rolling", months=3),
        earned(points=5),
    )
    yield Live(
        "points.validity.months",
        EARN,
        validity(model="rolling", months=3),
        validity(model="rolling", months=4),
        earned(points=5),
    )
    yield Live(
        "points.validity.days",
        EARN,
        validity(model="rolling", days=30),
        validity(model="rolling", days=40),
        earned(points=5),
    )
    yield Live(
        "points.validity.month",
        EARN,
        validity(**fixed(month=6, day=30)),
        validity(**fixed(month=7, day=30)),
        earned(points=5),
    )
    yield Live(
        "points.validity.day",
        EARN,
        validity(**fixed(day=30)),
        validity(**fixed(day=31)),
        earned(points=5),
    )
    yield Live(
        "points.validity.years_ahead",
        EARN,
        validity(**fixed(ahead=1)),
        validity(**fixed(ahead=2)),
        earned(points=5),
    )
    short = {"validity": {"model": "rolling", "days": 60}}
    yield Live(
        "points.hold_grace_days",
        "GET /api/v1/members/{id}/lots",
        of("points", **short, hold_grace_days=10),
        of("points", **short, hold_grace_days=20),
        ask.after_a_hold,
    )
    undue = "POST /api/v1/transactions/{id}/reverse"
    yield Live(
        "points.negative_policy.model",
        undue,
        of("points", negative_policy={"model": "allow"}),
        of("points", negative_policy={"model": "forbid"}),
        ask.clawed_back,
    )
    yield Live(
        "points.negative_policy.floor",
        undue,
        of("points", negative_policy={"model": "floor", "floor": 100}),
        of("points", negative_policy={"model": "floor", "floor": 200}),
        ask.clawed_back,
    )
    yield Live(
        "points.adjustment_approval_limit",
        "POST /api/v1/points/adjust",
        of("points", adjustment_approval_limit=100),
        of("points", adjustment_approval_limit=10),
        ask.adjusted,
    )
    # tiers
    ladder = {"tiers": [{"key": "sip", "threshold": 0}, {"key": "pour", "threshold": 500}]}
    yield Live(
        "tiers.period",
        "GET /api/v1/members/{id}/balance",
        of("tiers", **ladder, period="lifetime"),
        of("tiers", **ladder, period="calendar_year"),
        ask.period,
    )
    yield Live("tiers.tiers[].key", EARN, tiers(), tiers(key="brew"), ask.standing)
    yield Live(
        "tiers.tiers[].name",
        "GET /api/v1/tiers",
        tiers(name={"en": "Alpha"}),
        tiers(name={"en": "Beta"}),
        ask.ladder,
    )
    yield Live("tiers.tiers[].threshold", EARN, tiers(), tiers(threshold=5000), ask.standing)
    yield Live(
        "tiers.tiers[].earn_multiplier",
        EARN,
        tiers(earn_multiplier="1"),
        tiers(earn_multiplier="3"),
        ask.earned_in_gold,
    )
    yield Live(
        "tiers.tiers[].colour",
        "GET /api/v1/tiers",
        tiers(colour="#2f5d56"),
        tiers(colour="#7a2f2f"),
        ask.ladder,
    )
    # sign-in
    open_ = {"tries_per_address_h": 1_000_000}

    def security(**fields: Any) -> dict[str, Any]:
        return of("security", **{"approval_from": "never", **open_, **fields})

    yield Live(
        "security.approval_from",
        "PATCH /api/admin/v1/{brand}/change-sets/{id}/edits",
        security(approval_from="medium"),
        security(approval_from="high"),
        ask.needs_approval,
    )
    yield Live(
        "security.session_idle_minutes",
        "GET /profile",
        security(session_idle_minutes=10),
        security(session_idle_minutes=60),
        ask.idle_session,
    )
    yield Live(
        "security.session_length_h",
        "POST /sign-in/password",
        security(session_length_h=100),
        security(session_length_h=200),
        ask.password_session,
    )
    yield Live(
        "security.console_session_length_h",
        "GET /api/admin/v1/{brand}/sessions",
        security(console_session_length_h=5),
        security(console_session_length_h=9),
        ask.new_console_session,
    )
    yield Live(
        "security.console_idle_minutes",
        "GET /api/admin/v1/{brand}/me",
        security(console_idle_minutes=10),
        security(console_idle_minutes=90),
        ask.idle_console,
    )
    yield Live(
        "security.support_access",
        "POST /api/platform/v1/tenants/{tenant}/support",
        security(support_access="allow"),
        security(support_access="never"),
        ask.lets_support_look,
    )
    yield Live(
        "security.step_up_minutes",
        "GET /profile/export",
        security(step_up_minutes=10),
        security(step_up_minutes=60),
        ask.old_session_exports,
    )
    yield Live(
        "security.code_lifetime_minutes",
        "POST /sign-in/code",
        security(code_lifetime_minutes=5),
        security(code_lifetime_minutes=15),
        ask.code_lives,
    )
    yield Live(
        "security.tries_per_account_h",
        "POST /sign-in/password",
        security(tries_per_account_h=2),
        security(tries_per_account_h=20),
        ask.tries,
    )
    yield Live(
        "security.tries_per_address_h",
        "POST /sign-in/password",
        security(tries_per_address_h=2, tries_per_account_h=2),
        security(tries_per_address_h=1_000_000),
        ask.tries_of_one_address,
    )
    yield Live(
        "security.password_sign_in",
        SIGN_IN,
        security(password_sign_in=True),
        security(password_sign_in=False),
        says("/sign-in", "with=password"),
    )
    till = "POST /api/admin/v1/{brand}/till/sales"
    yield Live(
        "security.till_amount_max_minor",
        till,
        security(till_amount_max_minor=50_00),
        security(till_amount_max_minor=49_99),
        ask.sold(50_00),
    )
    yield Live(
        "security.till_sales_per_day",
        till,
        security(till_sales_per_day=2),
        security(till_sales_per_day=1),
        ask.sold(1_00, 1_00, to=2),
    )
    yield Live(
        "security.till_member_sales_per_day",
        till,
        security(till_member_sales_per_day=2),
        security(till_member_sales_per_day=1),
        ask.sold(1_00, 1_00),
    )
    yield Live(
        "security.till_plain_number",
        till,
        security(till_plain_number=True),
        security(till_plain_number=False),
        ask.sold(1_00),
    )
    # the brand's own identity
    own, there = connection, "https://id.stage.example"
    yield Live(
        "security.connections[].key",
        SIGN_IN,
        own(there),
        own(there, key="house"),
        says("/sign-in", "/sso/own"),
    )
    yield Live(
        "security.connections[].title",
        SIGN_IN,
        own(there, title={"en": "Alpha staff"}),
        own(there, title={"en": "Beta staff"}),
        says("/sign-in", "Alpha staff"),
    )
    yield Live(
        "security.connections[].enabled",
        SIGN_IN,
        own(there),
        own(there, enabled=False),
        says("/sign-in", "/sso/own"),
    )
    yield Live("security.connections[].issuer", SSO, own("IDENTITY"), own(there), ask.way_in)
    yield Live(
        "security.connections[].client_id",
        SSO,
        own("IDENTITY"),
        own("IDENTITY", client_id="alpha"),
        ask.way_in,
    )
    yield Live(
        "security.connections[].scopes",
        SSO,
        own("IDENTITY"),
        own("IDENTITY", scopes=["openid", "email"]),
        ask.way_in,
    )
    back = "GET /sso/{connection}/cb"
    yield Live(
        "security.connections[].secret",
        back,
        own("IDENTITY"),
        own("IDENTITY", secret=""),
        ask.comes_in,
    )
    yield Live(
        "security.connections[].algorithms",
        back,
        own("IDENTITY"),
        own("IDENTITY", algorithms=["ES256"]),
        ask.comes_in,
    )
    over = "GET /hand-off"
    yield Live("security.hand_off[].kid", over, hand_off(), hand_off(kid="app-2"), hands_over())
    yield Live(
        "security.hand_off[].issuer", over, hand_off(), hand_off(issuer="other-app"), hands_over()
    )
    yield Live(
        "security.hand_off[].algorithm", over, hand_off(), hand_off(algorithm="ES384"), hands_over()
    )
    yield Live(
        "security.hand_off[].public_key",
        over,
        hand_off(),
        hand_off(public_key=OTHER_KEY),
        hands_over(),
    )
    yield Live(
        "security.apps[].client_id", AUTHORIZE, app(), app(client_id="other-app"), ask.app_comes_in
    )
    yield Live(
        "security.apps[].name",
        "GET /api/v1/me/sign-ins",
        app(name="Alpha app"),
        app(name="Beta app"),
        ask.app_is_named,
    )
    yield Live(
        "security.apps[].redirect_uris",
        AUTHORIZE,
        app(),
        app(redirect_uris=["com.other.app:/in"]),
        ask.app_comes_in,
    )
    yield Live("security.apps[].scopes", AUTHORIZE, app(), app(scopes=["me:write"]),
               ask.app_comes_in)  # fmt: skip


LIVE = list(entries())


def leaves(schema: dict[str, Any], parts: dict[str, Any], path: str) -> Iterator[str]:
    """Every field below `path` that has a value of its own; items of lists are `[]`."""
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    for choice in schema.get("anyOf", ()):
        if choice.get("type") != "null":
            yield from leaves(choice, parts, path)
    if "anyOf" in schema:
        return
    if "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from leaves(inner, parts, f"{path}.{name}")
    elif "$ref" in schema.get("items", {}):
        yield from leaves(schema["items"], parts, f"{path}[]")
    else:
        yield path


def fields(sections: tuple[type[Section], ...]) -> Iterator[str]:
    for section in sections:
        (schema,), parts = msgspec.json.schema_components([section])
        yield from leaves(schema, parts, section.section)


def test_every_field_of_a_built_section_is_asked_about() -> None:
    built = tuple(s for s in (ProgrammeParameters, *SECTIONS) if s.built)
    asked = [live.field for live in LIVE] + [live.field for live in RECOMMENDED]
    assert sorted(asked) == sorted(field for field in fields(built) if is_built(field))


def test_what_waits_for_its_reader_exists() -> None:
    every = list(fields((ProgrammeParameters, *SECTIONS)))
    for waiting in UNBUILT:
        assert any(f == waiting or f.startswith((f"{waiting}.", f"{waiting}[")) for f in every)


def test_a_field_that_nobody_asks_about_is_seen() -> None:
    class Planted(Section, frozen=True):
        section = "planted"
        forgotten: int = 1

    assert list(fields((Planted,))) == ["planted.forgotten"]


def _resolved(content: Any, stage: Stage) -> Any:
    """The content with the address of the identity provider that runs now."""
    if callable(content):
        return content(stage)
    return msgspec.json.decode(
        msgspec.json.encode(content).replace(b'"IDENTITY"', f'"{stage.identity.issuer}"'.encode())
    )


@pytest.mark.parametrize("live", LIVE, ids=lambda live: live.field)
async def test_two_values_are_answered_differently(
    live: Live, stage: Stage, quiet_stage: Stage, console: Any, brand_identity: Provider
) -> None:
    at = quiet_stage if live.quiet else stage
    at.identity = brand_identity
    at.console = await console(at.tenant)
    at.colleague = await console(at.tenant, roles=("approver",))
    first, second = _resolved(live.first, at), _resolved(live.second, at)
    await at.put(first)
    one = await live.ask(at)
    await at.put(merged(ELSEWHERE, first))
    assert await live.ask(at) == one, "the answer also follows what is elsewhere"
    await at.put(merged(ELSEWHERE, second))
    assert await live.ask(at) != one, f"{live.route} does not follow {live.field}"

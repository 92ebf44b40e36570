"""Views filled by hand: every page in a rich and an empty state, for both kinds of brand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from guerdon.kit.money import Money
from guerdon.kit.paths import bundled
from guerdon.member_web.rendering import Pages, Reader
from guerdon.member_web.views import account, journey, offers, shop
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.views.pictures import Picture
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.theming.formats import PointsName
from guerdon.theming.looks import Looks
from guerdon.theming.parameters import BrandingParameters
from guerdon.theming.themes import Themes

NOW = datetime(2026, 11, 12, 14, 5, tzinfo=UTC)
DAY = timedelta(days=1)

AURORA = (
    ProgrammeParameters(
        name="Aurora Air",
        legal_name="Aurora Linhas Aéreas S.A.",
        currency="BRL",
        time_zone="America/Sao_Paulo",
        languages=("pt-BR", "en", "es"),
        support_email="ajuda@aurora.example",
    ),
    BrandingParameters(
        theme="editorial",
        brand_colour="#0f4c5c",
        neutral="cool",
        corners="sharp",
        points_name={
            "pt-BR": PointsName("milha", "milhas"),
            "en": PointsName("mile", "miles"),
            "es": PointsName("milla", "millas"),
        },
        tagline={
            "pt-BR": "O mundo fica mais perto a cada viagem.",
            "en": "The world comes closer with every trip.",
            "es": "El mundo está más cerca con cada viaje.",
        },
        hero={
            "pt-BR": "Junte milhas no ar e em terra. Troque por voos, hotéis e experiências.",
            "en": "Collect miles in the air and on the ground. Turn them into journeys.",
            "es": "Reúne millas en el aire y en tierra. Cámbialas por vuelos y hoteles.",
        },
    ),
)
KETTLE = (
    ProgrammeParameters(
        name="Copper Kettle",
        legal_name="Copper Kettle Roasters LLC",
        currency="USD",
        time_zone="America/New_York",
        languages=("en", "pt-BR", "es"),
        support_email="hello@kettle.example",
    ),
    BrandingParameters(
        theme="playful",
        brand_colour="#b5532a",
        neutral="warm",
        corners="round",
        density="compact",
        points_name={
            "en": PointsName("bean", "beans"),
            "pt-BR": PointsName("grão", "grãos"),
            "es": PointsName("grano", "granos"),
        },
        tagline={
            "en": "Good things come to those who sip.",
            "pt-BR": "Coisas boas vêm para quem saboreia.",
            "es": "Lo bueno llega a quien saborea.",
        },
        hero={
            "en": "Every cup grows your beans. Spend them on drinks, gear and classes.",
            "pt-BR": "Cada xícara rende grãos. Troque por bebidas, acessórios e aulas.",
            "es": "Cada taza suma granos. Cámbialos por bebidas, equipo y clases.",
        },
    ),
)
PLAIN = (
    ProgrammeParameters(
        name="Rewards", currency="EUR", languages=("en", "es"), support_email="help@example.org"
    ),
    BrandingParameters(),
)
BRANDS = {"aurora": AURORA, "kettle": KETTLE, "plain": PLAIN}

_ITEMS = {
    "aurora": [
        (
            "Noise-cancelling headphones with a very long and descriptive name",
            "gadgets",
            "Gadgets",
            8000,
            12000,
            "headphones",
        ),
        ("Weekend in Paraty, two nights for two", "hotels", "Hotéis", 32000, 48000, "bed"),
        ("Florianópolis, ida e volta", "flights", "Voos", 14500, 19900, "plane"),
        ("Sunset by boat on Guanabara Bay", "experiences", "Experiências", 6200, 9900, "map"),
        ("Carry-on suitcase 38 l", "gadgets", "Gadgets", 11900, 15900, "bag"),
        ("Lounge pass", "experiences", "Experiências", 4500, 6900, "ticket"),
        ("Salvador, one way", "flights", "Voos", 9800, 12900, "plane"),
        ("Hotel Serra Azul, one night", "hotels", "Hotéis", 18500, 25900, "bed"),
    ],
    "kettle": [
        ("Flat white", "drinks", "Drinks", 120, 380, "cup"),
        ("Ethiopia Guji, 250 g", "beans", "Beans", 420, 1650, "leaf"),
        ("Gooseneck kettle, copper", "equipment", "Equipment", 2900, 9500, "cup"),
        ("Latte art class", "classes", "Classes", 1300, 4500, "heart"),
        ("Cold brew", "drinks", "Drinks", 140, 450, "cup"),
        ("Hand grinder", "equipment", "Equipment", 1950, 6900, "cup"),
        ("House blend, 1 kg", "beans", "Beans", 780, 2600, "leaf"),
        ("Cortado", "drinks", "Drinks", 110, 350, "cup"),
    ],
}
_ITEMS["plain"] = _ITEMS["kettle"]


def pages() -> Pages:
    """The renderer over the themes of this checkout."""
    return Pages(Looks(Themes(bundled("themes"))))


def reader(found: Pages, brand: str, language: str, *, signed_in: bool = True) -> Reader:
    """Somebody who looks at a brand's site."""
    programme, branding = BRANDS[brand]
    key = UUID(int=sorted(BRANDS).index(brand) + 1)
    return Reader(
        look=found.looks.make(key, 1, programme, branding),
        language=language,
        now=NOW,
        signed_in=signed_in,
        csrf="token",
        path="/",
    )


def cards(brand: str, balance: int | None = None) -> list[shop.Card]:
    """Products of a brand."""
    currency = BRANDS[brand][0].currency
    found = []
    for i, (name, key, label, points, minor, _) in enumerate(_ITEMS[brand]):
        found.append(
            shop.Card(
                id=f"p{i}",
                url=f"/products/p{i}",
                name=name,
                category=key,
                category_name=label,
                picture=Picture(f"/sample/{brand}/{i}.svg", ""),
                points=points,
                mix_points=points // 2 if i % 3 else None,
                mix_money=Money(minor // 2, currency) if i % 3 else None,
                stock="out" if i == 5 else "in",
                left=3 if i == 1 else None,
                missing=points - balance if balance is not None and points > balance else None,
            )
        )
    return found


def home(found: Pages, who: Reader, brand: str, *, rich: bool = True) -> shop.Home:
    """The first page of a member."""
    fmt = who.formats
    if not rich:
        return shop.Home(
            "Ana", "morning", "0", fmt.points_word(0), None, None, None, None, None, None
        )
    balance = 12450 if brand == "aurora" else 860
    every = cards(brand, balance)
    context = found.context(who, "home", None)
    themes, theme = found.looks.themes, who.look.theme.key

    def draw(template: str, items: list[Any]) -> Any:
        from markupsafe import Markup

        return Markup("").join(
            Markup(
                themes.render(
                    theme, template, {**context, "item": item, "eager": False, "missing": ""}
                )
            )
            for item in items
        )

    return shop.Home(
        first_name="Marina",
        part_of_day="afternoon",
        balance=fmt.number(balance),
        points_word=fmt.points_word(balance),
        held=fmt.points(400),
        expiring=shop.Expiring(fmt.points(1200), fmt.long_date(date(2026, 12, 31))),
        tier=shop.TierStanding(
            name="Prata" if brand == "aurora" else "Pour",
            qualifying=fmt.points(18200),
            percent="64",
            stamps=6,
            next_name="Ouro" if brand == "aurora" else "Brew",
            missing=fmt.points(6800),
            multiplier="1.5",
        ),
        within=draw("components/card_item.html", [c for c in every if not c.missing][:6]),
        above=draw("components/card_item.html", [c for c in every if c.missing][:6]),
        orders=draw("components/order_item.html", list(orders(brand).under_way)),
        slot="home",
    )


def orders(brand: str) -> journey.Orders:
    """A list of orders in several states."""
    picture = Picture(f"/sample/{brand}/0.svg", "")
    states = ["awaiting_payment", "shipped", "ready", "delivered", "refused", "cancelled"]
    rows = [
        shop.OpenOrder(
            f"/orders/{i}",
            f"100{i}",
            _ITEMS[brand][i][0],
            s,
            picture,
            NOW - i * DAY,
            points=_ITEMS[brand][i][3],
            action={"awaiting_payment": "pay", "ready": "collect"}.get(s),
        )
        for i, s in enumerate(states)
    ]
    return journey.Orders(tuple(rows[:3]), tuple(rows[3:]))


def catalogue(brand: str, *, empty: bool = False) -> shop.Catalogue:
    """A page of the catalogue."""
    kinds = sorted({(c.category, c.category_name) for c in cards(brand)})
    return shop.Catalogue(
        query="xyzzy" if empty else "",
        hidden=(),
        categories=(
            shop.Chip("All", "/catalogue", True),
            *(shop.Chip(n, f"/catalogue?category={k}") for k, n in kinds),
        ),
        filters=(
            shop.Chip("Within my points", "/catalogue?within=1", empty),
            shop.Chip("Up to 5,000", "/catalogue?max=5000"),
            shop.Chip("Delivered", "/catalogue?delivery=parcel"),
            shop.Chip("At the counter", "/catalogue?delivery=counter"),
        ),
        sorts=(
            shop.Chip("Popular", "/catalogue", True),
            shop.Chip("Fewest points", "/catalogue?sort=points"),
        ),
        cards=() if empty else tuple(cards(brand, 5000) * 2),
        total=0 if empty else 64,
        next_url=None if empty else "/catalogue?cursor=abc",
        clear_url="/catalogue",
        filtered=empty,
        slot=None if empty else slot(brand, personal=False),
    )


def product(brand: str, *, signed_in: bool = True, out: bool = False) -> shop.Product:
    """A product with a choice and three worked stops."""
    currency = BRANDS[brand][0].currency
    first = cards(brand)[0 if brand == "aurora" else 2]
    nothing = Money(0, currency)
    stops = []
    for i, share in enumerate((100, 60, 25)):
        money = Money(14000 * (100 - share) // 100, currency)
        fee = Money(300, currency) if money.minor else nothing
        stops.append(
            shop.Stop(
                first.points * share // 100,
                money,
                fee,
                money + fee if money.minor else nothing,
                selected=i == 0,
                remaining=12450 - first.points * share // 100,
            )
        )
    return shop.Product(
        id="p0",
        url="/products/p0",
        name=first.name,
        brand="Northwind",
        category_name=first.category_name,
        category_url="/catalogue?category=x",
        description="Thirty hours of quiet, a case that fits the seat pocket, and a cable for the"
        " screens on board. Charges in ten minutes for a day.",
        pictures=(
            Picture(f"/sample/{brand}/0.svg", first.name),
            Picture(f"/sample/{brand}/1.svg", ""),
        ),
        variant_id="v1",
        variants=(
            shop.Variant("v1", "Midnight", "?variant=v1", True, True),
            shop.Variant("v2", "Sand", "?variant=v2", False, True),
            shop.Variant("v3", "Sea", "?variant=v3", False, False),
        ),
        price=first.points,
        stops=tuple(stops),
        minimum_points=first.points // 4,
        maximum_points=first.points,
        step=100,
        stock="out" if out else "in",
        left=4,
        delivery="parcel" if brand == "aurora" else "counter",
        delivery_days=(3, 6),
        returnable_days=30,
        signed_in=signed_in,
        balance=12450 if signed_in else None,
        similar=tuple(cards(brand)[3:7]),
        facts=(("Weight", "254 g"), ("Battery", "30 h")),
        until=date(2027, 1, 31),
        slot="product" if signed_in else None,
    )


def address_form(*, wrong: bool = False) -> journey.AddressForm:
    """The form for an address."""
    errors = (FieldError("postal_code", "A Brazilian postal code has 8 digits, like 01310-100."),)
    return journey.AddressForm(
        recipient="Marina Alves",
        country="BR",
        postal_code="123" if wrong else "",
        countries=(("BR", "Brasil"), ("US", "United States")),
        errors=errors if wrong else (),
    )


def addresses() -> tuple[journey.AddressChoice, ...]:
    """Saved addresses."""
    return (
        journey.AddressChoice(
            "a1",
            "Marina Alves",
            ("Avenida Paulista 1578, ap. 92", "01310-200 São Paulo, SP"),
            True,
            True,
        ),
        journey.AddressChoice(
            "a2", "Marina Alves (office)", ("Rua Amauri 255", "01448-000 São Paulo, SP")
        ),
    )


def checkout(brand: str, *, wrong: bool = False, points_only: bool = False) -> journey.Checkout:
    """A quote about to be redeemed."""
    currency = BRANDS[brand][0].currency
    first = cards(brand)[0]
    money = Money(0 if points_only else 12000, currency)
    fee = Money(0 if points_only else 300, currency)
    return journey.Checkout(
        quote_id="q1",
        product_name=first.name,
        product_url="/products/p0",
        variant_name="Midnight",
        picture=first.picture,
        points=8000,
        money=money,
        fee=fee,
        due=money + fee,
        balance=12450,
        remaining=4450,
        delivery="parcel",
        addresses=() if wrong else addresses(),
        address_form=address_form(wrong=wrong),
        expires_at=NOW + timedelta(minutes=10),
        seconds_left=600,
        changed=wrong,
        idempotency_key="k1",
    )


def order(brand: str, state: str = "shipped") -> journey.Order:
    """An order; `awaiting_payment`, `shipped`, `refused` or `ready`."""
    currency = BRANDS[brand][0].currency
    first = cards(brand)[0]
    keys = ["placed", "held", "authorised", "ordered", "confirmed", "shipped", "delivered"]
    reached = {"awaiting_payment": 2, "shipped": 5, "refused": 3, "ready": 5}[state]
    steps = [
        journey.Step(
            k,
            "done" if i < reached else "current" if i == reached else "coming",
            NOW - (10 - i) * timedelta(hours=7) if i <= reached else None,
        )
        for i, k in enumerate(keys)
    ]
    if state == "refused":
        steps = [
            *steps[:3],
            journey.Step("refused", "failed", NOW),
            journey.Step("points_back", "done", NOW),
        ]
    return journey.Order(
        id="o1",
        url="/orders/o1",
        number="100482",
        product_name=first.name,
        product_url=first.url,
        variant_name="Midnight",
        picture=first.picture,
        state=state,
        reason="The supplier has no more of it. Everything came back to you."
        if state == "refused"
        else None,
        placed_at=NOW - 3 * DAY,
        steps=tuple(steps),
        taken=journey.Taken(
            8000,
            Money(12000, currency),
            Money(300, currency),
            state == "shipped",
            NOW,
            8000 if state == "refused" else 0,
            None,
        ),
        parcels=(
            journey.Parcel(
                "Correios", "QB123456789BR", "https://example.org/track", "shipped", NOW
            ),
        )
        if state == "shipped"
        else (),
        counter_code="K7X-4PD" if state == "ready" else None,
        address=("Marina Alves", "Avenida Paulista 1578, ap. 92", "01310-200 São Paulo, SP"),
        can_cancel=state == "awaiting_payment",
        cancel_refusal="It is already on its way. You can return it once it has arrived."
        if state == "shipped"
        else None,
        pay_url="/orders/o1/pay" if state == "awaiting_payment" else None,
        live=False,
        slot="checkout",
    )


def activity(*, empty: bool = False) -> account.Activity:
    """A page of the history."""
    rows = [
        ("earn", "Purchase 12/11", "2× Ouro", 240),
        ("redeem", "Noise-cancelling headphones", "Order 100482", -8000),
        ("refund", "Order 100470 came back", "Cancelled", 4500),
        ("adjust", "Thank you for waiting", "By our service", 500),
        ("expire", "Expired", "Earned in November 2023", -120),
    ]
    months = [
        account.Month(
            first,
            tuple(
                account.Entry(f"e{i}", f"/activity/e{i}", k, t, d, p, NOW - i * DAY)
                for i, (k, t, d, p) in enumerate(rows)
            ),
        )
        for first in (date(2026, 11, 1), date(2026, 10, 1))
    ]
    return account.Activity(
        12450,
        400,
        () if empty else tuple(months),
        (
            account.Chip("All", "/activity", True),
            account.Chip("Earned", "/activity?kind=earn"),
            account.Chip("Used", "/activity?kind=redeem"),
            account.Chip("Expired", "/activity?kind=expire"),
        ),
        False,
        None if empty else "/activity?cursor=x",
        "/activity.csv",
    )


def entry() -> account.Explanation:
    """An entry with its explanation."""
    month = activity().months[0]
    return account.Explanation(
        month.entries[0],
        (
            ("Where it came from", "Purchase AB12-99, R$ 120,00"),
            ("Rule", "1 milha per R$ 1,00"),
            ("Your level", "Ouro: 2×"),
            ("Computation", "120 × 1 × 2 = 240"),
        ),
        (account.LotLine(240, date(2026, 11, 12), date(2029, 11, 12)),),
        "/orders/o1",
        7,
        NOW,
        NOW,
    )


def consents() -> tuple[account.ConsentLine, ...]:
    """Purposes."""
    return (
        account.ConsentLine("news", "News and offers by mail", "Two mails a month at most.", True),
        account.ConsentLine(
            "sms", "Text messages about orders", "When a parcel leaves and when it arrives.", False
        ),
    )


def slot(brand: str, *, personal: bool = True) -> offers.Slot:
    """Offers of every kind."""
    bag = offers.OfferCard(
        "f1", "ancillary", "suitcase", "A hotel in Lisbon", "9 nights, 16 to 25 December.",
        "9 nights in Lisbon.", "See hotels", "/catalogue?category=hotels", rest_days=14,
    )  # fmt: skip
    card = offers.OfferCard(
        "f2", "co_branded_card", "card", "Aurora Banco Meridiano Platinum",
        "Every real you spend becomes 2.2 miles.", "Banco Meridiano has approved you for it.",
        "Ask for the card", "https://bank.example/cards", True, "Banco Meridiano", "Platinum",
        facts=(("Limit", "R$ 20.000,00"), ("Approved until", "31/12/2035")),
        rest_days=30 if personal else None,
    )  # fmt: skip
    product = offers.OfferCard(
        "f3", "catalogue", "gift", _ITEMS[brand][0][0], "", "Often chosen by our members.",
        "See it", "/products/p0", points="8.000 milhas", rest_days=0,
        picture=Picture(f"/sample/{brand}/0.svg", ""),
    )  # fmt: skip
    return offers.Slot("ticket-1", "For you", (bag, card, product), personal, "/purchases")


def purchases(brand: str, *, single: bool = False) -> offers.Purchases:
    """A ticket with offers and one without."""
    ticket = offers.Purchase(
        "t1", "/purchases/t1", "plane", "São Paulo ⇄ Lisbon", "16 Dec to 26 Dec 2026", "QX7RTY",
        ("3 people", "Checked bag"), slot(brand),
    )  # fmt: skip
    basket = offers.Purchase(
        "t2", "/purchases/t2", "gift", "What you bought", "", "B-1", ("2 items",), None
    )
    return offers.Purchases((ticket,) if single else (ticket, basket), single)


def profile() -> account.Profile:
    """The member's own data."""
    return account.Profile(
        account.PersonForm(
            "Marina Alves", "marina.alves@example.org", "+55 11 91234-5678", "AA-004821"
        ),
        date(2024, 3, 9),
        "Ouro",
        addresses(),
        address_form(),
        consents(),
        (
            account.SessionLine("s1", "Chrome on Android", NOW - 3 * DAY, NOW, True),
            account.SessionLine("s2", "Safari on Mac", NOW - 40 * DAY, NOW - DAY, False),
        ),
        True,
        personal=True,
        has_purchases=True,
        has_till=True,
    )


def every_page(found: Pages, brand: str, language: str) -> dict[str, str]:
    """Name → HTML of every page and state."""
    who = reader(found, brand, language)
    guest = reader(found, brand, language, signed_in=False)
    error = account.ErrorPage(
        404,
        "This page is not here",
        "The address may be old.",
        "Your points are safe.",
        "Home",
        "/",
        "0198-77",
        "search",
    )
    wrong = (FieldError("email", "Type a mail address, like ana@example.org."),)

    def page(name: str, section: str, view: Any, reader: Reader = who) -> str:
        return found.render(reader, f"pages/{name}.html", section, view)

    return {
        "home": page("home", "home", home(found, who, brand)),
        "home-empty": page("home", "home", home(found, who, brand, rich=False)),
        "landing": page("landing", "home", shop.Landing(tuple(cards(brand)[:6])), guest),
        "catalogue": page("catalogue", "catalogue", catalogue(brand)),
        "catalogue-empty": page("catalogue", "catalogue", catalogue(brand, empty=True)),
        "product": page("product", "catalogue", product(brand)),
        "product-guest": page(
            "product", "catalogue", product(brand, signed_in=False, out=True), guest
        ),
        "checkout": page("checkout", "catalogue", checkout(brand)),
        "checkout-wrong": page("checkout", "catalogue", checkout(brand, wrong=True)),
        "orders": page("orders", "orders", orders(brand)),
        "orders-empty": page("orders", "orders", journey.Orders((), ())),
        "order-shipped": page("order", "orders", order(brand)),
        "order-pay": page("order", "orders", order(brand, "awaiting_payment")),
        "order-refused": page("order", "orders", order(brand, "refused")),
        "order-ready": page("order", "orders", order(brand, "ready")),
        "activity": page("activity", "activity", activity()),
        "activity-empty": page("activity", "activity", activity(empty=True)),
        "entry": page("entry", "activity", entry()),
        "profile": page("profile", "profile", profile()),
        "own-code": page(
            "own_code",
            "profile",
            account.OwnCode(("1234",) * 6, 29, "M4 4h7v1h-7z", NOW, "Marina Alves"),
        ),
        "purchases": page("purchases", "purchases", purchases(brand)),
        "purchase": page("purchases", "purchases", purchases(brand, single=True)),
        "purchases-empty": page("purchases", "purchases", offers.Purchases(())),
        "erase": page("erase", "profile", account.Erase(12450, 0, date(2024, 3, 9))),
        "sign-in": page(
            "sign_in",
            "sign_in",
            account.SignIn("start", "", "/", (account.Connection("sso", "Aurora ID"),)),
            guest,
        ),
        "sign-in-wrong": page(
            "sign_in", "sign_in", account.SignIn("password", "ana", "/", (), wrong), guest
        ),
        "sign-in-code": page(
            "sign_in", "sign_in", account.SignIn("code", "ana@example.org", "/", ()), guest
        ),
        "join": page(
            "join", "join", account.Join("Ana", "ana@example.org", "c1", "", "3", consents()), guest
        ),
        "terms": page("terms", "", account.Terms("3", ("One.", "Two.")), guest),
        "privacy": page("privacy", "", None, guest),
        "error": page("error", "", error),
        "closed": page("closed", "", error, guest),
    }


def shop_home(found: Pages, who: Reader, **changes: Any) -> shop.Home:
    """The rich first page with some fields changed."""
    import msgspec

    return msgspec.structs.replace(home(found, who, "aurora"), **changes)

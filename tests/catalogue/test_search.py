"""Search, filters, sorts, pages: what comes back, exactly."""

import random
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tests.catalogue.conftest import product, slugs
from tests.conftest import create_tenant

from guerdon.catalogue import pricing, queries
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.pricing import PriceRules
from guerdon.catalogue.schemas import ProductText, Search, VariantDefinition
from guerdon.catalogue.search import search
from guerdon.catalogue.words import fold, forms, tokens
from guerdon.kit.errors import InvalidError
from guerdon.kit.money import Money
from guerdon.plumbing.db import ReadSession
from guerdon.plumbing.reads import PipelinedReads
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
def find(rt: Runtime, tenant: Tenant, reader: Reader) -> Any:
    """Search as the reader; keyword arguments are the filters."""

    async def found(text: str = "", *, as_reader: Reader | None = None, **filters: Any) -> Any:
        paging = {k: filters.pop(k) for k in ("cursor", "limit") if k in filters}
        return await search(
            PipelinedReads(rt.db, tenant.id),
            find=Search(text=text, **filters),
            reader=as_reader or reader,
            **paging,
        )

    return found


@pytest.fixture
async def shop(apply: Any) -> None:
    """A handful of products with names in two languages."""

    def named(slug: str, en: str, pt: str, **changes: Any) -> Any:
        texts = {"en": ProductText(name=en), "pt-BR": ProductText(name=pt)}
        return product(slug, texts=texts, **changes)

    await apply(
        named("cafe", "Coffee grinder", "Moedor de café", price="200", featured=5),
        named("mala", "Cabin suitcase", "Mala de bordo", price="300", category="travel"),
        named("fone", "Headphones", "Fone de ouvido", price="500", featured=9),
        named("hotel", "Night in Paraty", "Diária em Paraty", price="700", category="hotels",
              delivery="counter"),
        named("fone-2", "Travel headphones", "Fone de viagem", price="100", stock=0),
        named("oculto", "Hidden coffee", "Café oculto", status="draft"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("café", ["cafe"]),
        ("CAFE", ["cafe"]),
        ("cofee grindr", ["cafe"]),
        ("headphnoes", ["fone", "fone-2"]),
        ("suit", ["mala"]),
        ("fone viagem", ["fone-2"]),
        ("paraty diaria", ["hotel"]),
        ("zzzz", []),
        ("suitcase headphones", []),
        ("%", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_search_forgives_accents_case_and_a_slip(
    shop: None, find: Any, text: str, expected: list[str]
) -> None:
    assert slugs((await find(text, sort="relevance")).items) == expected


async def test_an_exact_word_is_not_mixed_with_near_ones(apply: Any, find: Any) -> None:
    await apply(product("mapa", name="Mapa antigo"), product("mala", name="Mala"))

    assert slugs((await find("mala", sort="relevance")).items) == ["mala"]
    assert set(slugs((await find("malta", sort="relevance")).items)) == {"mala"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["fone", "cafe", "hotel", "fone-2", "mala"]),
        ({"categories": ["travel", "hotels"]}, ["hotel", "mala"]),
        ({"delivery": ["counter"]}, ["hotel"]),
        ({"in_stock": True}, ["fone", "cafe", "hotel", "mala"]),
        ({"sort": "points_up"}, ["fone-2", "cafe", "mala", "fone", "hotel"]),
        ({"sort": "points_down"}, ["hotel", "fone", "mala", "cafe", "fone-2"]),
        ({"points_max": 16_200, "sort": "points_up"}, ["fone-2", "cafe", "mala"]),
        ({"points_max": 16_199, "sort": "points_up"}, ["fone-2", "cafe"]),
        ({"points_min": 16_200, "sort": "points_up"}, ["mala", "fone", "hotel"]),
        ({"points_min": 16_201, "points_max": 27_000}, ["fone"]),
        ({"points_max": 99}, []),
        ({"points_min": 5_000, "points_max": 10}, []),
        ({"categories": ["nowhere"]}, []),
        ({"text": "fone", "sort": "points_up", "points_min": 6_000}, ["fone"]),
    ],
)
async def test_filters_and_sorts(
    shop: None, find: Any, filters: dict[str, Any], expected: list[str]
) -> None:
    found = slugs((await find(**filters)).items)

    if filters.get("sort"):
        assert found == expected
    else:
        assert (found[:1], set(found)) == (expected[:1], set(expected))


async def test_a_card_tells_price_stock_and_picture(apply: Any, find: Any) -> None:
    await apply(
        product("a", variants=(VariantDefinition(sku="A1", price="20", stock=3),
                               VariantDefinition(sku="A2", price="10", stock=4))),
    )  # fmt: skip
    (card,) = (await find()).items

    assert (card.points, card.value, card.several, card.stock) == (
        600, Money(1_080, "BRL"), True, 7,
    )  # fmt: skip


async def test_pages_show_every_product_once_in_every_order(
    apply: Any, find: Any, reader: Reader
) -> None:
    dice = random.Random(11)
    shelves = ["gadgets", "hotels", "travel"]
    await apply(
        *(
            product(
                f"p{n}", f"{dice.randint(1, 40)}.{dice.randint(0, 3)}0", name=f"Thing {n}",
                category=dice.choice(shelves), currency=dice.choice(["BRL", "USD"]),
                featured=dice.randint(0, 3),
            )
            for n in range(60)
        )
    )  # fmt: skip
    for sort in ("featured", "newest", "points_up", "points_down", "relevance"):
        text = "thing" if sort == "relevance" else ""
        seen, cursor = [], None
        while True:
            page = await find(text, sort=sort, limit=7, cursor=cursor)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == 60
        assert len({c.id for c in seen}) == 60
        values = [c.value.minor for c in seen]
        if sort == "points_up":
            assert values == sorted(values)
        if sort == "points_down":
            assert values == sorted(values, reverse=True)


async def test_the_filter_agrees_with_the_price_shown_to_the_last_point(
    apply: Any, find: Any, reader: Reader, rules: PriceRules
) -> None:
    odd = msgspec.structs.replace(
        rules,
        rates={"USD": Decimal("5.4321")},
        price_factor=Decimal("37.7"),
        step=10,
        tier_discounts={"gold": Decimal("7.5")},
    )
    await apply(*(product(f"p{n}", f"{n}.37", currency="USD") for n in range(1, 40)))
    for tier in (None, "gold"):
        seen = msgspec.structs.replace(reader, rules=odd, tier=tier)
        every = (await find(as_reader=seen, sort="points_up", limit=100)).items
        assert len(every) == 39
        for card in every[::5]:
            for bound, expected in ((card.points, True), (card.points - 1, False)):
                under = await find(as_reader=seen, points_max=bound, sort="points_up", limit=100)
                assert (card.slug in slugs(under.items)) is expected
                over = await find(as_reader=seen, points_min=bound + 1, limit=100)
                assert (card.slug in slugs(over.items)) is not expected


async def test_a_cursor_of_another_order_or_of_nobody_is_refused(shop: None, find: Any) -> None:
    cursor = (await find(sort="points_up", limit=1)).next_cursor
    for bad in (cursor, "rubbish", "W10"):
        with pytest.raises(InvalidError):
            await find(sort="featured", cursor=bad)
    with pytest.raises(InvalidError):
        await find(limit=101)
    with pytest.raises(InvalidError):
        await find("x" * 201)


async def test_within_reach_is_the_dearest_below_and_the_cheapest_above(
    rt: Runtime, tenant: Tenant, reader: Reader, shop: None
) -> None:
    reach = await queries.within_reach(
        PipelinedReads(rt.db, tenant.id), points=16_200, reader=reader
    )

    assert slugs(reach.now) == ["mala", "cafe"]
    assert slugs(reach.next) == ["fone", "hotel"]
    nothing = await queries.within_reach(
        PipelinedReads(rt.db, tenant.id), points=0, reader=reader, above=1
    )
    assert (slugs(nothing.now), slugs(nothing.next)) == ([], ["cafe"])


async def test_sql_and_python_agree_on_values(rt: Runtime, tenant: Tenant) -> None:
    dice = random.Random(3)
    pairs = [
        (dice.randint(1, 10**7), Decimal(dice.randint(1, 10**6)).scaleb(-dice.randint(0, 5)))
        for _ in range(500)
    ]
    async with rt.db.read(tenant.id) as s:
        told = await s.all(
            int,
            "SELECT round(c * m)::bigint FROM unnest(%(c)s::bigint[], %(m)s::numeric[]) AS x(c, m)",
            {"c": [c for c, _ in pairs], "m": [m for _, m in pairs]},
        )

    assert told == [pricing.value_minor(c, m) for c, m in pairs]


def test_words_fold_and_share_forms() -> None:
    assert fold("Ação ÑANDÚ Straße") == "acao nandu strasse"
    assert "coffe" in forms("coffee") & forms("coffe")
    assert forms("abc") == {"abc"}
    assert forms("headphones") & forms("headphnoes")
    assert list(tokens("a Café, café!! x" + " y1" * 20).tokens) == ["cafe", "y1"]


class _Explain:
    """Stands in for a session and keeps the plan of what is asked, sequential scans aside."""

    def __init__(self, s: ReadSession) -> None:
        self._s = s
        self.conditions = ""

    async def all(self, row: Any, sql: str, params: Any = None) -> list[Any]:
        await self._s.all(str, "SELECT set_config('enable_seqscan', 'off', true)")
        plan = await self._s.all(str, f"EXPLAIN (COSTS OFF) {sql}", params)
        self.conditions = "\n".join(line.strip() for line in plan if "Index Cond" in line)
        return []


@pytest.fixture
async def unmeasured(
    empty_database: Callable[[str], Settings],
) -> AsyncIterator[tuple[Runtime, Tenant]]:
    """A brand in a database without statistics, whatever other tests left in theirs."""
    async with open_runtime(
        empty_database("guerdon_plans"), role="app", sections=SECTIONS
    ) as runtime:
        yield runtime, await create_tenant(runtime)


@pytest.mark.parametrize(
    ("find", "bounds"),
    [
        (Search(sort="points_up", points_max=9_000), ["cost_minor >=", "cost_minor <="]),
        (Search(text="grinder"), ["form >=", "form <", "form = ", "word ="]),
    ],
)
async def test_indexes_serve_behind_the_tenant_guard(
    unmeasured: tuple[Runtime, Tenant], reader: Reader, find: Search, bounds: list[str]
) -> None:
    rt, tenant = unmeasured
    async with rt.db.read(tenant.id) as s:
        asked = _Explain(s)
        await search(asked, find=find, reader=reader)

    for bound in bounds:
        assert bound in asked.conditions


async def test_within_reach_walks_the_index_of_prices(
    unmeasured: tuple[Runtime, Tenant], reader: Reader
) -> None:
    rt, tenant = unmeasured
    async with rt.db.read(tenant.id) as s:
        asked = _Explain(s)
        await queries.within_reach(asked, points=5_000, reader=reader)

    assert asked.conditions.count("cost_minor <=") == 1
    assert asked.conditions.count("cost_minor >=") == 1

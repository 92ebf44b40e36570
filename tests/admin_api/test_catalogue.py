"""The catalogue by hand: listed, edited, counted, changed in bulk, brought and taken as a file."""

import csv
import io
from typing import Any

import pytest
from tests.redemption.world import World

from guerdon.runtime import Runtime

SECTIONS: dict[str, Any] = {
    "programme": {"name": "Kettle", "currency": "USD", "languages": ["en", "pt-BR"]},
    "points": {"price_factor": "100", "price_rounding_step": 10},
    "catalogue": {
        "margin_percent": "10",
        "fx": {"BRL": "0.20"},
        "tier_discounts": {"gold": "10"},
        "categories": [
            {"key": "drinks", "name": {"en": "Drinks"}},
            {"key": "home", "name": {"en": "Home"}, "margin_percent": "50"},
        ],
    },
    "tiers": {"tiers": [{"key": "basic", "threshold": 0}, {"key": "gold", "threshold": 100}]},
    "fulfilment": {"suppliers": [{"key": "counter", "provider": "counter"}]},
}


def wanted(slug: str, **changes: Any) -> dict[str, Any]:
    return {
        "slug": slug, "category": "drinks", "supplier": "counter", "currency": "USD",
        "texts": {"en": {"name": slug.title(), "summary": "", "description": ""}},
        "variants": [{"sku": slug.upper(), "price": "20.00", "stock": 7}],
        "status": "draft",
    } | changes  # fmt: skip


@pytest.fixture
async def shop(make_tenant: Any) -> Any:
    return await make_tenant(**SECTIONS)


@pytest.fixture
async def desk(console: Any, shop: Any) -> Any:
    return await console(shop, roles=("catalogue_manager",), name="Cora Catalogue")


async def make(desk: Any, *products: dict[str, Any]) -> list[dict[str, Any]]:
    made = [
        await desk.post(f"{desk.brand}/catalogue/products", json={"product": p}) for p in products
    ]
    assert [m.status_code for m in made] == [201] * len(products), [m.text for m in made]
    return [m.json() for m in made]


async def slugs(desk: Any, query: str = "") -> list[str]:
    page = await desk.get(f"{desk.brand}/catalogue/products?{query}")
    assert page.status_code == 200, page.text
    return [item["slug"] for item in page.json()["items"]]


async def trail(desk: Any, console: Any, shop: Any) -> list[tuple[str, dict[str, Any]]]:
    owner = await console(shop)
    told = (await owner.get(f"{owner.brand}/audit?limit=100")).json()["items"]
    return [(e["action"], e["summary"]) for e in reversed(told)]


async def test_a_product_is_made_edited_and_published(desk: Any, console: Any, shop: Any) -> None:
    (made,) = await make(desk, wanted("latte"))
    assert made["rowVersion"] == 1
    assert made["changed"]["by"] == ""  # The trail gets its entry with the commit.
    price = made["skus"][0]["price"]
    assert (price["value"], price["marginMinor"]) == ({"minor": 2200, "currency": "USD"}, 200)
    assert [(t["tier"], t["points"]) for t in price["tiers"]] == [(None, 2200), ("gold", 1980)]
    at = f"{desk.brand}/catalogue/products/{made['id']}"
    dearer = made["product"] | {
        "variants": [made["product"]["variants"][0] | {"price": "25.00"}],
        "category": "home",
    }
    edited = await desk.put(at, json={"product": dearer, "rowVersion": 1})
    assert edited.status_code == 200, edited.text
    assert edited.json()["rowVersion"] == 2
    assert edited.json()["skus"][0]["price"]["value"]["minor"] == 3750
    published = await desk.post(f"{at}/publish")
    assert published.json()["product"]["status"] == "published"
    again = (await desk.get(at)).json()
    assert again["changed"]["by"] == "Cora Catalogue"
    assert await trail(desk, console, shop) == [
        ("product.created", {"slug": "latte", "status": "draft"}),
        ("product.edited", {
            "slug": "latte", "fields": ["category", "variants"],
            "prices": {"LATTE": ["20.00", "25.00"]},
        }),
        ("product.published", {"slug": "latte"}),
    ]  # fmt: skip


async def test_a_second_editor_learns_who_was_faster(desk: Any, console: Any, shop: Any) -> None:
    (made,) = await make(desk, wanted("latte"))
    at = f"{desk.brand}/catalogue/products/{made['id']}"
    mine = made["product"] | {"featured": 5}
    assert (await desk.put(at, json={"product": mine, "rowVersion": 1})).status_code == 200
    other = await console(shop, roles=("catalogue_manager",), name="Otto Other")
    theirs = made["product"] | {"featured": 9}
    refused = await other.put(at, json={"product": theirs, "rowVersion": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "product_changed")
    assert refused.json()["params"]["changed_by"] == "Cora Catalogue"
    assert refused.json()["detail"].startswith("Cora Catalogue changed this product")
    kept = (await desk.get(at)).json()
    assert (kept["product"]["featured"], kept["rowVersion"]) == (5, 2)


async def test_an_address_that_is_taken_is_refused_and_the_product_stays(desk: Any) -> None:
    (made,) = await make(desk, wanted("latte"))
    refused = await desk.post(
        f"{desk.brand}/catalogue/products",
        json={"product": wanted("latte", featured=9, variants=[{"sku": "X", "price": "1"}])},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "slug_taken")
    kept = (await desk.get(f"{desk.brand}/catalogue/products/{made['id']}")).json()
    assert (kept["product"]["featured"], kept["rowVersion"]) == (0, 1)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "yachts"}, "/category"),
        ({"currency": "EUR"}, "/currency"),
        ({"variants": [{"sku": "A", "price": "0"}]}, "/variants/0/price"),
        ({"variants": []}, "/product/variants"),
        ({"slug": "Not A Slug"}, "/product/slug"),
    ],
)
async def test_a_product_that_breaks_a_rule_names_the_field(
    desk: Any, change: dict[str, Any], pointer: str
) -> None:
    refused = await desk.post(
        f"{desk.brand}/catalogue/products", json={"product": wanted("latte") | change}
    )
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert await slugs(desk) == []


async def test_who_may_only_read_changes_nothing(desk: Any, console: Any, shop: Any) -> None:
    (made,) = await make(desk, wanted("latte"))
    reader = await console(shop, roles=("analyst",))
    at = f"{reader.brand}/catalogue"
    sku = made["skus"][0]["id"]
    refused = [
        await reader.post(f"{at}/products", json={"product": wanted("tea")}),
        await reader.put(
            f"{at}/products/{made['id']}", json={"product": wanted("latte"), "rowVersion": 1}
        ),
        await reader.post(f"{at}/products/{made['id']}/publish"),
        await reader.put(f"{at}/products/{made['id']}/skus/{sku}/stock", json={"onHand": 0}),
        await reader.post(f"{at}/bulk", json={"act": "publish", "ids": [made["id"]]}),
        await reader.post(f"{at}/imports?name=x.csv", content=b"slug\n"),
    ]
    assert {r.json()["code"] for r in refused} == {"permission_missing"}
    kept = (await reader.get(f"{at}/products/{made['id']}")).json()
    assert (kept["rowVersion"], kept["skus"][0]["onHand"]) == (1, 7)
    assert await slugs(reader) == ["latte"]


async def test_stock_is_counted_and_the_trail_tells(desk: Any, console: Any, shop: Any) -> None:
    (made,) = await make(desk, wanted("latte"))
    at = f"{desk.brand}/catalogue/products/{made['id']}/skus/{made['skus'][0]['id']}/stock"
    assert (await desk.put(at, json={"onHand": 3})).json() == {"before": 7, "onHand": 3}
    assert (await desk.put(at, json={"onHand": -1})).status_code == 422
    assert (await trail(desk, console, shop))[-1] == (
        "stock.counted", {"sku": "LATTE", "before": 7, "after": 3},
    )  # fmt: skip


async def test_the_list_is_searched_filtered_sorted_and_paged(desk: Any) -> None:
    await make(
        desk,
        wanted("latte", variants=[{"sku": "L1", "price": "5.00", "stock": 0}]),
        wanted("mocha", category="home", status="published"),
        wanted("tea", variants=[{"sku": "T1", "price": "3.00"}], status="published"),
        wanted("espresso", variants=[{"sku": "E1", "price": "4.00", "stock": 4}]),
    )
    assert await slugs(desk, "q=mocah") == ["mocha"]
    assert await slugs(desk, "q=t1") == ["tea"]
    assert await slugs(desk, "status=published&sort=slug") == ["mocha", "tea"]
    assert await slugs(desk, "category=home") == ["mocha"]
    assert await slugs(desk, "stock=out") == ["latte"]
    assert await slugs(desk, "stock=low") == ["espresso"]
    assert await slugs(desk, "stock=unlimited") == ["tea"]
    assert await slugs(desk, "sort=points_up") == ["tea", "espresso", "latte", "mocha"]
    assert await slugs(desk, "sort=stock_up&limit=2") == ["latte", "espresso"]
    assert await slugs(desk, "sort=name") == ["espresso", "latte", "mocha", "tea"]
    assert await slugs(desk, "supplier=nobody") == []
    for sort in ("changed", "name", "slug", "points_up", "points_down", "stock_up", "featured"):
        seen: list[str] = []
        cursor = ""
        while True:
            page = (
                await desk.get(
                    f"{desk.brand}/catalogue/products?sort={sort}&limit=1"
                    + (f"&cursor={cursor}" if cursor else "")
                )
            ).json()
            seen += [item["slug"] for item in page["items"]]
            assert page["total"] == (None if cursor else 4)
            cursor = page["nextCursor"]
            if not cursor:
                break
        assert sorted(seen) == ["espresso", "latte", "mocha", "tea"], sort
    other = (await desk.get(f"{desk.brand}/catalogue/products?limit=1")).json()["nextCursor"]
    refused = await desk.get(f"{desk.brand}/catalogue/products?sort=slug&cursor={other}")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


async def test_many_are_published_after_a_rehearsal(
    desk: Any, console: Any, shop: Any, rt: Runtime
) -> None:
    made = await make(desk, wanted("latte"), wanted("tea"), wanted("mocha", status="published"))
    async with rt.db.write(shop.id) as s:
        await s.execute(
            "UPDATE app.product_variant SET restriction = 'NOT_FOR_RESALE'"
            " WHERE tenant_id = %(tenant_id)s AND sku = 'TEA'"
        )
    at = f"{desk.brand}/catalogue/bulk"
    body = {"act": "publish", "find": {}, "dryRun": True}
    told = {
        "products": 3, "changed": 1, "already": 1, "held": 1,
        "heldBack": [{
            "slug": "tea", "name": "Tea", "code": "offer_restricted", "detail": "NOT_FOR_RESALE",
        }],
    }  # fmt: skip
    assert (await desk.post(at, json=body)).json() == told | {"dryRun": True}
    assert await slugs(desk, "status=published") == ["mocha"]
    done = await desk.post(at, json=body | {"dryRun": False})
    assert done.json() == told | {"dryRun": False}
    assert await slugs(desk, "status=published&sort=slug") == ["latte", "mocha"]
    moved = await desk.post(
        at, json={"act": "category", "category": "home", "ids": [p["id"] for p in made]}
    )
    assert moved.json()["changed"] == 3
    assert (await desk.post(at, json={"act": "publish"})).status_code == 422
    wrong = await desk.post(
        at, json={"act": "category", "category": "yachts", "ids": [made[0]["id"]]}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/category")
    assert [a for a, _ in await trail(desk, console, shop)][-2:] == ["catalogue.changed"] * 2
    page = (await desk.get(f"{desk.brand}/catalogue/products?sort=slug")).json()["items"]
    assert [(p["slug"], p["value"]["minor"], p["rowVersion"]) for p in page] == [
        ("latte", 3000, 3), ("mocha", 3000, 2), ("tea", 3000, 2),
    ]  # fmt: skip


async def run_jobs(rt: Runtime, worker: Runtime, shop: Any) -> None:
    await World(rt, worker, shop).drain()


async def test_a_file_is_looked_through_and_then_taken_in(
    desk: Any, console: Any, shop: Any, rt: Runtime, worker_rt: Runtime
) -> None:
    await make(desk, wanted("latte", pictures=[{"file": f"{'a' * 64}.png"}]))
    good = "".join(f"p{n:03},drinks,counter,USD,P{n:03},1.50,9,Product {n}\n" for n in range(450))
    content = (
        "slug,category,supplier,currency,sku,price,stock,name_en\n"
        "latte,drinks,counter,USD,LATTE,22.00,7,Latte\n"
        "bad,yachts,counter,USD,B1,1.00,1,Bad\n"
        "thief,drinks,counter,USD,LATTE,1.00,1,Thief\n" + good +
        "p003,drinks,counter,USD,P003,1.50,9,Again\n"
        "worse,drinks,counter,USD,W1,ten,1,Worse\n"
    )  # fmt: skip
    at = f"{desk.brand}/catalogue/imports"
    sent = await desk.post(f"{at}?name=spring.csv", content=content.encode())
    assert sent.status_code == 201, sent.text
    assert sent.json()["state"] == "checking"
    one = f"{at}/{sent.json()['id']}"
    early = await desk.post(f"{one}/apply")
    assert (early.status_code, early.json()["code"]) == (409, "import_state")
    await run_jobs(rt, worker_rt, shop)
    looked = (await desk.get(one)).json()
    totals = {"lines": 455, "refused": 4, "created": 450, "changed": 1, "unchanged": 0}
    assert (looked["state"], looked["totals"]) == ("checked", totals)
    assert looked["position"] == looked["sizeBytes"] == len(content)
    assert [(e["line"], e["column"], e["code"]) for e in looked["errors"]] == [
        (3, "category", "category_unknown"), (4, "sku", "sku_taken"),
        (455, "slug", "repeated"), (456, "price", "value"),
    ]  # fmt: skip
    assert await slugs(desk) == ["latte"]
    started = await desk.post(f"{one}/apply")
    assert started.json()["state"] == "applying"
    await run_jobs(rt, worker_rt, shop)
    applied = (await desk.get(one)).json()
    assert (applied["state"], applied["totals"]) == ("applied", totals)
    assert applied["checkedTotals"] == totals
    assert (applied["createdBy"], applied["appliedBy"]) == ("Cora Catalogue", "Cora Catalogue")
    page = (await desk.get(f"{desk.brand}/catalogue/products?limit=500")).json()
    assert page["total"] == len(page["items"]) == 451
    latte = next(p for p in page["items"] if p["slug"] == "latte")
    # What the table has no column for stays: the picture, and that it is a draft.
    assert (latte["picture"], latte["status"], latte["cost"]["minor"]) == (
        f"{'a' * 64}.png", "draft", 2200,
    )  # fmt: skip
    refused = await desk.get(f"{one}/refused")
    assert list(csv.reader(io.StringIO(refused.text.lstrip("\ufeff"))))[1][:3] == [
        "3", "category", "category_unknown",
    ]  # fmt: skip
    assert [a for a, _ in await trail(desk, console, shop)] == [
        "product.created", "catalogue.file_sent", "catalogue.import_started",
    ]  # fmt: skip
    assert (await desk.post(f"{one}/discard")).status_code == 409


async def test_a_file_without_a_heading_fails_with_the_column(
    desk: Any, shop: Any, rt: Runtime, worker_rt: Runtime
) -> None:
    at = f"{desk.brand}/catalogue/imports"
    sent = await desk.post(f"{at}?name=x.csv", content=b"slug,colour\nlatte,red\n")
    await run_jobs(rt, worker_rt, shop)
    looked = (await desk.get(f"{at}/{sent.json()['id']}")).json()
    assert (looked["state"], looked["fault"], looked["faultField"]) == (
        "failed", "There is no column 'colour'.", "colour",
    )  # fmt: skip
    empty = await desk.post(f"{at}?name=x.csv", content=b"")
    assert (empty.status_code, empty.json()["errors"][0]["pointer"]) == (422, "/file")
    assert [i["fileName"] for i in (await desk.get(at)).json()["items"]] == ["x.csv"]


async def test_what_is_taken_away_comes_back_unchanged(
    desk: Any, shop: Any, rt: Runtime, worker_rt: Runtime
) -> None:
    await make(
        desk,
        wanted(
            "latte", texts={
                "en": {"name": "Latte", "summary": "Milk", "description": "Two\nlines"},
                "pt-BR": {"name": "Café com leite", "summary": "", "description": ""},
            },
            variants=[
                {"sku": "L1", "price": "5.00", "stock": 3, "label": {"en": "Small"}},
                {"sku": "L2", "price": "6.00"},
            ], delivery_days=[1, 3], return_days=14, featured=2,
        ),
        wanted("tea", currency="BRL", status="published"),
    )  # fmt: skip
    taken = await desk.get(f"{desk.brand}/catalogue/export")
    assert taken.headers["content-disposition"].endswith(f'catalogue-{shop.slug}.csv"')
    rows = list(csv.DictReader(io.StringIO(taken.text.lstrip("\ufeff"))))
    assert [(r["slug"], r["sku"], r["price"], r["stock"]) for r in rows] == [
        ("latte", "L1", "5.00", "3"), ("latte", "L2", "6.00", ""), ("tea", "TEA", "20.00", "7"),
    ]  # fmt: skip
    sent = await desk.post(f"{desk.brand}/catalogue/imports?name=b.csv", content=taken.content)
    await run_jobs(rt, worker_rt, shop)
    looked = (await desk.get(f"{desk.brand}/catalogue/imports/{sent.json()['id']}")).json()
    assert looked["errors"] == []
    assert looked["totals"]["lines"] == 3
    page = (await desk.get(f"{desk.brand}/catalogue/products?sort=slug")).json()["items"]
    assert [p["rowVersion"] for p in page] == [1, 1]
    await desk.post(f"{desk.brand}/catalogue/imports/{sent.json()['id']}/apply")
    await run_jobs(rt, worker_rt, shop)
    latte = (await desk.get(f"{desk.brand}/catalogue/products?q=latte")).json()["items"][0]
    kept = (await desk.get(f"{desk.brand}/catalogue/products/{latte['id']}")).json()["product"]
    assert kept["texts"]["en"]["description"] == "Two\nlines"
    assert (kept["delivery_days"], kept["return_days"], kept["featured"]) == ([1, 3], 14, 2)
    assert kept["variants"][0]["label"] == {"en": "Small"}


async def test_a_price_is_explained_before_anything_is_saved(desk: Any) -> None:
    told = await desk.get(f"{desk.brand}/catalogue/price?category=home&currency=BRL&cost=100.00")
    price = told.json()
    assert (price["converted"]["minor"], price["value"]["minor"]) == (2000, 3000)
    assert (price["marginMinor"], price["marginSharePercent"]) == (1000, "33.33")
    assert price["tiers"][0] == {"tier": None, "points": 3000, "listPoints": 3000}
    none = await desk.get(f"{desk.brand}/catalogue/price?category=home&currency=EUR&cost=1")
    assert (none.status_code, none.json()["code"]) == (409, "no_rate")


async def test_options_count_what_there_is(desk: Any) -> None:
    await make(desk, wanted("latte"), wanted("tea", category="home"))
    options = (await desk.get(f"{desk.brand}/catalogue/options")).json()
    assert [(c["key"], c["marginPercent"]) for c in options["categories"]] == [
        ("drinks", "10"), ("home", "50"),
    ]  # fmt: skip
    assert options["suppliers"] == ["counter"]
    assert options["currencies"] == ["BRL", "USD"]
    assert [(t["category"], t["products"]) for t in options["tallies"]] == [
        ("drinks", 1), ("home", 1),
    ]  # fmt: skip

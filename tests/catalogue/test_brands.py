"""The demo brands: complete, believable, drawn by our own code, applied twice without a change."""

import json
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guerdon.catalogue import queries
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.errors import InvalidProductError
from guerdon.catalogue.folder import apply_catalogue
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import Search
from guerdon.catalogue.search import search
from guerdon.catalogue.svg import check_svg
from guerdon.kit.errors import InvalidError
from guerdon.kit.paths import bundled
from guerdon.local.pictures import pictures
from guerdon.plumbing.reads import PipelinedReads
from guerdon.programme.folder import apply_folder, read_folder
from guerdon.runtime import Runtime

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
BRANDS = ("aurora", "kettle")


def _folder(brand: str) -> Path:
    return bundled("tenants") / "demo" / brand


def _catalogue(brand: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = tomllib.loads((_folder(brand) / "catalogue.toml").read_text())[
        "product"
    ]
    return told


@pytest.mark.parametrize("brand", BRANDS)
async def test_a_brand_is_applied_and_applied_again_without_a_change(
    rt: Runtime, brand: str
) -> None:
    folder = read_folder(_folder(brand))
    applied = await apply_folder(rt, folder, author="test", now=NOW)
    again = await apply_folder(rt, folder, author="test", now=NOW)
    told = await apply_catalogue(rt, again.tenant, folder, NOW)

    assert not again.published.changed
    assert (told.created, told.changed) == (0, 0)
    assert told.unchanged >= 60
    snapshot = await rt.snapshot(applied.tenant.id, NOW)
    reader = Reader(
        rules=price_rules(snapshot),
        categories=[c.key for c in snapshot[CatalogueParameters].categories],
        language="es",
        fallback="en",
        tier=None,
        now=NOW,
    )
    reads = PipelinedReads(rt.db, applied.tenant.id)
    shown, cursor = [], None
    while True:
        page = await search(reads, find=Search(), reader=reader, cursor=cursor, limit=100)
        shown += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(shown) == told.unchanged
    assert all(c.picture and c.alt and c.points >= 50 for c in shown)
    first = await queries.product(reads, slug=shown[0].slug, reader=reader)
    content, media_type = await rt.files.get(applied.tenant.id, first.pictures[0].file)
    assert media_type == "image/svg+xml"
    assert content.startswith(b"<svg")


@pytest.mark.parametrize("brand", BRANDS)
def test_every_product_speaks_three_languages_and_has_its_pictures(brand: str) -> None:
    for product in _catalogue(brand):
        assert set(product["texts"]) == {"en", "pt-BR", "es"}
        for text in product["texts"].values():
            assert text["name"]
            assert text["summary"]
            assert len(text["description"]) > 60
        assert product["pictures"][0] == f"pictures/{product['slug']}.svg"
        for variant in product["variant"]:
            assert set(variant.get("label", {"en": 0, "pt-BR": 0, "es": 0})) == {
                "en", "pt-BR", "es",
            }  # fmt: skip


@pytest.mark.parametrize("brand", BRANDS)
def test_the_committed_pictures_are_the_drawn_ones_and_harmless(brand: str) -> None:
    drawn = dict(pictures(brand))
    committed = {p.name: p.read_text() for p in (_folder(brand) / "pictures").glob("*.svg")}

    assert committed == drawn
    for name, svg in committed.items():
        check_svg(svg.encode(), field=name)
        assert len(svg) < 60_000
    shapes = {svg for name, svg in committed.items() if name not in ("logo.svg", "hero.svg")}
    assert len(shapes) == len(committed) - 2


@pytest.mark.parametrize("brand", BRANDS)
def test_the_sandbox_supplier_sells_what_the_catalogue_lists_and_more(brand: str) -> None:
    items = {
        i["asin"]: i
        for i in json.loads((_folder(brand) / "assortment.json").read_text())["products"]
    }
    listed = {
        v["external_id"]: v["price"]
        for p in _catalogue(brand)
        if p["supplier"] == "amazon"
        for v in p["variant"]
    }

    for asin, price in listed.items():
        assert Decimal(items[asin]["price"]) == Decimal(price)
        assert items[asin]["currency"] == "USD"
    others = [i for asin, i in items.items() if asin not in listed]
    assert len(others) >= 30
    assert sum(bool(i.get("restrictions")) for i in others) >= 5


def test_both_brands_have_something_from_each_supplier() -> None:
    for brand in BRANDS:
        assert {p["supplier"] for p in _catalogue(brand)} == {"amazon", "counter"}


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">%s</svg>'


@pytest.mark.parametrize(
    "inner",
    [
        b"<script>alert(1)</script>",
        b'<rect onload="alert(1)"/>',
        b'<image href="https://example.org/x.png"/>',
        b'<use href="#a"/>',
        b'<rect style="fill:red"/>',
        b'<rect fill="url(https://example.org/#a)"/>',
        b"<rect fill=\"url( 'https://example.org/#a')\"/>",
        b"<foreignObject/>",
        b'<a href="javascript:alert(1)"/>',
        b"<![CDATA[x]]>",
        b"<g>",
    ],
)
def test_an_svg_that_does_more_than_draw_is_refused(inner: bytes) -> None:
    check_svg(SVG % b'<rect fill="url(#a)"/>', field="picture")
    with pytest.raises(InvalidError) as refused:
        check_svg(SVG % inner, field="picture")
    assert refused.value.field == "picture"


def test_an_svg_with_entities_is_refused() -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG % b"<title>&a;</title>"
    with pytest.raises(InvalidError):
        check_svg(bomb, field="picture")


@pytest.mark.parametrize(
    ("text", "error", "field"),
    [
        ("[[product]", InvalidError, "catalogue.toml"),
        ("[shop]", InvalidError, "catalogue.toml"),
        ('[[product]]\nslug = "a"', InvalidError, "a"),
        ('[[product]]\nslug = "a"\npictures = ["../../secret.svg"]', InvalidError,
         "../../secret.svg"),
        ('[[product]]\nslug = "a"\ncategory = "x"\nsupplier = "s"\ncurrency = "USD"\n'
         'texts = { en = { name = "A" } }\n[[product.variant]]\nsku = "A"\nprice = "1"',
         InvalidProductError, "category"),
    ],
)  # fmt: skip
async def test_a_bad_catalogue_file_names_what_is_wrong(
    rt: Runtime, tenant: Any, tmp_path: Path, text: str, error: type[InvalidError], field: str
) -> None:
    (tmp_path / "tenant.toml").write_text('[tenant]\nslug = "corner"\nname = "Corner"\n')
    (tmp_path / "catalogue.toml").write_text(text)
    with pytest.raises(error) as refused:
        await apply_catalogue(rt, tenant, read_folder(tmp_path), NOW)
    assert refused.value.field == field

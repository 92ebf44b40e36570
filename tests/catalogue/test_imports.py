"""Products by CSV: what is taken, what is refused and why, whatever the file holds."""

import io
from typing import Any

import pytest
from tests.catalogue.conftest import CATEGORIES, NOW, product

from guerdon.catalogue import imports, queries
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.import_rows import ImportFileError, RowError
from guerdon.catalogue.imports import Totals
from guerdon.catalogue.pricing import PriceRules
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

HEAD = "slug,category,supplier,currency,sku,price,stock,name_en,name_pt-BR,label_en\n"
GOOD = "lamp,gadgets,amazon,USD,L1,19.90,7,Lamp,Abajur,Small\n"


@pytest.fixture
def bring(rt: Runtime, tenant: Tenant, rules: PriceRules) -> Any:
    """Import a file; answers totals and refused lines."""

    async def brought(content: str | bytes, **options: Any) -> tuple[Totals, list[RowError]]:
        errors: list[RowError] = []
        raw = content.encode() if isinstance(content, str) else content
        totals = await imports.run(
            rt, tenant_id=tenant.id, file=io.BytesIO(raw), categories=CATEGORIES, rules=rules,
            now=NOW, on_error=errors.append, **options,
        )  # fmt: skip
        return totals, errors

    return brought


async def _slugs(rt: Runtime, tenant: Tenant) -> list[str]:
    async with rt.db.read(tenant.id) as s:
        page = await queries.managed(s, status=None, language="en", fallback="en")
    return [p.slug for p in page.items]


async def test_lines_become_products_and_again_change_nothing(
    rt: Runtime, tenant: Tenant, reader: Reader, bring: Any
) -> None:
    file = HEAD + GOOD + "lamp,gadgets,amazon,USD,L2,24.90,,Lamp,Abajur,Large\n" \
        + 'rug,travel,own,BRL,R1,300,2,"Rug, woven",Tapete,\n'  # fmt: skip
    first, errors = await bring(file)
    again, _ = await bring(file)
    async with rt.db.read(tenant.id) as s:
        lamp = await queries.product(s, slug="lamp", reader=reader)

    assert errors == []
    assert first == Totals(lines=3, created=2)
    assert again == Totals(lines=3, unchanged=2)
    assert [(v.sku, v.stock, v.label) for v in lamp.variants] == [
        ("L1", 7, "Small"), ("L2", None, "Large"),
    ]  # fmt: skip
    assert lamp.name == "Abajur"


async def test_a_dry_run_says_the_same_and_does_nothing(
    rt: Runtime, tenant: Tenant, bring: Any
) -> None:
    totals, _ = await bring(HEAD + GOOD, dry_run=True)

    assert totals == Totals(lines=1, created=1)
    assert await _slugs(rt, tenant) == []


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("lamp,yachts,amazon,USD,L1,1,1,A,B,C", "category"),
        ("lamp,gadgets,amazon,EUR,L1,1,1,A,B,C", "currency"),
        ("lamp,gadgets,amazon,usd,L1,1,1,A,B,C", "currency"),
        ("Lamp!,gadgets,amazon,USD,L1,1,1,A,B,C", "slug"),
        ("lamp,gadgets,amazon,USD,L1,1.234,1,A,B,C", "variants[0].price"),
        ("lamp,gadgets,amazon,USD,L1,0,1,A,B,C", "variants[0].price"),
        ("lamp,gadgets,amazon,USD,L1,ten,1,A,B,C", "price"),
        ("lamp,gadgets,amazon,USD,L1,1,-4,A,B,C", "stock"),
        ("lamp,gadgets,amazon,USD,L1,1,many,A,B,C", "stock"),
        ("lamp,gadgets,amazon,USD,,1,1,A,B,C", "sku"),
        ("lamp,gadgets,amazon,USD,L1,1,1,,,C", "texts"),
        ('lamp,gadgets,amazon,USD,L1,1,1,"=HYPERLINK(1)",B,C', "name_en"),
        ("lamp,gadgets,amazon,USD,L1,1,1,@SUM(A1),B,C", "name_en"),
        ("lamp,gadgets,amazon,USD,L1,1,1,A,B", ""),
        ('lamp,gadgets,amazon,USD,L1,1,1,"A,B,C', ""),
        ('lamp,gadgets,amazon,USD,L1,1,1,"A"x,B,C', ""),
        ("lamp,gadgets,amazon,USD,L1,1,1,A\x00,B,C", ""),
    ],
)
async def test_a_bad_line_names_line_and_column_and_spoils_no_other(
    rt: Runtime, tenant: Tenant, bring: Any, line: str, column: str
) -> None:
    totals, errors = await bring(HEAD + line + "\n" + GOOD.replace("lamp", "desk"))

    assert [(e.line, e.column) for e in errors] == [(2, column)]
    assert (totals.created, totals.refused) == (1, 1)
    assert await _slugs(rt, tenant) == ["desk"]


async def test_bytes_that_are_not_utf_8_spoil_their_line(bring: Any) -> None:
    totals, errors = await bring(
        HEAD.encode() + GOOD.replace("Lamp", "L\xe2mpada").encode("latin-1") + GOOD.encode()
    )

    assert [(e.line, e.reason) for e in errors] == [(2, "Not UTF-8 at byte 36.")]
    assert totals.created == 1


async def test_a_line_of_a_hundred_megabytes_is_skipped_in_little_memory(bring: Any) -> None:
    totals, errors = await bring(HEAD.encode() + b'"' + b"x" * 100_000_000 + b"\n" + GOOD.encode())

    assert [e.line for e in errors] == [2]
    assert totals.created == 1


@pytest.mark.parametrize(
    "heading",
    ["", "\n", "a,b,c\n", "slug,slug\n", HEAD.replace("price", "cost"), HEAD.replace("sku,", ""),
     "slug;category;supplier;currency;sku\n", "\x00\n"],
)  # fmt: skip
async def test_a_file_without_a_usable_heading_is_refused(bring: Any, heading: str) -> None:
    head = heading if "name_pt-BR" not in heading else heading.replace("name_pt-BR", "name_fr")
    with pytest.raises(ImportFileError):
        await bring(head)


async def test_windows_files_are_read(bring: Any) -> None:
    content = "\ufeff" + HEAD.replace(",", ";") + GOOD.replace(",", ";").replace("\n", "\r\n")
    totals, errors = await bring(content)

    assert (totals.created, errors) == (1, [])


async def test_a_sku_of_another_product_is_refused_alone(
    rt: Runtime, tenant: Tenant, bring: Any, apply: Any
) -> None:
    await apply(product("old", stock=1))
    totals, errors = await bring(HEAD + GOOD + "thief,gadgets,amazon,BRL,OLD,1,1,Thief,Ladrão,\n")

    assert [(e.line, e.column) for e in errors] == [(3, "sku")]
    assert totals.created == 1
    assert await _slugs(rt, tenant) == ["lamp", "old"]


async def test_a_product_that_comes_back_further_down_is_refused(bring: Any) -> None:
    totals, errors = await bring(HEAD + GOOD + GOOD.replace("lamp", "desk").replace("L1", "D1")
                                 + GOOD.replace("L1", "L3"))  # fmt: skip

    assert [(e.line, e.column) for e in errors] == [(4, "slug")]
    assert totals.created == 2

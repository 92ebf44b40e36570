"""`guerdon catalogue`: products, stock, imports, contract prices."""

import csv
import sys
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, get_args

import click
import msgspec

from guerdon.catalogue import imports, operations, price_lists, queries, supplier_offers
from guerdon.catalogue.cards import Reader
from guerdon.catalogue.import_rows import RowError
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import PriceListDefinition, Product, Status
from guerdon.catalogue.stock import count_stock
from guerdon.cli._runtime import run, tenant_option
from guerdon.fulfilment.port import Supplier
from guerdon.fulfilment.providers import connect
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.kit.money import Money
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

T = TypeVar("T")
_SHOWN = 20


@click.group()
def command() -> None:
    """The catalogue of a brand."""


def _at(slug: str, work: Callable[[Runtime, Tenant, Reader], Awaitable[T]]) -> T:
    """Run `work` for a tenant, with a reader of its default language and no tier."""

    async def inside(rt: Runtime) -> T:
        tenant = await rt.directory.by_slug(slug)
        now = await rt.now(tenant.id)
        snapshot = await rt.snapshot(tenant.id, now)
        languages = snapshot[ProgrammeParameters].languages
        reader = Reader(
            rules=price_rules(snapshot),
            categories=[c.key for c in snapshot[CatalogueParameters].categories],
            language=languages[0],
            fallback=languages[0],
            tier=None,
            now=now,
        )
        return await work(rt, tenant, reader)

    return run(inside)


def _money(money: Money | None) -> str:
    return "" if money is None else f"{money.currency} {money.decimal}"


@command.command(name="list")
@tenant_option
@click.option("--status", type=click.Choice(get_args(Status)), help="Only these.")
def list_(tenant_slug: str, status: Status | None) -> None:
    """Every product with its state and the supplier's price."""

    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> None:
        cursor = None
        while True:
            async with rt.db.read(tenant.id) as s:
                page = await queries.managed(
                    s, status=status, language=reader.language, fallback=reader.fallback,
                    cursor=cursor, limit=100,
                )  # fmt: skip
            for p in page.items:
                click.echo(
                    f"{p.slug:36.36} {p.status:10} {p.category:12} {p.supplier:10}"
                    f" {_money(p.cost):>14}  {p.name}"
                )
            cursor = page.next_cursor
            if cursor is None:
                return

    _at(tenant_slug, work)


async def _product(rt: Runtime, tenant: Tenant, reader: Reader, slug: str) -> Product:
    async with rt.db.read(tenant.id) as s:
        return await queries.product(s, slug=slug, reader=reader, manager=True)


@command.command()
@tenant_option
@click.argument("slug")
def show(tenant_slug: str, slug: str) -> None:
    """A product with every figure of its price."""

    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> None:
        found = await _product(rt, tenant, reader, slug)
        click.echo(f"{found.name} ({found.slug}), {found.status}, {found.category}")
        click.echo(f"from {found.supplier}, by {found.delivery}, version {found.row_version}")
        for v in found.variants:
            p = v.price
            stock = "no limit" if v.stock is None else str(v.stock)
            click.echo(f"  {v.sku}  {v.label}  stock {stock}  {v.external_id or ''}")
            click.echo(
                f"    {_money(p.cost)} × {p.rate} = {p.converted}; + {p.margin_percent} %"
                f" = {_money(p.value)}; × {p.factor} = {p.exact_points}; {p.rounding} to"
                f" {p.step}: {p.points} points"
            )

    _at(tenant_slug, work)


def _set_status(tenant_slug: str, slugs: tuple[str, ...], status: Status) -> None:
    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> None:
        for slug in slugs:
            found = await _product(rt, tenant, reader, slug)
            async with rt.db.write(tenant.id) as s:
                changed = await operations.set_status(
                    s, product_id=found.id, status=status, now=reader.now
                )
            click.echo(f"{slug}: {status}{'' if changed else ' already'}")

    _at(tenant_slug, work)


@command.command()
@tenant_option
@click.argument("slugs", nargs=-1, required=True)
def publish(tenant_slug: str, slugs: tuple[str, ...]) -> None:
    """Let members see these products."""
    _set_status(tenant_slug, slugs, "published")


@command.command()
@tenant_option
@click.argument("slugs", nargs=-1, required=True)
def withdraw(tenant_slug: str, slugs: tuple[str, ...]) -> None:
    """Take these products out; orders under way go on."""
    _set_status(tenant_slug, slugs, "withdrawn")


@command.command()
@tenant_option
@click.argument("slug")
@click.argument("sku")
@click.argument("on_hand", type=click.IntRange(min=0))
def stock(tenant_slug: str, slug: str, sku: str, on_hand: int) -> None:
    """State how many pieces of a SKU there are."""

    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> None:
        found = await _product(rt, tenant, reader, slug)
        variant = next((v for v in found.variants if v.sku == sku), None)
        if variant is None:
            raise NotFoundError(f"{slug} has no SKU {sku}.", field="sku")
        async with rt.db.write(tenant.id) as s:
            before = await count_stock(s, variant_id=variant.id, on_hand=on_hand)
        click.echo(f"{sku}: {before} → {on_hand}")

    _at(tenant_slug, work)


@command.command(name="import")
@tenant_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Check every line and change nothing.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where refused lines go [default: FILE.rejects.csv].",
)
def import_(tenant_slug: str, file: Path, dry_run: bool, rejects: Path | None) -> None:
    """Import products from a CSV file (UTF-8, with a heading); again changes nothing.

    One line is one SKU: slug, category, supplier, currency, sku, price, name_en (or another
    language); stock, external_id, delivery, days_min, days_max, return_days, featured, status,
    summary_*, description_*, label_*. Exit status 3 when lines were refused.
    """
    target = rejects or file.with_name(file.name + ".rejects.csv")

    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> imports.Totals:
        with file.open("rb") as source, target.open("w", encoding="utf-8", newline="") as out:
            sink = csv.writer(out)
            sink.writerow(["line", "column", "reason", "value"])
            shown = 0

            def on_error(error: RowError) -> None:
                nonlocal shown
                sink.writerow([error.line, error.column, error.reason, error.text])
                shown += 1
                if shown <= _SHOWN:
                    where = f", {error.column}" if error.column else ""
                    click.echo(f"line {error.line}{where}: {error.reason}", err=True)

            return await imports.run(
                rt,
                tenant_id=tenant.id,
                file=source,
                categories=dict.fromkeys(reader.categories),
                rules=reader.rules,
                now=reader.now,
                dry_run=dry_run,
                on_error=on_error,
            )

    totals = _at(tenant_slug, work)
    would = "would be " if dry_run else ""
    click.echo(
        f"{totals.lines} lines; products: {totals.created} {would}created, {totals.changed}"
        f" {would}changed, {totals.unchanged} as they were; {totals.refused} lines refused"
    )
    if totals.refused:
        sys.exit(3)
    target.unlink()


async def _supplier(rt: Runtime, tenant: Tenant, reader: Reader, key: str) -> Supplier:
    async with rt.db.read(tenant.id) as s:
        return await connect(rt, s, key, now=reader.now)


@command.command()
@tenant_option
@click.argument("slugs", nargs=-1, required=True)
def refresh(tenant_slug: str, slugs: tuple[str, ...]) -> None:
    """Ask the supplier for present offers; what became restricted is withdrawn."""

    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> None:
        for slug in slugs:
            found = await _product(rt, tenant, reader, slug)
            supplier = await _supplier(rt, tenant, reader, found.supplier)
            for v in found.variants:
                if v.external_id is None:
                    continue
                offer = await supplier.offer(sku=v.external_id)
                async with rt.db.write(tenant.id) as s:
                    told = await supplier_offers.refresh(
                        s, variant_id=v.id, offer=offer, now=reader.now
                    )
                click.echo(f"{slug} {v.sku}: {told}")

    _at(tenant_slug, work)


@command.command(name="price-list")
@tenant_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def price_list(tenant_slug: str, file: Path) -> None:
    """Put contract prices in force from a TOML file with the fields of a price list."""

    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        definition = msgspec.convert(content, PriceListDefinition)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InvalidError(f"{file}: {error}", field="file") from error

    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> None:
        async with rt.db.write(tenant.id) as s:
            await price_lists.apply_price_list(s, definition=definition, now=reader.now)
        click.echo(f"{definition.key}: {len(definition.lines)} lines in force")

    _at(tenant_slug, work)


@command.command()
@tenant_option
@click.argument("key")
def margin(tenant_slug: str, key: str) -> None:
    """What a price list saves, and what is left of the members' prices."""

    async def work(rt: Runtime, tenant: Tenant, reader: Reader) -> None:
        async with rt.db.read(tenant.id) as s:
            rows = await price_lists.margin_report(s, key=key, reader=reader)
        for r in rows:
            click.echo(
                f"{r.sku:16} from {r.min_quantity:>5}  {_money(r.list_cost):>14}"
                f" → {_money(r.contract_cost):>14} (-{r.saving_percent} %)"
                f"  sells for {_money(r.value):>14}, leaves {_money(r.margin)}"
                f" ({r.margin_percent} %)  {r.name}"
            )

    _at(tenant_slug, work)

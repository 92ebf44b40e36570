"""`guerdon supplier`: search what a supplier sells, pick it for the catalogue."""

import click

from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import ProductDefinition
from guerdon.cli._runtime import run, tenant_option
from guerdon.fulfilment import picking
from guerdon.fulfilment.port import SupplierProduct, SupplierProducts
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.runtime import Runtime


@click.group()
def command() -> None:
    """Look into a supplier's assortment."""


@command.command()
@tenant_option
@click.option("--page", default=1, show_default=True)
@click.argument("supplier")
@click.argument("text", default="")
def search(tenant_slug: str, page: int, supplier: str, text: str) -> None:
    """Search what SUPPLIER sells by words."""

    async def work(rt: Runtime) -> SupplierProducts:
        tenant = await rt.directory.by_slug(tenant_slug)
        return await picking.search(
            rt,
            tenant_id=tenant.id,
            supplier=supplier,
            text=text,
            page=page,
            now=await rt.now(tenant.id),
        )

    found = run(work)
    for one in found.items:
        click.echo(f"{one.sku:<12} {_price(one):>14}  {one.title}{_restricted(one)}")
    click.echo(f"{found.total} products, page {found.page} of {found.pages}")


@command.command()
@tenant_option
@click.option("--category", required=True, help="The shelf to put it on.")
@click.option("--slug", help="Its address; made of the title when absent.")
@click.argument("supplier")
@click.argument("sku")
def pick(tenant_slug: str, category: str, slug: str | None, supplier: str, sku: str) -> None:
    """Take SKU of SUPPLIER into the catalogue, as a draft."""

    async def work(rt: Runtime) -> ProductDefinition:
        tenant = await rt.directory.by_slug(tenant_slug)
        now = await rt.now(tenant.id)
        found = await picking.offer(
            rt, tenant_id=tenant.id, supplier=supplier, sku=sku, quantity=1, now=now
        )
        snapshot = await rt.snapshot(tenant.id, now)
        made = picking.definition(
            found,
            supplier=supplier,
            category=category,
            language=snapshot[ProgrammeParameters].languages[0],
            slug=slug,
        )
        async with rt.db.write(tenant.id) as s:
            await apply_products(
                s,
                definitions=[made],
                categories=dict.fromkeys(snapshot[CatalogueParameters].category_keys),
                rules=price_rules(snapshot),
                now=now,
            )
        return made

    made = run(work)
    click.echo(f"{tenant_slug}: {made.slug} is a draft of {supplier}'s {sku}")


def _price(found: SupplierProduct) -> str:
    return "no price" if found.price is None else f"{found.price.decimal} {found.price.currency}"


def _restricted(found: SupplierProduct) -> str:
    return f"  [restricted: {found.restrictions[0]}]" if found.restrictions else ""

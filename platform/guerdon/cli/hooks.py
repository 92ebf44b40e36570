"""`guerdon hooks`: addresses at which providers tell us what happened."""

import click

from guerdon.cli._runtime import run, tenant_option
from guerdon.redemption import inbox
from guerdon.runtime import Runtime


@click.group()
def command() -> None:
    """Provider webhooks."""


@command.command("open")
@tenant_option
@click.argument("provider", type=click.Choice(inbox.PROVIDERS))
def open_(tenant_slug: str, provider: str) -> None:
    """Print a new address to register at the provider; the one before stops working."""

    async def work(rt: Runtime) -> str:
        tenant = await rt.directory.by_slug(tenant_slug)
        async with rt.db.write(tenant.id) as s:
            hook_id = await inbox.open_hook(s, provider=provider)
        return inbox.hook_url(rt.settings, provider, hook_id)

    click.echo(run(work))

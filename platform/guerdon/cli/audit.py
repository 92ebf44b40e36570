"""`guerdon audit`: prove a brand's trail, take it away, keep its end elsewhere."""

import asyncio
import sys
from pathlib import Path

import click
import msgspec

from guerdon.audit.verify import Broken, Checkpoint, checkpoint, links, read_checkpoints, verify
from guerdon.cli._houses import house
from guerdon.cli._runtime import run, tenant_option
from guerdon.runtime import Runtime


@click.group()
def command() -> None:
    """The audit trail of a brand."""


@command.command("verify")
@tenant_option
@click.option(
    "--checkpoints",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of checkpoints, kept on another machine.",
)
def verify_command(tenant_slug: str, checkpoints: Path | None) -> None:
    """Compute every hash again; exit status 1 and the places when something was changed."""

    async def work(rt: Runtime) -> list[Broken]:
        tenant = await house(rt, tenant_slug)
        lines = (
            [] if checkpoints is None
            else (await asyncio.to_thread(checkpoints.read_text)).splitlines()
        )  # fmt: skip
        try:
            known = list(read_checkpoints(rt.settings, lines))
        except ValueError as error:
            raise click.ClickException(f"{checkpoints}: {error}") from error
        async with rt.db.read(tenant.id) as s:
            return await verify(s, checkpoints=known)

    faults = run(work)
    for fault in faults:
        click.echo(f"entry {fault.seq}: {fault.reason}", err=True)
    if faults:
        sys.exit(1)
    click.echo("the trail is whole")


@command.command()
@tenant_option
def export(tenant_slug: str) -> None:
    """Print the whole trail, a JSON object a line, with what each hash covers."""

    async def work(rt: Runtime) -> None:
        tenant = await house(rt, tenant_slug)
        async with rt.db.read(tenant.id) as s:
            async for link in links(s):
                told = msgspec.structs.asdict(link)
                told |= {"previous": link.previous.hex(), "hash": link.hash.hex()}
                told = {"tenant_id": str(tenant.id)} | told
                click.echo(msgspec.json.encode(told).decode())

    run(work)


@command.command("checkpoint")
@tenant_option
def checkpoint_command(tenant_slug: str) -> None:
    """Print how the trail ends now, to be appended to a file on another machine."""

    async def work(rt: Runtime) -> Checkpoint | None:
        tenant = await house(rt, tenant_slug)
        async with rt.db.read(tenant.id) as s:
            return await checkpoint(s, rt.settings, now=rt.clock.now())

    made = run(work)
    if made is not None:
        click.echo(msgspec.json.encode(made).decode())

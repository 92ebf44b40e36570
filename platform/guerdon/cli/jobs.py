"""`guerdon jobs`: what waits, what was given up, and how to let it run again."""

from uuid import UUID

import click

from guerdon.cli._houses import house
from guerdon.cli._runtime import run, tenant_option
from guerdon.kit.errors import NotFoundError
from guerdon.plumbing import outbox
from guerdon.runtime import Runtime


@click.group()
def command() -> None:
    """Look at a tenant's jobs, and replay those that were parked."""


@command.command("list")
@tenant_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_(tenant_slug: str, limit: int) -> None:
    """Jobs that are not done yet, by the time they are due."""

    async def work(rt: Runtime) -> list[outbox.Waiting]:
        async with rt.db.read((await house(rt, tenant_slug)).id) as s:
            return await outbox.waiting(s, limit=limit)

    for row in run(work):
        state = (
            "running" if row.leased else "due" if row.due else f"{row.next_at:%Y-%m-%d %H:%M:%S}"
        )
        click.echo(f"{row.id}  {row.topic:<28} {row.attempts:>3}  {state}  {row.last_error or ''}")


@command.command()
@tenant_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def parked(tenant_slug: str, limit: int) -> None:
    """Jobs that failed too often and wait for somebody."""

    async def work(rt: Runtime) -> list[outbox.Parked]:
        async with rt.db.read((await house(rt, tenant_slug)).id) as s:
            return await outbox.parked(s, limit=limit)

    for row in run(work):
        click.echo(f"{row.id}  {row.topic:<28} {row.attempts:>3}  {row.last_error or ''}")


@command.command()
@tenant_option
@click.argument("message_id", required=False, type=click.UUID)
@click.option("--all", "every", is_flag=True, help="Replay every parked job of the tenant.")
def replay(tenant_slug: str, message_id: UUID | None, every: bool) -> None:
    """Let a parked job run again; a job that is not parked is left alone."""
    if (message_id is None) != every:
        raise click.UsageError("give one MESSAGE_ID, or --all")

    async def work(rt: Runtime) -> int:
        async with rt.db.write((await house(rt, tenant_slug)).id) as s:
            wanted = (
                [message_id] if message_id else [p.id for p in await outbox.parked(s, limit=1000)]
            )
            return sum([await outbox.replay(s, one) for one in wanted])

    replayed = run(work)
    click.echo(f"{replayed} replayed")
    if message_id is not None and not replayed:
        raise NotFoundError("This job is not parked.", field="message_id")

"""`guerdon keys`: API keys of a brand's systems."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import click

from guerdon.cli._runtime import run, tenant_option
from guerdon.identity import api_keys
from guerdon.identity.api_keys import ApiKey, IssuedKey
from guerdon.identity.policy import API_SCOPES
from guerdon.runtime import Runtime


@click.group()
def command() -> None:
    """API keys of a brand's systems."""


@command.command()
@tenant_option
@click.option("--name", required=True, help="What the key is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(sorted(API_SCOPES)),
    help="What the key may do; once per scope [default: all].",
)
@click.option("--mode", type=click.Choice(["live", "test"]), default="live", show_default=True)
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires.")
@click.option("--requests-per-minute", type=click.IntRange(1), help="A limit of its own.")
def create(
    tenant_slug: str,
    name: str,
    scopes: tuple[str, ...],
    mode: Literal["live", "test"],
    days: int | None,
    requests_per_minute: int | None,
) -> None:
    """Make a key. Its secret is shown once."""

    async def work(rt: Runtime) -> IssuedKey:
        now = rt.clock.now()
        tenant = await rt.directory.by_slug(tenant_slug)
        async with rt.db.write(tenant.id) as s:
            return await api_keys.create(
                s,
                name=name,
                scopes=scopes or tuple(API_SCOPES),
                mode=mode,
                now=now,
                expires_at=now + timedelta(days=days) if days else None,
                requests_per_minute=requests_per_minute,
            )

    _show(run(work))


@command.command(name="list")
@tenant_option
def list_(tenant_slug: str) -> None:
    """Every key, never its secret."""

    async def work(rt: Runtime) -> list[tuple[ApiKey, bool]]:
        tenant = await rt.directory.by_slug(tenant_slug)
        async with rt.db.read(tenant.id) as s:
            return [(k, k.good_at(rt.clock.now())) for k in await api_keys.listing(s)]

    for key, good in run(work):
        state = "good" if good else "over"
        click.echo(f"{key.id}  gk_{key.mode}_…{key.hint}  {state}  {key.name}")
        click.echo(f"    {' '.join(key.scopes)}")


@command.command()
@tenant_option
@click.argument("key_id", type=click.UUID)
@click.option(
    "--overlap-hours", type=click.IntRange(0, 720), default=24, show_default=True,
    help="How long the old key keeps working.",
)  # fmt: skip
def rotate(tenant_slug: str, key_id: UUID, overlap_hours: int) -> None:
    """Make a key in place of KEY_ID, which works on for the overlap."""

    async def work(rt: Runtime) -> IssuedKey:
        tenant = await rt.directory.by_slug(tenant_slug)
        async with rt.db.write(tenant.id) as s:
            return await api_keys.rotate(
                s, key_id=key_id, overlap=timedelta(hours=overlap_hours), now=rt.clock.now()
            )

    _show(run(work))


@command.command()
@tenant_option
@click.argument("key_id", type=click.UUID)
def revoke(tenant_slug: str, key_id: UUID) -> None:
    """End KEY_ID; within a second no process accepts it."""

    async def work(rt: Runtime) -> None:
        tenant = await rt.directory.by_slug(tenant_slug)
        async with rt.db.write(tenant.id) as s:
            await api_keys.revoke(s, key_id=key_id, now=rt.clock.now())

    run(work)
    click.echo("revoked")


def _show(issued: IssuedKey) -> None:
    click.echo(f"{issued.key.id}  {issued.key.name}", err=True)
    click.echo("The secret is shown this once:", err=True)
    click.echo(issued.secret)

"""`guerdon webhooks`: endpoints of a brand, their secrets, the log, replay."""

from datetime import UTC, datetime
from uuid import UUID

import click

from guerdon.cli._runtime import run, tenant_option
from guerdon.kit.paging import Page
from guerdon.runtime import Runtime
from guerdon.webhooks_out import operations, queries
from guerdon.webhooks_out.parameters import IntegrationParameters
from guerdon.webhooks_out.schemas import DeliveryRow, EndpointState

STATUSES = ("pending", "delivered", "failed", "discarded")


@click.group()
def command() -> None:
    """Webhook endpoints of a brand, their secrets, the log, replay."""


async def _parameters(rt: Runtime, slug: str) -> tuple[UUID, IntegrationParameters]:
    tenant = await rt.directory.by_slug(slug)
    return tenant.id, (await rt.snapshot(tenant.id, await rt.now(tenant.id)))[IntegrationParameters]


@command.command("list")
@tenant_option
def endpoints(tenant_slug: str) -> None:
    """List the endpoints in force."""

    async def work(rt: Runtime) -> list[EndpointState]:
        tenant_id, parameters = await _parameters(rt, tenant_slug)
        async with rt.db.read(tenant_id) as s:
            return await queries.endpoints(s, parameters)

    for one in run(work):
        state = f"off: {one.disabled_reason}" if one.disabled_at else "on"
        secret = "no secret yet" if one.secret_rotated_at is None else "signed"
        events = ", ".join(one.events) or "all events"
        click.echo(f"{one.key}  {state if one.enabled else 'off'}  {secret}  {one.url}  {events}")


@command.command("rotate-secret")
@tenant_option
@click.argument("key")
def rotate_secret(tenant_slug: str, key: str) -> None:
    """Make a new signing secret and show it once; the one before holds for 24 hours."""

    async def work(rt: Runtime) -> str:
        tenant_id, _ = await _parameters(rt, tenant_slug)
        async with rt.db.write(tenant_id) as s:
            return await operations.rotate_secret(rt, s, key=key, now=rt.clock.now())

    click.echo(run(work))


@command.command()
@tenant_option
@click.argument("key")
def enable(tenant_slug: str, key: str) -> None:
    """Switch an endpoint on again after it answered 410."""

    async def work(rt: Runtime) -> None:
        tenant_id, parameters = await _parameters(rt, tenant_slug)
        async with rt.db.write(tenant_id) as s:
            await operations.enable(s, key=key, parameters=parameters)

    run(work)


@command.command()
@tenant_option
@click.argument("key")
@click.option("--status", type=click.Choice(STATUSES), help="Deliveries in this state only.")
@click.option("--limit", type=click.IntRange(1, 100), default=25, show_default=True)
def log(tenant_slug: str, key: str, status: str | None, limit: int) -> None:
    """Show the latest deliveries of an endpoint."""

    async def work(rt: Runtime) -> Page[DeliveryRow]:
        tenant_id, parameters = await _parameters(rt, tenant_slug)
        queries.endpoint(parameters, key)
        async with rt.db.read(tenant_id) as s:
            return await queries.deliveries(
                s, endpoint_key=key, status=status, cursor=None, limit=limit
            )

    for row in run(work).items:
        answered = row.last_error or row.last_status or ""
        click.echo(
            f"{row.created_at:%Y-%m-%d %H:%M:%S}  {row.id}  {row.event_type}  member "
            f"{row.member_id} #{row.sequence}  {row.status} after {row.attempts}  {answered}"
        )


@command.command()
@tenant_option
@click.argument("key")
@click.option("--since", required=True, type=click.DateTime(), help="From this instant on, in UTC.")
def replay(tenant_slug: str, key: str, since: datetime) -> None:
    """Post again every event since an instant that the endpoint has not taken yet."""

    async def work(rt: Runtime) -> int:
        tenant_id, parameters = await _parameters(rt, tenant_slug)
        async with rt.db.write(tenant_id) as s:
            return await operations.replay_since(
                s, key=key, since=since.replace(tzinfo=UTC), parameters=parameters
            )

    click.echo(f"{run(work)} queued")

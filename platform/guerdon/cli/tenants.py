"""`guerdon tenants`: a brand as a folder, applied, compared, listed; its state, its secrets."""

from contextlib import suppress
from pathlib import Path

import click
import msgspec

from guerdon.cli import _portability as portability
from guerdon.cli._runtime import now_of, run
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.parameters.differences import Edit
from guerdon.programme.blueprints import from_blueprint
from guerdon.programme.exports import export_folder, head_of
from guerdon.programme.folder import apply_folder, preview_folder, read_folder
from guerdon.redemption.queries import open_orders
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State, Who, beginning_of, onward
from guerdon.tenancy.operations import check_slug
from guerdon.tenancy.schemas import Tenant
from guerdon.tenancy.transitions import change_state


class _Row(msgspec.Struct):
    id: str
    slug: str
    status: str


def _say(changes: list[Edit]) -> None:
    for change in changes:
        before, after = (
            "—" if value is msgspec.UNSET else msgspec.json.encode(value).decode()
            for value in (change.before, change.after)
        )
        click.echo(f"  {change.path}: {before[:80]} → {after[:80]}")


@click.group()
def command() -> None:
    """Brands on this deployment."""


for one in (portability.verify, portability.apply, portability.certificate):
    command.add_command(one)


@command.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--author", default="cli", show_default=True, help="Who publishes.")
@click.option("--note", default="", help="Why.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--to", "slug", help="Another brand that gets the parameters: a sandbox goes live.")
def apply(
    folders: tuple[Path, ...], author: str, note: str, dry_run: bool, slug: str | None
) -> None:
    """Make each tenant what its folder says; nothing changes when it already is."""
    if slug is not None and len(folders) != 1:
        raise click.UsageError("--to takes one folder")

    async def work(rt: Runtime) -> None:
        for path in folders:
            folder = read_folder(path, head=await head_of(rt, slug) if slug else None)
            now = await now_of(rt, folder.head.slug)
            if dry_run:
                changes = await preview_folder(rt, folder, now=now)
                click.echo(f"{folder.head.slug}: {len(changes)} fields would change")
                _say(changes)
                continue
            applied = await apply_folder(rt, folder, author=author, now=now, note=note)
            verb = "published" if applied.published.changed else "unchanged, still"
            click.echo(f"{applied.tenant.slug}: {verb} version {applied.published.version}")
            if applied.published.version > 1:
                _say(applied.changes)
            stands = applied.tenant.status
            if slug is None and beginning_of(stands) is not folder.head.status:
                click.echo(f"  it stays {stands}: `guerdon tenants state` changes that")

    run(work)


@command.command()
@click.argument("slug")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--everything", is_flag=True, help="Ledger, members, orders, trail and files too.")
def export(slug: str, folder: Path, everything: bool) -> None:
    """Write what is in force into an empty folder, pictures included, secrets never."""
    if everything:
        portability.export_whole(slug, folder)
        return

    async def work(rt: Runtime) -> None:
        tenant = await rt.directory.by_slug(slug)
        await export_folder(rt, tenant, folder, now=await rt.now(tenant.id))
        async with rt.db.read(tenant.id) as s:
            names = await s.all(
                str, "SELECT name FROM app.secret WHERE tenant_id = %(tenant_id)s ORDER BY name"
            )
        click.echo(f"{slug}: written to {folder}")
        if names:
            click.echo(f"Secrets stay here; store them at the other brand: {', '.join(names)}")

    run(work)


@command.command()
@click.argument("slug")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def diff(slug: str, folder: Path) -> None:
    """Say what a brand's parameters would become with a folder; 1 is returned if anything."""

    async def work(rt: Runtime) -> None:
        read = read_folder(folder, head=await head_of(rt, slug))
        changes = await preview_folder(rt, read, now=await now_of(rt, slug))
        click.echo(f"{slug}: {len(changes)} fields differ")
        _say(changes)
        if changes:
            raise click.exceptions.Exit(1)

    run(work)


@command.command()
@click.argument("slug")
@click.option("--blueprint", required=True, help="Programme to start from.")
@click.option("--name", required=True, help="The brand's name.")
@click.option("--live", is_flag=True, help="Real business from the start, not a sandbox.")
def create(slug: str, blueprint: str, name: str, live: bool) -> None:
    """Make a brand out of a blueprint: it earns and redeems at once."""

    async def work(rt: Runtime) -> None:
        with suppress(NotFoundError):
            await rt.directory.by_slug(check_slug(slug))
            raise InvalidError(f"There is a brand {slug!r} already.", field="slug")
        folder = from_blueprint(
            blueprint, slug=slug, title=name, status=State.LIVE if live else State.SANDBOX
        )
        applied = await apply_folder(rt, folder, author="cli", now=rt.clock.now(), note=blueprint)
        host = applied.tenant.canonical_host
        click.echo(f"{slug}: lives at {rt.settings.tenant_url(host)}")

    run(work)


@command.command(name="list")
def list_() -> None:
    """Every tenant with its state."""

    async def work(rt: Runtime) -> None:
        after = ""
        while True:
            async with rt.db.control() as s:
                rows = await s.all(
                    _Row,
                    "SELECT id::text, slug, status FROM ctl.list_tenants(%(after)s, 500)",
                    {"after": after},
                )
            for row in rows:
                click.echo(f"{row.slug:42}{row.status:12}{row.id}")
            if not rows:
                return
            after = rows[-1].slug

    run(work)


@command.command()
@click.argument("slug")
@click.argument("new", required=False, type=click.Choice([one.value for one in State]))
@click.option("--reason", default="", help="Why; the brand's people read it in their trail.")
def state(slug: str, new: str | None, reason: str) -> None:
    """Say where the brand SLUG stands and where it can go, or lead it to NEW."""

    async def work(rt: Runtime) -> None:
        tenant = await rt.directory.by_slug(slug)
        if new is None:
            _say_state(tenant)
            return
        now = rt.clock.now()
        async with rt.db.write(tenant.id) as s:
            changed = await change_state(
                s,
                to=State(new),
                by=Who.PLATFORM,
                actor="cli",
                reason=reason,
                now=now,
                open_orders=await open_orders(s),
            )
        click.echo(f"{slug}: {changed.source} → {changed.target}")

    run(work)


def _say_state(tenant: Tenant) -> None:
    click.echo(f"{tenant.slug}: {tenant.status} since {tenant.status_since:%Y-%m-%d %H:%M} UTC")
    for way in onward(tenant.status, tenant.came_from):
        who = ", ".join(sorted(way.by))
        after = f", not before {tenant.status_since + way.after:%Y-%m-%d %H:%M} UTC"
        click.echo(f"  {way.target:10} by {who}{after if way.after else ''}")


@command.command()
@click.argument("slug")
@click.argument("name")
@click.option("--value", prompt=True, hide_input=True, help="Asked for when not given.")
def secret(slug: str, name: str, value: str) -> None:
    """Keep a secret of a tenant, sealed; it is never shown again."""

    async def work(rt: Runtime) -> None:
        tenant = await rt.directory.by_slug(slug)
        async with rt.db.write(tenant.id) as s:
            await rt.secrets.put(s, name, value)
        click.echo(f"{slug}: secret {name} is kept")

    run(work)

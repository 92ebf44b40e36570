"""`guerdon tenants`, a brand taken away whole: proved, applied elsewhere, certified as removed."""

import asyncio
from pathlib import Path

import click
import msgspec

from guerdon.audit import operations as audit
from guerdon.cli._runtime import run
from guerdon.kit.errors import InvalidError
from guerdon.portability import removal
from guerdon.portability.applying import apply_export
from guerdon.portability.exporting import LeftOut, Manifest, export_everything
from guerdon.portability.verify_export import MANIFEST, findings
from guerdon.runtime import Runtime
from guerdon.settings import load_settings
from guerdon.tenancy.schemas import Tenant


def export_whole(slug: str, folder: Path) -> None:
    """Write everything of a brand into a folder, and say what was left out."""

    async def work(rt: Runtime) -> Manifest:
        tenant = await rt.directory.by_slug(slug)
        now = rt.clock.now()
        try:
            made = await export_everything(rt, tenant, folder, now=now)
        except FileExistsError as error:
            raise InvalidError(f"{error}. Name a folder that is.", field="folder") from error
        async with rt.db.write(tenant.id) as s:
            await audit.record(
                s,
                actor="cli",
                action="export.made",
                subject=f"tenant:{slug}",
                summary={"rows": made.rows, "content": made.content_hash},
                now=now,
            )
        return made

    made = run(work, role="worker")
    click.echo(f"{slug}: {len(made.files)} files, {made.rows} rows, written to {folder}")
    click.echo(f"content {made.content_hash}")
    if made.work_under_way:
        click.echo(f"{made.work_under_way} pieces of work were under way and are not in it")
    _say_left_out(made.left_out)


def _say_left_out(left_out: tuple[LeftOut, ...]) -> None:
    todos: dict[str, list[str]] = {}
    for one in left_out:
        todos.setdefault(one.todo, []).append(one.what)
    click.echo("Left out, and to be done where it is applied:")
    for todo, what in todos.items():
        if not todo.startswith("Nothing"):
            click.echo(f"  {todo} ({', '.join(what)})")


@click.command(name="verify-export")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def verify(folder: Path) -> None:
    """Prove an export: hashes, the ledger's sums, the chains. 1 is returned if anything is wrong.

    The program `verify.py` inside the export does the same without this installation.
    """
    wrong = 0
    for name, sentence in findings(folder):
        wrong += 1
        click.echo(f"{name}: {sentence}")
    if wrong:
        raise click.exceptions.Exit(1)
    made = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    click.echo(f"{made.tenant.slug}: proven: {len(made.files)} files, {made.rows} rows")
    click.echo(f"content {made.content_hash}")


@click.command(name="apply-export")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def apply(folder: Path) -> None:
    """Make the brand of an export here, all of it or nothing; it must not be here yet."""

    async def work() -> tuple[Tenant, Manifest]:
        return await apply_export(
            load_settings(), folder, progress=lambda step: click.echo(f"  {step}", err=True)
        )

    tenant, made = asyncio.run(work())
    click.echo(f"{tenant.slug}: {made.rows} rows are here; it is {tenant.status}")
    click.echo(f"To prove it: guerdon ledger verify {tenant.slug}")
    _say_left_out(made.left_out)


@click.command()
@click.argument("slug")
def certificate(slug: str) -> None:
    """Print the certificate of deletion of a brand that closed, and its SHA-256."""

    async def work(rt: Runtime) -> removal.Removal | None:
        tenant = await rt.directory.by_slug(slug)
        async with rt.db.read(tenant.id) as s:
            return await removal.read_removal(s)

    found = run(work)
    if found is None or found.certificate is None:
        raise click.ClickException(f"{slug}: the data is not removed: see `guerdon tenants state`.")
    click.echo(removal.certificate_text(found))
    click.echo(f"sha256 {found.certificate_hash}", err=True)

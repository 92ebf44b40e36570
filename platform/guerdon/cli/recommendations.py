"""`guerdon recommendations`: which cards members are approved for, and what they like."""

import csv
import sys
from pathlib import Path

import click
from rich.console import Console

from guerdon.cli._progress import progress
from guerdon.cli._recommendation_models import models, train
from guerdon.cli._runtime import run
from guerdon.members.import_rows import RowError
from guerdon.recommendations import card_imports
from guerdon.runtime import Runtime

_SHOWN = 20


@click.group()
def command() -> None:
    """What members are recommended."""


command.add_command(train)
command.add_command(models)


@command.command(name="import-base")
@click.argument("tenant_slug", metavar="TENANT")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--name", default="crm", show_default=True, help="The base that it replaces.")
@click.option("--dry-run", is_flag=True, help="Check every line and put nothing in force.")
@click.option("--complete", is_flag=True, help="Put nothing in force if a line is rejected.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where rejected lines go [default: FILE.rejects.csv].",
)
def import_base(
    tenant_slug: str, file: Path, name: str, dry_run: bool, complete: bool, rejects: Path | None
) -> None:
    """Import a base of pre-approved cards from a CSV file (UTF-8, with a heading).

    Columns: external id, e-mail or number (one of them), bank, variant, limit, currency, valid
    until, consent. The base of this name is replaced as one switch when the file is through;
    importing the same again changes nothing. Exit status 3 when lines were rejected.
    """
    target = rejects or file.with_name(file.name + ".rejects.csv")
    console = Console(stderr=True)
    size_bytes = file.stat().st_size

    async def work(rt: Runtime) -> card_imports.Totals:
        tenant = await rt.directory.by_slug(tenant_slug)
        now = await rt.now(tenant.id)
        snapshot = await rt.snapshot(tenant.id, now)
        with (
            file.open("rb") as source,
            target.open("w", encoding="utf-8", newline="") as rejected,
            progress(console, size_bytes) as on_progress,
        ):
            sink = csv.writer(rejected)
            sink.writerow(["line", "column", "reason", "message", "value"])
            shown = 0

            def on_error(error: RowError) -> None:
                nonlocal shown
                sink.writerow([error.line, error.column, error.reason, error.message, error.text])
                shown += 1
                if shown <= _SHOWN:
                    where = f", {error.column}" if error.column else ""
                    console.print(
                        f"line {error.line}{where}: {error.message}", markup=False, highlight=False
                    )
                elif shown == _SHOWN + 1:
                    console.print(f"More in {target}.", markup=False, highlight=False)

            return await card_imports.run(
                rt,
                tenant_id=tenant.id,
                file=source,
                name=name,
                principal="cli",
                snapshot=snapshot,
                now=now,
                complete=complete,
                dry_run=dry_run,
                on_error=on_error,
                on_progress=on_progress,
            )

    totals = run(work)
    if not totals.rejected:
        target.unlink()
    click.echo(f"{totals.rows} lines: {totals.taken} taken, {totals.rejected} rejected.")
    click.echo(_verdict(totals, name, dry_run))
    if totals.rejected:
        sys.exit(3)


def _verdict(totals: card_imports.Totals, name: str, dry_run: bool) -> str:
    if dry_run:
        return "Nothing was put in force: this was a dry run."
    if totals.base is None:
        return f"Nothing was put in force; the base {name} is as it was."
    if totals.unchanged:
        return f"The base {name} says this already; nothing changed."
    return f"The base {name} is in force with {totals.base.rows} approvals."

"""`guerdon members`: bring members in from a file; erase again after a restore."""

import csv
import sys
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click
from rich.console import Console

from guerdon.cli._progress import progress
from guerdon.cli._runtime import run, tenant_option
from guerdon.members import import_merge, imports, personal_data
from guerdon.members.import_rows import RowError
from guerdon.runtime import Runtime

_SHOWN = 20
_ERASED_AT_ONCE = 100


@click.group()
def command() -> None:
    """Members of a brand."""


@command.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@tenant_option
@click.option("--dry-run", is_flag=True, help="Check every line and change nothing.")
@click.option(
    "--rejects",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where rejected lines go [default: FILE.rejects.csv].",
)
@click.option(
    "--expect-lines", type=click.IntRange(min=0), help="Import nothing unless it has so many lines."
)
@click.option(
    "--expect-points",
    type=click.IntRange(min=0),
    help="Import nothing unless its balances, of all lines, add up to this.",
)
def import_(
    file: Path,
    tenant_slug: str,
    dry_run: bool,
    rejects: Path | None,
    expect_lines: int | None,
    expect_points: int | None,
) -> None:
    """Import members from a CSV file (UTF-8, with a heading).

    Columns: email, name, phone, language, external id, joined date, opening balance, expiry, tier,
    tier until; email and name are needed. Running it again changes nothing; a run that was cut off
    goes on. Exit status 3 when lines were rejected.
    """
    target = rejects or file.with_name(file.name + ".rejects.csv")
    console = Console(stderr=True)
    size_bytes = file.stat().st_size

    async def work(rt: Runtime) -> import_merge.Totals:
        tenant = await rt.directory.by_slug(tenant_slug)
        now = await rt.now(tenant.id)
        snapshot = await rt.snapshot(tenant.id, now)
        with file.open("rb") as source:
            imports.require(source, lines=expect_lines, points=expect_points)
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

            return await imports.run(
                rt,
                tenant_id=tenant.id,
                file=source,
                snapshot=snapshot,
                now=now,
                dry_run=dry_run,
                on_error=on_error,
                on_progress=on_progress,
            )

    totals = run(work)
    if not totals.rejected:
        target.unlink()
    _say(totals, dry_run)
    if not totals.reconciled:
        sys.exit(4)
    if totals.rejected:
        sys.exit(3)


@command.command()
@tenant_option
def tombstones(tenant_slug: str) -> None:
    """Print the ids of erased members: keep the list apart from backups."""

    async def work(rt: Runtime) -> list[UUID]:
        tenant = await rt.directory.by_slug(tenant_slug)
        async with rt.db.read(tenant.id) as s:
            return await personal_data.tombstones(s)

    for member_id in run(work):
        click.echo(member_id)


@command.command(name="erase-again")
@click.argument("file", type=click.File(encoding="utf-8"))
@tenant_option
def erase_again(file: TextIO, tenant_slug: str) -> None:
    """After a restore: erase whom FILE (the list of `tombstones`) names."""
    try:
        listed = [UUID(line.strip()) for line in file if line.strip()]
    except ValueError as error:
        raise click.ClickException("The file holds one member id per line.") from error

    async def work(rt: Runtime) -> int:
        tenant = await rt.directory.by_slug(tenant_slug)
        erased = 0
        for start in range(0, len(listed), _ERASED_AT_ONCE):
            async with rt.db.write(tenant.id) as s:
                erased += await personal_data.repeat_erasures(
                    s, erased=listed[start : start + _ERASED_AT_ONCE], now=await rt.now(tenant.id)
                )
        return erased

    click.echo(f"{run(work)} of {len(listed)} had come back and are erased again")


def _say(totals: import_merge.Totals, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    click.echo(f"{totals.rows} lines: {totals.created} {would}created, {totals.unchanged} there")
    click.echo(f"already, {totals.rejected} rejected.")
    for tier, count in sorted(totals.tiers.items()):
        click.echo(f"Tier {tier}: {count}.")
    verdict = "reconciled" if totals.reconciled else "NOT RECONCILED"
    click.echo(
        f"Points of accepted lines: {totals.points_in_file} = {totals.points_booked}"
        f" {would}booked now + {totals.points_there} booked before: {verdict}."
    )
    if totals.points_rejected:
        click.echo(f"Points of rejected lines: {totals.points_rejected}.")

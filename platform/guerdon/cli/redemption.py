"""`guerdon redemption`: proving that redemptions add up."""

import sys

import click

from guerdon.cli._runtime import run, tenant_option
from guerdon.redemption import queries
from guerdon.runtime import Runtime


@click.group()
def command() -> None:
    """Look after redemptions."""


@command.command()
@tenant_option
@click.option(
    "--drained", is_flag=True, help="Nothing may be under way: every leg agrees, no job is left."
)
def verify(tenant_slug: str, drained: bool) -> None:
    """Check every invariant of a tenant's redemptions; exit status 1 tells of a violation."""

    async def work(rt: Runtime) -> list[queries.Violation]:
        async with rt.db.read((await rt.directory.by_slug(tenant_slug)).id) as s:
            return await queries.violations(s, drained=drained)

    found = run(work)
    for violation in found:
        click.echo(f"{violation.rule}  {violation.subject}  {violation.detail}")
    click.echo(f"{tenant_slug}: {len(found)} violations")
    sys.exit(1 if found else 0)

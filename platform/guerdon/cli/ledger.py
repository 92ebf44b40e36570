"""`guerdon ledger`: prove that the ledger is what it must be."""

import sys
from uuid import UUID

import click
import msgspec

from guerdon.cli._runtime import run
from guerdon.earning import verify as earning
from guerdon.ledger import verify as ledger
from guerdon.runtime import Runtime


class _Tenant(msgspec.Struct):
    id: UUID
    slug: str


@click.group()
def command() -> None:
    """Points, double entry."""


@command.command()
@click.argument("tenant", required=False)
@click.option(
    "--head",
    metavar="HASH",
    help="The last seal's hash as printed earlier; it must still be in the chain.",
)
def verify(tenant: str | None, head: str | None) -> None:
    """Prove the ledger of TENANT, or of every tenant; exit status 1 if anything is wrong.

    Entries add up to zero, balances equal entries, lots equal balances, holds and standings are
    consistent, every figure follows from its recorded rule, and the chain of seals is unbroken.
    """
    if head is not None and tenant is None:
        raise click.UsageError("--head is of one tenant: name it.")

    async def work(rt: Runtime) -> bool:
        if tenant is not None:
            found = await rt.directory.by_slug(tenant)
            return await _prove(rt, _Tenant(found.id, found.slug), head)
        proven, after = True, ""
        while True:
            async with rt.db.control() as s:
                tenants = await s.all(
                    _Tenant,
                    "SELECT id, slug FROM ctl.list_tenants(%(after)s, 500)",
                    {"after": after},
                )
            for each in tenants:
                proven = await _prove(rt, each, None) and proven
            if not tenants:
                return proven
            after = tenants[-1].slug

    if not run(work):
        raise SystemExit(1)


async def _prove(rt: Runtime, tenant: _Tenant, head: str | None) -> bool:
    def progress(step: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[K{tenant.slug}: {step}", nl=False, err=True)

    async with rt.db.read(tenant.id) as s:
        report = await ledger.verify(s, progress=progress)
        findings = report.findings + await earning.verify(s, progress=progress)
        remembered = head is None or await ledger.chain_holds(s, head=head)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    for finding in findings:
        click.echo(f"{tenant.slug}: {finding.check} {finding.subject}: {finding.detail}")
    if not remembered:
        click.echo(f"{tenant.slug}: chain_cut {head}: no seal has this hash any more")
    verdict = "proven" if not findings and remembered else "NOT proven"
    click.echo(
        f"{tenant.slug}: {verdict}: {report.transactions} transactions, {report.accounts} accounts,"
        f" {report.sealed} sealed in {report.seals} seals, head {report.head or '-'}"
    )
    return verdict == "proven"

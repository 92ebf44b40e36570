"""`guerdon db`: make the cluster's roles and the database, migrate, check."""

import click
from psycopg.conninfo import conninfo_to_dict

from guerdon.plumbing import provision, release
from guerdon.settings import load_settings


@click.group()
def command() -> None:
    """Roles, database, schema."""


@command.command()
@click.option(
    "--admin-url",
    envvar="GUERDON_ADMIN_URL",
    required=True,
    help="The cluster's administrator, as postgresql://…; used by this command only.",
)
def init(admin_url: str) -> None:
    """Make the login roles (with the passwords in the settings) and the database. Repeatable."""
    settings = load_settings()
    name = str(conninfo_to_dict(settings.database_dsn("migrator"))["dbname"])
    provision.provision_cluster(admin_url, settings.database_passwords)
    provision.provision_database(admin_url, name)
    click.echo(f"roles and database {name} are ready; next: guerdon db migrate")


@command.command()
@click.option("--to", "revision", default="head", show_default=True, help="The revision wanted.")
def migrate(revision: str) -> None:
    """Bring the schema up to this release, and install the key that signs tenant contexts."""
    settings = load_settings()
    dsn = settings.database_dsn("migrator")
    before = release.revision(dsn)
    provision.migrate(dsn, revision)
    provision.install_context_key(dsn, bytes.fromhex(settings.context_key))
    click.echo(f"schema {before or 'empty'} → {release.revision(dsn)}")


@command.command()
def check() -> None:
    """Say what stands between this database and this release; exit status 1 if anything does."""
    settings = load_settings()
    found = release.findings(
        settings.database_dsn("migrator"), context_key=bytes.fromhex(settings.context_key)
    )
    for finding in found:
        click.echo(finding, err=True)
    if found:
        raise SystemExit(1)
    click.echo("the database is ready for this release")

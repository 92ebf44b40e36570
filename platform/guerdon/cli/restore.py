"""`guerdon restore`: a backup becomes a new database, and is proved."""

import os
import subprocess
import sys
from pathlib import Path

import click

from guerdon.plumbing import release
from guerdon.plumbing.backup import BackupError, restore_backup
from guerdon.settings import load_settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--admin-url",
    envvar="GUERDON_ADMIN_URL",
    required=True,
    help="The cluster's administrator, as postgresql://…; used by this command only.",
)
def command(folder: Path, admin_url: str) -> None:
    """Restore FOLDER into the database of GUERDON_DATABASE_URL, which must not exist yet.

    Afterwards the schema is checked and the ledger of every tenant is verified.
    """
    settings = load_settings()
    dsn, context_key = settings.database_dsn("migrator"), bytes.fromhex(settings.context_key)
    try:
        manifest = restore_backup(
            folder,
            admin_dsn=admin_url,
            database_dsn=dsn,
            files=Path(settings.files_dir),
            context_key=context_key,
            master_key=settings.master_key,
        )
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored what was backed up at {manifest.made_at.isoformat()}")
    found = release.findings(dsn, context_key=context_key)
    if found:
        raise click.ClickException("; ".join(found) + "; then: guerdon ledger verify")
    proved = subprocess.run(
        [sys.executable, "-m", "guerdon.cli", "ledger", "verify"], env=os.environ, check=False
    )
    if proved.returncode != 0:
        raise click.ClickException("the restored ledger does not verify")

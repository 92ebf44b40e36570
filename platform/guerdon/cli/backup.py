"""`guerdon backup`: the database and the files, in a folder."""

from datetime import UTC, datetime
from pathlib import Path

import click

from guerdon.plumbing.backup import BackupError, make_backup
from guerdon.settings import load_settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Write a backup into FOLDER (new or empty), while everything keeps running.

    Keep GUERDON_MASTER_KEY and GUERDON_CONTEXT_KEY apart from it: they are not in it.
    """
    settings = load_settings()
    try:
        manifest = make_backup(
            folder=folder,
            backup_dsn=settings.database_dsn("backup"),
            migrator_dsn=settings.database_dsn("migrator"),
            files=Path(settings.files_dir),
            master_key=settings.master_key,
            now=datetime.now(UTC),
        )
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{folder}: schema {manifest.schema}, {manifest.dump_bytes / 1e6:.1f} MB, "
        f"{len(manifest.files)} files"
    )

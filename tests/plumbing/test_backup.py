import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psycopg
import pytest

from guerdon.local.servers import PostgresServer
from guerdon.plumbing.backup import BackupError, Manifest, make_backup, restore_backup
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 3, 0, tzinfo=UTC)


@pytest.fixture
async def backed_up(rt: Runtime, tenant: Tenant, settings: Settings, tmp_path: Path) -> Path:
    """A backup made while a tenant has parameters, a secret and a picture."""
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "stripe_key", "sk_live_planted")
    await rt.files.put(tenant.id, b"<svg/>", "svg")
    folder = tmp_path / "monday"
    make_backup(
        folder=folder,
        backup_dsn=settings.database_dsn("backup"),
        migrator_dsn=settings.database_dsn("migrator"),
        files=Path(settings.files_dir),
        master_key=settings.master_key,
        now=NOW,
    )
    return folder


@pytest.fixture
def other(settings: Settings, postgres: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a deployment whose database does not exist yet."""
    name = f"restored_{secrets.token_hex(4)}"
    yield msgspec.structs.replace(
        settings, database_url=postgres.url("{role}", name), files_dir=str(tmp_path / "files")
    )
    with psycopg.connect(postgres.admin_dsn, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name}".encode())


def _restore(folder: Path, other: Settings, admin_dsn: str, **changed: str) -> Manifest:
    return restore_backup(
        folder,
        admin_dsn=admin_dsn,
        database_dsn=other.database_dsn("migrator"),
        files=Path(other.files_dir),
        context_key=bytes.fromhex(other.context_key),
        master_key=changed.get("master_key", other.master_key),
    )


def _contents(dsn: str) -> dict[str, str]:
    """Row count and content hash of every table."""
    with psycopg.connect(dsn) as link:
        tables = [
            name
            for (name,) in link.execute(
                "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n"
                " ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
                " AND n.nspname IN ('app', 'ctl', 'app_private') ORDER BY 1"
            )
        ]
        found = {}
        for table in tables:
            row = link.execute(
                f"SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
                f" FROM {table} t".encode()
            ).fetchone()
            found[table] = str(row[0]) if row else ""
        return found


async def test_what_was_backed_up_comes_back(
    backed_up: Path, other: Settings, rt: Runtime, tenant: Tenant, postgres: PostgresServer
) -> None:
    before = _contents(postgres.admin_dsn.replace("/postgres?", "/guerdon_test?"))
    assert before["app.secret"].split()[0] != "0"
    manifest = _restore(backed_up, other, postgres.admin_dsn)
    assert manifest.made_at == NOW
    name = other.database_url.partition("?")[0].rpartition("/")[2]
    assert _contents(postgres.url("postgres", name)) == before
    async with open_runtime(other, role="app", sections=SECTIONS, pool_size=1) as restored:
        assert (await restored.directory.by_slug(tenant.slug)).id == tenant.id
        async with restored.db.read(tenant.id) as s:
            assert await restored.secrets.get(s, "stripe_key") == "sk_live_planted"
        content = await restored.files.put(tenant.id, b"<svg/>", "svg")
        assert (await restored.files.get(tenant.id, content))[0] == b"<svg/>"


def test_a_backup_holds_no_plain_secret(backed_up: Path) -> None:
    for file in backed_up.rglob("*"):
        if file.is_file():
            assert b"sk_live_planted" not in file.read_bytes()
    assert backed_up.stat().st_mode & 0o077 == 0


async def test_a_damaged_backup_is_refused(
    backed_up: Path, other: Settings, postgres: PostgresServer
) -> None:
    dump = backed_up / "database.dump"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)
    with pytest.raises(BackupError, match="damaged"):
        _restore(backed_up, other, postgres.admin_dsn)


async def test_another_master_key_is_refused_before_anything_happens(
    backed_up: Path, other: Settings, postgres: PostgresServer
) -> None:
    with pytest.raises(BackupError, match="GUERDON_MASTER_KEY"):
        _restore(backed_up, other, postgres.admin_dsn, master_key=secrets.token_hex(32))
    _restore(backed_up, other, postgres.admin_dsn)


async def test_a_database_that_is_there_is_never_overwritten(
    backed_up: Path, settings: Settings, postgres: PostgresServer
) -> None:
    with pytest.raises(BackupError, match="is there already"):
        _restore(backed_up, settings, postgres.admin_dsn)


def test_a_role_that_sees_one_tenant_cannot_make_a_partial_backup(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="pg_dump"):
        make_backup(
            folder=tmp_path / "partial",
            backup_dsn=settings.database_dsn("app"),
            migrator_dsn=settings.database_dsn("migrator"),
            files=Path(settings.files_dir),
            master_key=settings.master_key,
            now=NOW,
        )
    assert list(tmp_path.iterdir()) == []

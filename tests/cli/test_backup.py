"""The drill: a deployment with points is backed up, lost, restored and proved, by the commands."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from guerdon.earning.operations import earn
from guerdon.earning.schemas import Event
from guerdon.kit.ids import uuid7
from guerdon.local.servers import PostgresServer
from guerdon.members.operations import join
from guerdon.programme import SECTIONS
from guerdon.runtime import open_runtime
from guerdon.settings import PREFIX, Settings


def _environment(settings: Settings) -> dict[str, str]:
    found = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    for name, value in msgspec.structs.asdict(settings).items():
        if isinstance(value, dict):
            found[PREFIX + name.upper()] = json.dumps(value)
        elif isinstance(value, tuple):
            found[PREFIX + name.upper()] = ",".join(value)
        else:
            found[PREFIX + name.upper()] = str(value)
    return found


def _guerdon(settings: Settings, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "guerdon.cli", *arguments],
        env=_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def names(postgres: PostgresServer) -> Iterator[tuple[str, str]]:
    """Two databases of the drill's own: one to lose, one to restore into."""
    made = (f"drill_{secrets.token_hex(4)}", f"drill_{secrets.token_hex(4)}")
    yield made
    with psycopg.connect(postgres.admin_dsn, autocommit=True) as admin:
        for name in made:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


async def _give_points(settings: Settings) -> None:
    async with open_runtime(settings, role="app", sections=SECTIONS, pool_size=2) as rt:
        now = rt.clock.now()
        tenant = await rt.directory.by_slug("corner")
        snapshot = await rt.snapshot(tenant.id, now)
        async with rt.db.write(tenant.id) as s:
            member = await join(
                s, id=uuid7(), email="ana@example.org", name="Ana", snapshot=snapshot, now=now
            )
        earned = await earn(
            rt,
            tenant_id=tenant.id,
            now=now,
            event=Event(
                account_id=member.account_id,
                member_id=member.id,
                occurred_at=now,
                source="till",
                event_id="1",
                points=1234,
                rule="grant",
            ),
        )
        assert earned.posted == 1234


async def test_backed_up_lost_restored_and_proved(
    settings: Settings, postgres: PostgresServer, names: tuple[str, str], tmp_path: Path
) -> None:
    lost, found = (
        msgspec.structs.replace(
            settings, database_url=postgres.url("{role}", name), files_dir=str(tmp_path / name)
        )
        for name in names
    )
    brand = tmp_path / "corner"
    brand.mkdir()
    (brand / "tenant.toml").write_text('[tenant]\nslug = "corner"\nname = "Corner Shop"\n')
    admin_url = f"--admin-url={postgres.admin_dsn}"
    for arguments in (
        ("db", "init", admin_url),
        ("db", "migrate"),
        ("tenants", "apply", str(brand)),
    ):
        done = _guerdon(lost, *arguments)
        assert done.returncode == 0, done.stderr
    await _give_points(lost)
    folder = tmp_path / "backup"
    made = _guerdon(lost, "backup", str(folder))
    assert made.returncode == 0, made.stderr
    with psycopg.connect(postgres.admin_dsn, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {names[0]} WITH (FORCE)".encode())

    restored = _guerdon(found, "restore", str(folder), admin_url)
    assert restored.returncode == 0, restored.stderr
    assert "corner: proven: 1 transactions, 1 accounts" in restored.stdout
    again = _guerdon(found, "restore", str(folder), admin_url)
    assert again.returncode == 1
    assert f"the database {names[1]} is there already" in again.stderr

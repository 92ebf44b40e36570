import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from guerdon.local import children, places
from guerdon.local.servers import PostgresServer, ServerError, ValkeyServer, bindir, free_port

_UP_AND_WAIT = """
import sys, time
from pathlib import Path
from guerdon.local.servers import PostgresServer, ValkeyServer
base = Path(sys.argv[1])
postgres, valkey = PostgresServer(base / "postgres"), ValkeyServer(base / "valkey")
postgres.start(); valkey.start()
print(postgres.pid, valkey.pid, flush=True)
time.sleep(120)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A folder for servers' data; what root placed elsewhere is removed afterwards."""
    yield tmp_path
    for name in ("postgres", "valkey", "one", "two"):
        places.remove_place(tmp_path / name)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(_alive(p) for p in pids):
            return True
        time.sleep(0.05)
    return False


def test_data_survive_a_restart(home: Path) -> None:
    for expected in (0, 1):
        with PostgresServer(home / "postgres") as server:
            with psycopg.connect(server.admin_dsn, autocommit=True) as link:
                link.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
                row = link.execute("SELECT count(*) FROM kept").fetchone()
                assert row == (expected,)
                link.execute("INSERT INTO kept VALUES (1)")
        with ValkeyServer(home / "valkey") as valkey:
            client = redis.Redis.from_url(valkey.url)
            assert client.incr("kept") == expected + 1
            client.close()


def test_a_stranger_is_refused(home: Path) -> None:
    with PostgresServer(home / "postgres", port=free_port(), durable=False) as server:
        address = f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres"
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(address)
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(f"{address} password=guess")
        with psycopg.connect(server.tcp_url("postgres")) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)
        assert (home / "postgres").resolve().stat().st_mode & 0o777 == 0o700
        assert (home / "postgres.password").stat().st_mode & 0o777 == 0o600
    with ValkeyServer(home / "valkey", append_only=False) as valkey:
        stranger = redis.Redis(port=valkey.port)
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        stranger.close()


def test_throw_away_data_are_gone_after_stop(home: Path) -> None:
    with PostgresServer(home / "postgres", durable=False) as server:
        place = server.data_dir
        assert (place / "PG_VERSION").exists()
    assert not place.exists()
    assert list(home.iterdir()) == []


def test_servers_die_with_a_killed_parent_and_the_next_run_recovers(home: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _UP_AND_WAIT, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(p) for p in parent.stdout.readline().split()]
    assert len(pids) == 2
    assert all(_alive(p) for p in pids)
    with pytest.raises(ServerError, match="in use by another running process"):
        PostgresServer(home / "postgres").start()
    parent.kill()
    parent.wait()
    assert _gone(pids)
    with PostgresServer(home / "postgres") as server, ValkeyServer(home / "valkey"):
        with psycopg.connect(server.admin_dsn) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)


def test_a_left_over_server_of_the_same_data_is_reclaimed(home: Path) -> None:
    first = PostgresServer(home / "postgres")
    first.start()
    assert first.pid is not None
    left_over = first.pid
    # What a killed launcher looks like when the kernel's tie did not hold: lock free, server up.
    assert first._lock is not None
    first._lock.close()
    with PostgresServer(home / "postgres") as second:
        assert first._child is not None
        first._child.wait(5)
        assert not _alive(left_over)
        with psycopg.connect(second.admin_dsn) as link:
            assert link.execute("SELECT 1").fetchone() == (1,)


def test_a_killed_postmaster_does_not_disturb_the_next(home: Path) -> None:
    first = PostgresServer(home / "postgres")
    first.start()
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)  # stays a zombie, its lock file names a taken pid
    assert first._lock is not None
    first._lock.close()
    with PostgresServer(home / "postgres") as second:
        assert second.running()


def test_somebody_elses_process_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "60"], cwd=tmp_path)
    try:
        assert children.reclaim(tmp_path, "postgres", signal.SIGINT, 0.2) == 0
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_port_in_use_is_an_error_with_the_reason(home: Path) -> None:
    with ValkeyServer(home / "one", append_only=False) as first:
        with pytest.raises(ServerError, match=r"(?i)address already in use"):
            ValkeyServer(home / "two", port=first.port, append_only=False).start()


def test_the_client_programs_are_there() -> None:
    for name in ("postgres", "initdb", "psql", "pg_dump", "pg_restore", "pgbench"):
        done = subprocess.run([bindir() / name, "--version"], capture_output=True, check=True)
        assert b"PostgreSQL" in done.stdout

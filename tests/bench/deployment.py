"""A deployment of its own for the bench: durable PostgreSQL, Valkey, the real web process."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from guerdon.local import children, places
from guerdon.local.servers import PostgresServer, ValkeyServer, free_port
from guerdon.plumbing import provision
from guerdon.settings import Settings, load_settings

DATABASE = "guerdon"


@dataclass(frozen=True)
class Deployment:
    """Where the parts are."""

    postgres: PostgresServer
    settings: Settings
    environment: dict[str, str]
    web_port: int
    empty_port: int
    log: Path

    def dsn(self, role: str) -> str:
        """The database for a role."""
        return self.postgres.url(f"guerdon_{role}", DATABASE)


@contextmanager
def deployment() -> Iterator[Deployment]:
    """Everything up; removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="guerdon-bench-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        for name in ("postgres", "valkey"):
            stack.callback(places.remove_place, home / name)
        postgres = stack.enter_context(PostgresServer(home / "postgres"))
        valkey = stack.enter_context(ValkeyServer(home / "valkey"))
        web_port, empty_port = free_port(), free_port()
        environment = {
            "GUERDON_ENVIRONMENT": "test",
            "GUERDON_BASE_HOST": f"localhost:{web_port}",
            "GUERDON_BASE_SCHEME": "http",
            "GUERDON_DATABASE_URL": postgres.url("{role}", DATABASE),
            "GUERDON_REDIS_URL": valkey.url,
            "GUERDON_BROKER_URL": valkey.url.replace("/0", "/1"),
            "GUERDON_CONTEXT_KEY": secrets.token_hex(32),
            "GUERDON_MASTER_KEY": secrets.token_hex(32),
            "GUERDON_FILES_DIR": str(home / "files"),
        }
        os.environ.update(environment)
        settings = load_settings()
        provision.provision_cluster(postgres.admin_dsn, {})
        provision.provision_database(postgres.admin_dsn, DATABASE)
        provision.migrate(settings.database_dsn("migrator"))
        provision.install_context_key(
            settings.database_dsn("migrator"), bytes.fromhex(settings.context_key)
        )
        log = stack.enter_context((home / "web.log").open("wb"))
        web = [sys.executable, "-m", "guerdon.cli", "web", f"--port={web_port}"]
        empty = [
            *(sys.executable, "-m", "granian", "tests.bench.empty:create", "--factory"),
            *("--interface", "asgi", "--loop", "uvloop", "--no-ws", "--workers", "1"),
            *("--no-access-log", "--log-level", "warning", "--port", str(empty_port)),
        ]
        root = str(Path(__file__).parents[2])
        for argv, path, port in ((web, "/health/live", web_port), (empty, "/", empty_port)):
            child = children.spawn(
                argv, env={**os.environ, "PYTHONPATH": root}, output=log.fileno()
            )
            stack.callback(_stop, child)
            _wait(port, path, child, home / "web.log")
        yield Deployment(postgres, settings, environment, web_port, empty_port, home / "web.log")


@contextmanager
def started(log: Path, **more: str) -> Iterator[int]:
    """One more web process of the deployment that is up, with `more` variables; its port."""
    port = free_port()
    argv = [sys.executable, "-m", "guerdon.cli", "web", f"--port={port}"]
    with log.open("ab") as output:
        child = children.spawn(argv, env={**os.environ, **more}, output=output.fileno())
        try:
            _wait(port, "/health/live", child, log)
            yield port
        finally:
            _stop(child)


@contextmanager
def at_work(log: Path, *processes: str, **more: str) -> Iterator[None]:
    """Processes that act on jobs: workers, a relay."""
    with log.open("ab") as output, ExitStack() as stack:
        for process in processes:
            argv = [sys.executable, "-m", "guerdon_workers", process]
            child = children.spawn(argv, env={**os.environ, **more}, output=output.fileno())
            stack.callback(_stop, child)
        yield


def _stop(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()


def _wait(port: int, path: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise AssertionError(log.read_text())
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)  # it tells nobody here when it listens
            continue
        return
    raise AssertionError(log.read_text())

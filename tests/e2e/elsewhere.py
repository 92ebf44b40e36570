"""A deployment of its own beside a running demo: another database, other keys, other processes."""

import asyncio
import os
import secrets
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from tests.e2e.demo import ROOT, eventually
from tests.ports import free_port

from guerdon.identity import api_keys
from guerdon.identity.policy import API_SCOPES
from guerdon.ledger.verify import verify
from guerdon.plumbing.provision import install_context_key, migrate, provision_database
from guerdon.plumbing.runner import Runner
from guerdon.portability.exporting import export_everything
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import load_settings
from guerdon_workers.actors import all_handlers

DATABASE = "guerdon_elsewhere"
READY_S = 60.0
STOPPED_S = 20


def settings_of(home: Path) -> dict[str, str]:
    """The settings of the demo at `home`, as variables."""
    lines = (home / "demo.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def database(environ: Mapping[str, str], role: str) -> str:
    """The address of a deployment's database for a role; the administrator's is `postgres`."""
    return environ["GUERDON_DATABASE_URL"].replace("{role}", role)


class Deployment:
    """One that knows no brand. Mail and peers are the demo's."""

    def __init__(self, home: Path, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        there = settings_of(home)
        context_key = secrets.token_hex(32)
        provision_database(database(there, "postgres"), DATABASE)
        valkey = there["GUERDON_REDIS_URL"].rpartition("/")[0]
        self.environ = there | {
            "GUERDON_HOME": str(folder),
            "GUERDON_BASE_HOST": f"localhost:{self.port}",
            "GUERDON_DATABASE_URL": there["GUERDON_DATABASE_URL"].replace(
                "/guerdon?", f"/{DATABASE}?"
            ),
            "GUERDON_REDIS_URL": f"{valkey}/2",
            "GUERDON_BROKER_URL": f"{valkey}/3",
            "GUERDON_CONTEXT_KEY": context_key,
            "GUERDON_MASTER_KEY": secrets.token_hex(32),
            "GUERDON_FILES_DIR": str(folder / "files"),
            "GUERDON_TRACE_FILE": str(folder / "traces.jsonl"),
            "GUERDON_SHOWCASE": "",
        }
        migrator = database(self.environ, "guerdon_migrator")
        migrate(migrator)
        install_context_key(migrator, bytes.fromhex(context_key))

    def command(self, *arguments: str | Path) -> str:
        """What a `guerdon` command prints here."""
        return subprocess.run(
            [sys.executable, "-m", "guerdon.cli", *map(str, arguments)],
            env=self._whole(), cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
        ).stdout  # fmt: skip

    async def look(self, slug: str, folder: Path) -> tuple[str, list[Any]]:
        """The content hash of what the brand is here, and what is wrong with its ledger."""
        async with self._runtime("worker") as rt:
            tenant = await rt.directory.by_slug(slug)
            made = await export_everything(rt, tenant, folder, now=datetime.now(UTC))
            async with rt.db.read(tenant.id) as s:
                return made.content_hash, list((await verify(s)).findings)

    @contextmanager
    def serving(self, slug: str) -> Iterator[dict[str, str]]:
        """The web as a process, and work done here, until the end. Where the brand is, and a key
        for its systems, as a demo tells it."""
        log = (self._folder / "web.log").open("wb")
        web = subprocess.Popen(
            [sys.executable, "-m", "guerdon.cli", "web", f"--port={self.port}"],
            env=self._whole(), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        stop, key = threading.Event(), Future[str]()
        worker = threading.Thread(target=lambda: asyncio.run(self._work(slug, stop, key)))
        worker.start()
        try:
            secret = key.result(READY_S)
            eventually(self._ready, READY_S, (self._folder / "web.log").read_text)
            url = f"http://{slug}.localhost:{self.port}"
            yield {"slug": slug, "url": url, "api_key": secret}
        finally:
            stop.set()
            worker.join(STOPPED_S)
            web.terminate()
            web.wait(STOPPED_S)
            log.close()

    async def _work(self, slug: str, stop: threading.Event, key: Future[str]) -> None:
        """Make a key, then do what a worker does, one thing after the other."""
        async with self._runtime("app") as rt:
            tenant = await rt.directory.by_slug(slug)
            async with rt.db.write(tenant.id) as s:
                made = await api_keys.create(
                    s, name="till", scopes=tuple(API_SCOPES), mode="test", now=datetime.now(UTC)
                )
        key.set_result(made.secret)
        async with self._runtime("worker") as rt:
            runner = Runner(rt, all_handlers())
            while not stop.is_set():
                async with rt.db.read(tenant.id) as reading:
                    due = await reading.all(
                        UUID,
                        "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                        " AND done_at IS NULL AND parked_at IS NULL AND next_at <= now()",
                    )
                for message in due:
                    await runner.run(tenant.id, message)
                await asyncio.sleep(0.1)  # what is written by the web's process rings nobody here

    def _runtime(self, role: str) -> AbstractAsyncContextManager[Runtime]:
        settings = load_settings(self.environ)
        return open_runtime(settings, role=role, sections=SECTIONS, rules=RULES)

    def forget(self) -> None:
        """Remove its database."""
        with psycopg.connect(
            database(self.environ, "postgres").replace(f"/{DATABASE}?", "/postgres?"),
            autocommit=True,
        ) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)".encode())

    def _whole(self) -> dict[str, str]:
        own = {k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")}
        return own | self.environ

    def _ready(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}/health/live"
            with urllib.request.urlopen(url, timeout=3) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

"""The demo: real servers, every process of the product, sandbox peers, two brands."""

import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from guerdon.kit.paths import bundled
from guerdon.local.home import IDENTITY_URL, PROVIDER_FILE, Home
from guerdon.local.prepared import Prepared
from guerdon.local.report import Report
from guerdon.local.servers import PostgresServer, ValkeyServer, free_port
from guerdon.local.supervisor import Errand, Process, Supervisor
from guerdon.tenancy.operator import OPERATOR_SLUG

DATABASE = "guerdon"
_READY_PATIENCE_S = 60.0


class DemoError(RuntimeError):
    """The demo cannot start; the message says what to do."""


class Demo:
    """One run of the demo in one home."""

    def __init__(self, home: Home, port: int, report: Report) -> None:
        self._home = home
        self._port = port
        self._report = report
        self._ports = _Ports(port)
        self._environment: dict[str, str] = {}

    def run(self) -> None:
        """Start everything, say what is where, and keep it running until told to stop."""
        with self._home.claim():
            supervisor = Supervisor(self._home.path, self._home.logs, os.environ)
            supervisor.listen()
            left = supervisor.reclaim()
            # Before any port is chosen: what is still ending holds the one that it had.
            left += PostgresServer.reclaim(self._home.postgres)
            left += ValkeyServer.reclaim(self._home.valkey)
            if left:
                self._report.note(f"ended {left} processes that a killed run had left")
            _insist_on_free(self._port)
            try:
                with self._servers():
                    self._start(supervisor)
                    supervisor.watch()
                    self._report.note("stopping")
                    supervisor.stop()
            except KeyboardInterrupt:
                self._report.note("stopping")
            finally:
                supervisor.stop()
                self._home.description_file.unlink(missing_ok=True)

    @contextmanager
    def _servers(self) -> Iterator[None]:
        """PostgreSQL and Valkey, ours unless the environment names others."""
        postgres = PostgresServer(self._home.postgres, port=self._ports.take())
        valkey = ValkeyServer(self._home.valkey, port=self._ports.take())
        prepared = self._prepared = Prepared(self._home)
        outside_db = os.environ.get("GUERDON_DATABASE_URL")
        outside_valkey = os.environ.get("GUERDON_REDIS_URL")
        try:
            if outside_db:
                self._environment["GUERDON_DATABASE_URL"] = outside_db
                self._keep_variable("GUERDON_DATABASE_PASSWORDS")
            else:
                with self._report.step("PostgreSQL"):
                    postgres.start()
                self._environment["GUERDON_DATABASE_URL"] = postgres.url("{role}", DATABASE)
            if outside_valkey:
                self._environment["GUERDON_REDIS_URL"] = outside_valkey
                self._keep_variable("GUERDON_BROKER_URL")
            else:
                with self._report.step("Valkey"):
                    valkey.start()
                base = valkey.url.rpartition("/")[0]
                self._environment["GUERDON_REDIS_URL"] = f"{base}/0"
                self._environment["GUERDON_BROKER_URL"] = f"{base}/1"
            self._settle()
            self._ready = not outside_db and prepared.holds(self._environment)
            if not self._ready:
                prepared.forget()
                with self._report.step("schema"):
                    self._migrate(None if outside_db else postgres.admin_dsn)
            yield
        finally:
            valkey.stop()
            postgres.stop()

    def _keep_variable(self, name: str) -> None:
        if value := os.environ.get(name):
            self._environment[name] = value

    def _settle(self) -> None:
        """The settings every process of this run shares."""
        take = self._ports.take
        self.mailbox_url = f"http://127.0.0.1:{take()}"
        self.smtp_port = take()
        self.supplier_url = f"http://127.0.0.1:{take()}"
        self.payments_url = f"http://127.0.0.1:{take()}"
        self.amazon_pay_url = f"http://127.0.0.1:{take()}"
        self.identity_url = f"http://127.0.0.1:{take()}"
        peers = (
            self.mailbox_url,
            self.supplier_url,
            self.payments_url,
            self.amazon_pay_url,
            self.identity_url,
        )
        self._environment |= {
            "GUERDON_ENVIRONMENT": "demo",
            "GUERDON_HOME": str(self._home.path),
            "GUERDON_BASE_HOST": f"localhost:{self._port}",
            "GUERDON_BASE_SCHEME": "http",
            "GUERDON_CONTEXT_KEY": self._home.secret("context-key"),
            "GUERDON_MASTER_KEY": self._home.secret("master-key"),
            "GUERDON_FILES_DIR": str(self._home.folder("files")),
            "GUERDON_STRIPE_API_BASE": self.payments_url,
            "GUERDON_AMAZON_PAY_BASE": self.amazon_pay_url,
            "GUERDON_AMAZON_BUSINESS_BASE": self.supplier_url,
            "GUERDON_LWA_TOKEN_URL": f"{self.supplier_url}/auth/o2/token",
            "GUERDON_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "GUERDON_SNS_ENDPOINT": self.mailbox_url,
            "GUERDON_SANDBOX_ACCOUNTS": "true",
            "GUERDON_SHOWCASE": ",".join(_showcase()),
            # The mailbox takes any signature; the SDK wants something to sign with.
            "AWS_ACCESS_KEY_ID": "demo",
            "AWS_SECRET_ACCESS_KEY": "demo",
            "GUERDON_EGRESS_ALLOWED_ORIGINS": ",".join(peers),
            IDENTITY_URL: self.identity_url,
            # The brands' domains do not exist. With nobody to ask, their proofs stay as they are.
            "GUERDON_DNS_SERVERS": "127.0.0.1:9",
            "GUERDON_TRACE_FILE": str(self._home.path / "traces.jsonl"),
        }
        os.environ.update(self._environment)
        self._home.write_environment(self._environment)

    def _migrate(self, admin_dsn: str | None) -> None:
        # Alembic and SQLAlchemy take a second to load, and mostly there is nothing to migrate.
        from guerdon.plumbing import provision

        if admin_dsn is not None:
            provision.provision_cluster(admin_dsn, {})
            provision.provision_database(admin_dsn, DATABASE)
        dsn = self._environment["GUERDON_DATABASE_URL"].replace("{role}", "guerdon_migrator")
        provision.migrate(dsn)
        provision.install_context_key(dsn, bytes.fromhex(self._home.secret("context-key")))

    def _start(self, supervisor: Supervisor) -> None:
        supervisor.environment |= self._environment
        for peer in self._peers():
            supervisor.add(peer)
        names = ["payments", "amazon-pay", "supplier", "mailbox"]
        # The brands' history is worked off at its own instants: nobody rings workers meanwhile.
        later = []
        for process in self._processes():
            names.append(process.name)
            if process.name in ("relay", "scheduler"):
                later.append(process)
            else:
                supervisor.add(process)
        if not self._ready:
            with self._report.step("brands"):
                supervisor.run("brands", [sys.executable, "-m", "guerdon.local.brands"])
            self._prepared.note(self._environment)
        for process in later:
            supervisor.add(process)
        with self._report.step("processes"):
            supervisor.wait_ready(names, _READY_PATIENCE_S)
        description = self._describe()
        self._home.write_description(description)
        self._report.ready(description, self._home)
        self._build_console(supervisor)

    def _build_console(self, supervisor: Supervisor) -> None:
        """Build the console beside the running demo, in a checkout; a wheel has it built."""
        script = bundled("console").parents[1] / "scripts/console.sh"
        address = self._describe()["console_url"]

        def said(line: str) -> None:
            if line.startswith("· "):
                self._report.note(line.removeprefix("· "))

        def ended(status: int) -> None:
            if status == 0:
                self._report.note(f"console ready: {address}")
            else:
                log = supervisor.log_file("console")
                self._report.note(f"the console could not be built; {log} says why")
            # One after the other: a person may be clicking already.
            self._start_identity(supervisor)

        if script.is_file():
            supervisor.send(Errand("console", [script], said, ended))

    def _start_identity(self, supervisor: Supervisor) -> None:
        """Start the corporate identity provider, in a checkout, and put it into force."""
        scripts = bundled("console").parents[1] / "scripts"
        file = self._home.path / PROVIDER_FILE
        python = scripts.parent / ".cache/peers/canaille/bin/python"
        port = self.identity_url.rpartition(":")[2]

        def said(line: str) -> None:
            if line.startswith("· "):
                self._report.note(line.removeprefix("· "))

        def failed(name: str) -> None:
            log = supervisor.log_file(name)
            self._report.note(f"the corporate sign-in could not be set up; {log} says why")

        def installed(status: int) -> None:
            if status != 0:
                failed("identity-packages")
                return
            serve: list[str | Path] = [python, scripts / "canaille/serve.py", port, file]
            supervisor.add(Process("identity", serve, lambda: _listens(int(port))))
            connect = [sys.executable, "-m", "guerdon.local.corporate"]
            supervisor.send(Errand("corporate", connect, said, connected))

        def connected(status: int) -> None:
            if status == 0:
                self._report.note(f"corporate sign-in ready: {self.identity_url}")
            else:
                failed("corporate")

        if file.is_file():
            install: list[str | Path] = [scripts / "environment.sh", "canaille"]
            supervisor.send(Errand("identity-packages", install, said, installed))

    def _peers(self) -> list[Process]:
        def peer(name: str, kind: str, url: str, *more: str) -> Process:
            state = self._home.folder(f"sandbox/{name}")
            port = url.rpartition(":")[2]
            argv = [sys.executable, "-m", "guerdon.sandbox", kind, f"--port={port}"]
            return Process(name, [*argv, f"--state={state}", *more], lambda: _listens(int(port)))

        assortments = sorted((bundled("tenants") / "demo").glob("*/assortment.json"))
        return [
            peer("mailbox", "mailbox", self.mailbox_url, f"--smtp-port={self.smtp_port}"),
            peer(
                "supplier",
                "amazon",
                self.supplier_url,
                *(f"--assortment={file}" for file in assortments),
            ),
            peer("payments", "stripe", self.payments_url),
            peer("amazon-pay", "amazon-pay", self.amazon_pay_url),
        ]

    def _processes(self) -> list[Process]:
        live = f"http://127.0.0.1:{self._port}/health/live"
        ready = f"http://127.0.0.1:{self._port}/health/ready"

        def always() -> bool:
            return True

        return [
            Process("web", _guerdon("web", f"--port={self._port}"), lambda: _answers(live)),
            Process("relay", _guerdon("relay"), always),
            Process("scheduler", _guerdon("scheduler"), always),
            # Ready is asked of the web, which knows whether a worker's heart beats.
            Process("worker", _guerdon("worker"), lambda: _answers(ready)),
        ]

    def _describe(self) -> dict[str, Any]:
        return {
            "base_url": f"http://localhost:{self._port}",
            "console_url": f"http://admin.localhost:{self._port}",
            "platform": {
                "slug": OPERATOR_SLUG,
                "url": f"http://staff.localhost:{self._port}",
                "staff": self._home.platform_staff(),
            },
            "tenants": self._home.brands(),
            "sandbox": {
                "mailbox_url": self.mailbox_url,
                "supplier_url": self.supplier_url,
                "payments_url": self.payments_url,
                "amazon_pay_url": self.amazon_pay_url,
                "identity_url": self.identity_url,
            },
            "docs_url": f"http://localhost:{self._port}/docs",
        }


def _showcase() -> list[str]:
    """The demo brands, for the platform's first page to show."""
    folders = (bundled("tenants") / "demo").glob("*/tenant.toml")
    return sorted(file.parent.name for file in folders)


class _Ports:
    """Ports beside the main one, so that addresses stay the same from run to run."""

    def __init__(self, main: int) -> None:
        self._next = main + 1

    def take(self) -> int:
        """The next free port; any free one when the neighbourhood is taken."""
        while self._next <= 65535:
            port, self._next = self._next, self._next + 1
            if not _listens(port) and _bindable(port):
                return port
        return free_port()


def _insist_on_free(port: int) -> None:
    if _listens(port) or not _bindable(port):
        raise DemoError(f"port {port} is taken by another program: `PORT=8100 make demo` moves it")


def _bindable(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _guerdon(*arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "guerdon.cli", *arguments]

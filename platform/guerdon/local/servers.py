"""PostgreSQL and Valkey from wheels, as direct children that die with this process.

Only the wheels' programs are used. Works as an ordinary user and as root (see `places`).
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from guerdon.local import children, places

_START_PATIENCE_S = 90.0
_ADMIN = "postgres"


class ServerError(RuntimeError):
    """A server did not start; the message carries the end of its log."""


def bindir() -> Path:
    """The folder with postgres, initdb, psql, pg_dump, pg_restore and pgbench."""
    return places.postgres_bindir()


# Below those that the system gives to outgoing calls.
_PORTS = range(20_000, 26_000)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago, and that no outgoing call will take."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class _Server(ABC):
    """What both servers share: the data folder's lock, log, password, start and stop."""

    program: str
    polite: signal.Signals

    def __init__(self, data_dir: Path, *, port: int, keep: bool) -> None:
        self.asked_dir = Path(data_dir)
        self.port = port
        self._keep = keep
        self._lock: IO[bytes] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self.data_dir = self.asked_dir

    @classmethod
    def reclaim(cls, data_dir: Path) -> int:
        """End what a killed run left working in `data_dir`; how many processes there were.

        Until they have ended they hold their port.
        """
        return children.reclaim(Path(data_dir).resolve(), cls.program, cls.polite)

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()

    @abstractmethod
    def start(self) -> None:
        """Start and return when ready; ServerError says why not."""

    def stop(self) -> None:
        """Stop in order, then by force; a throw-away server's data are removed."""
        if self._child is not None:
            children.stop(self._child, [(self.polite, 20.0), (signal.SIGQUIT, 5.0)])
            self._child = None
        if not self._keep:
            places.remove_place(self.asked_dir)
            self._secret_file().unlink(missing_ok=True)
            self._log_file().unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            if not self._keep:
                self._sibling("lock").unlink(missing_ok=True)

    def _claim(self) -> None:
        """Take the data folder for ourselves and end what a killed run left working in it."""
        self.asked_dir.parent.mkdir(parents=True, exist_ok=True)
        lock = self._sibling("lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ServerError(
                f"{self.asked_dir} is in use by another running process: stop that one first"
            ) from None
        self._lock = lock
        self.data_dir = places.data_place(self.asked_dir)
        children.reclaim(self.data_dir, self.program, self.polite)
        if not self._keep and self.data_dir.exists():
            shutil.rmtree(self.data_dir)
        if self.data_dir.exists() and os.geteuid() not in (0, self.data_dir.stat().st_uid):
            raise ServerError(
                f"{self.data_dir} belongs to another user: run as that user, or `make clean` as it"
            )

    def _make_data_dir(self, user: places.ServerUser) -> None:
        if not self.data_dir.exists():
            self.data_dir.mkdir(mode=0o700)
            user.own(self.data_dir)

    def _password(self) -> str:
        file = self._secret_file()
        if not file.exists():
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
                f.write(secrets.token_urlsafe(24))
        return file.read_text().strip()

    def _sibling(self, suffix: str) -> Path:
        return self.asked_dir.with_name(f"{self.asked_dir.name}.{suffix}")

    def _secret_file(self) -> Path:
        return self._sibling("password")

    def _log_file(self) -> Path:
        return self._sibling("log")

    def _failed(self, what: str) -> ServerError:
        log = self._log_file()
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else ""
        return ServerError(f"{self.program} {what}; the end of {log}:\n{tail}")


class PostgresServer(_Server):
    """One PostgreSQL cluster in `data_dir`; `postgres` is its superuser.

    Reached through a private unix socket that only its own user and root can enter, where every
    role is trusted; with a `port` also on 127.0.0.1, by password. `durable=False` is for tests:
    the data start empty, are never synced, and are removed at stop.
    """

    program = "postgres"
    polite = signal.SIGINT

    def __init__(self, data_dir: Path, *, port: int = 0, durable: bool = True) -> None:
        super().__init__(data_dir, port=port, keep=durable)
        self._durable = durable
        self._socket_dir: Path | None = None

    @property
    def admin_dsn(self) -> str:
        return self.url(_ADMIN, "postgres")

    def url(self, role: str, database: str) -> str:
        """The address of a database for a role (or `{role}`), through the private socket."""
        if self._socket_dir is None:
            raise ServerError("postgres is not running")
        where = f"host={quote(str(self._socket_dir), safe='')}&port={self._socket_port}"
        return f"postgresql://{quote(role, safe='{}')}@/{quote(database)}?{where}"

    def tcp_url(self, database: str) -> str:
        """The address for the superuser by TCP, for tools that know no sockets."""
        password = quote(self._password(), safe="")
        return f"postgresql://{_ADMIN}:{password}@127.0.0.1:{self.port}/{quote(database)}"

    @property
    def _socket_port(self) -> int:
        return self.port or 5432

    def start(self) -> None:
        self._claim()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        user = places.server_user(self.data_dir)
        programs = bindir()
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialise(programs, user)
        # Reclaimed: their owner is gone, though its pid may still be taken, by a zombie say.
        for left_over in (self.data_dir / "postmaster.pid", *self.data_dir.glob(".s.PGSQL.*")):
            left_over.unlink(missing_ok=True)
        self._socket_dir = self._place_socket(user)
        with self._log_file().open("ab") as log:
            self._child = children.spawn(
                [programs / "postgres", "-D", self.data_dir, *self._options()],
                user=user.uid,
                group=user.gid,
                cwd=self.data_dir,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                output=log,
                death_signal=signal.SIGINT,
            )
        self._wait_ready()

    def _initialise(self, programs: Path, user: places.ServerUser) -> None:
        if self.data_dir.exists():
            shutil.rmtree(self.data_dir)  # an initdb that was killed half way
        self._make_data_dir(user)
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(self._password())
            password.flush()
            user.own(Path(password.name))
            sync = [] if self._durable else ["--no-sync"]
            done = subprocess.run(  # noqa: S603
                [
                    str(programs / "initdb"),
                    f"--pgdata={self.data_dir}",
                    f"--username={_ADMIN}",
                    f"--pwfile={password.name}",
                    "--auth-local=trust",
                    "--auth-host=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    *sync,
                ],
                user=user.uid,
                group=user.gid,
                extra_groups=None if user.uid is None else [],
                cwd=self.data_dir,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                capture_output=True,
                check=False,
            )
        if done.returncode != 0:
            raise ServerError(f"initdb failed:\n{done.stderr.decode(errors='replace')}")

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1" if self.port else "",
            "port": str(self._socket_port),
            "unix_socket_directories": str(self._socket_dir),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "max_wal_size": "2GB",
            "log_checkpoints": "off",
        }
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    def _place_socket(self, user: places.ServerUser) -> Path:
        # The kernel allows 107 characters for the address of a socket.
        if len(str(self.data_dir)) + len("/.s.PGSQL.65535") <= 107:
            return self.data_dir
        folder = Path(tempfile.mkdtemp(prefix="guerdon-"))
        user.own(folder)
        return folder

    def _wait_ready(self) -> None:
        status = self.data_dir / "postmaster.pid"
        deadline = time.monotonic() + _START_PATIENCE_S
        while time.monotonic() < deadline:
            if not self.running():
                raise self._failed("ended while starting")
            lines = status.read_text().splitlines() if status.exists() else []
            if len(lines) >= 8 and lines[7].strip() == "ready":
                return
            time.sleep(0.02)  # readiness is a line in a file: it has to be looked for
        raise self._failed(f"was not ready within {_START_PATIENCE_S:.0f} s")

    def stop(self) -> None:
        super().stop()
        if self._socket_dir is not None and self._socket_dir != self.data_dir:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
        self._socket_dir = None


class ValkeyServer(_Server):
    """One Valkey in `data_dir`, on 127.0.0.1, by password; `port=0` takes a free port."""

    program = "valkey-server"
    polite = signal.SIGTERM

    def __init__(self, data_dir: Path, *, port: int = 0, append_only: bool = True) -> None:
        super().__init__(data_dir, port=port, keep=append_only)
        self._append_only = append_only
        self._fixed_port = port

    @property
    def url(self) -> str:
        return f"redis://:{self._password()}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._claim()
        try:
            user = places.server_user(self.data_dir)
            program = places.valkey_binary()
            self.program = program.name
            self._make_data_dir(user)
            for attempt in range(5):
                self.port = self._fixed_port or free_port()
                if self._try_start(program, user):
                    return
                if self._fixed_port or attempt == 4:
                    raise self._failed("ended while starting")
        except BaseException:
            self.stop()
            raise

    def _try_start(self, program: Path, user: places.ServerUser) -> bool:
        config = self.data_dir / "valkey.conf"
        config.unlink(missing_ok=True)
        with open(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(
                f"bind 127.0.0.1\nport {self.port}\nrequirepass {self._password()}\n"
                f'dir "{self.data_dir}"\nsave ""\nmaxmemory-policy noeviction\n'
                f"appendonly {'yes' if self._append_only else 'no'}\nappendfsync everysec\n"
            )
        user.own(config)
        with self._log_file().open("ab") as log:
            self._child = children.spawn(
                [program, config],
                user=user.uid,
                group=user.gid,
                cwd=self.data_dir,
                env={"PATH": "/usr/bin:/bin"},
                output=log,
                death_signal=signal.SIGTERM,
            )
        deadline = time.monotonic() + _START_PATIENCE_S
        while time.monotonic() < deadline:
            if not self.running():
                return False
            if self._answers():
                return True
            time.sleep(0.01)  # it tells nobody here when it listens
        raise self._failed(f"was not ready within {_START_PATIENCE_S:.0f} s")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0) as link:
                link.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    part = link.recv(256)
                    if not part:
                        return False
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"

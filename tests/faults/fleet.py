"""The real processes of a deployment, started again whenever they are killed."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from tests import calls

from guerdon.settings import Settings

# A killed process is back within seconds; on a machine that others use, it may take a minute.
PATIENCE_S = 120


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """`settings` as variables."""
    made = {k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")}
    for name in Settings.__struct_fields__:
        value = getattr(settings, name)
        if isinstance(value, tuple):
            text = ",".join(value)
        elif isinstance(value, str):
            text = value
        else:
            text = msgspec.json.encode(value).decode()
        made[f"GUERDON_{name.upper()}"] = text
    made["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    return made | more


class Fleet:
    """Web, two workers and the relay; `points` is the folder of the fail points."""

    def __init__(self, settings: Settings, folder: Path, port: int) -> None:
        self.points = folder / "points"
        self.points.mkdir()
        self.logs = folder
        self.port = port
        self._env = environment(
            settings,
            GUERDON_FAILPOINTS=str(self.points),
            GUERDON_JOB_LEASE_S="3",
            GUERDON_JOB_ATTEMPTS_MAX="30",
            NURSERY_LOG=str(folder / "processes.log"),
        )
        self._nursery: subprocess.Popen[str] | None = None
        self._pids: dict[str, tuple[str, int]] = {}
        self._stop = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self.restarts = 0

    def start(self) -> None:
        """Start everything; returns when the web process answers and a worker is there."""
        self._nursery = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("nursery.py"))],
            env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=(self.logs / "nursery.log").open("wb"),
        )  # fmt: skip
        for name in ("worker 1", "worker 2", "relay 1", "web 1"):
            self._fork(name)
        self._keeper.start()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                ready = calls.get(
                    f"http://127.0.0.1:{self.port}/health/ready", headers={"host": "localhost"}
                )
                if ready.status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.1)  # it tells nobody here when it listens
        raise RuntimeError(f"the fleet did not start, see {self.logs}")

    def stop(self) -> None:
        """End every process."""
        self._stop.set()
        self._keeper.join(10)
        for _, pid in self._pids.values():
            _signal(pid, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and any(_alive(p) for _, p in self._pids.values()):
            time.sleep(0.05)  # the nursery's children: nothing tells here when they end
        for _, pid in self._pids.values():
            _signal(pid, signal.SIGKILL)
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait(10)

    def visited(self) -> list[str]:
        """Every point passed so far, in order, repeated as often as it was passed."""
        try:
            return (self.points / "visited").read_text().split("\n")[:-1]
        except FileNotFoundError:
            return []

    def arm(self, name: str) -> None:
        """The next process that passes `name` dies there."""
        (self.points / "fired").unlink(missing_ok=True)
        (self.points / "arming").write_text(name)
        (self.points / "arming").rename(self.points / "armed")

    def renew(self) -> None:
        """Kill the workers and the web: new ones remember nothing (no token, no certificate)."""
        for process, pid in list(self._pids.values()):
            if process in {"worker", "web"}:
                _signal(pid, signal.SIGKILL)

    def disarm(self) -> None:
        """Nobody dies."""
        (self.points / "armed").unlink(missing_ok=True)

    @property
    def fired(self) -> bool:
        """Whether the armed point has killed its process."""
        return (self.points / "fired").exists()

    def _fork(self, name: str) -> None:
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        process = name.split()[0]
        options = f" --port={self.port}" if process == "web" else ""
        self._nursery.stdin.write(f"{process}{options}\n")
        self._nursery.stdin.flush()
        self._pids[name] = (process, int(self._nursery.stdout.readline()))

    def _keep(self) -> None:
        while not self._stop.wait(0.02):
            for name, (_, pid) in list(self._pids.items()):
                if not _alive(pid):
                    self._fork(name)
                    self.restarts += 1


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


class Caller:
    """A brand's system: sends everything with a key, again and again until it is answered."""

    def __init__(self, port: int, host: str, secret: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, verify=calls.NO_AUTHORITIES
        )
        self._headers = {"host": host, "authorization": f"Bearer {secret}"}

    async def close(self) -> None:
        await self._client.aclose()

    async def call(self, method: str, path: str, *, key: str = "", body: Any = None) -> Any:
        """The answer's body; retried while nobody answers or the server is in trouble."""
        headers = self._headers | ({"idempotency-key": key} if key else {})
        last: object = None
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                answer = await self._client.request(
                    method, f"/api/v1{path}", headers=headers, json=body, timeout=10
                )
            except httpx2.HTTPError as error:
                last = error
                await asyncio.sleep(0.1)
                continue
            if answer.status_code < 400:
                return answer.json()
            last = f"{answer.status_code} {answer.text}"
            if answer.status_code < 500 and answer.status_code not in {409, 429}:
                raise AssertionError(last)
            if answer.status_code == 409 and "in_flight" not in answer.text:
                raise AssertionError(last)
            await asyncio.sleep(0.1)
        raise AssertionError(f"{method} {path}: {last}")


class WebServer:
    """The web process alone."""

    def __init__(self, settings: Settings, folder: Path, port: int) -> None:
        self._env = environment(settings)
        self._log = folder / "web.log"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start; returns when it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "guerdon.cli", "web", f"--port={self._port}"],
            env=self._env, stdout=self._log.open("ab"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                calls.get(f"http://127.0.0.1:{self._port}/health/live")
            except httpx2.HTTPError:
                time.sleep(0.1)  # it tells nobody here when it listens
            else:
                return
        raise RuntimeError(f"the server did not start, see {self._log}")

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)

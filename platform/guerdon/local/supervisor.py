"""Keeps a set of child processes running until told to stop, and stops all of them."""

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from guerdon.local import children

MARK = "GUERDON_SUPERVISED_BY"
_RESTARTS_MAX = 5
_RESTARTS_WINDOW_S = 60.0
_DRAIN_S = 30.0


class ProcessFailedError(RuntimeError):
    """A process keeps ending; the message carries the end of its log."""


@dataclass
class Process:
    """One child: how to start it, how to tell that it is ready."""

    name: str
    argv: Sequence[str | Path]
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    child: subprocess.Popen[bytes] | None = None
    started: deque[float] = field(default_factory=deque)


@dataclass
class Errand:
    """A child that ends by itself: who hears each line it writes, and how it ended."""

    name: str
    argv: Sequence[str | Path]
    said: Callable[[str], None]
    ended: Callable[[int], None]
    child: subprocess.Popen[bytes] | None = None
    read: int = 0


class Supervisor:
    """Starts processes with one environment and one log folder.

    `home` marks every process, so that what a killed supervisor left running is recognised.
    """

    def __init__(self, home: Path, logs: Path, environment: Mapping[str, str]) -> None:
        self._home = str(home)
        self._logs = logs
        self.environment = {**environment, MARK: self._home}
        self._processes: list[Process] = []
        self._errands: list[Errand] = []
        self._told: signal.Signals | None = None
        logs.mkdir(parents=True, exist_ok=True)

    @property
    def told_to_stop(self) -> bool:
        return self._told is not None

    def listen(self) -> None:
        """Take Ctrl-C, SIGTERM and SIGHUP as "stop everything"; a second one as "now"."""
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self._on_signal)

    def _on_signal(self, number: int, _frame: object) -> None:
        if self._told is not None:
            for process in self._processes:
                if process.child is not None and process.child.poll() is None:
                    process.child.kill()
        self._told = signal.Signals(number)

    def reclaim(self) -> int:
        """End what an earlier supervisor of this home left running; how many there were."""
        left = marked(self._home)
        for pid in left:
            _kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 3.0
        while marked(self._home) and time.monotonic() < deadline:
            time.sleep(0.05)  # not our children: nothing tells when they end
        while still := marked(self._home):
            for pid in still:
                _kill(pid, signal.SIGKILL)
            time.sleep(0.05)  # killed, not our children: the kernel tells nobody when they are gone
        return len(left)

    def add(self, process: Process) -> None:
        """Start a process."""
        self._processes.append(process)
        self._start(process)

    def run(self, name: str, argv: Sequence[str | Path]) -> None:
        """Run a command to its end, output to this terminal; stopping stops it too."""
        child = children.spawn(argv, env=self.environment, death_signal=signal.SIGKILL)
        while child.poll() is None:
            if self.told_to_stop:
                children.stop(child, [(signal.SIGINT, 5.0)])
                raise KeyboardInterrupt
            time.sleep(0.02)  # a wait for the child alone would not see that we are told to stop
        if child.returncode != 0:
            raise ProcessFailedError(f"{name} failed with status {child.returncode}")

    def send(self, errand: Errand) -> None:
        """Start something that ends by itself; `watch` tells how it goes, nothing waits for it."""
        with self.log_file(errand.name).open("wb") as log:
            errand.child = children.spawn(
                errand.argv, env=self.environment, output=log, death_signal=signal.SIGKILL
            )
        self._errands.append(errand)

    def wait_ready(self, names: Sequence[str], patience_s: float) -> None:
        """Return when each named process is ready; fail when one ends or time is up."""
        waiting = [p for p in self._processes if p.name in names]
        deadline = time.monotonic() + patience_s
        while waiting:
            if self.told_to_stop:
                raise KeyboardInterrupt
            self._revive()
            waiting = [p for p in waiting if not p.ready()]
            if waiting and time.monotonic() > deadline:
                late = waiting[0]
                raise ProcessFailedError(
                    f"{late.name} is not ready after {patience_s:.0f} s{self._tail(late)}"
                )
            time.sleep(0.03)  # readiness is asked over HTTP: nobody announces it

    def watch(self) -> None:
        """Until told to stop: restart what ends."""
        while not self.told_to_stop:
            self._revive()
            self._listen_to_errands()
            time.sleep(0.2)  # many children and our own signals: no one wait sees them all

    def stop(self) -> None:
        """Stop every process, all at once, those that do not listen by force."""
        for errand in self._errands:
            if errand.child is not None and errand.child.poll() is None:
                errand.child.kill()
                errand.child.wait()
        self._errands.clear()
        running = [p for p in self._processes if p.child is not None and p.child.poll() is None]
        for process in running:
            _kill(process.child.pid if process.child else 0, signal.SIGTERM)
        deadline = time.monotonic() + _DRAIN_S
        for process in running:
            if process.child is None:
                continue
            try:
                process.child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.child.kill()
                process.child.wait()
        for pid in marked(self._home):
            _kill(pid, signal.SIGKILL)
        self._processes.clear()

    def log_file(self, name: str) -> Path:
        """Where a process writes."""
        return self._logs / f"{name}.log"

    def _start(self, process: Process) -> None:
        process.started.append(time.monotonic())
        log: IO[bytes]
        with self.log_file(process.name).open("ab") as log:
            process.child = children.spawn(
                process.argv,
                env={**self.environment, **process.environment},
                output=log,
                # State lives in the database: a supervisor that was killed leaves nothing running.
                death_signal=signal.SIGKILL,
            )

    def _revive(self) -> None:
        for process in self._processes:
            if process.child is None or process.child.poll() is None or self.told_to_stop:
                continue
            now = time.monotonic()
            while process.started and now - process.started[0] > _RESTARTS_WINDOW_S:
                process.started.popleft()
            if len(process.started) > _RESTARTS_MAX:
                raise ProcessFailedError(f"{process.name} keeps ending{self._tail(process)}")
            time.sleep(0.2 * len(process.started))  # what keeps ending comes back later each time
            self._start(process)

    def _listen_to_errands(self) -> None:
        for errand in list(self._errands):
            status = None if errand.child is None else errand.child.poll()
            with self.log_file(errand.name).open("rb") as log:
                log.seek(errand.read)
                new = log.read()
            whole = len(new) if status is not None else new.rfind(b"\n") + 1
            errand.read += whole
            for line in new[:whole].decode(errors="replace").splitlines():
                errand.said(line)
            if status is not None:
                self._errands.remove(errand)
                errand.ended(status)

    def _tail(self, process: Process) -> str:
        log = self.log_file(process.name)
        lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
        return f"; the end of {log}:\n" + "\n".join(lines)


def marked(home: str) -> list[int]:
    """Processes, apart from this one, that were started by a supervisor of `home`."""
    wanted = f"{MARK}={home}".encode()
    found = []
    proc = Path("/proc")
    if not (proc / "self").exists():
        return []
    for entry in proc.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _kill(pid: int, sig: signal.Signals) -> None:
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        return

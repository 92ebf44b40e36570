"""Child processes that cannot outlive their parent, and the reclaiming of those that did."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from guerdon.plumbing.process import die_with_parent


def spawn(
    argv: Sequence[str | Path],
    *,
    user: int | None = None,
    group: int | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a direct child in a session of its own; the kernel signals it when its parent ends.

    The tie is to the calling *thread*, so call this from one that lives as long as the process.
    """
    return subprocess.Popen(  # noqa: S603
        [str(a) for a in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        cwd=cwd,
        env=None if env is None else dict(env),
        user=user,
        group=group,
        extra_groups=None if user is None else [],
        # A Ctrl-C in the terminal must reach the supervisor alone: it knows the order of stopping.
        start_new_session=True,
        preexec_fn=_tie_to_parent(death_signal),
    )


def _tie_to_parent(death_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def tie() -> None:
        # Runs after the change of user, which would have cleared the setting.
        die_with_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def stop(child: subprocess.Popen[bytes], steps: Sequence[tuple[signal.Signals, float]]) -> int:
    """Send each signal and wait that many seconds for it to work; end with SIGKILL."""
    for sig, patience_s in steps:
        if child.poll() is not None:
            return child.returncode
        child.send_signal(sig)
        try:
            return child.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue
    child.kill()
    return child.wait()


def working_in(folder: Path, program: str) -> list[int]:
    """Live processes running `program` whose working directory is `folder`, oldest first."""
    if not Path("/proc/self").exists():
        return []
    found: list[tuple[int, int]] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "cwd").readlink() != folder:
                continue
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        name, _, rest = stat.partition("(")[2].rpartition(")")
        fields = rest.split()
        if name == program[:15] and fields[0] != "Z":
            found.append((int(fields[19]), int(entry.name)))
    return [pid for _, pid in sorted(found)]


def reclaim(folder: Path, program: str, polite: signal.Signals, patience_s: float = 10.0) -> int:
    """End left-over processes of `program` working in `folder`; returns how many there were."""
    pids = working_in(folder, program)
    if not pids:
        return 0
    _signal(pids[0], polite)
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if not working_in(folder, program):
            return len(pids)
        time.sleep(0.05)  # not our children: nothing tells when they end
    for pid in working_in(folder, program):
        _signal(pid, signal.SIGKILL)
    while working_in(folder, program):
        time.sleep(0.05)  # killed, not our children: the kernel tells nobody when they are gone
    return len(pids)


def _signal(pid: int, sig: signal.Signals) -> None:
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        return

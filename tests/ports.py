"""Ports of 127.0.0.1 that no outgoing call takes, and no other test."""

import contextlib
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

# Above what the servers choose for themselves, below what the system gives to outgoing calls.
_SINGLE = range(26_000, 30_000)
_NEIGHBOURHOODS = range(30_000, 32_768 - 32, 32)

_claims: list[IO[str]] = []


def free_port() -> int:
    """A port for as long as this process lives."""
    return _claim(_SINGLE)


def free_neighbourhood() -> int:
    """The first of 32 ports in a row, for a demo: it takes those beside its own."""
    return _claim(_NEIGHBOURHOODS)


def _claim(ports: range) -> int:
    folder = Path(tempfile.gettempdir()) / f"guerdon-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = random.choice(ports)
        claim = (folder / str(port)).open("w")
        with socket.socket() as probe, contextlib.suppress(OSError):
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            probe.bind(("127.0.0.1", port))
            _claims.append(claim)
            return port
        claim.close()

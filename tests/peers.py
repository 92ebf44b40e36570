"""Sandbox peers of the tests, as processes, and a listener for what they push."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests import calls
from tests.ports import free_port

from guerdon.sandbox.web import Request, Response, Routes, Server


class Peer:
    """A sandbox peer as a process of its own; it starts when a test first asks for it."""

    def __init__(self, kind: str, state: Path, *arguments: str) -> None:
        self.port = free_port()
        self.smtp_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ready_line = ""
        self._argv = [sys.executable, "-m", "guerdon.sandbox", kind, f"--port={self.port}",
                      f"--state={state}", *arguments]  # fmt: skip
        if kind == "mailbox":
            self._argv.append(f"--smtp-port={self.smtp_port}")
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "Peer":
        """Start it unless it runs; returns when it takes connections."""
        if self._process is None:
            self._process = subprocess.Popen(self._argv, stdout=subprocess.PIPE, text=True)
            assert self._process.stdout is not None
            self.ready_line = self._process.stdout.readline()
            assert self.ready_line.startswith("READY "), self.ready_line
        return self

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def knobs(self, **knobs: Any) -> None:
        """Tell it how to misbehave; what is not named goes back to harmless."""
        calls.put(f"{self.url}/_control/knobs", json=knobs).raise_for_status()


class Peers(NamedTuple):
    """The peers of this test process."""

    stripe: Peer
    amazon: Peer
    mailbox: Peer
    amazon_pay: Peer


@pytest.fixture(scope="session")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    """Peers with their addresses; each runs from the first `start()` on."""
    folder = tmp_path_factory.mktemp("peers")
    assortments = [
        f"--assortment={file}"
        for file in sorted((Path(__file__).parents[1] / "tenants/demo").glob("*/assortment.json"))
    ]
    made = Peers(
        Peer("stripe", folder / "stripe"),
        Peer("amazon", folder / "amazon", "--rate=500", "--burst=500", "--pace=0", *assortments),
        Peer("mailbox", folder / "mailbox"),
        Peer("amazon-pay", folder / "amazon-pay"),
    )
    yield made
    for peer in made:
        peer.stop()


@pytest.fixture
def stripe_peer(peers: Peers) -> Iterator[Peer]:
    """The Stripe peer, running and harmless."""
    yield peers.stripe.start()
    peers.stripe.knobs()


@pytest.fixture
def amazon_pay_peer(peers: Peers) -> Iterator[Peer]:
    """The Amazon Pay peer, running and harmless."""
    yield peers.amazon_pay.start()
    peers.amazon_pay.knobs()


@pytest.fixture
def amazon_peer(peers: Peers) -> Iterator[Peer]:
    """The Amazon Business peer, running and harmless; orders move when told to."""
    yield peers.amazon.start()
    peers.amazon.knobs()


@pytest.fixture
def mailbox_peer(peers: Peers) -> Iterator[Peer]:
    """The mailbox, running and harmless."""
    yield peers.mailbox.start()
    peers.mailbox.knobs()


class Listener:
    """A server of the test's own, for what peers push; it keeps what arrives.

    `refuse` makes it answer 500 to the next so many.
    """

    def __init__(self) -> None:
        self.got: list[Request] = []
        self.refuse = 0
        routes = Routes()
        routes.add("POST", "/hook", self._take)
        self.server = Server(routes)

    async def _take(self, request: Request) -> Response:
        if self.refuse:
            self.refuse -= 1
            return Response(500)
        self.got.append(request)
        return Response(204)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.server.base_url}/hook"

    async def wait_for(self, count: int, patience_s: float = 10) -> list[Request]:
        """The first `count` requests, when they are there."""
        async with asyncio.timeout(patience_s):
            while len(self.got) < count:
                await asyncio.sleep(0.02)
        return self.got[:count]


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A running listener."""
    made = Listener()
    await made.server.start(0)
    yield made
    made.server.close()

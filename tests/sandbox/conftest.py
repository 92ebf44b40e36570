"""A listener on a port of its own, for what peers push."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from guerdon.sandbox.web import Request, Response, Routes, Server


class Listener:
    """Keeps what arrives; `refuse` makes it answer 500 to the next so many."""

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

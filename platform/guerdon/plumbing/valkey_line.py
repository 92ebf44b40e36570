"""One connection to Valkey that many readers share: commands go out as they come, answers come back
in their order.

The client library takes a connection out of a pool, looks whether it is healthy, and puts it back,
for every command; a page of a signed-in member asks one question, and asks it here. Whoever gets a
`LineError` asks the library, which tries again and says what is wrong.
"""

import asyncio
from collections import deque
from typing import Any, Final, cast

import hiredis
from redis.asyncio.connection import parse_url
from redis.exceptions import RedisError

ANSWER_S: Final = 2.0
# What was silent for so long may have been cut off by something in between.
IDLE_S: Final = 15.0


class LineError(Exception):
    """No answer on this line: it is down, or Valkey refused."""


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._waiting: deque[asyncio.Future[Any]] = deque()
        self._transport: asyncio.Transport | None = None
        self._watch: asyncio.TimerHandle | None = None
        self.heard_at = self._loop.time()

    @property
    def usable(self) -> bool:
        """Whether a question may go out on it."""
        if self._transport is None or self._transport.is_closing():
            return False
        return bool(self._waiting) or self._loop.time() - self.heard_at < IDLE_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def ask(self, words: tuple[str | int, ...]) -> asyncio.Future[Any]:
        """The answer to come."""
        assert self._transport is not None
        answer: asyncio.Future[Any] = self._loop.create_future()
        if not self._waiting:
            self.heard_at = self._loop.time()
            if self._watch is None:
                self._watch = self._loop.call_later(ANSWER_S, self._look)
        self._waiting.append(answer)
        self._transport.write(hiredis.pack_command(cast(Any, words)))
        return answer

    def _look(self) -> None:
        """Give up a line on which an answer is overdue."""
        self._watch = None
        if not self._waiting:
            return
        left = self.heard_at + ANSWER_S - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look)
        else:
            self.close()

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        self._reader.feed(data)
        try:
            while (found := self._reader.gets()) is not False:
                answer = self._waiting.popleft()
                if answer.done():
                    continue
                if isinstance(found, hiredis.ReplyError):
                    answer.set_exception(LineError(str(found)))
                else:
                    answer.set_result(found)
        except (hiredis.ProtocolError, IndexError):
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail()

    def close(self) -> None:
        """Nobody is answered any more."""
        if self._transport is not None:
            self._transport.abort()
        self._fail()

    def _fail(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(LineError("the connection was lost"))


class Line:
    """The line of one process; it connects when first used, and again when it was lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()

    async def ask(self, *words: str | int) -> Any:
        """The answer to one command; LineError."""
        connection = self._connection
        if connection is None or not connection.usable:
            connection = await self._connect()
        return await connection.ask(words)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connect(self) -> _Connection:
        async with self._connecting:
            if self._connection is not None and self._connection.usable:
                return self._connection
            self.close()
            try:
                async with asyncio.timeout(ANSWER_S):
                    self._connection = await self._introduced()
            except (OSError, TimeoutError, ValueError, RedisError) as error:
                raise LineError(str(error)) from error
            return self._connection

    async def _introduced(self) -> _Connection:
        at: dict[str, Any] = dict(parse_url(self._url))
        if "host" not in at or "connection_class" in at:
            raise LineError("only plain addresses are shared")
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, at["host"], at.get("port", 6379))
        if at.get("password"):
            user = (at["username"],) if at.get("username") else ()
            await connection.ask(("AUTH", *user, at["password"]))
        await connection.ask(("SELECT", at.get("db", 0)))
        return connection

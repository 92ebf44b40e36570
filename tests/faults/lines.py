"""The lines from one process to PostgreSQL and Valkey, in the hands of a test."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
from tests.ports import free_port

from guerdon.settings import Settings

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Line:
    """What goes to a server and comes back, until it does not."""

    def __init__(self, there: Callable[[], Awaitable[Ends]]) -> None:
        self.server: asyncio.Server | None = None
        self.connections = 0
        self._there = there
        self._open = asyncio.Event()
        self._open.set()
        self._ends: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, *near: asyncio.StreamReader | asyncio.StreamWriter) -> None:
        """A connection was made."""
        reader, writer = near
        assert isinstance(reader, asyncio.StreamReader)
        assert isinstance(writer, asyncio.StreamWriter)
        far = await self._there()
        self.connections += 1
        self._ends += [writer, far[1]]
        for each in ((reader, far[1]), (far[0], writer)):
            task = asyncio.create_task(self._carry(*each))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
        except OSError:
            return
        finally:
            writer.close()

    def hush(self) -> None:
        """From now on the server takes everything and answers nothing."""
        self._open.clear()

    def cut(self) -> None:
        """From now on the server is gone."""
        if self.server is not None:
            self.server.close()
        for end in self._ends:
            end.transport.abort()

    async def close(self) -> None:
        """Leave nothing behind."""
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Lines:
    """Both, and the settings of a process that goes by them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        at = {k: v[0] for k, v in parse_qs(urlsplit(settings.database_url).query).items()}
        name = f".s.PGSQL.{at['port']}"
        self._socket = folder / name
        self._port = free_port()
        valkey_port = urlsplit(settings.broker_url).port
        self.database = Line(lambda: asyncio.open_unix_connection(Path(at["host"]) / name))
        self.valkey = Line(lambda: asyncio.open_connection("127.0.0.1", valkey_port))
        self.both = (self.database, self.valkey)

        def here(url: str) -> str:
            return url.replace(f":{valkey_port}/", f":{self._port}/")

        there, _, _ = settings.database_url.partition("?")
        self.settings = msgspec.structs.replace(
            settings,
            database_url=f"{there}?host={folder}&port={at['port']}",
            redis_url=here(settings.redis_url),
            broker_url=here(settings.broker_url),
        )

    async def start(self) -> None:
        """Listen where the process looks for its servers."""
        self.database.server = await asyncio.start_unix_server(self.database.join, self._socket)
        self.valkey.server = await asyncio.start_server(self.valkey.join, "127.0.0.1", self._port)


@asynccontextmanager
async def lines(settings: Settings) -> AsyncIterator[Lines]:
    """Lines of its own for one process."""
    # A socket's path has room for a hundred letters, which a test's own folder takes.
    folder = Path(tempfile.mkdtemp(prefix="lines-"))
    made = Lines(settings, folder)
    try:
        await made.start()
        yield made
    finally:
        for each in made.both:
            await each.close()
        shutil.rmtree(folder, ignore_errors=True)

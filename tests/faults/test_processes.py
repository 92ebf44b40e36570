"""The real processes: they do the work, drain on SIGTERM whatever has become of their servers, and
the command shows what was parked."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from redis import Redis
from tests import calls
from tests.faults.fleet import environment
from tests.faults.lines import Lines, lines
from tests.redemption.conftest import world as world  # the fixture
from tests.redemption.world import World

from guerdon.plumbing import outbox
from guerdon.plumbing.cache import WORKER_ALIVE
from guerdon.plumbing.process import HANG_UP_S
from guerdon.redemption.messages import PlaceOrder
from guerdon.settings import Settings
from guerdon_workers.broker import open_broker, ring, waiting

# Seconds more than a process may take, for a machine that others use.
SLACK_S = 20


def start(settings: Settings, process: str, log: Path | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "guerdon.cli", process],
        env=environment(settings),
        stdout=log.open("wb") if log else subprocess.DEVNULL, stderr=subprocess.STDOUT,
    )  # fmt: skip


async def until(condition: Any, seconds: int = 120, found: Any = None) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, found and await found()
        await asyncio.sleep(0.05)


async def test_a_worker_drains_on_sigterm(world: World, settings: Settings, peers: Any) -> None:
    relay, worker = start(settings, "relay"), start(settings, "worker")
    try:
        await until(lambda: world.rt.valkey.exists(WORKER_ALIVE))
        peers.mailbox.knobs(latency_ms=4000)
        ana = await world.member(1000)
        placed = await world.place(ana, await world.quote(ana, "coffee"))

        async def waiting() -> list[outbox.Waiting]:
            async with world.rt.db.read(world.tenant.id) as s:
                return await outbox.waiting(s)

        async def sending() -> bool:
            return any(r.topic == "notifications.send" and r.leased for r in await waiting())

        await until(sending, found=waiting)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
        assert [r.topic for r in await waiting() if r.leased] == []
        letters = calls.get(f"{peers.mailbox.url}/api/messages").json()["items"]
        assert sum(placed.number in letter["subject"] for letter in letters) == 1
        assert (await world.read(placed.id)).state == "confirmed"
    finally:
        for process in (relay, worker):
            process.terminate()
            process.wait(60)


class Alone:
    """A process with databases of Valkey for itself, and its lines in the test's hands."""

    def __init__(self, process: str, settings: Settings, log: Path, line: Lines) -> None:
        self.settings, self.line, self._log = settings, line, log
        self.child = start(line.settings, process, log)

    async def said(self) -> str:
        return self._log.read_text()

    async def listens(self) -> None:
        """It takes signals by the time it connects."""

        async def connected() -> bool:
            return self.line.database.connections > 0

        await until(connected, found=self.said)

    async def works(self) -> None:
        with Redis.from_url(self.settings.redis_url) as valkey:

            async def alive() -> bool:
                return bool(valkey.exists(WORKER_ALIVE))

            await until(alive, found=self.said)

    async def takes_a_ring(self) -> None:
        """A job is in hand that it cannot look at any more."""
        broker = open_broker(self.settings.broker_url)
        broker.enqueue(ring("money", str(uuid4()), str(uuid4())))

        async def taken() -> bool:
            return waiting(broker)["money"] == 0

        await until(taken, found=self.said)
        broker.close()

    async def told_to_end(self) -> int:
        """Its status; fails when it goes on for longer than it may."""
        self.child.terminate()
        at_most_s = self.settings.drain_s + HANG_UP_S + SLACK_S
        try:
            return await asyncio.to_thread(self.child.wait, at_most_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(await self.said()) from None


async def test_a_process_ends_without_its_servers(settings: Settings, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:

        async def alone(process: str, name: str, n: int) -> Alone:
            own = msgspec.structs.replace(
                settings,
                drain_s=1,
                redis_url=settings.redis_url.removesuffix("/2") + f"/{n}",
                broker_url=settings.broker_url.removesuffix("/3") + f"/{n + 1}",
            )
            line = await stack.enter_async_context(lines(own))
            made = Alone(process, own, tmp_path / name, line)
            stack.callback(made.child.wait, 10)
            stack.callback(made.child.kill)
            return made

        robbed = await alone("worker", "robbed", 4)
        ignored = await alone("worker", "ignored", 6)
        relay = await alone("relay", "relay", 8)
        await robbed.works()
        await ignored.works()
        await relay.listens()
        robbed.line.database.cut()
        ignored.line.database.hush()
        relay.line.database.hush()
        await robbed.takes_a_ring()
        await ignored.takes_a_ring()
        robbed.line.valkey.cut()
        ignored.line.valkey.hush()
        relay.line.valkey.hush()
        ended = await asyncio.gather(*(each.told_to_end() for each in (robbed, ignored, relay)))
        # Who is refused gives up by itself; who waits for an answer is cut off, and tells where.
        assert ended == [0, 1, 1], await robbed.said()
        for each in (ignored, relay):
            assert "Timeout (0:00:06)!" in await each.said()


async def test_the_command_lists_and_replays_parked_jobs(world: World, settings: Settings) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "guerdon.cli", "jobs", *arguments,
             "--tenant", world.tenant.slug],
            env=environment(settings), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    ana = await world.member(1000)
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    assert "redemption.order" in command("list").stdout
    async with world.rt.db.write(world.tenant.id) as s:
        await s.execute(
            "UPDATE app.outbox SET parked_at = now(), attempts = 12, last_error = 'no answer'"
            " WHERE tenant_id = %(tenant_id)s AND topic = %(topic)s",
            {"topic": PlaceOrder.topic},
        )
    listed = command("parked").stdout
    assert "redemption.order" in listed
    assert "no answer" in listed
    message_id = listed.split()[0]
    await world.drain()
    assert (await world.read(placed.id)).state == "authorised"
    assert command("replay", message_id).stdout == "1 replayed\n"
    again = command("replay", message_id)
    assert (again.returncode, again.stdout) == (1, "0 replayed\n")
    await world.drain()
    assert (await world.read(placed.id)).state == "confirmed"
    assert await world.violations() == []

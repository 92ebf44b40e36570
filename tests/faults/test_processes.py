"""The real processes: they do the work, drain on SIGTERM, and the command shows what was parked."""

import asyncio
import signal
import subprocess
import sys
import time
from typing import Any

from tests import calls
from tests.faults.fleet import environment
from tests.redemption.conftest import world as world  # the fixture
from tests.redemption.world import World

from guerdon.plumbing import outbox
from guerdon.plumbing.cache import WORKER_ALIVE
from guerdon.redemption.messages import PlaceOrder
from guerdon.settings import Settings


def start(settings: Settings, process: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "guerdon.cli", process],
        env=environment(settings),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
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
        assert worker.wait(30) == 0
        assert [r.topic for r in await waiting() if r.leased] == []
        letters = calls.get(f"{peers.mailbox.url}/api/messages").json()["items"]
        assert sum(placed.number in letter["subject"] for letter in letters) == 1
        assert (await world.read(placed.id)).state == "confirmed"
    finally:
        for process in (relay, worker):
            process.terminate()
            process.wait(30)


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

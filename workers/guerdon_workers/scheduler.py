"""The scheduler: fires what happens again and again, as one outbox message per tenant and slot.

Any number may run. The schedule's row is locked while it is fired, and the messages' ids follow
from the slot.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec
import structlog

from guerdon.plumbing.outbox import Message
from guerdon.runtime import Runtime
from guerdon_workers.broker import TRANSIENT

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 1.0


class Every(msgspec.Struct, frozen=True):
    """Send `message` (which has no fields) to every tenant each `seconds`, aligned to the epoch."""

    name: str
    message: type[Message]
    seconds: int


async def declare(rt: Runtime, schedules: Sequence[Every]) -> None:
    """Make the stored schedules those of this release."""
    async with rt.db.control() as s:
        for each in schedules:
            await s.value(
                "SELECT ctl.schedule_declare_v1(%(name)s, %(topic)s, %(queue)s, %(every)s)",
                {
                    "name": each.name,
                    "topic": each.message.topic,
                    "queue": each.message.queue,
                    "every": each.seconds,
                },
            )
        await s.value(
            "SELECT ctl.schedule_retire_v1(%(names)s)", {"names": [e.name for e in schedules]}
        )


async def fire_due(rt: Runtime) -> list[str]:
    """Fire everything that is due now; the names of what was fired."""
    fired: list[str] = []
    while True:
        async with rt.db.control() as s:
            name = await s.value("SELECT ctl.schedule_fire_v1()")
        if name is None:
            return fired
        fired.append(name)


async def run_scheduler(rt: Runtime, schedules: Sequence[Every], stop: asyncio.Event) -> None:
    """Fire until told to stop."""
    declared = False
    while not stop.is_set():
        try:
            if not declared:
                await declare(rt, schedules)
                declared = True
            for name in await fire_due(rt):
                log.info("schedule.fired", schedule=name)
        except TRANSIENT as error:
            log.warning("scheduler.waits", error=str(error))
        try:
            await asyncio.wait_for(stop.wait(), timeout=LOOK_EVERY_S)
        except TimeoutError:
            continue

"""Tasks end when told to, also one that is told in the moment for which it waits."""

import asyncio

import pytest

from guerdon.kit import tasks
from guerdon.kit.tasks import ended


async def test_a_cancellation_that_is_lost_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_AGAIN_S", 0.01)
    there, rounds = asyncio.Event(), 0

    async def again_and_again() -> None:
        nonlocal rounds
        while True:
            try:
                await asyncio.wait_for(there.wait(), 60)
            except asyncio.CancelledError:
                # What wait_for of Python 3.11 does by itself; later ones are made to.
                if not rounds:
                    rounds += 1
                    continue
                raise
            rounds += 1
            there.clear()

    task = asyncio.create_task(again_and_again())
    await asyncio.sleep(0)
    await asyncio.wait_for(ended(task), 5)
    assert (task.cancelled(), rounds) == (True, 1)


async def test_what_it_failed_with_is_told() -> None:
    async def fails() -> None:
        raise LookupError("lost")

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    with pytest.raises(LookupError, match="lost"):
        await ended(task)


async def test_one_that_has_ended_is_not_waited_for() -> None:
    async def done() -> int:
        return 1

    task = asyncio.create_task(done())
    await task
    await ended(task)
    assert task.result() == 1

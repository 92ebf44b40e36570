"""A crowd asks once."""

import asyncio

import pytest

from guerdon.plumbing.flight import SingleFlight


async def test_a_crowd_asks_once_and_the_next_asks_again() -> None:
    asked = 0
    gate = asyncio.Event()

    async def look_up() -> int:
        nonlocal asked
        asked += 1
        await gate.wait()
        return asked

    flight: SingleFlight[str, int] = SingleFlight()
    crowd = [asyncio.create_task(flight.run("a", look_up)) for _ in range(50)]
    await asyncio.sleep(0)
    crowd[0].cancel()
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*crowd, return_exceptions=True)
    assert answers[1:] == [1] * 49
    assert isinstance(answers[0], asyncio.CancelledError)
    assert await flight.run("a", look_up) == 2


async def test_an_error_reaches_everybody_and_is_not_kept() -> None:
    async def fail() -> int:
        raise LookupError

    async def work() -> int:
        return 7

    flight: SingleFlight[str, int] = SingleFlight()
    for answer in await asyncio.gather(*(flight.run("a", fail) for _ in range(3)),
                                       return_exceptions=True):  # fmt: skip
        assert isinstance(answer, LookupError)
    assert await flight.run("a", work) == 7
    with pytest.raises(LookupError):
        await flight.run("b", fail)

"""A brand's heap of jobs: two compute at a time, each followed by a rest; nobody else waits."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import pytest

from guerdon.plumbing import pace
from guerdon.plumbing.pace import Pace


async def test_two_of_a_brand_compute_at_a_time_and_others_beside_them() -> None:
    turns = Pace(wait_s=0.01)
    one, other = uuid4(), uuid4()
    first = await turns.turn(one)
    await turns.turn(one)
    with pytest.raises(TimeoutError):
        await turns.turn(one)
    await turns.turn(other)
    first.hand_on()
    first.hand_on()  # a job hands on when it goes outside, and at its end
    await turns.turn(one)
    with pytest.raises(TimeoutError):
        await turns.turn(one)


async def test_who_is_in_line_waits_for_a_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    loop = asyncio.get_running_loop()
    took = iter([100.0, 200.0, 200.01, 300.0, 307.0, 400.0])
    later = loop.call_later

    def noted(delay: float, *args: object) -> asyncio.TimerHandle:
        rests.append(round(delay, 3))
        return later(0, *args)  # type: ignore[arg-type]

    turns, brand = Pace(wait_s=60), uuid4()
    monkeypatch.setattr(pace, "time", SimpleNamespace(perf_counter=lambda: next(took)))
    other = await turns.turn(brand)
    held = await turns.turn(brand)
    waiting = [asyncio.create_task(turns.turn(brand)) for _ in range(2)]
    await asyncio.sleep(0)  # both are in line now
    monkeypatch.setattr(loop, "call_later", noted)
    held.hand_on()
    held = await waiting[0]
    held.hand_on()
    held = await waiting[1]
    # Nobody is in line any more.
    held.hand_on()
    other.hand_on()
    # As long as it took, half a second at most.
    assert rests == [0.01, 0.5]

"""Corrections by hand: above the limit they are a question to a second person, not points."""

import asyncio

import pytest

from guerdon.ledger import adjustments
from guerdon.ledger.errors import (
    AdjustmentDecidedError,
    FourEyesError,
    NotEnoughPointsError,
    PointsOutOfRangeError,
)
from guerdon.plumbing.idempotency import IdempotencyKeyReusedError


async def decide(b, request_id, *, approve: bool, principal: str):
    async with b.rt.db.write(b.tenant.id) as s:
        return await adjustments.decide(
            s, request_id=request_id, approve=approve, principal=principal, now=b.now
        )


@pytest.fixture
async def limited(bench_of):
    return await bench_of(points={"adjustment_approval_limit": 1_000})


async def test_within_the_limit_points_move_at_once(limited) -> None:
    done = await limited.adjust(1_000, key="k")
    assert (done.change.posted, done.request_id) == (1_000, None)
    again = await limited.adjust(1_000, key="k")
    assert again.replayed
    assert again.change.transaction_id == done.change.transaction_id
    with pytest.raises(IdempotencyKeyReusedError):
        await limited.adjust(999, key="k")
    down = await limited.adjust(-400)
    assert (down.change.points, down.change.posted) == (-400, 600)
    with pytest.raises(NotEnoughPointsError) as refused:
        await limited.adjust(-601)
    assert refused.value.params == {"needed": 601, "available": 600}
    with pytest.raises(PointsOutOfRangeError):
        await limited.adjust(0)
    assert (await limited.balance()).posted == 600
    await limited.proven()


async def test_above_the_limit_it_is_a_request(limited) -> None:
    asked = await limited.adjust(5_000, key="k", principal="agent:1")
    assert asked.change is None
    assert (await limited.balance()).posted == 0
    again = await limited.adjust(5_000, key="k", principal="agent:1")
    assert (again.request_id, again.replayed) == (asked.request_id, True)
    with pytest.raises(FourEyesError):
        await decide(limited, asked.request_id, approve=True, principal="agent:1")
    assert (await limited.balance()).posted == 0
    async with limited.rt.db.write(limited.tenant.id) as s:
        (waiting,) = await adjustments.awaiting(s)
    assert (waiting.id, waiting.points, waiting.requested_by) == (
        asked.request_id,
        5_000,
        "agent:1",
    )
    done = await decide(limited, asked.request_id, approve=True, principal="agent:2")
    assert done.change.posted == 5_000
    with pytest.raises(AdjustmentDecidedError):
        await decide(limited, asked.request_id, approve=True, principal="agent:3")
    assert (await limited.balance()).posted == 5_000
    await limited.proven()


async def test_a_rejected_request_moves_nothing(limited) -> None:
    asked = await limited.adjust(-5_000)
    await decide(limited, asked.request_id, approve=False, principal="key:b")
    with pytest.raises(AdjustmentDecidedError):
        await decide(limited, asked.request_id, approve=True, principal="key:c")
    assert (await limited.balance()).posted == 0
    await limited.proven()


async def test_two_approvers_at_once_make_points_once(limited) -> None:
    asked = await limited.adjust(5_000)
    answers = await asyncio.gather(
        *(decide(limited, asked.request_id, approve=True, principal=f"key:{n}") for n in "bcde"),
        return_exceptions=True,
    )
    assert sum(isinstance(a, AdjustmentDecidedError) for a in answers) == 3
    assert (await limited.balance()).posted == 5_000
    await limited.proven()

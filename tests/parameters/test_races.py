"""The same moment: every pair runs in parallel transactions, many times over."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any

from tests.parameters.conftest import TWO, Desk

from guerdon.parameters.change_sets import (
    ChangeSet,
    OwnChangeError,
    StaleDraftError,
    WrongStateError,
)
from guerdon.parameters.operations import publish

ROUNDS = 8
DECEMBER = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)


async def race(*steps: Awaitable[Any]) -> tuple[list[ChangeSet], list[BaseException]]:
    """What came through, and what was refused."""
    done = await asyncio.gather(*steps, return_exceptions=True)
    return (
        [d for d in done if not isinstance(d, BaseException)],
        [d for d in done if isinstance(d, BaseException)],
    )


async def test_of_two_publishers_one_comes_second(desk: Desk) -> None:
    for n in range(ROUNDS):
        base = await desk.version()
        drafts = [
            await desk.begin("ann", points__price_factor=str(200 + n)),
            await desk.begin("bob", branding__tagline={"en": f"Round {n}"}),
        ]
        done, refused = await race(*(desk.publish(d, d.author) for d in drafts))
        assert [type(e) for e in refused] == [StaleDraftError]
        assert [d.version for d in done] == [base + 1]
        assert await desk.version() == base + 1
    assert await desk.versions() == ROUNDS + 1


async def test_a_set_is_published_once(desk: Desk) -> None:
    for n in range(ROUNDS):
        draft = await desk.begin(points__price_factor=str(200 + n))
        done, refused = await race(*(desk.publish(draft) for _ in range(4)))
        assert len(done) == 1
        assert {type(e) for e in refused} == {WrongStateError}
    assert await desk.versions() == ROUNDS + 1


async def test_publishing_and_scheduling_both_count(desk: Desk) -> None:
    """Whoever is first, after the instant both changes hold."""
    for n in range(ROUNDS):
        now = await desk.begin("ann", points__price_factor=str(200 + n))
        later = await desk.begin("bob", programme__support_email=f"help{n}@example.com")
        done, refused = await race(
            desk.publish(now, "ann"), desk.schedule(later, "2026-12-01T00:00", "bob")
        )
        if refused:
            # The schedule came second, to a draft of the version before.
            assert [type(e) for e in refused] == [StaleDraftError]
            assert [d.id for d in done] == [now.id]
        else:
            at = await desk.content(DECEMBER)
            assert at["points"]["price_factor"] == str(200 + n)
            assert at["programme"]["support_email"] == f"help{n}@example.com"
            scheduled = await desk.look(later)
            assert await desk.version(DECEMBER) == scheduled.version
            await desk.unschedule(scheduled, "bob")
        assert (await desk.content())["points"]["price_factor"] == str(200 + n)


async def test_of_two_editors_one_is_told(desk: Desk) -> None:
    draft = await desk.begin(points__price_factor="120")
    for n in range(ROUNDS):
        done, refused = await race(
            desk.edit(draft, {"points.price_factor": str(300 + n)}, actor="ann"),
            desk.edit(draft, {"points.price_factor": str(400 + n)}, actor="bob"),
        )
        assert [type(e) for e in refused] == [StaleDraftError]
        (draft,) = done
        assert (await desk.look(draft)).edits == draft.edits


async def test_an_approval_never_covers_a_later_edit(desk: Desk) -> None:
    for n in range(ROUNDS):
        draft = await desk.submit(await desk.begin(points__price_factor=str(200 + n)))
        done, refused = await race(
            desk.approve(draft, "bob", draft.row_version),
            desk.edit(draft, {"points.price_factor": str(900 + n)}),
        )
        assert {type(e) for e in refused} <= {StaleDraftError, WrongStateError}
        after = await desk.look(draft)
        if after.state == "approved":
            assert after.edits[0].after == str(200 + n)
        else:
            assert (after.state, after.edits[0].after) == ("draft", str(900 + n))
            _, barred = await race(desk.publish(after, "ann", TWO))
            assert [type(e) for e in barred] == [OwnChangeError]
        assert (len(done), len(refused)) == (1, 1)


async def test_versions_have_no_gap_and_no_double(desk: Desk) -> None:
    """A folder applied by many at once: each is a version, the last one holds."""

    async def apply(n: int) -> int:
        async with desk.rt.db.write(desk.tenant.id) as s:
            done = await publish(
                s, registry=desk.rt.snapshots.registry, author="cli", now=desk.now,
                content={"programme": {"name": f"Name {n}"}},
            )  # fmt: skip
        return done.version

    numbers = await asyncio.gather(*(apply(n) for n in range(12)))
    assert sorted(numbers) == list(range(2, 14))
    last = numbers.index(13)
    assert (await desk.content())["programme"]["name"] == f"Name {last}"


async def test_a_rollback_and_a_publication_stand_in_line(desk: Desk) -> None:
    await desk.publish(await desk.begin(points__price_factor="120"))
    draft = await desk.begin("bob", branding__corners="round")
    done, refused = await race(desk.roll_back(1, "cia"), desk.publish(draft, "bob"))
    assert len(done) + len(refused) == 2
    content = await desk.content()
    # Either the draft was stale by then, or all of it was taken back with the rest.
    assert {type(e) for e in refused} <= {StaleDraftError}
    assert (content["points"]["price_factor"], content["branding"]["corners"]) == ("100", "soft")
    assert await desk.versions() == (3 if refused else 4)

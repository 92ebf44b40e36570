"""Scheduled versions: the exact instant, what is carried over, what refuses."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.parameters.conftest import TWO, Desk

from guerdon.parameters.change_sets import OwnChangeError, StaleDraftError
from guerdon.parameters.sections import InvalidParametersError
from guerdon.parameters.timeline import ScheduledConflictError, TooSoonError
from guerdon.parameters.wall_clock import (
    AmbiguousTimeError,
    TimeInGapError,
    TimeInPastError,
)
from guerdon.tiers.parameters import TierParameters

# Midnight of 1 December in São Paulo.
DECEMBER = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
JUST_BEFORE = DECEMBER - timedelta(microseconds=1)


async def test_it_holds_from_the_exact_instant_on(desk: Desk) -> None:
    done = await desk.schedule(await desk.begin(tiers__period="calendar_year"), "2026-12-01T00:00")
    assert (done.state, done.version, done.effective_at) == ("scheduled", 2, DECEMBER)
    await desk.rt.snapshots.load(desk.tenant.id)
    for instant, version, period in (
        (desk.now, 1, "lifetime"),
        (JUST_BEFORE, 1, "lifetime"),
        (DECEMBER, 2, "calendar_year"),
    ):
        snapshot = await desk.rt.snapshot(desk.tenant.id, instant)
        assert (snapshot.version, snapshot[TierParameters].period) == (version, period)
        assert await desk.version(instant) == version
    assert (await desk.look(done, JUST_BEFORE)).state == "scheduled"
    assert (await desk.look(done, DECEMBER)).state == "published"


async def test_publishing_now_carries_the_schedule_over(desk: Desk) -> None:
    later = await desk.schedule(await desk.begin(tiers__period="calendar_year"), "2026-12-01T00:00")
    last = await desk.schedule(await desk.begin(branding__corners="round"), "2026-12-24T18:00")
    await desk.publish(await desk.begin(points__price_factor="120"))
    assert [await desk.version(t) for t in (desk.now, DECEMBER, last.effective_at)] == [4, 5, 6]
    now, then, end = [await desk.content(t) for t in (desk.now, DECEMBER, last.effective_at)]
    assert (now["points"]["price_factor"], now["tiers"]["period"]) == ("120", "lifetime")
    assert (then["points"]["price_factor"], then["tiers"]["period"]) == ("120", "calendar_year")
    assert (end["tiers"]["period"], end["branding"]["corners"]) == ("calendar_year", "round")
    moved = await desk.look(later)
    assert (moved.state, moved.version, moved.base_version) == ("scheduled", 5, 4)
    assert [e.path for e in moved.edits] == ["tiers.period"]
    await desk.rt.snapshots.load(desk.tenant.id)
    assert (await desk.rt.snapshot(desk.tenant.id, DECEMBER)).version == 5
    assert await desk.versions() == 6


async def test_a_set_between_two_moves_the_later_one(desk: Desk) -> None:
    last = await desk.schedule(await desk.begin(branding__corners="round"), "2026-12-24T18:00")
    await desk.schedule(await desk.begin(tiers__period="calendar_year"), "2026-12-01T00:00")
    end = await desk.content(last.effective_at)
    assert (end["tiers"]["period"], end["branding"]["corners"]) == ("calendar_year", "round")
    assert (await desk.content(DECEMBER))["branding"]["corners"] == "soft"


async def test_what_contradicts_the_schedule_is_refused_by_its_name(desk: Desk) -> None:
    await desk.schedule(await desk.begin(points__price_factor="130"), "2026-12-01T00:00")
    draft = await desk.begin(points__price_factor="120", branding__corners="round")
    with pytest.raises(ScheduledConflictError) as caught:
        await desk.publish(draft)
    assert "“A change” (version 2)" in caught.value.detail
    assert caught.value.params == {"version": 2, "scheduled": "A change"}
    assert [c.path for c in caught.value.conflicts] == ["points.price_factor"]
    assert await desk.versions() == 2
    with pytest.raises(ScheduledConflictError):
        await desk.schedule(draft, "2026-12-24T18:00")
    # Before the scheduled one, it contradicts it just the same.
    with pytest.raises(ScheduledConflictError):
        await desk.schedule(draft, "2026-11-20T00:00")


async def test_a_scheduled_set_that_would_break_a_rule_is_named(desk: Desk) -> None:
    draft = await desk.edit(await desk.begin(), {"tiers.tiers[silver].threshold": 9_000})
    await desk.schedule(draft, "2026-12-01T00:00")
    lower = await desk.edit(await desk.begin(), {"tiers.tiers[gold].threshold": 5_000})
    with pytest.raises(ScheduledConflictError, match="gold must need more than silver") as caught:
        await desk.publish(lower)
    assert caught.value.field == "tiers.tiers[gold].threshold"
    assert await desk.versions() == 2


async def test_taken_off_it_never_takes_effect(desk: Desk) -> None:
    first = await desk.schedule(await desk.begin(tiers__period="calendar_year"), "2026-12-01T00:00")
    last = await desk.schedule(await desk.begin(branding__corners="round"), "2026-12-24T18:00")
    off = await desk.unschedule(first)
    assert (off.state, off.version, off.effective_at, off.base_version) == ("draft", None, None, 1)
    assert [e.path for e in off.edits] == ["tiers.period"]
    assert await desk.version(DECEMBER) == 1
    end = await desk.content(last.effective_at)
    assert (end["tiers"]["period"], end["branding"]["corners"]) == ("lifetime", "round")
    await desk.rt.snapshots.load(desk.tenant.id)
    assert (await desk.rt.snapshot(desk.tenant.id, DECEMBER)).version == 1
    # It is a draft as any other.
    assert (await desk.publish(off)).state == "published"


async def test_once_in_force_it_is_not_taken_off(desk: Desk) -> None:
    done = await desk.schedule(await desk.begin(points__price_factor="120"), "2026-12-01T00:00")
    desk.now = DECEMBER + timedelta(seconds=1)
    with pytest.raises(TimeInPastError):
        await desk.unschedule(done)
    with pytest.raises(psycopg.errors.CheckViolation):
        async with desk.rt.db.write(desk.tenant.id) as s:
            await s.execute(
                "INSERT INTO app.parameter_withdrawal VALUES"
                " (%(tenant_id)s, 2, %(at)s, %(at)s, 'x')",
                {"at": DECEMBER},
            )


async def test_a_draft_from_before_is_stale_after_the_instant(desk: Desk) -> None:
    draft = await desk.begin(branding__corners="round")
    await desk.schedule(await desk.begin(tiers__period="calendar_year"), "2026-12-01T00:00")
    desk.now = DECEMBER
    with pytest.raises(StaleDraftError):
        await desk.publish(draft)
    assert (await desk.publish(draft, rebase=True)).version == 3
    content = await desk.content()
    assert (content["tiers"]["period"], content["branding"]["corners"]) == (
        "calendar_year", "round",
    )  # fmt: skip


async def test_nothing_moves_seconds_before_the_instant(desk: Desk) -> None:
    await desk.schedule(await desk.begin(tiers__period="calendar_year"), "2026-12-01T00:00")
    draft = await desk.begin(branding__corners="round")
    desk.now = DECEMBER - timedelta(seconds=2)
    with pytest.raises(TooSoonError):
        await desk.publish(draft)
    assert await desk.versions() == 2


async def test_the_author_does_not_schedule_alone(desk: Desk) -> None:
    draft = await desk.begin(points__price_factor="120")
    with pytest.raises(OwnChangeError):
        await desk.schedule(draft, "2026-12-01T00:00", "ann", TWO)
    done = await desk.schedule(await desk.submit(draft), "2026-12-01T00:00", "bob", TWO)
    assert done.state == "scheduled"


@pytest.mark.parametrize(
    ("zone", "local", "error"),
    [
        ("America/Sao_Paulo", "2026-11-12T08:59", TimeInPastError),
        ("America/Sao_Paulo", "2026-11-12T09:00", TimeInPastError),
        ("Europe/Lisbon", "2027-03-28T01:30", TimeInGapError),
        ("America/New_York", "2027-11-07T01:30", AmbiguousTimeError),
    ],
)
async def test_a_moment_that_is_none_is_refused(
    desk: Desk, zone: str, local: str, error: type[Exception]
) -> None:
    if zone != "America/Sao_Paulo":
        await desk.publish(await desk.begin(programme__time_zone=zone))
    draft = await desk.begin(branding__corners="round")
    versions = await desk.versions()
    with pytest.raises(error):
        await desk.schedule(draft, local)
    assert await desk.versions() == versions


async def test_an_hour_that_comes_twice_is_told_apart(desk: Desk) -> None:
    await desk.publish(await desk.begin(programme__time_zone="America/New_York"))
    draft = await desk.begin(branding__corners="round")
    done = await desk.schedule(draft, "2027-11-07T01:30", fold="later")
    assert done.effective_at == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    off = await desk.unschedule(done)
    done = await desk.schedule(off, "2027-11-07T01:30", fold="earlier")
    assert done.effective_at == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


async def test_a_broken_rule_is_not_scheduled(desk: Desk) -> None:
    draft = await desk.edit(await desk.begin(), {"tiers.tiers[gold].threshold": 1})
    with pytest.raises(InvalidParametersError):
        await desk.schedule(draft, "2026-12-01T00:00")

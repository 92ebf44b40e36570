"""The time on the wall as an instant."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from guerdon.kit.errors import InvalidError
from guerdon.parameters.wall_clock import AmbiguousTimeError, TimeInGapError, instant_of


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        ("2026-12-01T00:00", "America/Sao_Paulo", "2026-12-01T03:00:00+00:00"),
        ("2026-12-01T00:00:30", "Asia/Kolkata", "2026-11-30T18:30:30+00:00"),
        ("2026-07-01T09:00", "Europe/Lisbon", "2026-07-01T08:00:00+00:00"),
        ("2026-12-01T00:00", "UTC", "2026-12-01T00:00:00+00:00"),
    ],
)
def test_instants(local: str, zone: str, instant: str) -> None:
    assert instant_of(local, ZoneInfo(zone)).isoformat() == instant


@pytest.mark.parametrize(
    ("local", "zone", "exists"),
    [
        ("2027-03-28T01:30", "Europe/Lisbon", "2027-03-28T02:00"),
        ("2027-03-14T02:00", "America/New_York", "2027-03-14T03:00"),
        ("2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-04T02:30"),
        # A whole day that Samoa never had.
        ("2011-12-30T12:00", "Pacific/Apia", "2011-12-31T00:00"),
    ],
)
def test_a_gap_names_the_next_time(local: str, zone: str, exists: str) -> None:
    with pytest.raises(TimeInGapError) as caught:
        instant_of(local, ZoneInfo(zone))
    assert caught.value.params["next"] == exists
    instant_of(exists, ZoneInfo(zone))


def test_a_fold_asks_which() -> None:
    zone = ZoneInfo("America/New_York")
    with pytest.raises(AmbiguousTimeError) as caught:
        instant_of("2026-11-01T01:30", zone)
    assert caught.value.field == "fold"
    for local, fold, hour in (
        ("2026-11-01T01:30", "earlier", 5),
        ("2026-11-01T01:30", "later", 6),
        ("2026-11-01T03:30", "later", 8),
    ):
        assert instant_of(local, zone, fold) == datetime(2026, 11, 1, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "local",
    ["tomorrow", "2026-12-01", "2026-12-01T00:00Z", "2026-12-01T00:00+02:00", "2026-13-01T00:00"],
)
def test_anything_else_is_no_time(local: str) -> None:
    with pytest.raises(InvalidError) as caught:
        instant_of(local, ZoneInfo("UTC"))
    assert caught.value.field == "local"

"""The last day of points: every model, short months, leap days, zones, long validity."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from guerdon.ledger.expiry import NEVER, add_months, last_day, local_day
from guerdon.ledger.parameters import Validity


def rolling(months: int = 0, days: int = 0) -> Validity:
    return Validity(model="rolling", months=months, days=days)


def fixed(month: int, day: int, years_ahead: int = 0) -> Validity:
    return Validity(model="fixed_date", month=month, day=day, years_ahead=years_ahead)


@pytest.mark.parametrize(
    ("validity", "earned", "last"),
    [
        (Validity(), "2026-03-01", "9999-12-31"),
        (rolling(months=1), "2026-01-31", "2026-02-28"),
        (rolling(months=1), "2024-01-31", "2024-02-29"),
        (rolling(months=12), "2024-02-29", "2025-02-28"),
        (rolling(months=48), "2024-02-29", "2028-02-29"),
        (rolling(months=120), "2026-02-28", "2036-02-28"),
        (rolling(months=120), "2024-02-29", "2034-02-28"),
        (rolling(months=240), "2026-11-30", "2046-11-30"),
        (rolling(days=90), "2026-12-01", "2027-03-01"),
        (rolling(days=1), "2024-02-28", "2024-02-29"),
        (rolling(months=1, days=1), "2026-01-31", "2026-03-01"),
        (fixed(12, 31), "2026-12-31", "2026-12-31"),
        (fixed(12, 31), "2026-01-01", "2026-12-31"),
        (fixed(3, 31), "2026-04-01", "2027-03-31"),
        (fixed(3, 31, years_ahead=2), "2026-03-31", "2028-03-31"),
        (fixed(3, 31, years_ahead=2), "2026-04-01", "2029-03-31"),
        (fixed(2, 29), "2026-01-01", "2026-02-28"),
        (fixed(2, 29), "2028-02-29", "2028-02-29"),
        (fixed(2, 29), "2027-03-01", "2028-02-29"),
        (fixed(2, 29, years_ahead=1), "2028-03-01", "2030-02-28"),
        (fixed(4, 30), "2026-04-30", "2026-04-30"),
    ],
)
def test_last_day(validity: Validity, earned: str, last: str) -> None:
    assert last_day(validity, date.fromisoformat(earned)) == date.fromisoformat(last)


def test_validity_never_runs_backwards() -> None:
    for validity in (rolling(months=1), rolling(months=13), fixed(2, 29), fixed(12, 31, 1)):
        days = [date.fromordinal(date(2023, 12, 1).toordinal() + n) for n in range(900)]
        lasts = [last_day(validity, day) for day in days]
        assert all(last >= day for last, day in zip(lasts, days, strict=True))
        assert lasts == sorted(lasts)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("America/Sao_Paulo", datetime(2027, 1, 1, 2, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        ("America/Sao_Paulo", datetime(2027, 1, 1, 3, 0, tzinfo=UTC), date(2027, 1, 1)),
        # Midnight did not exist in São Paulo on this day: the clock went from 23:59:59 to 01:00.
        ("America/Sao_Paulo", datetime(2018, 11, 4, 2, 59, 59, tzinfo=UTC), date(2018, 11, 3)),
        ("America/Sao_Paulo", datetime(2018, 11, 4, 3, 0, tzinfo=UTC), date(2018, 11, 4)),
        ("Pacific/Auckland", datetime(2026, 4, 4, 10, 59, 59, tzinfo=UTC), date(2026, 4, 4)),
        ("Pacific/Auckland", datetime(2026, 9, 26, 12, 0, tzinfo=UTC), date(2026, 9, 27)),
        ("UTC", datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_the_day_is_the_zone_s(zone: str, at: datetime, day: date) -> None:
    assert local_day(at, ZoneInfo(zone)) == day


def test_months_from_any_day_stay_in_their_month() -> None:
    assert add_months(date(2026, 10, 31), 4) == date(2027, 2, 28)
    assert add_months(date(2026, 12, 15), 0) == date(2026, 12, 15)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert date(9999, 12, 31) == NEVER

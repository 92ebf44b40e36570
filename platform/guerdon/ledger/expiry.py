"""The last day of points. Pure functions.

A day is a date in the programme's time zone, and the last day is the last on which points can be
used: they are gone when the day after it begins. Points that live for ever have `NEVER`, which is
a date so that it sorts and compares like one.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from guerdon.ledger.parameters import Validity

NEVER: Final = date(9999, 12, 31)


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The date in `zone` at the instant `at`."""
    return at.astimezone(zone).date()


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the last day of a month that is too short."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def last_day(validity: Validity, earned_on: date) -> date:
    """The last day on which points earned on `earned_on` can be used."""
    match validity.model:
        case "rolling":
            return add_months(earned_on, validity.months) + timedelta(days=validity.days)
        case "fixed_date":
            year = earned_on.year + validity.years_ahead
            end = _clipped(year, validity.month, validity.day)
            if _clipped(earned_on.year, validity.month, validity.day) < earned_on:
                end = _clipped(year + 1, validity.month, validity.day)
            return end
        case _:
            return NEVER


def _clipped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))

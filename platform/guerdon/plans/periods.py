"""A period is a calendar month in UTC of real time, whatever a sandbox's own clock shows."""

from datetime import UTC, date, datetime, timedelta


def period_of(at: datetime) -> date:
    """The first day of the period that an instant lies in."""
    return at.astimezone(UTC).date().replace(day=1)


def start_of(period: date) -> datetime:
    """When the period begins."""
    return datetime(period.year, period.month, 1, tzinfo=UTC)


def following(period: date) -> date:
    """The period after it."""
    return (period.replace(day=28) + timedelta(days=4)).replace(day=1)


def preceding(period: date) -> date:
    """The period before it."""
    return (period - timedelta(days=1)).replace(day=1)


def end_of(period: date) -> datetime:
    """When the period is over: the first instant of the next one."""
    return start_of(following(period))


def days_of(period: date) -> int:
    """How many days it has."""
    return (following(period) - period).days

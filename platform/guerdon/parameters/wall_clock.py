"""The time on the wall of a programme's zone, as an instant."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from guerdon.kit.errors import InvalidError

Fold = Literal["earlier", "later"]
_SEARCHED = timedelta(hours=26)


class TimeInGapError(InvalidError):
    """The clocks jump over this time."""

    code = "time_in_gap"
    title = "This time does not exist"


class AmbiguousTimeError(InvalidError):
    """The clocks show this time twice."""

    code = "ambiguous_time"
    title = "This time comes twice"


class TimeInPastError(InvalidError):
    """The moment is over, or too near to reach every process before it."""

    code = "time_in_past"
    title = "This time is over"


def instant_of(local: str, zone: ZoneInfo, fold: Fold | None = None) -> datetime:
    """The instant at which the clocks of `zone` show `local` (`2026-12-01T00:00`), in UTC.

    `fold` chooses where the clocks show it twice. Raises InvalidError, TimeInGapError,
    AmbiguousTimeError.
    """
    try:
        wall = datetime.fromisoformat(local)
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or "T" not in local or wall.microsecond:
        raise InvalidError(
            "Write the day and the time of the programme's zone, as 2026-12-01T00:00.",
            field="local",
        )
    first, second = (wall.replace(tzinfo=zone, fold=n) for n in (0, 1))
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        exists = _after_gap(wall, zone)
        raise TimeInGapError(
            f"The clocks of {zone.key} jump over {local}. The next time there is"
            f" {exists.isoformat(timespec='minutes')}.",
            field="local",
            zone=zone.key,
            next=exists.isoformat(timespec="minutes"),
        )
    if first.utcoffset() != second.utcoffset() and fold is None:
        raise AmbiguousTimeError(
            f"The clocks of {zone.key} show {local} twice. Say which: `earlier` or `later`.",
            field="fold",
            zone=zone.key,
        )
    return (second if fold == "later" else first).astimezone(UTC)


def _after_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first time on the wall after the jump that swallowed `wall`."""
    low = int((wall - _SEARCHED).replace(tzinfo=zone).timestamp())
    high = int((wall + _SEARCHED).replace(tzinfo=zone).timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).replace(tzinfo=None) > wall:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, zone).replace(tzinfo=None)

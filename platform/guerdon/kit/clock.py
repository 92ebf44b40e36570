"""Time. The domain never asks for it: faces and jobs take an instant here and hand it down."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec


class Clock(Protocol):
    """Where an instant comes from: the machine's clock, or a test clock."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved forward: sandbox tenants and tests."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("start must be aware")
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward; a clock never goes back."""
        if by < timedelta(0):
            raise ValueError("a clock never goes back")
        self._now += by


class TenantClock(msgspec.Struct, frozen=True):
    """How a programme's time stands to real time.

    A sandbox may be `ahead`; while its time is being moved it stands at the instant whose turn it
    is. Everywhere else the two are the same.
    """

    ahead: timedelta = timedelta(0)
    stands_at: datetime | None = None

    @property
    def moved(self) -> bool:
        """Whether the programme's time is not the real one."""
        return self.stands_at is not None or self.ahead != timedelta(0)

    def at(self, real: datetime) -> datetime:
        """The programme's instant at a real one."""
        return real + self.ahead if self.stands_at is None else self.stands_at

    def real(self, instant: datetime, *, now: datetime) -> datetime:
        """The real instant of one of the programme's, for those outside; `now` is real."""
        return instant - self.ahead if self.stands_at is None else now + (instant - self.stands_at)

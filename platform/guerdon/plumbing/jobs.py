"""What a job is: the types a feature writes, and the registry that the runner looks in.

A `Job` touches the outside world: `prepare` reads and decides in one transaction, `perform` calls
out in none, `record` writes the outcome in another. An `Effect` needs one transaction only. Both
may run more than once and must come to the same end: state is re-read, never carried.
"""

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.outbox import Message

M = TypeVar("M", bound=Message)
C = TypeVar("C")
O = TypeVar("O")  # noqa: E741


class PostponeError(Exception):
    """Nothing was done and nothing is wrong: come back after `after_s` (a rate, an opening)."""

    def __init__(self, after_s: float, reason: str) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Job(ABC, Generic[M, C, O]):
    """A message's handler with a call to the outside.

    `rt` is the Runtime. `perform` may be cut off after `perform_timeout_s`; that, like any error
    it raises, is an unknown outcome, so on a later attempt `ask` is called first. A `long` one may
    last longer than a lease, which is renewed until it ends.
    """

    message: type[M]
    perform_timeout_s: ClassVar[float] = 25
    long: ClassVar[bool] = False

    @abstractmethod
    async def prepare(self, rt: Any, s: WriteSession, m: M, now: datetime) -> C | None:
        """Everything `perform` needs to know, or None when there is nothing (left) to do."""

    async def ask(self, rt: Any, call: C) -> O | None:
        """What became of an earlier attempt; None where repeating the call is the question."""
        return None

    @abstractmethod
    async def perform(self, rt: Any, call: C) -> O:
        """The call to the outside, under a key that every attempt shares."""

    @abstractmethod
    async def record(self, rt: Any, s: WriteSession, m: M, outcome: O, now: datetime) -> None:
        """Write the outcome; commits together with the message being done."""

    async def parked(self, rt: Any, s: WriteSession, m: M, now: datetime) -> None:
        """The message is given up for now: say so where people look."""
        return


class Effect(ABC, Generic[M]):
    """A message's handler inside the house: one transaction, no outside call."""

    message: type[M]

    @abstractmethod
    async def apply(self, rt: Any, s: WriteSession, m: M, now: datetime) -> None:
        """The effect; commits together with the message being done."""

    async def parked(self, rt: Any, s: WriteSession, m: M, now: datetime) -> None:
        """The message is given up for now: say so where people look."""
        return


Handler = Job[Any, Any, Any] | Effect[Any]


class Handlers:
    """Which handler answers which topic."""

    def __init__(self, *handlers: Handler) -> None:
        self._by_topic: dict[str, Handler] = {}
        self.add(*handlers)

    def add(self, *handlers: Handler) -> None:
        """Register handlers; a topic has exactly one."""
        for handler in handlers:
            topic = handler.message.topic
            if topic in self._by_topic:
                raise TypeError(f"two handlers for {topic}")
            self._by_topic[topic] = handler

    def find(self, topic: str) -> Handler | None:
        """The handler of `topic`, if this process has one."""
        return self._by_topic.get(topic)

    @property
    def topics(self) -> frozenset[str]:
        """All topics that have a handler."""
        return frozenset(self._by_topic)

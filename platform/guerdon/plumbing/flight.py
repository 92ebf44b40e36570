"""One look-up at a time for one key: a crowd that finds a cache empty asks the database once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """Shares the answer of a look-up among all who ask while it is under way; keeps nothing."""

    def __init__(self) -> None:
        self._flying: dict[K, asyncio.Task[T]] = {}

    async def run(self, key: K, look_up: Callable[[], Awaitable[T]]) -> T:
        """The answer for `key`. Who gives up waiting does not take it from the others."""
        task = self._flying.get(key)
        if task is None:

            async def fly() -> T:
                return await look_up()

            task = asyncio.create_task(fly())
            self._flying[key] = task
            task.add_done_callback(lambda _: self._flying.pop(key, None))
        return await asyncio.shield(task)

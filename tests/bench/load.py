"""A load generator that costs little: prepared bytes over kept-alive connections."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop


@dataclass
class Outcome:
    """What came of a run."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds

    @property
    def p99_ms(self) -> float:
        return statistics.quantiles(self.latencies_ms, n=100)[98]


def request(method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
    """The bytes of one HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    if body is not None:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")


class _Client(asyncio.Protocol):
    def __init__(
        self, requests: Iterator[bytes], outcome: Outcome, keep: int, done: asyncio.Future[None]
    ) -> None:
        self._requests = requests
        self._outcome = outcome
        self._keep = keep
        self._done = done
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        following = next(self._requests, None)
        if following is None:
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(following)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        start = head.find(b"content-length: ")
        if start < 0:
            raise AssertionError(f"an answer without a length: {head[:200]!r}")
        length = int(head[start + 16 :].split(b"\r\n", 1)[0])
        if len(self._buffer) < head_end + 4 + length:
            return
        self._outcome.latencies_ms.append((time.perf_counter() - self._sent_at) * 1000)
        status = int(head[9:12])
        self._outcome.statuses[status] += 1
        if len(self._outcome.bodies) < self._keep:
            self._outcome.bodies.append(self._buffer[head_end + 4 :])
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


async def _run(port: int, shares: Sequence[Sequence[bytes]], keep: int) -> Outcome:
    loop = asyncio.get_running_loop()
    outcome = Outcome()
    finished = [loop.create_future() for _ in shares]
    started = time.perf_counter()
    for share, done in zip(shares, finished, strict=True):
        await loop.create_connection(
            lambda share=share, done=done: _Client(iter(share), outcome, keep, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    await asyncio.gather(*finished)
    outcome.seconds = time.perf_counter() - started
    return outcome


def fire(port: int, requests: Sequence[bytes], *, clients: int, keep: int = 0) -> Outcome:
    """Send every request once, spread over `clients` connections; the first `keep` bodies stay."""
    shares = [requests[i::clients] for i in range(clients)]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        outcome = runner.run(_run(port, shares, keep))
    missing = len(requests) - sum(outcome.statuses.values())
    if missing:
        raise AssertionError(f"{missing} requests got no answer")
    return outcome

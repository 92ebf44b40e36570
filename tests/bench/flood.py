"""A flood at a given rate, in a process of its own: as many requests a second, whatever is
answered. Says as JSON what was answered, and how many found every connection still waiting."""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from typing import cast

import uvloop
from tests.bench.load import request

CONNECTIONS = 64
# Sent in small groups: a timer for each would cost more than the request.
_TICK_S = 0.005


class _Connection(asyncio.Protocol):
    def __init__(self, told: Counter[str], free: list["_Connection"]) -> None:
        self._told = told
        self._free = free
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._free.append(self)

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r")[0])
        if len(self._buffer) < end + 4 + length:
            return
        status = head[9:12].decode()
        self._told[status] += 1
        self._told["told when"] += status == "429" and b"retry-after: " in head
        self._buffer = b""
        self._free.append(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._told["lost"] += self in self._free or bool(self._buffer)


async def flood(port: int, requests: list[bytes], *, a_second: int, seconds: float) -> Counter[str]:
    """What came of it."""
    loop = asyncio.get_running_loop()
    told: Counter[str] = Counter()
    free: list[_Connection] = []
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: _Connection(told, free), "127.0.0.1", port)
    started = time.monotonic()
    sent = 0
    while (passed := time.monotonic() - started) < seconds:
        while sent < passed * a_second:
            if free:
                free.pop().send(requests[sent % len(requests)])
            else:
                told["waiting"] += 1
            sent += 1
        # The rate is what is given, not as fast as it goes.
        await asyncio.sleep(_TICK_S)
    told["sent"] = sent - told["waiting"]
    return told


def main() -> None:
    """Send, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--path", action="append", required=True)
    parser.add_argument("--a-second", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    asked = parser.parse_args()
    requests = [request("GET", path, {"host": asked.host}) for path in asked.path]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told = runner.run(
            flood(asked.port, requests, a_second=asked.a_second, seconds=asked.seconds)
        )
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

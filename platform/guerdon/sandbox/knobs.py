"""What a peer can be told to do wrong. Read and changed over HTTP at `/_control/knobs`."""

import asyncio
import random
from typing import Literal

import msgspec

from guerdon.sandbox.web import Request, Response, json_response

Fault = Literal["fail", "drop_before", "drop_after"]


class Knobs(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Misbehaviour. A `*_next` counts down with each request that it hits; rates are 0 to 1.

    `only` limits faults to requests whose path contains it.
    """

    latency_ms: int = 0
    fail_next: int = 0
    fail_rate: float = 0.0
    drop_before_next: int = 0
    drop_after_next: int = 0
    drop_after_rate: float = 0.0
    only: str = ""
    refuse_next: int = 0
    refuse_rate: float = 0.0
    refuse_reason: str = ""
    push_delay_ms: int = 0
    push_copies: int = 1
    push_shuffle: bool = False
    push_lose_next: int = 0
    push_forge_next: int = 0
    accept_at_most: int | None = None
    packages: int = 1
    price_factor: float = 1.0

    def fault(self, path: str) -> Fault | None:
        """The fault that this request shall meet, if any; counters go down."""
        if self.only and self.only not in path:
            return None
        if self.fail_next > 0:
            self.fail_next -= 1
            return "fail"
        if self.drop_before_next > 0:
            self.drop_before_next -= 1
            return "drop_before"
        if self.drop_after_next > 0:
            self.drop_after_next -= 1
            return "drop_after"
        draw = random.random()
        if draw < self.fail_rate:
            return "fail"
        if draw < self.fail_rate + self.drop_after_rate:
            return "drop_after"
        return None

    def refusal(self, path: str, default: str) -> str | None:
        """The reason for which the work asked for at `path` shall be refused, if any."""
        if self.only and self.only not in path:
            return None
        if self.refuse_next > 0:
            self.refuse_next -= 1
            return self.refuse_reason or default
        if self.refuse_rate and random.random() < self.refuse_rate:
            return self.refuse_reason or default
        return None

    async def pause(self) -> None:
        """Be as slow as told."""
        if self.latency_ms:
            await asyncio.sleep(self.latency_ms / 1000)


class KnobBox:
    """The current knobs, and the control handlers that show, change and reset them."""

    def __init__(self) -> None:
        self.now = Knobs()

    async def show(self, request: Request) -> Response:
        """GET: the knobs as they are."""
        return json_response(self.now)

    async def change(self, request: Request) -> Response:
        """PUT: all knobs, those not named go back to harmless."""
        try:
            self.now = request.json(Knobs)
        except msgspec.MsgspecError as error:
            return json_response({"error": str(error)}, 400)
        return json_response(self.now)

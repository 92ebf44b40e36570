"""The counter: a till hands over what waits under a member's code."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.identity.policy import api_key
from guerdon.plumbing.db import WriteSession
from guerdon.redemption import counter
from guerdon.wire.openapi import Write
from guerdon.wire.requests import ApiRequest, once
from guerdon.wire.values import In, Out

TAGS = ["Redemptions"]
WRITE = {"policy": api_key("redemptions:write")}


class CollectIn(In, frozen=True):
    """The code as the member shows it; case, spaces and dashes do not matter."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]


class HandedOver(Out, frozen=True):
    """What to hand over: quantities by the redemption's line."""

    redemption_id: UUID
    number: str
    lines: dict[str, int]


@post("/counter/collect", operation_id="collectAtCounter", operation_class=Write, opt=WRITE,
      tags=TAGS, status_code=200)  # fmt: skip
async def collect(request: ApiRequest, data: JSONBody[CollectIn]) -> Response[HandedOver]:
    """Hand over what waits under a code; a code works once."""

    async def work(s: WriteSession, now: datetime) -> HandedOver:
        done = await counter.hand_over(
            request.rt, s, code=data.code, by=request.principal.label, now=now
        )
        return HandedOver(redemption_id=done.id, number=done.purchase_order, lines=done.lines)

    return await once(request, work, given=data)


HANDLERS = (collect,)

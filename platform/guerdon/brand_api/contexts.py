"""What a member bought, sent ahead so that the right offers follow from it."""

from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.identity.policy import api_key
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.members import queries as members
from guerdon.members.errors import MemberNotFoundError
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.recommendations import kept_contexts
from guerdon.recommendations.contexts import Context
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import ExternalId, In, Out

TAGS = ["Recommendations"]
READ = {"policy": api_key("recommendations:read")}
WRITE = {"policy": api_key("recommendations:write")}


class ContextIn(In, frozen=True):
    """What a member bought, under your own `reference` (a booking code, an order number).

    Name the member by exactly one of the three. Sent again under the same reference it replaces
    what was sent before, as when a bag was added to a ticket.
    """

    reference: Annotated[str, Meta(min_length=1, max_length=120, pattern="^[!-~]+$")]
    context: Context
    member_id: UUID | None = None
    external_id: ExternalId | None = None
    member_number: Annotated[str, Meta(pattern="^[0-9]{12}$")] | None = None


class KeptContext(Out, frozen=True):
    """What is kept, and the instant from which it counts no more."""

    id: UUID
    member_id: UUID
    reference: str
    recorded_at: datetime
    expires_at: datetime
    context: Context

    @classmethod
    def of(cls, kept: kept_contexts.Kept) -> "KeptContext":
        """As the domain has it."""
        return cls(
            kept.id,
            kept.member_id,
            kept.reference,
            kept.recorded_at,
            kept.expires_at,
            kept.context,
        )


class Named(Protocol):
    """Who is meant, by one of three."""

    @property
    def member_id(self) -> UUID | None: ...
    @property
    def external_id(self) -> str | None: ...
    @property
    def member_number(self) -> str | None: ...


async def whose(s: ReadSession, data: Named) -> UUID:
    """The member that is named by exactly one of three; MemberNotFoundError."""
    named = (data.member_id, data.external_id, data.member_number)
    if sum(one is not None for one in named) != 1:
        raise InvalidError(
            "Name the member by exactly one of memberId, externalId, memberNumber.",
            field="/memberId",
        )
    found = await members.wallets(
        s,
        ids=[data.member_id] if data.member_id else [],
        external_ids=[data.external_id] if data.external_id else [],
        numbers=[data.member_number] if data.member_number else [],
    )
    if not found:
        raise MemberNotFoundError
    return found[0].id


@post("/contexts", operation_id="keepContext", operation_class=Write, opt=WRITE, tags=TAGS)
async def keep(request: ApiRequest, data: JSONBody[ContextIn]) -> Response[KeptContext]:
    """Keep what a member bought: a ticket, a stay, a policy or a basket."""

    async def work(s: WriteSession, now: datetime) -> KeptContext:
        kept = await kept_contexts.keep(
            s,
            context_id=uuid7(),
            member_id=await whose(s, data),
            reference=data.reference,
            context=data.context,
            snapshot=request.snapshot,
            now=now,
        )
        return KeptContext.of(kept)

    return await once(request, work, given=data, status=201)


@get("/contexts/{context_id:uuid}", operation_id="getContext", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def one(request: ApiRequest, context_id: PathId) -> Response[KeptContext]:
    """Read what is kept of a purchase."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await kept_contexts.one(s, context_id=context_id, now=request.now)
    return answer(KeptContext.of(found))


@delete("/contexts/{context_id:uuid}", operation_id="forgetContext", operation_class=Write,
        opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def forget(request: ApiRequest, context_id: PathId) -> Response[KeptContext]:
    """Take a purchase away, as when the ticket was given back."""

    async def work(s: WriteSession, now: datetime) -> KeptContext:
        return KeptContext.of(await kept_contexts.forget(s, context_id=context_id))

    return await once(request, work)


HANDLERS = [keep, one, forget]

"""Which cards banks approved members for: filled in parts, put in force as one switch."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.identity.policy import api_key
from guerdon.kit.errors import InvalidError
from guerdon.kit.ids import uuid7
from guerdon.members.import_rows import RowError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession
from guerdon.recommendations import card_bases
from guerdon.recommendations.card_rows import LIMIT_MAX, Approval, approval
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import Email, ExternalId, In, Out

TAGS = ["Recommendations"]
READ = {"policy": api_key("recommendations:read")}
WRITE = {"policy": api_key("recommendations:write")}


_FIELDS = {
    "external_id": "externalId", "email": "email", "number": "memberNumber", "bank": "bank",
    "variant": "variant", "limit_minor": "limitMinor", "currency": "currency",
    "valid_until": "validUntil", "consent": "consent", "": "",
}  # fmt: skip


class CardBaseIn(In, frozen=True):
    """A base to be filled; it replaces the one of its name when it is put in force."""

    name: Annotated[str, Meta(pattern="^[a-z0-9]([_-]?[a-z0-9]){0,39}$")] = "crm"


class ApprovalIn(In, frozen=True):
    """One approval. Name the member by exactly one of the three."""

    bank: Annotated[str, Meta(min_length=1, max_length=80)]
    variant: Annotated[str, Meta(min_length=1, max_length=80)]
    valid_until: date
    consent: bool
    external_id: ExternalId | None = None
    email: Email | None = None
    member_number: Annotated[str, Meta(pattern="^[0-9]{12}$")] | None = None
    limit_minor: Annotated[int, Meta(ge=0, le=LIMIT_MAX)] | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None

    def cells(self) -> dict[str, str]:
        """As the line of a file would have it."""
        return {
            "external_id": self.external_id or "",
            "email": self.email or "",
            "number": self.member_number or "",
            "bank": self.bank,
            "variant": self.variant,
            "limit_minor": "" if self.limit_minor is None else str(self.limit_minor),
            "currency": self.currency or "",
            "valid_until": str(self.valid_until),
            "consent": "yes" if self.consent else "no",
        }


class ApprovalsIn(In, frozen=True):
    """Up to 1,000 approvals."""

    rows: Annotated[tuple[ApprovalIn, ...], Meta(min_length=1, max_length=card_bases.ROWS_AT_ONCE)]


class ActivationIn(In, frozen=True):
    """`complete`: only if no row of the base was rejected."""

    complete: bool = False


class CardBase(Out, frozen=True):
    """A base as it stands: loading, in_force, replaced or discarded."""

    id: UUID
    name: str
    state: str
    rows: int
    rejected: int
    created_at: datetime
    in_force_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, base: card_bases.Base) -> "CardBase":
        """As the domain has it."""
        return cls(
            base.id, base.name, base.state, base.rows, base.rejected, base.created_at,
            base.in_force_at, base.ended_at,
        )  # fmt: skip


class CardBases(Out, frozen=True):
    """The latest bases."""

    items: list[CardBase]


class RejectedRow(Out, frozen=True):
    """A row that was not taken: its number in the base, counted from 1, and why."""

    row: int
    field: str
    reason: str
    detail: str

    @classmethod
    def of(cls, error: RowError) -> "RejectedRow":
        """As the domain has it."""
        return cls(error.line, _FIELDS[error.column], error.reason, error.message)


class Taken(Out, frozen=True):
    """What became of the rows."""

    taken: int
    rejected: list[RejectedRow]


@post("/card-bases", operation_id="beginCardBase", operation_class=Write, opt=WRITE, tags=TAGS)
async def begin(request: ApiRequest, data: JSONBody[CardBaseIn]) -> Response[CardBase]:
    """Begin a base of pre-approved cards; nobody is offered anything by it yet."""

    async def work(s: WriteSession, now: datetime) -> CardBase:
        return CardBase.of(
            await card_bases.begin(
                s, base_id=uuid7(), name=data.name, principal=request.principal.label, now=now
            )
        )

    return await once(request, work, given=data, status=201)


@post("/card-bases/{base_id:uuid}/rows", operation_id="fillCardBase", operation_class=Write,
      opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def fill(
    request: ApiRequest, base_id: PathId, data: JSONBody[ApprovalsIn]
) -> Response[Taken]:
    """Add approvals to a base. A bad row has its reason, the others stand."""
    programme = request.snapshot[ProgrammeParameters]

    async def work(s: WriteSession, now: datetime) -> Taken:
        base = await card_bases.one(s, base_id=base_id)
        first = base.rows + base.rejected + 1
        today = now.astimezone(programme.zone).date()
        rows: list[Approval] = []
        bad: list[RowError] = []
        for number, row in enumerate(data.rows, start=first):
            try:
                rows.append(approval(number, row.cells(), currency=programme.currency, today=today))
            except InvalidError as error:
                reason = str(error.params.get("reason", "invalid"))
                bad.append(RowError(number, error.field or "", reason, error.detail))
        made = await card_bases.put_rows(s, base_id=base_id, rows=rows)
        await card_bases.reject(s, base_id=base_id, count=len(bad))
        rejected = sorted([*bad, *made.rejected], key=lambda e: e.line)
        return Taken(
            made.taken,
            [RejectedRow(e.line, _FIELDS[e.column], e.reason, e.message) for e in rejected],
        )

    return await once(request, work, given=data)


@post("/card-bases/{base_id:uuid}/activate", operation_id="activateCardBase",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def activate(
    request: ApiRequest, base_id: PathId, data: JSONBody[ActivationIn]
) -> Response[CardBase]:
    """Put a base in force in the place of the one of its name, as one switch.

    The answer is the base that is in force: the earlier one, if both say the same.
    """

    async def work(s: WriteSession, now: datetime) -> CardBase:
        return CardBase.of(
            await card_bases.switch(s, base_id=base_id, complete=data.complete, now=now)
        )

    return await once(request, work, given=data)


@get("/card-bases", operation_id="listCardBases", operation_class=Read, opt=READ, tags=TAGS)
async def listing(request: ApiRequest) -> Response[CardBases]:
    """List the latest bases."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(CardBases([CardBase.of(base) for base in await card_bases.latest(s)]))


@get("/card-bases/{base_id:uuid}", operation_id="getCardBase", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def one(request: ApiRequest, base_id: PathId) -> Response[CardBase]:
    """Read a base."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(CardBase.of(await card_bases.one(s, base_id=base_id)))


@delete("/card-bases/{base_id:uuid}", operation_id="discardCardBase", operation_class=Write,
        opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def discard(request: ApiRequest, base_id: PathId) -> Response[CardBase]:
    """Give up a base that is being filled, or take the one in force away."""

    async def work(s: WriteSession, now: datetime) -> CardBase:
        return CardBase.of(await card_bases.discard(s, base_id=base_id, now=now))

    return await once(request, work)


HANDLERS = [begin, listing, one, fill, activate, discard]

"""Points: balances, the ledger that explains every number, and every way they change."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.earning import corrections, returns
from guerdon.earning.schemas import Return, Returned
from guerdon.identity.policy import api_key
from guerdon.kit.errors import InvalidError
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.ledger import adjustments, queries, schemas
from guerdon.ledger.expiry import local_day
from guerdon.members import queries as members
from guerdon.parameters.sections import ProgrammeParameters, Texts
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tiers import queries as tiers
from guerdon.tiers.parameters import TierParameters
from guerdon.tiers.schemas import Standing
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.requests import ApiRequest, answer, once
from guerdon.wire.values import EventId, In, Note, Out, Points, SignedPoints, Source

TAGS = ["Points"]
READ = {"policy": api_key("points:read")}
WRITE = {"policy": api_key("points:write")}


class Tier(Out, frozen=True):
    """Where the member stands: the tier, what counts towards it, and what is missing for more."""

    tier: str | None
    qualifying: int
    next_tier: str | None
    missing: int | None
    period: int

    @classmethod
    def of(cls, standing: Standing) -> "Tier":
        """As the domain has it."""
        return msgspec.convert(standing, cls, from_attributes=True)


class Step(Out, frozen=True):
    """One step of the ladder: reached with `threshold` qualifying points."""

    key: str
    name: Texts
    threshold: int
    earn_multiplier: str
    colour: str


class Ladder(Out, frozen=True):
    """The tiers of the programme, the lowest first."""

    items: list[Step]


class Balance(Out, frozen=True):
    """A wallet now. `available` can be spent; `held` is set aside for redemptions under way."""

    posted: int
    held: int
    available: int
    debt: int
    overdue: int
    next_expiry: date | None
    next_expiry_points: int
    tier: Tier


class Transaction(Out, frozen=True):
    """One line of a wallet's history."""

    id: UUID
    kind: str
    points: int
    balance_after: int
    occurred_at: datetime
    recorded_at: datetime
    parameters_version: int
    source: str | None
    event_id: str | None
    reverses: UUID | None
    expires_on: date | None
    explanation: dict[str, Any]

    @classmethod
    def of(cls, row: schemas.Movement) -> "Transaction":
        """As the domain has it."""
        return msgspec.convert(row, cls, from_attributes=True)


class LotChange(Out, frozen=True):
    """What a transaction did to one lot of points; a null lot is debt."""

    lot: UUID | None
    points: int
    expires_on: date | None
    earned_at: datetime | None


class Explanation(Out, frozen=True):
    """Why a transaction is what it is: the rule and its inputs, the version, the lots."""

    transaction: Transaction
    lots: list[LotChange]
    undone_by: list[UUID]

    @classmethod
    def of(cls, row: schemas.Explained) -> "Explanation":
        """As the domain has it."""
        return cls(
            Transaction.of(row.movement),
            [msgspec.convert(lot, LotChange, from_attributes=True) for lot in row.lots],
            row.undone_by,
        )


class Lot(Out, frozen=True):
    """Points that can be spent, and their last day; null if they live for ever."""

    lot: UUID
    remaining: int
    expires_on: date | None
    earned_at: datetime


class Lots(Out, frozen=True):
    """Every lot, the first to go first."""

    items: list[Lot]


class AdjustIn(In, frozen=True):
    """A correction by hand, above or below zero, with its reason."""

    member_id: UUID
    points: SignedPoints
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class Adjusted(Out, frozen=True):
    """Done (`transactionId` is set), or waiting for a second key's approval (`requestId` is)."""

    transaction_id: UUID | None
    request_id: UUID | None
    points: int | None
    posted: int | None

    @classmethod
    def of(cls, made: schemas.Adjustment) -> "Adjusted":
        """As the domain has it."""
        change = made.change
        return cls(
            transaction_id=change.transaction_id if change else None,
            request_id=made.request_id,
            points=change.points if change else None,
            posted=change.posted if change else None,
        )


class AdjustmentRequest(Out, frozen=True):
    """A correction above the programme's limit."""

    id: UUID
    points: int
    reason: str
    state: str
    requested_by: str
    requested_at: datetime


class AdjustmentRequests(Out, frozen=True):
    """What waits for approval, oldest first."""

    items: list[AdjustmentRequest]


class Decision(In, frozen=True):
    """Approve or reject."""

    decision: Literal["approve", "reject"]


class ReverseIn(In, frozen=True):
    """What comes back: pieces by line, an amount, or points; everything if none is named.

    `source` and `eventId` name the return in your system: told twice, it counts once.
    """

    source: Source
    event_id: EventId
    pieces: Annotated[dict[str, Points], Meta(max_length=1000)] | None = None
    amount_minor: Annotated[int, Meta(ge=0, le=10**15)] | None = None
    points: Points | None = None
    reason: Note = ""


class Reversed(Out, frozen=True):
    """What was taken back; `uncollected` of the `due` points could not be."""

    transaction_id: UUID
    points: int
    due: int
    uncollected: int
    posted: int
    held: int
    qualifying: int
    tier: str | None

    @classmethod
    def of(cls, made: Returned) -> "Reversed":
        """As the domain has it."""
        return msgspec.convert(made, cls, from_attributes=True)


def today(snapshot: Snapshot, now: datetime) -> date:
    """The date in the programme's zone."""
    return local_day(now, snapshot[ProgrammeParameters].zone)


def ladder(snapshot: Snapshot) -> Ladder:
    """The tiers in force."""
    return Ladder(
        [
            Step(t.key, t.name, t.threshold, t.earn_multiplier, t.colour)
            for t in snapshot[TierParameters].tiers
        ]
    )


async def wallet(s: ReadSession, *, account_id: UUID, snapshot: Snapshot, now: datetime) -> Balance:
    """Balance and tier of a wallet."""
    found = await queries.balance(s, account_id=account_id, today=today(snapshot, now))
    standing = await tiers.standing(s, account_id=account_id, snapshot=snapshot, now=now)
    return Balance(
        posted=found.posted,
        held=found.held,
        available=found.available,
        debt=found.debt,
        overdue=found.overdue,
        next_expiry=found.next_expiry,
        next_expiry_points=found.next_expiry_points,
        tier=Tier.of(standing),
    )


@get("/tiers", operation_id="listTiers", operation_class=Read, opt=READ, tags=TAGS)
async def list_tiers(request: ApiRequest) -> Response[Ladder]:
    """List the programme's tiers, the lowest first."""
    return answer(ladder(request.snapshot))


@get("/members/{member_id:uuid}/balance", operation_id="getBalance", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def balance(request: ApiRequest, member_id: PathId) -> Response[Balance]:
    """Read a member's points and tier, as they are now."""
    async with request.rt.db.read(request.tenant.id) as s:
        member = await members.member(s, member_id=member_id)
        return answer(
            await wallet(
                s, account_id=member.account_id, snapshot=request.snapshot, now=request.now
            )
        )


@get("/members/{member_id:uuid}/transactions", operation_id="listTransactions",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def transactions(
    request: ApiRequest,
    member_id: PathId,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[Transaction]]:
    """List what moved a member's points, the latest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        member = await members.member(s, member_id=member_id)
        page = await queries.history(s, account_id=member.account_id, cursor=cursor, limit=limit)
    return answer(Page([Transaction.of(row) for row in page.items], page.next_cursor))


@get("/members/{member_id:uuid}/lots", operation_id="listLots", operation_class=Read, opt=READ,
     tags=TAGS)  # fmt: skip
async def lots(request: ApiRequest, member_id: PathId) -> Response[Lots]:
    """List the points that can be spent with their last days, the first to go first."""
    async with request.rt.db.read(request.tenant.id) as s:
        member = await members.member(s, member_id=member_id)
        rows = await queries.expiring(
            s, account_id=member.account_id, today=today(request.snapshot, request.now)
        )
    return answer(Lots([msgspec.convert(row, Lot, from_attributes=True) for row in rows]))


@get("/transactions/{transaction_id:uuid}", operation_id="explainTransaction",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def explain(request: ApiRequest, transaction_id: PathId) -> Response[Explanation]:
    """Read why a transaction is what it is."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(Explanation.of(await queries.explain(s, txn_id=transaction_id)))


@post("/points/adjust", operation_id="adjustPoints", operation_class=Write, opt=WRITE, tags=TAGS)
async def adjust(request: ApiRequest, data: JSONBody[AdjustIn]) -> Response[Adjusted]:
    """Correct a balance by hand. Above the programme's limit a second key has to approve."""
    key = request.idempotency_key

    async def work(s: WriteSession, now: datetime) -> Adjusted:
        member = await members.member(s, member_id=data.member_id)
        made = await corrections.adjust(
            s,
            snapshot=request.snapshot,
            account_id=member.account_id,
            points=data.points,
            reason=data.reason,
            principal=request.principal.label,
            key=key,
            now=now,
        )
        return Adjusted.of(made)

    return await once(request, work, given=data, status=201)


@get("/points/adjustments", operation_id="listAdjustmentRequests", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def awaiting(request: ApiRequest) -> Response[AdjustmentRequests]:
    """List corrections that wait for a second key's approval."""
    async with request.rt.db.read(request.tenant.id) as s:
        rows = await adjustments.awaiting(s)
    items = [msgspec.convert(row, AdjustmentRequest, from_attributes=True) for row in rows]
    return answer(AdjustmentRequests(items))


@post("/points/adjustments/{request_id:uuid}/decision", operation_id="decideAdjustment",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def decide(
    request: ApiRequest, request_id: PathId, data: JSONBody[Decision]
) -> Response[Adjusted]:
    """Approve or reject a correction that another key asked for."""

    async def work(s: WriteSession, now: datetime) -> Adjusted:
        made = await corrections.decide(
            s,
            request_id=request_id,
            approve=data.decision == "approve",
            principal=request.principal.label,
            now=now,
        )
        return Adjusted.of(made)

    return await once(request, work, given=data)


@post("/transactions/{transaction_id:uuid}/reverse", operation_id="reverseTransaction",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def reverse(
    request: ApiRequest, transaction_id: PathId, data: JSONBody[ReverseIn]
) -> Response[Reversed]:
    """Take back what a return makes undue of a credit, computed by the rules of its day."""
    named = [data.pieces, data.amount_minor, data.points]
    if sum(one is not None for one in named) > 1:
        raise InvalidError("Name pieces, an amount or points, not several.", field="points")

    async def work(s: WriteSession, now: datetime) -> Reversed:
        made = await returns.reverse(
            s,
            txn_id=transaction_id,
            what=Return(pieces=data.pieces, amount_minor=data.amount_minor, points=data.points),
            source=data.source,
            event_id=data.event_id,
            now=now,
            reason=data.reason,
        )
        return Reversed.of(made)

    return await once(request, work, given=data)


HANDLERS = [
    list_tiers,
    balance, transactions, lots, explain, adjust, awaiting, decide, reverse,
]  # fmt: skip

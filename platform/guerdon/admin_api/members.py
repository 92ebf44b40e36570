"""Members as whoever serves them sees them: found, explained."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import QueryParameter

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.admin_api.viewing import tell_viewed
from guerdon.identity import sessions
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.ledger import queries as ledger
from guerdon.ledger.expiry import local_day
from guerdon.ledger.parameters import PointsParameters
from guerdon.ledger.schemas import Explained, Movement
from guerdon.members import addresses, consents, queries, search
from guerdon.members.schemas import Member
from guerdon.parameters.sections import ProgrammeParameters, Texts
from guerdon.tiers import queries as tiers
from guerdon.tiers.parameters import TierParameters
from guerdon.wire.openapi import Read
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.values import Out

TAGS = ["Members"]
READ = {"policy": staff("members:read")}
_SHOWN = 500
Kinds = Annotated[
    Literal["earn", "redeem", "refund", "adjust", "expire", "reverse"] | None,
    QueryParameter(description="Entries of this kind only"),
]


class MemberRow(Out, frozen=True):
    """A member in a list; `points` are free to spend, but for what is overdue to expire."""

    id: UUID
    number: str | None
    name: str | None
    email: str | None
    phone: str | None
    status: str
    joined_at: datetime
    points: int


class MemberPage(Out, frozen=True):
    """Who was found, the best first; or, without words, who joined last."""

    items: list[MemberRow]
    next_cursor: str | None


class DeskBalance(Out, frozen=True):
    """A wallet now. `available` can be spent; `held` is set aside for orders under way."""

    posted: int
    held: int
    available: int
    debt: int
    overdue: int
    next_expiry: date | None
    next_expiry_points: int


class DeskBuckets(Out, frozen=True):
    """Where all points went: earned + refunded + adjusted − reversed − spent − expired = posted."""

    earned: int
    reversed: int
    spent: int
    refunded: int
    expired: int
    adjusted: int
    posted: int


class DeskTier(Out, frozen=True):
    """Where the member stands, and what is missing for the next step."""

    tier: str | None
    name: Texts
    qualifying: int
    next_tier: str | None
    next_name: Texts
    missing: int | None
    period: int


class DeskLot(Out, frozen=True):
    """Points that can be spent, and their last day; null if they live for ever."""

    remaining: int
    expires_on: date | None
    earned_at: datetime


class DeskConsent(Out, frozen=True):
    """What a member last said about a purpose; `terms` are the programme's."""

    purpose: str
    granted: bool
    text_version: str
    given_at: datetime


class DeskSession(Out, frozen=True):
    """A browser in which the member is signed in."""

    agent: str
    method: str
    started_at: datetime
    seen_at: datetime


class DeskMember(Out, frozen=True):
    """A member with everything that an answer to their question needs."""

    id: UUID
    number: str | None
    external_id: str | None
    name: str | None
    email: str | None
    email_verified: bool
    phone: str | None
    language: str | None
    status: str
    joined_at: datetime
    erased_at: datetime | None
    balance: DeskBalance
    buckets: DeskBuckets
    tier: DeskTier
    lots: list[DeskLot]
    consents: list[DeskConsent]
    sessions: list[DeskSession]
    addresses: int
    adjustment_approval_limit: int


class HistoryEntry(Out, frozen=True):
    """One line of a wallet's history; `explanation` holds the rule's inputs."""

    id: UUID
    kind: str
    points: int
    balance_after: int
    occurred_at: datetime
    recorded_at: datetime
    parameters_version: int
    source: str | None
    event_id: str | None
    expires_on: date | None
    order_id: UUID | None
    explanation: dict[str, Any]


class HistoryPage(Out, frozen=True):
    """A page of a wallet's history, the latest first."""

    items: list[HistoryEntry]
    next_cursor: str | None


class EntryLot(Out, frozen=True):
    """What an entry did to a lot; a null `earnedAt` is debt."""

    points: int
    expires_on: date | None
    earned_at: datetime | None


class EntryExplanation(Out, frozen=True):
    """Why an entry is what it is: its inputs, the lots, and what undid it later.

    `versionSince` is from when the rules of that version were in force; `askedBy` and
    `approvedBy` name who made a correction by hand.
    """

    entry: HistoryEntry
    lots: list[EntryLot]
    undone_by: list[UUID]
    version_since: datetime | None
    asked_by: str
    approved_by: str


def entry_of(movement: Movement) -> HistoryEntry:
    """A line as the domain has it."""
    return HistoryEntry(
        id=movement.id,
        kind=movement.kind,
        points=movement.points,
        balance_after=movement.balance_after,
        occurred_at=movement.occurred_at,
        recorded_at=movement.recorded_at,
        parameters_version=movement.parameters_version,
        source=movement.source,
        event_id=movement.event_id,
        expires_on=movement.expires_on,
        # A redemption is posted under its own id; what a refund undoes is that transaction.
        order_id=movement.reverses if movement.kind == "refund" else movement.hold_id,
        explanation=movement.explanation,
    )


def row_of(member: Member, points: int) -> MemberRow:
    """A member in a list."""
    return MemberRow(
        id=member.id,
        number=member.number,
        name=member.name,
        email=member.email,
        phone=member.phone,
        status=member.status,
        joined_at=member.joined_at,
        points=points,
    )


@get("/{brand:str}/members", operation_id="findMembers", operation_class=Read, opt=READ, tags=TAGS)
async def find(
    request: AdminRequest,
    text: Annotated[
        str,
        QueryParameter(
            name="q", max_length=200, description="A number, e-mail, phone, own id, or name"
        ),
    ] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[MemberPage]:
    """Find members; without words, list who joined last."""
    async with request.rt.db.read(request.tenant.id) as s:
        next_cursor = None
        if text.strip():
            found = await search.find(s, text=text, limit=min(limit, search.FOUND_MAX))
        else:
            page = await search.recent(s, cursor=cursor, limit=limit)
            found, next_cursor = page.items, page.next_cursor
        free = await ledger.free_points(s, account_ids=[m.account_id for m in found])
    rows = [row_of(m, free.get(m.account_id, 0)) for m in found]
    return answer(MemberPage(rows, next_cursor))


@get("/{brand:str}/members/{member_id:uuid}", operation_id="readMember", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def one(request: AdminRequest, member_id: PathId) -> Response[DeskMember]:
    """Read a member: points with their last days, tier, consents. The trail tells who looked."""
    rt, snapshot, now = request.rt, request.snapshot, request.now
    today = local_day(now, snapshot[ProgrammeParameters].zone)
    async with rt.db.read(request.tenant.id) as s:
        member = await queries.member(s, member_id=member_id)
        account = member.account_id
        balance = await ledger.balance(s, account_id=account, today=today)
        buckets = await ledger.buckets(s, account_id=account, today=today)
        standing = await tiers.standing(s, account_id=account, snapshot=snapshot, now=now)
        lots = await ledger.expiring(s, account_id=account, today=today, limit=_SHOWN)
        said = await consents.in_force(s, member_id=member_id)
        places = await addresses.listing(s, member_id=member_id)
    alive = await sessions.listing(
        rt.valkey, tenant_id=request.tenant.id, member_id=member_id, now=now
    )
    await tell_viewed(request, member_id)
    names = {t.key: t.name for t in snapshot[TierParameters].tiers}
    return answer(
        DeskMember(
            id=member.id,
            number=member.number,
            external_id=member.external_id,
            name=member.name,
            email=member.email,
            email_verified=member.email_verified_at is not None,
            phone=member.phone,
            language=member.language,
            status=member.status,
            joined_at=member.joined_at,
            erased_at=member.erased_at,
            balance=msgspec.convert(balance, DeskBalance, from_attributes=True),
            buckets=msgspec.convert(buckets, DeskBuckets, from_attributes=True),
            tier=DeskTier(
                tier=standing.tier,
                name=names.get(standing.tier or "", {}),
                qualifying=standing.qualifying,
                next_tier=standing.next_tier,
                next_name=names.get(standing.next_tier or "", {}),
                missing=standing.missing,
                period=standing.period,
            ),
            lots=[msgspec.convert(lot, DeskLot, from_attributes=True) for lot in lots],
            consents=[msgspec.convert(c, DeskConsent, from_attributes=True) for c in said.values()],
            sessions=[
                DeskSession(x.session.agent, x.session.method, x.session.started_at, x.seen_at)
                for x in alive
            ],
            addresses=len(places),
            adjustment_approval_limit=snapshot[PointsParameters].adjustment_approval_limit,
        )
    )


@get("/{brand:str}/members/{member_id:uuid}/history", operation_id="readMemberHistory",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def history(
    request: AdminRequest,
    member_id: PathId,
    kind: Kinds = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response[HistoryPage]:
    """List what moved a member's points, the latest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        member = await queries.member(s, member_id=member_id)
        page = await ledger.history(
            s, account_id=member.account_id, kind=kind, cursor=cursor, limit=limit
        )
    await tell_viewed(request, member_id)
    return answer(HistoryPage([entry_of(m) for m in page.items], page.next_cursor))


@get("/{brand:str}/members/{member_id:uuid}/history/{entry_id:uuid}",
     operation_id="explainEntry", operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def explain(
    request: AdminRequest, member_id: PathId, entry_id: PathId
) -> Response[EntryExplanation]:
    """Explain an entry: the rule and its inputs, the version of the rules, the lots."""
    async with request.rt.db.read(request.tenant.id) as s:
        member = await queries.member(s, member_id=member_id)
        found = await ledger.explain(s, txn_id=entry_id, account_id=member.account_id)
        told = found.movement.explanation
        by = [str(told.get(name) or "") for name in ("by", "approved_by")]
        names = await people.names_by_actor(s, by)
    await tell_viewed(request, member_id)
    return answer(await _explained(request, found, [names.get(one, one) for one in by]))


async def _explained(request: AdminRequest, found: Explained, by: list[str]) -> EntryExplanation:
    version, since = found.movement.parameters_version, None
    if version > 0:
        since = (await request.rt.snapshots.version(request.tenant.id, version)).effective_at
    return EntryExplanation(
        entry=entry_of(found.movement),
        lots=[EntryLot(lot.points, lot.expires_on, lot.earned_at) for lot in found.lots],
        undone_by=found.undone_by,
        version_since=since,
        asked_by=by[0],
        approved_by=by[1],
    )


HANDLERS: list[Any] = [find, one, history, explain]

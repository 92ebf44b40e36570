"""Earning through the API: one event in one round trip, or up to a thousand at once.

The domain itself keeps the key with the transaction, so these writes need no other record.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.earning import operations
from guerdon.earning.arithmetic import Line
from guerdon.earning.schemas import Earned, Event, Whose
from guerdon.identity.policy import api_key
from guerdon.kit.errors import InvalidError
from guerdon.members import queries as members
from guerdon.members.errors import MemberNotFoundError
from guerdon.tenancy.lifecycle import Act
from guerdon.wire.openapi import Write
from guerdon.wire.requests import ApiRequest, answer
from guerdon.wire.values import EventId, ExternalId, In, Money, Note, Out, Points, Source

TAGS = ["Points"]
WRITE = {"policy": api_key("points:write", act=Act.EARN)}


class LineIn(In, frozen=True):
    """One line of a purchase; `amountMinor` is for all its pieces."""

    ref: Annotated[str, Meta(min_length=1, max_length=100)]
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    amount_minor: Annotated[int, Meta(ge=0, le=10**15)]


class EarnIn(In, frozen=True):
    """A purchase (`amount`, perhaps `items`), or a grant of `points`.

    The member is named by exactly one of `memberId`, `externalId`, `memberNumber`. `source` and
    `eventId` are the event's name in your system: told twice, it counts once.
    """

    source: Source
    event_id: EventId
    occurred_at: Annotated[datetime, Meta(tz=True)]
    member_id: UUID | None = None
    external_id: ExternalId | None = None
    member_number: Annotated[str, Meta(pattern="^[0-9]{12}$")] | None = None
    amount: Money | None = None
    items: Annotated[tuple[LineIn, ...], Meta(max_length=500)] | None = None
    points: Points | None = None
    qualifies: bool = False
    rule: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")] = "purchase"
    note: Note = ""

    def event(self, key: str | None) -> Event:
        """As the domain wants it."""
        named = (self.member_id, self.external_id, self.member_number)
        if sum(one is not None for one in named) != 1:
            raise InvalidError(
                "Name the member by exactly one of memberId, externalId, memberNumber.",
                field="/memberId",
            )
        items = self.items
        return Event(
            whose=Whose(
                member_id=self.member_id, external_id=self.external_id, number=self.member_number
            ),
            occurred_at=self.occurred_at,
            source=self.source,
            event_id=self.event_id,
            amount=None if self.amount is None else self.amount.amount(),
            items=None
            if items is None
            else tuple(Line(i.ref, i.quantity, i.amount_minor) for i in items),
            points=self.points,
            qualifies=self.qualifies,
            rule=self.rule,
            note=self.note,
            key=key,
        )


class EarnOneIn(EarnIn, frozen=True):
    """With `dryRun` the answer is computed and nothing is written."""

    dry_run: bool = False


class EarnedOut(Out, frozen=True):
    """What the event gave. `base` points count towards the tier; `settled` paid off debt."""

    transaction_id: UUID
    points: int
    base: int
    settled: int
    posted: int
    held: int
    expires_on: date | None
    tier_before: str | None
    tier: str | None
    qualifying: int
    next_tier: str | None
    missing: int | None

    @classmethod
    def of(cls, earned: Earned) -> "EarnedOut":
        """As the domain has it."""
        return cls(
            earned.transaction_id,
            earned.points,
            earned.base,
            earned.settled,
            earned.posted,
            earned.held,
            earned.expires_on,
            earned.tier_before,
            earned.tier,
            earned.qualifying,
            earned.next_tier,
            earned.missing,
        )


class EarnBatchIn(In, frozen=True):
    """Up to 1,000 events, in their order. Sorted by member they go fastest."""

    events: Annotated[tuple[EarnIn, ...], Meta(min_length=1, max_length=operations.BATCH_MAX)]


class RowOut(Out, frozen=True):
    """One event of the batch: what it gave, or the code of its problem."""

    index: int
    earned: EarnedOut | None
    replayed: bool
    code: str | None
    detail: str | None


class BatchOut(Out, frozen=True):
    """Every event of the batch, in its order."""

    rows: list[RowOut]
    earned: int
    refused: int


@post("/points/earn", operation_id="earnPoints", operation_class=Write, opt=WRITE, tags=TAGS,
      status_code=201)  # fmt: skip
async def earn(request: ApiRequest, data: JSONBody[EarnOneIn]) -> Response[EarnedOut]:
    """Credit a purchase or a grant. The answer tells the member's new balance and tier."""
    principal = request.principal
    event = data.event(f"{principal.label}:{request.idempotency_key}")
    earned = await operations.earn(
        request.rt,
        tenant_id=principal.tenant_id,
        event=event,
        now=request.now,
        dry_run=data.dry_run,
    )
    response = answer(EarnedOut.of(earned), status=201)
    if earned.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@post("/points/earn-batch", operation_id="earnPointsBatch", operation_class=Write, opt=WRITE,
      tags=TAGS, status_code=200)  # fmt: skip
async def earn_batch(request: ApiRequest, data: JSONBody[EarnBatchIn]) -> Response[BatchOut]:
    """Credit up to 1,000 events at once. A bad one has its problem, the others stand."""
    prefix = f"{request.principal.label}:{request.idempotency_key}"
    events = [one.event(f"{prefix}:{n}") for n, one in enumerate(data.events)]
    asked = [event.whose for event in events if event.whose is not None]
    async with request.rt.db.read(request.tenant.id) as s:
        found = await members.wallets(
            s,
            ids=[w.member_id for w in asked if w.member_id],
            external_ids=[w.external_id for w in asked if w.external_id],
            numbers=[w.number for w in asked if w.number],
        )
    named = {key: w for w in found for key in (w.id, w.external_id, w.number) if key is not None}
    rows: dict[int, RowOut] = {}
    known: list[tuple[int, Event]] = []
    for n, event in enumerate(events):
        whose = event.whose or Whose()
        wallet = named.get(whose.member_id or whose.external_id or whose.number or "")
        if wallet is None:
            missing = MemberNotFoundError()
            rows[n] = RowOut(n, None, False, missing.code, missing.detail)
        else:
            known.append(
                (
                    n,
                    msgspec.structs.replace(
                        event, account_id=wallet.account_id, member_id=wallet.id, whose=None
                    ),
                )
            )
    made = await operations.earn_many(
        request.rt,
        tenant_id=request.tenant.id,
        events=[event for _, event in known],
        now=request.now,
    )
    for (n, _), row in zip(known, made, strict=True):
        earned = row.earned
        rows[n] = RowOut(
            n,
            None if earned is None else EarnedOut.of(earned),
            earned is not None and earned.replayed,
            row.code,
            row.detail or None,
        )
    listed = [rows[n] for n in range(len(events))]
    good = sum(row.earned is not None for row in listed)
    return answer(BatchOut(listed, good, len(listed) - good))


HANDLERS = [earn, earn_batch]

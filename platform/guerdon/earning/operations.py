"""Crediting events and taking them back.

An event is credited in one round trip: its row's transaction is opened and closed by the
statement itself, so `earn` takes the runtime and not a session. Returns are worked out from what
the original recorded: the factors of that day, whatever the programme says today.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.earning.errors import (
    AmountMissingError,
    CurrencyDiffersError,
    EventInFutureError,
    ItemsDifferError,
    TooManyEventsError,
)
from guerdon.earning.schemas import Earned, Event, RowEarned, Whose
from guerdon.kit.errors import GuerdonError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import POINTS_MAX, exponent
from guerdon.ledger.errors import PointsOutOfRangeError
from guerdon.ledger.expiry import last_day, local_day
from guerdon.ledger.parameters import PointsParameters
from guerdon.members import queries as members
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.idempotency import fingerprint
from guerdon.runtime import Runtime
from guerdon.tiers.ladder import period_of
from guerdon.tiers.parameters import TierParameters

BATCH_MAX: Final = 1_000
# A till's clock may be a little ahead of ours.
CLOCK_SKEW_MAX: Final = timedelta(minutes=5)
_RULES_MAX: Final = 10_000

_EARN = """
SELECT answer, replayed FROM app.earning_earn_v1(
  app.enter(%(ctx)s), %(txn)s, %(account_id)s, %(member_id)s, %(source)s, %(event_id)s, %(key)s,
  %(print)s, %(occurred_at)s, %(expires_on)s, %(period)s::integer, %(rule)s, %(points)s::bigint,
  %(qualifies)s, %(amount_minor)s::bigint, %(currency)s, %(items)s::jsonb, %(note)s,
  %(unit)s::numeric, %(factor)s, %(rounding)s, %(per)s, %(thresholds)s::bigint[],
  %(multipliers)s::text[], %(tiers)s::text[], %(version)s::integer, %(dry)s)
"""

# The wallet is found by the statement itself: its left side runs, and enters the tenant, first.
_EARN_WHOSE = _EARN.replace(
    "FROM app.earning_earn_v1(\n  app.enter(%(ctx)s), %(txn)s, %(account_id)s, %(member_id)s,",
    "FROM app.member_wallet_v1(app.enter(%(ctx)s), %(whose_id)s, %(whose_external)s,"
    " %(whose_number)s) w\n CROSS JOIN LATERAL app.earning_earn_v1("
    "\n  %(tenant_id)s, %(txn)s, w.account_id, w.member_id,",
)

_EARN_MANY = """
SELECT jsonb_agg(jsonb_build_object('n', r.n, 'answer', r.answer, 'replayed', r.replayed,
                                    'code', r.code) ORDER BY r.n) AS rows
  FROM app.earning_earn_many_v1(
    app.enter(%(ctx)s), %(rows)s::jsonb, %(unit)s::numeric, %(factor)s, %(rounding)s, %(per)s,
    %(thresholds)s::bigint[], %(multipliers)s::text[], %(tiers)s::text[], %(version)s::integer) r
"""


class _EarnRow(msgspec.Struct):
    answer: Earned
    replayed: bool


class _ManyRow(msgspec.Struct):
    n: int
    answer: Earned | None
    replayed: bool | None
    code: str | None


class _ManyRows(msgspec.Struct):
    rows: list[_ManyRow]


# What a version says about earning, in the form that the statement takes. A version never
# changes, so neither does this.
_rules: dict[tuple[UUID, int], dict[str, Any]] = {}


def rule_of(snapshot: Snapshot) -> dict[str, Any]:
    """The parameters of the statement that come from the programme."""
    found = _rules.get((snapshot.tenant_id, snapshot.version))
    if found is not None:
        return found
    if len(_rules) >= _RULES_MAX:
        _rules.clear()
    points, tiers = snapshot[PointsParameters], snapshot[TierParameters].tiers
    rule = {
        "unit": str(Decimal(1).scaleb(-exponent(snapshot[ProgrammeParameters].currency))),
        "factor": points.earn_factor,
        "rounding": points.earn_rounding.value,
        "per": points.earn_rounding_per,
        "thresholds": "{" + ",".join(str(t.threshold) for t in tiers) + "}" if tiers else "{0}",
        "multipliers": "{" + ",".join(t.earn_multiplier for t in tiers) + "}" if tiers else "{1}",
        "tiers": "{" + ",".join(t.key for t in tiers) + "}" if tiers else "{NULL}",
        "version": snapshot.version,
    }
    _rules[snapshot.tenant_id, snapshot.version] = rule
    return rule


async def earn(
    rt: Runtime, *, tenant_id: UUID, event: Event, now: datetime, dry_run: bool = False
) -> Earned:
    """Credit one event; with `dry_run` compute the answer and write nothing.

    The same key or event with the same input answers as the first time (`replayed`). Raises
    EventInFutureError, CurrencyDiffersError, ItemsDifferError, AmountMissingError,
    AccountNotFoundError, AccountClosedError, EventDiffersError, IdempotencyKeyReusedError.
    """
    snapshot = await rt.snapshot(tenant_id, now)
    if rt.snapshots.rolling_out(tenant_id):
        async with rt.db.read(tenant_id) as s:
            snapshot = await _snapshot_of(rt, s, snapshot, event)
    params = _params(event, snapshot, now)
    statement = _EARN
    if event.account_id is None:
        statement, whose = _EARN_WHOSE, event.whose or Whose()
        params["whose_id"] = whose.member_id
        params["whose_external"] = whose.external_id
        params["whose_number"] = whose.number
    row = await rt.db.call(
        tenant_id, _EarnRow, statement, {**rule_of(snapshot), **params, "dry": dry_run}
    )
    return msgspec.structs.replace(row.answer, replayed=True) if row.replayed else row.answer


async def earn_within(
    rt: Runtime, s: WriteSession, *, snapshot: Snapshot, event: Event, now: datetime
) -> Earned:
    """Credit one event of a member (`whose`) as part of what the caller does.

    `snapshot` is the member's own. Answers and raises as `earn` does.
    """
    whose = event.whose or Whose()
    row = await s.one(
        _EarnRow,
        _EARN_WHOSE,
        {
            **rule_of(snapshot),
            **_params(event, snapshot, now),
            "ctx": rt.db.sign(s.tenant_id),
            "whose_id": whose.member_id,
            "whose_external": whose.external_id,
            "whose_number": whose.number,
            "dry": False,
        },
    )
    return msgspec.structs.replace(row.answer, replayed=True) if row.replayed else row.answer


async def earn_many(
    rt: Runtime, *, tenant_id: UUID, events: Sequence[Event], now: datetime
) -> list[RowEarned]:
    """Credit up to 1,000 events at once, in their order. A bad one has its error, others stand."""
    if len(events) > BATCH_MAX:
        raise TooManyEventsError(field="events", most=BATCH_MAX)
    in_force = await rt.snapshot(tenant_id, now)
    snapshots = [in_force] * len(events)
    if rt.snapshots.rolling_out(tenant_id):
        async with rt.db.read(tenant_id) as s:
            snapshots = [await _snapshot_of(rt, s, in_force, event) for event in events]
    answers: dict[int, RowEarned] = {}
    # One call for each version: all events of a member are under the same.
    for snapshot in dict.fromkeys(snapshots):
        rows = []
        for n, event in enumerate(events):
            if snapshots[n] is not snapshot:
                continue
            try:
                rows.append({"n": n, **_row(_params(event, snapshot, now))})
            except GuerdonError as error:
                answers[n] = RowEarned(
                    n=n, earned=None, code=error.code, detail=error.detail, field=error.field
                )
        if rows:
            answers |= await _credit_rows(rt, tenant_id, snapshot, rows)
    return [answers[n] for n in range(len(events))]


async def _credit_rows(
    rt: Runtime, tenant_id: UUID, snapshot: Snapshot, rows: list[dict[str, Any]]
) -> dict[int, RowEarned]:
    answers = {}
    found = await rt.db.call(
        tenant_id,
        _ManyRows,
        _EARN_MANY,
        {**rule_of(snapshot), "rows": msgspec.json.encode(rows).decode()},
    )
    for row in found.rows:
        earned = row.answer
        if earned is not None and row.replayed:
            earned = msgspec.structs.replace(earned, replayed=True)
        answers[row.n] = RowEarned(n=row.n, earned=earned, code=row.code)
    return answers


async def _snapshot_of(rt: Runtime, s: ReadSession, in_force: Snapshot, event: Event) -> Snapshot:
    """What the event's member has while a rollout is under way; a member nobody knows is refused
    further on."""
    member_id = event.member_id
    if member_id is None and event.whose is not None:
        member_id = event.whose.member_id
    if member_id is None and event.account_id is not None:
        member_id = (await members.owners(s, account_ids=[event.account_id])).get(event.account_id)
    elif member_id is None and event.whose is not None:
        if event.whose.external_id is not None:
            who = await members.find_by_external_id(s, external_id=event.whose.external_id)
        else:
            who = await members.find_by_number(s, number=event.whose.number or "")
        member_id = None if who is None else who.id
    return in_force if member_id is None else rt.snapshots.for_member(in_force, member_id)


def _row(params: dict[str, Any]) -> dict[str, Any]:
    names = {"account_id": "account", "event_id": "event", "member_id": "member"}
    row = {names.get(name, name): value for name, value in params.items()}
    row["fingerprint"] = row.pop("print").hex()
    if row["items"] is not None:
        row["items"] = msgspec.Raw(row["items"].encode())
    return row


def _params(event: Event, snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    programme = snapshot[ProgrammeParameters]
    if event.occurred_at > now + CLOCK_SKEW_MAX:
        raise EventInFutureError(field="occurred_at")
    if (event.amount is None) == (event.points is None):
        raise AmountMissingError(field="amount")
    if event.points is not None and not 0 < event.points <= POINTS_MAX:
        raise PointsOutOfRangeError(field="points", points=event.points)
    if event.amount is not None:
        _check_purchase(event, programme.currency)
    zone = programme.zone
    day = local_day(event.occurred_at, zone)
    items = event.items
    return {
        "txn": uuid7(),
        "account_id": event.account_id,
        "member_id": event.member_id,
        "source": event.source,
        "event_id": event.event_id,
        "key": event.key,
        "print": _print(event),
        "occurred_at": event.occurred_at,
        "expires_on": last_day(snapshot[PointsParameters].validity, day),
        "period": period_of(snapshot[TierParameters], event.occurred_at, zone),
        "rule": event.rule,
        "points": event.points,
        "qualifies": event.qualifies,
        "amount_minor": event.amount.minor if event.amount else None,
        "currency": event.amount.currency if event.amount else None,
        "items": msgspec.json.encode(items).decode() if items is not None else None,
        "note": event.note,
    }


def _print(event: Event) -> bytes:
    return fingerprint(
        "points.earn",
        event.account_id or event.whose,
        event.occurred_at,
        event.source,
        event.event_id,
        event.amount,
        event.items,
        event.points,
        event.qualifies,
        event.rule,
        event.note,
    )


def _check_purchase(event: Event, currency: str) -> None:
    amount = event.amount
    if amount is None:
        return
    if amount.currency != currency:
        raise CurrencyDiffersError(field="amount.currency", expected=currency)
    if not 0 <= amount.minor <= 10**15:
        raise PointsOutOfRangeError(field="amount")
    items = event.items or ()
    if any(i.quantity < 1 or i.amount_minor < 0 for i in items):
        raise ItemsDifferError(field="items")
    if len({i.ref for i in items}) != len(items):
        raise ItemsDifferError("A line stands twice.", field="items")
    if sum(i.amount_minor for i in items) > amount.minor:
        raise ItemsDifferError("The lines are more than the total.", field="items")

"""Corrections by hand: with a reason, and above the limit with a second person."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.kit.errors import NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.ledger.errors import (
    AccountNotFoundError,
    AdjustmentDecidedError,
    FourEyesError,
    PointsOutOfRangeError,
)
from guerdon.ledger.expiry import last_day, local_day
from guerdon.ledger.operations import ChangeRow
from guerdon.ledger.parameters import PointsParameters
from guerdon.ledger.schemas import Adjustment, AdjustmentRequest, Change
from guerdon.parameters.queries import two_sections
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession, WriteSession, jsonb
from guerdon.plumbing.idempotency import IdempotencyKeyReusedError, fingerprint

_REQUEST_COLUMNS = (
    "id, account_id, points, reason, state, requested_by, requested_at,"
    " decided_by, decided_at, txn_id"
)


async def adjust(
    s: WriteSession,
    *,
    snapshot: Snapshot,
    account_id: UUID,
    points: int,
    reason: str,
    principal: str,
    key: str,
    now: datetime,
) -> Adjustment:
    """Correct a balance by `points`, above or below zero.

    More points than the programme's limit, either way, make a request that waits for
    `decide`, not points. Raises NotEnoughPointsError, AccountNotFoundError.
    """
    if points == 0:
        raise PointsOutOfRangeError(field="points", points=0)
    key = f"{principal}:{key}"
    print_ = fingerprint("ledger.adjust", account_id, points, reason)
    if abs(points) > snapshot[PointsParameters].adjustment_approval_limit:
        return await _request(
            s,
            version=snapshot.version,
            account_id=account_id,
            points=points,
            reason=reason,
            principal=principal,
            key=key,
            print_=print_,
            now=now,
        )
    change = await _apply(
        s,
        rules=snapshot[PointsParameters],
        programme=snapshot[ProgrammeParameters],
        version=snapshot.version,
        account_id=account_id,
        points=points,
        key=key,
        print_=print_,
        explanation={"reason": reason, "by": principal},
        now=now,
    )
    return Adjustment(change=change, request_id=None, replayed=change.replayed)


async def decide(
    s: WriteSession, *, request_id: UUID, approve: bool, principal: str, now: datetime
) -> Adjustment:
    """Approve or reject a request; an approval makes the points.

    Raises FourEyesError for who asked, AdjustmentDecidedError the second time.
    """
    request = await _locked(s, request_id)
    if request.state != "awaiting":
        raise AdjustmentDecidedError(state=request.state)
    if request.requested_by == principal:
        raise FourEyesError
    change = None
    if approve:
        rules, programme = await two_sections(
            s, PointsParameters, ProgrammeParameters, version=request.parameters_version
        )
        change = await _apply(
            s,
            rules=rules,
            programme=programme,
            version=request.parameters_version,
            account_id=request.account_id,
            points=request.points,
            key=f"adjustment:{request_id}",
            print_=fingerprint("ledger.adjustment", request_id),
            explanation={
                "reason": request.reason,
                "by": request.requested_by,
                "approved_by": principal,
                "request": str(request_id),
            },
            now=now,
        )
    await s.execute(
        """
        UPDATE app.ledger_adjustment
           SET state = %(state)s, decided_by = %(principal)s, decided_at = %(now)s, txn_id = %(txn)s
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s
        """,
        {
            "state": "approved" if approve else "rejected",
            "principal": principal,
            "now": now,
            "txn": change.transaction_id if change else None,
            "id": request_id,
        },
    )
    return Adjustment(change=change, request_id=request_id)


async def awaiting(s: ReadSession, *, limit: int = 100) -> list[AdjustmentRequest]:
    """Requests that wait for a second person, oldest first."""
    return await s.all(
        AdjustmentRequest,
        f"""
        SELECT {_REQUEST_COLUMNS} FROM app.ledger_adjustment
         WHERE tenant_id = %(tenant_id)s AND state = 'awaiting'
         ORDER BY requested_at LIMIT %(limit)s
        """,  # noqa: S608
        {"limit": limit},
    )


class _Locked(msgspec.Struct):
    account_id: UUID
    points: int
    reason: str
    state: str
    requested_by: str
    parameters_version: int


async def _locked(s: WriteSession, request_id: UUID) -> _Locked:
    row = await s.one_or_none(
        _Locked,
        """
        SELECT account_id, points, reason, state, requested_by, parameters_version
          FROM app.ledger_adjustment WHERE tenant_id = %(tenant_id)s AND id = %(id)s FOR UPDATE
        """,
        {"id": request_id},
    )
    if row is None:
        raise NotFoundError("There is no such request.")
    return row


class _Known(msgspec.Struct):
    id: UUID
    fingerprint: bytes


async def _request(
    s: WriteSession,
    *,
    version: int,
    account_id: UUID,
    points: int,
    reason: str,
    principal: str,
    key: str,
    print_: bytes,
    now: datetime,
) -> Adjustment:
    exists = await s.value(
        "SELECT 1 FROM app.ledger_account WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": account_id},
    )
    if exists is None:
        raise AccountNotFoundError
    request_id = uuid7()
    made = await s.execute(
        """
        INSERT INTO app.ledger_adjustment (tenant_id, id, account_id, points, reason, requested_by,
                    requested_at, parameters_version, idempotency_key, fingerprint)
        VALUES (%(tenant_id)s, %(id)s, %(account_id)s, %(points)s, %(reason)s, %(principal)s,
                %(now)s, %(version)s, %(key)s, %(print)s)
        ON CONFLICT (tenant_id, idempotency_key) DO NOTHING
        """,
        {
            "id": request_id,
            "account_id": account_id,
            "points": points,
            "reason": reason,
            "principal": principal,
            "now": now,
            "version": version,
            "key": key,
            "print": print_,
        },
    )
    if made:
        return Adjustment(change=None, request_id=request_id)
    known = await s.one(
        _Known,
        "SELECT id, fingerprint FROM app.ledger_adjustment"
        " WHERE tenant_id = %(tenant_id)s AND idempotency_key = %(key)s",
        {"key": key},
    )
    if known.fingerprint != print_:
        raise IdempotencyKeyReusedError(field="Idempotency-Key")
    return Adjustment(change=None, request_id=known.id, replayed=True)


async def _apply(
    s: WriteSession,
    *,
    rules: PointsParameters,
    programme: ProgrammeParameters,
    version: int,
    account_id: UUID,
    points: int,
    key: str,
    print_: bytes,
    explanation: dict[str, Any],
    now: datetime,
) -> Change:
    today = local_day(now, programme.zone)
    row = await s.one(
        ChangeRow,
        """
        SELECT answer, replayed FROM app.ledger_adjust_v1(%(tenant_id)s, %(txn)s, %(account_id)s,
               %(points)s::bigint, %(expires_on)s, %(version)s::integer, NULL, NULL, %(key)s,
               %(print)s, %(explanation)s, %(now)s, %(today)s)
        """,
        {
            "txn": uuid7(),
            "account_id": account_id,
            "points": points,
            "expires_on": last_day(rules.validity, today),
            "version": version,
            "key": key,
            "print": print_,
            "explanation": jsonb({"rule": "adjustment", "points": points, **explanation}),
            "now": now,
            "today": today,
        },
    )
    return row.change()

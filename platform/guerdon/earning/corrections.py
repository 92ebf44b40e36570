"""Corrections by hand, and who hears of them."""

from datetime import datetime
from uuid import UUID

from guerdon.earning.announcements import announce
from guerdon.ledger import adjustments
from guerdon.ledger.schemas import Adjustment
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import WriteSession


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
    """Correct a balance, or ask a second person. See `ledger.adjustments.adjust`."""
    made = await adjustments.adjust(
        s,
        snapshot=snapshot,
        account_id=account_id,
        points=points,
        reason=reason,
        principal=principal,
        key=key,
        now=now,
    )
    await _tell(s, made, account_id, now)
    return made


async def decide(
    s: WriteSession, *, request_id: UUID, approve: bool, principal: str, now: datetime
) -> Adjustment:
    """Approve or reject a request. See `ledger.adjustments.decide`."""
    made = await adjustments.decide(
        s, request_id=request_id, approve=approve, principal=principal, now=now
    )
    if made.change is not None:
        account_id: UUID = await s.value(
            "SELECT account_id FROM app.ledger_txn WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": made.change.transaction_id},
        )
        await _tell(s, made, account_id, now)
    return made


async def _tell(s: WriteSession, made: Adjustment, account_id: UUID, now: datetime) -> None:
    if made.change is None or made.replayed:
        return
    change = made.change
    data = {
        "transactionId": str(change.transaction_id),
        "points": change.points,
        "balance": change.posted,
    }
    await announce(s, kind="points.adjusted", by_account={account_id: data}, now=now)

"""Points whose last day is over go, tenant by tenant, and their owners hear of it."""

from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from guerdon.earning.announcements import announce
from guerdon.ledger.jobs import expire_due
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect

_CHUNK: Final = 1_000


class ExpirePoints(outbox.Message, frozen=True):
    """Expire what is due."""

    topic: ClassVar[str] = "earning.expire_points"
    queue: ClassVar[str] = "bulk"


class _Expired(msgspec.Struct):
    account_id: UUID
    id: UUID
    points: int
    balance_after: int


class ExpirePointsDue(Effect[ExpirePoints]):
    """One chunk of lots; a full chunk asks for the next one."""

    message = ExpirePoints

    async def apply(self, rt: Any, s: WriteSession, m: ExpirePoints, now: datetime) -> None:
        """Expire about a thousand lots and announce each wallet's loss."""
        snapshot = await rt.snapshot(s.tenant_id, now)
        done = await expire_due(s, snapshot=snapshot, now=now, limit=_CHUNK)
        gone = await s.all(
            _Expired,
            """
            SELECT account_id, id, points, balance_after FROM app.ledger_txn
             WHERE tenant_id = %(tenant_id)s AND id = ANY (%(ids)s::uuid[])
            """,
            {"ids": done.transactions},
        )
        await announce(
            s,
            kind="points.expired",
            by_account={
                row.account_id: {
                    "transactionId": str(row.id),
                    "points": row.points,
                    "balance": row.balance_after,
                }
                for row in gone
            },
            now=now,
        )
        if done.lots >= _CHUNK:
            await outbox.put(s, ExpirePoints())

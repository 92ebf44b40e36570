"""What time does to the ledger: lots and holds end, batches are sealed.

Each step is one bounded, restartable piece; it says how much it did, and less than `limit` means
that nothing is left for now.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from guerdon.ledger.expiry import local_day
from guerdon.ledger.parameters import PointsParameters
from guerdon.ledger.schemas import ExpiredLots
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect

# How much later than its id a transaction may commit and still be found by the next seal.
SEAL_OVERLAP: Final = timedelta(minutes=10)


async def expire_due(
    s: WriteSession, *, snapshot: Snapshot, now: datetime, limit: int = 5_000
) -> ExpiredLots:
    """Expire about `limit` lots whose last day is over in the programme's zone."""
    return await s.one(
        ExpiredLots,
        """
        SELECT lots, points, transactions FROM app.ledger_expire_lots_v1(
          %(tenant_id)s, %(version)s::integer, %(now)s, %(today)s, %(limit)s::integer)
        """,
        {
            "version": snapshot.version,
            "now": now,
            "today": local_day(now, snapshot[ProgrammeParameters].zone),
            "limit": limit,
        },
    )


async def expire_holds(
    s: WriteSession, *, snapshot: Snapshot, now: datetime, limit: int = 500
) -> list[UUID]:
    """Give back the points of up to `limit` holds whose time is over; their ids."""
    ended: list[UUID] = await s.value(
        """
        SELECT app.ledger_expire_holds_v1(
          %(tenant_id)s, %(grace)s::integer, %(now)s, %(today)s, %(limit)s::integer)
        """,
        {
            "grace": snapshot[PointsParameters].hold_grace_days,
            "now": now,
            "today": local_day(now, snapshot[ProgrammeParameters].zone),
            "limit": limit,
        },
    )
    return ended


async def seal(s: WriteSession, *, limit: int = 1_000, overlap: timedelta = SEAL_OVERLAP) -> int:
    """Chain up to `limit` transactions that are not sealed yet; how many they were."""
    sealed: int = await s.value(
        "SELECT app.ledger_seal_v1(%(tenant_id)s, %(limit)s::integer, %(overlap)s)",
        {"limit": limit, "overlap": overlap},
    )
    return sealed


class ExpireHolds(outbox.Message, frozen=True):
    """Give back what was held too long."""

    topic: ClassVar[str] = "ledger.expire_holds"
    queue: ClassVar[str] = "money"


class ExpireHoldsDue(Effect[ExpireHolds]):
    """One chunk of holds; a full chunk asks for the next one."""

    message = ExpireHolds

    async def apply(self, rt: Any, s: WriteSession, m: ExpireHolds, now: datetime) -> None:
        """Expire up to 500 holds."""
        snapshot = await rt.snapshot(s.tenant_id, now)
        if len(await expire_holds(s, snapshot=snapshot, now=now, limit=500)) == 500:
            await outbox.put(s, ExpireHolds())


class SealLedger(outbox.Message, frozen=True):
    """Seal what is new."""

    topic: ClassVar[str] = "ledger.seal"
    queue: ClassVar[str] = "bulk"


class SealLedgerBatch(Effect[SealLedger]):
    """One batch; a full one asks for the next."""

    message = SealLedger

    async def apply(self, rt: Any, s: WriteSession, m: SealLedger, now: datetime) -> None:
        """Seal up to 1,000 transactions."""
        if await seal(s, limit=1_000) == 1_000:
            await outbox.put(s, SealLedger())

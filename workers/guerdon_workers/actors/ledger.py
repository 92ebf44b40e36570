"""What time does to the ledger."""

from guerdon.ledger.jobs import ExpireHolds, ExpireHoldsDue, SealLedger, SealLedgerBatch
from guerdon_workers.scheduler import Every

handlers = (ExpireHoldsDue(), SealLedgerBatch())
schedules = (
    Every("ledger.expire_holds", ExpireHolds, 60),
    Every("ledger.seal", SealLedger, 60),
)

"""Reading standings."""

from datetime import datetime
from uuid import UUID

from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import ReadSession
from guerdon.tiers.ladder import period_of, standing_of
from guerdon.tiers.parameters import TierParameters
from guerdon.tiers.schemas import Standing

QUALIFYING_SQL = """
SELECT coalesce((SELECT qualifying FROM app.tier_standing
                  WHERE tenant_id = %(tenant_id)s AND account_id = %(account_id)s
                    AND period = %(period)s::integer), 0)
"""


async def standing(
    s: ReadSession, *, account_id: UUID, snapshot: Snapshot, now: datetime
) -> Standing:
    """Where the wallet's owner stands in the period of `now`."""
    parameters = snapshot[TierParameters]
    period = period_of(parameters, now, snapshot[ProgrammeParameters].zone)
    qualifying: int = await s.value(QUALIFYING_SQL, {"account_id": account_id, "period": period})
    return standing_of(parameters, qualifying=qualifying, period=period)

"""What recommendations keep of a person: what they were shown, and what they did with it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.tenancy.changes import note_change

_EXPORTED_MAX = 10_000


class Kept(msgspec.Struct, frozen=True):
    """An event as the member is handed it."""

    at: datetime
    type: str
    placement: str
    kind: str
    offer: str
    sku: str
    variant: str


class RecommendationData:
    """Events by member, and the sums of them."""

    name = "recommendations"

    async def export(self, s: ReadSession, *, member_id: UUID) -> Any:
        """The latest events, newest first."""
        return await s.all(
            Kept,
            "SELECT at, type, placement, kind, offer, sku, variant FROM app.recommendation_event"
            " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s"
            " ORDER BY at DESC, id DESC LIMIT %(limit)s",
            {"member": member_id, "limit": _EXPORTED_MAX},
        )

    async def erase(self, s: WriteSession, *, member_id: UUID, now: datetime) -> None:
        """Events stay as nobody's, so that sums still agree."""
        await s.execute(
            "UPDATE app.recommendation_event SET member_id = NULL"
            " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s",
            {"member": member_id},
        )
        await s.execute(
            "DELETE FROM app.recommendation_member"
            " WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s",
            {"member": member_id},
        )
        # The model in force was learnt from them, too: every process lets it forget them.
        await note_change(s, "recommendations")

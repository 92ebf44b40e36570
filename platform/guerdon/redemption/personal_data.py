"""What redemptions keep of a person: where parcels went, and what was written to them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from guerdon.members.errors import ErasureBlockedError
from guerdon.notifications.queries import sent
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.redemption.queries import orders

_UNDER_WAY: Final = ("held", "awaiting_payment", "authorised", "ordered", "confirmed", "shipped")


class RedemptionData:
    """Orders with their addresses."""

    name = "redemptions"

    async def export(self, s: ReadSession, *, member_id: UUID) -> Any:
        """Every redemption of the member."""
        found: list[Any] = []
        cursor = None
        while True:
            page = await orders(s, member_id=member_id, cursor=cursor, limit=100)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found

    async def erase(self, s: WriteSession, *, member_id: UUID, now: datetime) -> None:
        """Forget where parcels went; ErasureBlockedError while one is under way."""
        open_ones = await s.value(
            """
            SELECT count(*) FROM app.redemption
             WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s AND state = ANY (%(open)s)
            """,
            {"member": member_id, "open": list(_UNDER_WAY)},
        )
        if open_ones:
            raise ErasureBlockedError(orders=int(open_ones))
        await s.execute(
            """
            UPDATE app.redemption SET ship_to = NULL
             WHERE tenant_id = %(tenant_id)s AND member_id = %(member)s AND ship_to IS NOT NULL
            """,
            {"member": member_id},
        )


class MessageData:
    """The log of messages; it holds no words, and addresses are looked up when it is sent."""

    name = "messages"

    async def export(self, s: ReadSession, *, member_id: UUID) -> Any:
        """What was sent, newest first."""
        return await sent(s, member_id=member_id, limit=100)

    async def erase(self, s: WriteSession, *, member_id: UUID, now: datetime) -> None:
        """Nothing of it identifies a person."""
        return

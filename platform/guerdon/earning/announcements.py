"""Telling listeners what happened to wallets, by the members they belong to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from guerdon.members.queries import owners
from guerdon.plumbing import events
from guerdon.plumbing.db import WriteSession


async def announce(
    s: WriteSession, *, kind: str, by_account: Mapping[UUID, Mapping[str, Any]], now: datetime
) -> None:
    """Emit an event per wallet in the transaction that made it true; nobody's wallet is silent."""
    if not by_account:
        return
    whose = await owners(s, account_ids=list(by_account))
    for account_id, member_id in whose.items():
        await events.emit(
            s,
            kind=kind,
            member_id=member_id,
            occurred_at=now,
            data=dict(by_account[account_id]),
        )

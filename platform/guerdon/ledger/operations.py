"""Changing wallets. Every change locks the wallet first, so changes to one wallet queue up.

Instants are the programme's. What undoes something (refund, reversal, void) is computed with the
parameters of the version that the original was made with.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.ledger.errors import (
    HoldNotFoundError,
    PointsOutOfRangeError,
    TransactionNotFoundError,
)
from guerdon.ledger.expiry import local_day
from guerdon.ledger.parameters import PointsParameters
from guerdon.ledger.schemas import Change
from guerdon.parameters.queries import two_sections
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.plumbing.idempotency import fingerprint


class ChangeRow(msgspec.Struct):
    """What the functions answer."""

    answer: Change
    replayed: bool

    def change(self) -> Change:
        """The answer, told whether it was given before."""
        return msgspec.structs.replace(self.answer, replayed=self.replayed)


class _Made(msgspec.Struct):
    account_id: UUID
    parameters_version: int


async def hold(
    s: WriteSession,
    *,
    id: UUID,  # noqa: A002
    account_id: UUID,
    points: int,
    purpose: str,
    expires_at: datetime,
    version: int,
    now: datetime,
) -> int:
    """Set points aside until `expires_at`; what is still available.

    Raises NotEnoughPointsError, AccountNotFoundError. The same id and input change nothing.
    """
    _, today = await _rules(s, version, now)
    available: int = await s.value(
        """
        SELECT app.ledger_hold_v1(%(tenant_id)s, %(id)s, %(account_id)s, %(points)s::bigint,
                 %(purpose)s, %(expires_at)s, %(version)s::integer, %(now)s, %(today)s)
        """,
        {
            "id": id,
            "account_id": account_id,
            "points": points,
            "purpose": purpose,
            "expires_at": expires_at,
            "version": version,
            "now": now,
            "today": today,
        },
    )
    return available


async def post_hold(
    s: WriteSession,
    *,
    hold_id: UUID,
    txn_id: UUID,
    now: datetime,
    points: int | None = None,
    source: str | None = None,
    event_id: str | None = None,
    explanation: dict[str, Any] | None = None,
) -> int:
    """Take the held points for good, or `points` of them and give the rest back; the balance.

    Raises HoldNotFoundError, HoldResolvedError. The same `txn_id` again changes nothing.
    """
    rules, today = await _rules(s, await _hold_version(s, hold_id), now)
    balance: int = await s.value(
        """
        SELECT app.ledger_post_hold_v1(%(tenant_id)s, %(hold_id)s, %(txn_id)s, %(points)s::bigint,
                 %(source)s, %(event_id)s, %(explanation)s, %(grace)s::integer, %(now)s, %(today)s)
        """,
        {
            "hold_id": hold_id,
            "txn_id": txn_id,
            "points": points,
            "source": source,
            "event_id": event_id,
            "explanation": jsonb({"rule": "redemption", **(explanation or {})}),
            "grace": rules.hold_grace_days,
            "now": now,
            "today": today,
        },
    )
    return balance


async def void_hold(s: WriteSession, *, hold_id: UUID, now: datetime) -> int:
    """Give the held points back to their lots; what is available. Voiding again changes nothing.

    Raises HoldNotFoundError, HoldResolvedError.
    """
    rules, today = await _rules(s, await _hold_version(s, hold_id), now)
    available: int = await s.value(
        "SELECT app.ledger_void_hold_v1(%(tenant_id)s, %(hold_id)s, 'voided', %(grace)s::integer,"
        " %(now)s, %(today)s)",
        {"hold_id": hold_id, "grace": rules.hold_grace_days, "now": now, "today": today},
    )
    return available


async def refund(
    s: WriteSession,
    *,
    txn_id: UUID,
    refund_id: UUID,
    now: datetime,
    points: int | None = None,
    reason: str = "",
) -> Change:
    """Give points of the redemption `txn_id` back, all that is left of it if `points` is None.

    They return to the lots they came from, with the same last day. `refund_id` is the key: the
    same again answers the same. Raises MoreThanRemainsError, NotReversibleError.
    """
    rules, today = await _rules(s, (await _made(s, txn_id)).parameters_version, now)
    row = await s.one(
        ChangeRow,
        """
        SELECT answer, replayed FROM app.ledger_refund_v1(%(tenant_id)s, %(refund_id)s, %(txn_id)s,
               %(points)s::bigint, %(grace)s::integer, NULL, NULL, %(key)s, %(print)s,
               %(explanation)s, %(now)s, %(today)s)
        """,
        {
            "refund_id": refund_id,
            "txn_id": txn_id,
            "points": points,
            "grace": rules.hold_grace_days,
            "key": f"refund:{refund_id}",
            "print": fingerprint("ledger.refund", txn_id, points),
            "explanation": jsonb({"rule": "refund", "reason": reason}),
            "now": now,
            "today": today,
        },
    )
    return row.change()


async def reverse(
    s: WriteSession,
    *,
    txn_id: UUID,
    reversal_id: UUID,
    now: datetime,
    points: int | None = None,
    explanation: dict[str, Any] | None = None,
    source: str | None = None,
    event_id: str | None = None,
    key: str | None = None,
    print_: bytes | None = None,
) -> Change:
    """Take back `points` of the credit `txn_id`, or all that is left of it.

    What the member has spent already becomes debt as the programme's negative policy of that day
    allows; `uncollected` tells what it forbids. Raises MoreThanRemainsError, NotReversibleError.
    """
    rules, today = await _rules(s, (await _made(s, txn_id)).parameters_version, now)
    row = await s.one(
        ChangeRow,
        """
        SELECT answer, replayed FROM app.ledger_reverse_v1(%(tenant_id)s, %(reversal_id)s,
               %(txn_id)s, %(points)s::bigint, %(limit)s::bigint, %(source)s, %(event_id)s,
               %(key)s, %(print)s, %(explanation)s, %(now)s, %(today)s)
        """,
        {
            "reversal_id": reversal_id,
            "txn_id": txn_id,
            "points": points,
            "limit": rules.negative_policy.limit,
            "source": source,
            "event_id": event_id,
            "key": key or f"reverse:{reversal_id}",
            "print": print_ or fingerprint("ledger.reverse", txn_id, points),
            "explanation": jsonb({"rule": "reversal", **(explanation or {})}),
            "now": now,
            "today": today,
        },
    )
    return row.change()


async def close_account(s: WriteSession, *, account_id: UUID, now: datetime) -> None:
    """Nothing more is earned, held or corrected here; what is open may end, history stays.

    Closing again changes nothing.
    """
    await s.execute(
        "UPDATE app.ledger_account SET closed_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND closed_at IS NULL",
        {"id": account_id, "now": now},
    )


async def lock_account(s: WriteSession, *, account_id: UUID) -> None:
    """Queue up behind whatever changes this wallet, until the transaction ends."""
    await s.execute(
        "SELECT FROM app.ledger_account WHERE tenant_id = %(tenant_id)s AND id = %(id)s"
        " FOR NO KEY UPDATE",
        {"id": account_id},
    )


def check_points(points: int) -> None:
    """Refuse a number of points that is not positive."""
    if points < 1:
        raise PointsOutOfRangeError(field="points", points=points)


async def _made(s: WriteSession, txn_id: UUID) -> _Made:
    made = await s.one_or_none(
        _Made,
        "SELECT account_id, parameters_version FROM app.ledger_txn"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": txn_id},
    )
    if made is None:
        raise TransactionNotFoundError
    return made


async def _hold_version(s: WriteSession, hold_id: UUID) -> int:
    version: int | None = await s.value(
        "SELECT parameters_version FROM app.ledger_hold"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": hold_id},
    )
    if version is None:
        raise HoldNotFoundError
    return version


async def _rules(s: WriteSession, version: int, now: datetime) -> tuple[PointsParameters, date]:
    points, programme = await two_sections(
        s, PointsParameters, ProgrammeParameters, version=version
    )
    return points, local_day(now, programme.zone)

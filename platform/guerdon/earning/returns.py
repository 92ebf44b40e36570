"""Taking credits back: by line, by amount, by points, or all of it.

Always worked out from the totals of all returns so far, so that however a purchase comes back, in
however many parts and with whatever rounding, nothing of its points remains at the end.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from guerdon.earning.announcements import announce
from guerdon.earning.arithmetic import Purchase, kept, purchase_of
from guerdon.earning.errors import ReturnDiffersError
from guerdon.earning.schemas import Return, Returned
from guerdon.kit.ids import uuid7
from guerdon.ledger import operations as ledger
from guerdon.ledger.errors import NotReversibleError, TransactionNotFoundError
from guerdon.ledger.schemas import Change
from guerdon.parameters.queries import two_sections
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.idempotency import fingerprint
from guerdon.tiers import operations as tiers
from guerdon.tiers.ladder import standing_of
from guerdon.tiers.parameters import TierParameters


class Credit(msgspec.Struct, frozen=True, kw_only=True):
    """What was credited, and how it came about."""

    points: int
    explanation: dict[str, Any]


class _CreditRow(Credit, frozen=True, kw_only=True):
    account_id: UUID
    kind: str
    parameters_version: int


class _Undone(msgspec.Struct):
    explanation: dict[str, Any]


async def reverse(
    s: WriteSession,
    *,
    txn_id: UUID,
    what: Return,
    source: str,
    event_id: str,
    now: datetime,
    key: str | None = None,
    reason: str = "",
) -> Returned:
    """Take back what a return makes undue of the credit `txn_id`.

    `source` and `event_id` name the return: told twice, it counts once. Raises
    TransactionNotFoundError, NotReversibleError, ReturnDiffersError, MoreThanRemainsError.
    """
    credit = await _credit(s, txn_id)
    await ledger.lock_account(s, account_id=credit.account_id)
    print_ = fingerprint("points.reverse", txn_id, what, source, event_id, reason)
    first = await _replayed(s, key=key, source=source, event_id=event_id, print_=print_)
    if first is not None:
        return _answer(first.answer, first.explanation, replayed=True)
    if credit.kind not in {"earn", "adjust"} or credit.points < 0:
        raise NotReversibleError(kind=credit.kind)
    before = await s.all(
        _Undone,
        "SELECT explanation FROM app.ledger_txn WHERE tenant_id = %(tenant_id)s"
        " AND reverses = %(id)s AND kind = 'reverse' ORDER BY id",
        {"id": txn_id},
    )
    due, base = undue(credit, what, [u.explanation for u in before])
    period = int(credit.explanation.get("period", 0))
    qualifying = await tiers.count(s, account_id=credit.account_id, period=period, points=-base)
    parameters, _ = await two_sections(
        s, TierParameters, ProgrammeParameters, version=credit.parameters_version
    )
    explanation = {
        "rule": "return",
        "reason": reason,
        "returned_minor": what.amount_minor or 0,
        "returned_pieces": what.pieces or {},
        "returned_points": what.points or 0,
        "base": base,
        "period": period,
        "qualifying": qualifying,
        "tier": standing_of(parameters, qualifying=qualifying, period=period).tier,
    }
    change = await ledger.reverse(
        s,
        txn_id=txn_id,
        reversal_id=uuid7(),
        now=now,
        points=None if what == Return() else due,
        explanation=explanation,
        source=source,
        event_id=event_id,
        key=key or f"return:{source}:{event_id}",
        print_=print_,
    )
    await announce(
        s,
        kind="points.reversed",
        by_account={
            credit.account_id: {
                "transactionId": str(change.transaction_id),
                "reverses": str(txn_id),
                "points": change.points,
                "balance": change.posted,
                "tier": explanation["tier"],
            }
        },
        now=now,
    )
    return _answer(change, explanation, replayed=False)


def undue(credit: Credit, what: Return, before: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Points to take back, and how many of them had counted towards the tier.

    `before` are the explanations of earlier returns of the same credit. Raises ReturnDiffersError.
    """
    given_base = int(credit.explanation.get("base", 0))
    points_left = credit.points - sum(int(e["due"]) for e in before)
    base_left = given_base - sum(int(e.get("base", 0)) for e in before)
    purchase = purchase_of(credit.explanation)
    if what.points is not None:
        taken = credit.points - points_left + what.points
        base_due = given_base * taken // credit.points if credit.points else 0
        return what.points, min(base_left, max(0, base_due - (given_base - base_left)))
    if what.pieces is None and what.amount_minor is None:
        return points_left, base_left
    if purchase is None:
        raise ReturnDiffersError("Only a purchase comes back by lines or amount.")
    pieces: Counter[str] = Counter(what.pieces or {})
    amount = what.amount_minor or 0
    for e in before:
        pieces.update(e.get("returned_pieces", {}))
        amount += int(e.get("returned_minor", 0))
    _check(purchase, what, pieces, amount)
    kept_points, kept_base = kept(purchase, returned_minor=amount, returned_pieces=pieces)
    return max(0, points_left - kept_points), max(0, base_left - kept_base)


def _check(purchase: Purchase, what: Return, pieces: Mapping[str, int], amount: int) -> None:
    bought = {i.ref: i for i in purchase.items or ()}
    if any(n < 1 for n in (what.pieces or {}).values()):
        raise ReturnDiffersError(field="pieces")
    if what.amount_minor is not None and what.amount_minor < 1:
        raise ReturnDiffersError(field="amount")
    for ref, count in pieces.items():
        if ref not in bought or count > bought[ref].quantity:
            raise ReturnDiffersError(
                field=f"pieces.{ref}", most=bought[ref].quantity if ref in bought else 0
            )
    # Pieces are worth fractions of a minor unit; a return by amount may not exceed what is left.
    by_pieces = sum(
        bought[ref].amount_minor * n // bought[ref].quantity for ref, n in pieces.items()
    )
    if amount + by_pieces > purchase.amount_minor:
        raise ReturnDiffersError(field="amount", most=purchase.amount_minor - by_pieces)


async def _credit(s: WriteSession, txn_id: UUID) -> _CreditRow:
    found = await s.one_or_none(
        _CreditRow,
        "SELECT account_id, kind, points, parameters_version, explanation FROM app.ledger_txn"
        " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
        {"id": txn_id},
    )
    if found is None:
        raise TransactionNotFoundError
    return found


class _First(msgspec.Struct):
    answer: Change
    explanation: dict[str, Any]


async def _replayed(
    s: WriteSession, *, key: str | None, source: str, event_id: str, print_: bytes
) -> _First | None:
    return await s.one_or_none(
        _First,
        """
        SELECT t.answer, t.explanation FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s AND t.id = (
               app.ledger_replay_v1(%(tenant_id)s, %(key)s, %(source)s, %(event_id)s, %(print)s)
               ->> 'transaction_id')::uuid
        """,
        {"key": key, "source": source, "event_id": event_id, "print": print_},
    )


def _answer(change: Change, explanation: Mapping[str, Any], *, replayed: bool) -> Returned:
    return Returned(
        transaction_id=change.transaction_id,
        points=change.points,
        due=change.due or 0,
        uncollected=change.uncollected,
        posted=change.posted,
        held=change.held,
        qualifying=int(explanation["qualifying"]),
        tier=explanation["tier"],
        replayed=replayed,
    )

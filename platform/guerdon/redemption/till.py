"""The till: a cashier knows a member by a number, credits a sale, takes it back, hands over.

A sale is told to earning like a purchase from any other system, under the cashier's own source, so
that it counts once however often the phone sends it, and the day's figures are the ledger's own.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from guerdon.earning import operations as earning
from guerdon.earning import returns
from guerdon.earning.schemas import Earned, Event, Return, Returned, Whose
from guerdon.fulfilment.operations import Collected
from guerdon.identity.parameters import SecurityParameters
from guerdon.kit.errors import ConflictError, InvalidError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.ledger.errors import TransactionNotFoundError
from guerdon.members import numbers
from guerdon.members import operations as joining
from guerdon.members import queries as members
from guerdon.members.errors import MemberNotActiveError, MemberNotFoundError
from guerdon.members.messages import WelcomeMember
from guerdon.members.schemas import Member
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing import inbox, outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.redemption import counter, till_code
from guerdon.runtime import Runtime

UNDO: Final = timedelta(minutes=1)
AMOUNT_MINOR_MAX: Final = 10**8
# A cashier makes so many members at once, and one more every so many seconds.
JOINS_AT_ONCE: Final = 20
JOIN_EVERY_S: Final = 60


class TillAmountError(InvalidError):
    """The sale is larger than a cashier may credit (`max`, in minor units)."""

    code = "till_amount"
    title = "This sale is too large for the till"


class TillMemberLimitError(ConflictError):
    """The member has been credited as many sales today as one can be (`max`)."""

    code = "till_member_limit"
    title = "No more sales for this member today"


class TillLimitError(ConflictError):
    """The cashier has credited as many sales today as one can (`max`)."""

    code = "till_limit"
    title = "No more sales today"


class TillUndoOverError(ConflictError):
    """A sale can be taken back for a minute; later it is a correction by somebody else."""

    code = "till_undo_over"
    title = "It is too late to take this back"


class TillNumberError(InvalidError):
    """The brand credits sales only to a code of the moment."""

    code = "till_number"
    title = "A member number is not enough here"


class TillCodeUsedError(ConflictError):
    """A reward was handed over to this code already."""

    code = "till_code_used"
    title = "This code was used"


class NothingWaitsError(NotFoundError):
    """Nothing waits at the counter for this member."""

    code = "nothing_waits"
    title = "Nothing waits for this member"


class SeveralWaitError(ConflictError):
    """More than one reward waits; each has a code of its own."""

    code = "several_wait"
    title = "More than one reward waits"


class Day(msgspec.Struct, frozen=True):
    """What a cashier did on a day: sales, what they came to, what was taken back, handed over."""

    sales: int
    amount_minor: int
    points: int
    undone: int
    handed_over: int


class _Sale(msgspec.Struct, frozen=True):
    id: UUID
    occurred_at: datetime


def source(staff_id: UUID) -> str:
    """The name under which the ledger keeps a cashier's sales."""
    return f"till:{staff_id}"


async def member(
    rt: Runtime, s: ReadSession, *, code: str, now: datetime, real: datetime
) -> Member:
    """The member who shows this code of the moment, or has this number, however it is typed.

    A code is of real time, `real`, whatever a sandbox's clock shows.

    Raises InvalidError for what cannot be one, TillCodeWrongError, TillCodeOverError,
    TillNumberError, MemberNotFoundError, MemberNotActiveError.
    """
    if till_code.is_one(code):
        key = await rt.secrets.data_key(s) or b""
        number = till_code.number_in(key, code=code, now=real)
    else:
        number = till_code.digits(code)
        if not numbers.holds(number):
            raise InvalidError(
                "This is no member number: it has twelve digits. Check each digit, or scan it"
                " again.",
                field="code",
            )
        snapshot = await rt.snapshot(s.tenant_id, now)
        if not snapshot[SecurityParameters].till_plain_number:
            raise TillNumberError(
                "Ask the member to open “Your code” on the phone, and scan that.", field="code"
            )
    found = await members.find_by_number(s, number=number)
    if found is None:
        raise MemberNotFoundError(field="code")
    if not found.active:
        raise MemberNotActiveError(field="code")
    return found


async def hand_over(
    rt: Runtime, s: WriteSession, *, code: str, by: str, now: datetime, real: datetime
) -> Collected:
    """Hand over what waits under a reward's code, or what waits for who shows a code of the moment.

    Raises UnknownCodeError, TillCodeUsedError for a code of the moment that was shown before,
    NothingWaitsError, SeveralWaitError; and what `member` raises.
    """
    if not till_code.is_one(code):
        return await counter.hand_over(rt, s, code=code, by=by, now=now)
    who = await member(rt, s, code=code, now=now, real=real)
    key = await rt.secrets.ensure_data_key(s)
    fresh = await inbox.first_time(
        s, source="till_code", event_id=till_code.fingerprint(key, code), now=real
    )
    if not fresh:
        raise TillCodeUsedError("Ask the member to show a new code.", field="code")
    waiting = await s.all(
        str,
        """
        SELECT r.pickup_code FROM app.redemption r
          JOIN app.counter_order c ON c.tenant_id = %(tenant_id)s AND c.id = r.id
         WHERE r.tenant_id = %(tenant_id)s AND r.member_id = %(member)s
           AND r.pickup_code IS NOT NULL AND c.collected_at IS NULL AND c.withdrawn_at IS NULL
         LIMIT 2
        """,
        {"member": who.id},
    )
    if not waiting:
        raise NothingWaitsError("No reward waits for this member at the counter.", field="code")
    if len(waiting) > 1:
        raise SeveralWaitError("Ask the member for the code of the one to hand over.", field="code")
    return await counter.hand_over(rt, s, code=waiting[0], by=by, now=now)


async def join(
    rt: Runtime, s: WriteSession, *, email: str, name: str, now: datetime, real: datetime
) -> tuple[Member, str]:
    """A customer becomes a member, and is written to; the member and a code of the moment.

    What is credited waits in the new wallet until they sign in with a code sent to their mail.
    Raises what joining raises: EmailTakenError, InvalidError, a plan's quota.
    """
    snapshot = await rt.snapshot(s.tenant_id, now)
    who = await joining.join(s, id=uuid7(), email=email, name=name, snapshot=snapshot, now=now)
    await outbox.put(s, WelcomeMember(member_id=who.id))
    key = await rt.secrets.ensure_data_key(s)
    return who, till_code.of(key, number=who.number or "", now=real).code


async def sell(
    rt: Runtime, s: WriteSession, *, code: str, amount_minor: int, sale_id: UUID, staff_id: UUID,
    now: datetime, real: datetime,
) -> tuple[Member, Earned]:  # fmt: skip
    """Credit a sale by the brand's earning rules, once per `sale_id`.

    Raises what `member` raises, TillAmountError, TillLimitError, TillMemberLimitError.
    """
    who = await member(rt, s, code=code, now=now, real=real)
    snapshot = await rt.snapshot(s.tenant_id, now, member_id=who.id)
    # One at a time, so that the day's counts hold: the cashier's first, then the member's.
    for held in (source(staff_id), f"till-member:{who.id}"):
        await s.value("SELECT pg_advisory_xact_lock(hashtextextended(%(held)s, 0))", {"held": held})
    first = await _sale(s, sale_id=sale_id, staff_id=staff_id)
    if first is None:
        await _check_limits(
            rt, s, snapshot=snapshot, who=who, amount_minor=amount_minor, staff_id=staff_id, now=now
        )
    earned = await earning.earn_within(
        rt,
        s,
        snapshot=snapshot,
        event=Event(
            whose=Whose(member_id=who.id),
            # The same sale sent again is of the same instant.
            occurred_at=now if first is None else first.occurred_at,
            source=source(staff_id),
            event_id=str(sale_id),
            amount=Money(amount_minor, snapshot[ProgrammeParameters].currency),
        ),
        now=now,
    )
    return who, earned


async def _check_limits(
    rt: Runtime, s: ReadSession, *, snapshot: Snapshot, who: Member, amount_minor: int,
    staff_id: UUID, now: datetime,
) -> None:  # fmt: skip
    limits = snapshot[SecurityParameters]
    if amount_minor > limits.till_amount_max_minor:
        most = Money(limits.till_amount_max_minor, snapshot[ProgrammeParameters].currency)
        raise TillAmountError(
            f"A cashier credits {most.decimal} {most.currency} at most. Check the amount, or ask"
            " somebody who corrects points.",
            field="amountMinor",
            max=limits.till_amount_max_minor,
        )
    most_sales = limits.till_sales_per_day
    if (await day(rt, s, staff_id=staff_id, now=now)).sales >= most_sales:
        raise TillLimitError(
            f"A cashier credits {most_sales} sales on a day at most. Ask a colleague.",
            max=most_sales,
        )
    most_sales = limits.till_member_sales_per_day
    if await _sales_to(s, who, since=_midnight(snapshot, now)) >= most_sales:
        raise TillMemberLimitError(
            f"A member is credited {most_sales} sales on a day at most. Ask somebody who corrects"
            " points.",
            field="code",
            max=most_sales,
        )


async def _sales_to(s: ReadSession, who: Member, *, since: datetime) -> int:
    count: int = await s.value(
        "SELECT count(*) FROM app.ledger_txn WHERE tenant_id = %(tenant_id)s"
        " AND account_id = %(account)s AND occurred_at >= %(since)s AND kind = 'earn'"
        " AND starts_with(source, 'till:')",
        {"account": who.account_id, "since": since},
    )
    return count


def _midnight(snapshot: Snapshot, now: datetime) -> datetime:
    local = now.astimezone(snapshot[ProgrammeParameters].zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


async def undo(s: WriteSession, *, sale_id: UUID, staff_id: UUID, now: datetime) -> Returned:
    """Take a sale of one's own back while it is fresh. Safe to repeat.

    Raises TransactionNotFoundError, TillUndoOverError.
    """
    found = await _sale(s, sale_id=sale_id, staff_id=staff_id)
    if found is None:
        raise TransactionNotFoundError(field="saleId")
    if now > found.occurred_at + UNDO:
        raise TillUndoOverError(
            "A sale can be taken back for a minute. Ask somebody who corrects points."
        )
    return await returns.reverse(
        s, txn_id=found.id, what=Return(), source=source(staff_id), event_id=f"undo:{sale_id}",
        now=now, reason="till",
    )  # fmt: skip


async def _sale(s: ReadSession, *, sale_id: UUID, staff_id: UUID) -> _Sale | None:
    return await s.one_or_none(
        _Sale,
        "SELECT id, occurred_at FROM app.ledger_txn WHERE tenant_id = %(tenant_id)s"
        " AND source = %(source)s AND event_id = %(event)s",
        {"source": source(staff_id), "event": str(sale_id)},
    )


async def day(rt: Runtime, s: ReadSession, *, staff_id: UUID, now: datetime) -> Day:
    """A cashier's day so far, in the brand's own time."""
    snapshot = await rt.snapshot(s.tenant_id, now)
    return await s.one(
        Day,
        """
        SELECT count(*) FILTER (WHERE t.kind = 'earn')::int AS sales,
               coalesce(sum((t.explanation->>'amount_minor')::bigint)
                        FILTER (WHERE t.kind = 'earn'), 0)::bigint AS amount_minor,
               coalesce(sum(t.points), 0)::bigint AS points,
               count(*) FILTER (WHERE t.kind = 'reverse')::int AS undone,
               (SELECT count(*)::int FROM app.counter_order c
                 WHERE c.tenant_id = %(tenant_id)s AND c.collected_by = %(by)s
                   AND c.collected_at >= %(begins)s) AS handed_over
          FROM app.ledger_txn t
         WHERE t.tenant_id = %(tenant_id)s AND t.source = %(source)s
           AND t.occurred_at >= %(begins)s
        """,
        {"source": source(staff_id), "by": f"staff:{staff_id}", "begins": _midnight(snapshot, now)},
    )

"""What became of the money of a statement: one row per statement, one payment page at a time.

`due` → `open` (there is a page) → `paying` (the money is reserved) → `paid`. A page that ended
without money leads back to `due`; only then may another be made, so that a statement is never
paid twice.
"""

from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import msgspec

from guerdon.billing.messages import OpenPage
from guerdon.kit.errors import ConflictError, NotFoundError
from guerdon.kit.ids import uuid7
from guerdon.plans import statements
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession

PAY_WITHIN: Final = timedelta(days=7)
ChargeState = Literal["due", "open", "paying", "paid"]


class AlreadyPaidError(ConflictError):
    """The statement is paid, or being paid."""

    code = "already_paid"
    title = "This statement is paid already"


class Charge(msgspec.Struct, frozen=True):
    """The charge of a statement. `decline` is the last refusal that the owner's card met."""

    period: date
    amount_minor: int
    currency: str
    state: ChargeState
    due_at: datetime
    attempt: UUID | None
    reference: str | None
    url: str | None
    decline: str | None
    card: str | None
    paid_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Whether its day has passed without the money."""
        return self.state != "paid" and self.due_at <= now


_COLUMNS: Final = (
    "period, amount_minor, currency, state, due_at, attempt, reference, url, decline, card, paid_at"
)


async def charges(s: ReadSession) -> list[Charge]:
    """Every charge of the brand, newest first."""
    return await s.all(
        Charge,
        f"SELECT {_COLUMNS} FROM app.plan_charge"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s ORDER BY period DESC LIMIT 120",
    )


async def locked(s: WriteSession, period: date) -> Charge:
    """One charge under its lock; NotFoundError where nothing is to be paid."""
    found = await s.one_or_none(
        Charge,
        f"SELECT {_COLUMNS} FROM app.plan_charge"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND period = %(period)s FOR UPDATE",
        {"period": period},
    )
    if found is None:
        raise NotFoundError("Nothing is to be paid for this month.", field="month")
    return found


async def uncharged(s: ReadSession) -> list[statements.Statement]:
    """Statements with an amount that no charge was made for."""
    billed = {one.period for one in await charges(s)}
    return [
        one
        for one in await statements.statements(s)
        if one.total_minor > 0 and one.period not in billed
    ]


async def make(s: WriteSession, statement: statements.Statement, *, now: datetime) -> datetime:
    """The charge of a statement, once; the day until which it is to be paid."""
    due_at = now + PAY_WITHIN
    await s.execute(
        """
        INSERT INTO app.plan_charge (tenant_id, period, amount_minor, currency, state, due_at)
        VALUES (%(tenant_id)s, %(period)s, %(amount)s, %(currency)s, 'due', %(due_at)s)
        ON CONFLICT (tenant_id, period) DO NOTHING
        """,
        {
            "period": statement.period,
            "amount": statement.total_minor,
            "currency": statement.currency,
            "due_at": due_at,
        },
    )
    return due_at


async def ask_for_page(s: WriteSession, *, period: date) -> Charge:
    """Have a payment page made, unless there is one; its address stands in the charge soon after.

    Raises NotFoundError, AlreadyPaidError.
    """
    found = await locked(s, period)
    if found.state in ("paid", "paying"):
        raise AlreadyPaidError
    if found.attempt is None:
        attempt = uuid7()
        await s.execute(
            "UPDATE app.plan_charge SET attempt = %(attempt)s, decline = NULL"
            " WHERE tenant_id = %(tenant_id)s AND period = %(period)s",
            {"period": period, "attempt": attempt},
        )
        await outbox.put(s, OpenPage(period=period, attempt=attempt))
        return await locked(s, period)
    return found

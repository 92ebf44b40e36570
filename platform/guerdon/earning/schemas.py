"""What is told to earning, and what it answers."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from guerdon.earning.arithmetic import Line
from guerdon.kit.money import Money


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """A member by one of three names: the id, the brand's own id, the member number."""

    member_id: UUID | None = None
    external_id: str | None = None
    number: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that earns: a purchase (`amount`, perhaps `items`), or a grant of `points`.

    `source` and `event_id` are its natural key: told twice, it counts once. `qualifies` says
    whether granted points count towards the tier; those of a purchase always do. `rule` names
    what the member is told ("purchase", "welcome", "opening_balance", ...). The wallet is named by
    `account_id`, or found by `whose` in the same round trip.
    """

    account_id: UUID | None = None
    whose: Whose | None = None
    occurred_at: datetime
    source: str
    event_id: str
    amount: Money | None = None
    items: tuple[Line, ...] | None = None
    points: int | None = None
    qualifies: bool = False
    rule: str = "purchase"
    note: str = ""
    key: str | None = None
    member_id: UUID | None = None


class Earned(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of an event. Points are what it gave; `base` of them count towards the tier.

    `settled` went into a debt. `tier_before` multiplied, `tier` is reached now, `missing`
    qualifying points later comes `next_tier`.
    """

    transaction_id: UUID
    points: int
    base: int
    settled: int
    posted: int
    held: int
    expires_on: date | None
    tier_before: str | None
    tier: str | None
    qualifying: int
    next_tier: str | None
    missing: int | None
    replayed: bool = False


class RowEarned(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a batch: its place in it, and its answer or the code of its error."""

    n: int
    earned: Earned | None
    code: str | None = None
    detail: str = ""
    field: str | None = None


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back: `pieces` by line, `amount_minor` or `points`; all of it if none is set."""

    pieces: dict[str, int] | None = None
    amount_minor: int | None = None
    points: int | None = None


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of a return. `due` points were to be taken back, `uncollected` of them could not.

    `points` is what the balance changed by (zero or below).
    """

    transaction_id: UUID
    points: int
    due: int
    uncollected: int
    posted: int
    held: int
    qualifying: int
    tier: str | None
    replayed: bool = False

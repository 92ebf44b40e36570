"""The member that a preview shows: nobody. A round balance, and half-way up the tier chosen."""

from datetime import timedelta
from uuid import UUID

from guerdon.kit.money import Money
from guerdon.ledger.expiry import local_day
from guerdon.ledger.schemas import Balance
from guerdon.member_web.shelves import rules_of
from guerdon.member_web.web import Web
from guerdon.members.schemas import Member
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.tiers.ladder import period_of, standing_of
from guerdon.tiers.parameters import TierParameters
from guerdon.tiers.schemas import Standing

NOBODY = UUID(int=0)
NAME = "Alex"
# What the balance buys, in minor units.
_BUYS = 12_000
_EXPIRES_IN = timedelta(days=24)


def member(web: Web) -> Member:
    """Nobody, as a member."""
    return Member(
        id=NOBODY,
        account_id=NOBODY,
        status="active",
        number=None,
        external_id=None,
        email=None,
        name=NAME,
        phone=None,
        language=None,
        joined_at=web.now,
        email_verified_at=None,
        erased_at=None,
    )


def balance(web: Web) -> Balance:
    """Points that buy something under the draft, a tenth of which expire soon."""
    rules = rules_of(web.snapshot)
    worth = Money(_BUYS, rules.currency)
    points = max(100, round(worth.decimal * rules.price_factor / 100) * 100)
    today = local_day(web.now, web.snapshot[ProgrammeParameters].zone)
    return Balance(
        account_id=NOBODY,
        posted=points,
        held=0,
        debt=0,
        available=points,
        overdue=0,
        next_expiry=today + _EXPIRES_IN,
        next_expiry_points=points // 10,
    )


def standing(web: Web, audience: str) -> Standing:
    """Half-way from the tier's threshold to the next one's."""
    ladder = web.snapshot[TierParameters]
    period = period_of(ladder, web.now, web.snapshot[ProgrammeParameters].zone)
    at = next((n for n, tier in enumerate(ladder.tiers) if tier.key == audience), 0)
    steps = [tier.threshold for tier in ladder.tiers[at : at + 2]]
    return standing_of(ladder, qualifying=sum(steps) // len(steps) if steps else 0, period=period)

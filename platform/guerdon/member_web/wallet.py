"""Who the member is and what they have: read together, once per page."""

from uuid import UUID

import msgspec

from guerdon.ledger import queries as ledger
from guerdon.ledger.schemas import Balance
from guerdon.member_web import sample
from guerdon.member_web.web import Web
from guerdon.members import queries as members
from guerdon.members.schemas import Member
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.plumbing.db import ReadSession
from guerdon.tiers import queries as tiers
from guerdon.tiers.parameters import Tier, TierParameters
from guerdon.tiers.schemas import Standing


class Wallet(msgspec.Struct, frozen=True):
    """A member with balance and standing."""

    member: Member
    balance: Balance
    standing: Standing

    @property
    def account_id(self) -> UUID:
        """The ledger's account."""
        return self.member.account_id

    @property
    def available(self) -> int:
        """What can be spent; a debt is nothing to spend."""
        return max(0, self.balance.available)

    @property
    def tier(self) -> str | None:
        """The key of the member's tier."""
        return self.standing.tier


async def wallet_of(s: ReadSession, web: Web) -> Wallet:
    """The signed-in member's wallet; in a preview, that of the member it shows."""
    if web.preview is not None:
        shown = sample.standing(web, web.preview.audience)
        return Wallet(sample.member(web), sample.balance(web), shown)
    member = await members.member(s, member_id=web.member_id)
    today = web.now.astimezone(web.snapshot[ProgrammeParameters].zone).date()
    return Wallet(
        member,
        await ledger.balance(s, account_id=member.account_id, today=today),
        await tiers.standing(s, account_id=member.account_id, snapshot=web.snapshot, now=web.now),
    )


def tier_named(web: Web, key: str | None) -> Tier | None:
    """The step of the ladder with this key."""
    return next((t for t in web.snapshot[TierParameters].tiers if t.key == key), None)


def tier_name(web: Web, key: str | None) -> str | None:
    """The name of a tier in the reader's language."""
    tier = tier_named(web, key)
    return (web.look.words(tier.name, web.language) or tier.key) if tier else None

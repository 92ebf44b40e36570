"""Tiers that members bring along from elsewhere, in the words of the brand's own ladder.

A tier is what qualifying points reach, so to be in one is to have its threshold in every period
that it is to last. Where it counts over the whole membership it has no last day; where it counts
over a calendar year it lasts until the end of one.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.kit.errors import InvalidError
from guerdon.ledger.opening import Standing
from guerdon.members.import_rows import TierReader
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import WriteSession
from guerdon.tiers.ladder import period_of
from guerdon.tiers.parameters import Tier, TierParameters

YEARS_AHEAD_MAX: Final = 5


class _Raised(msgspec.Struct):
    account_id: UUID
    period: int
    added: int


class ImportedTiers:
    """What an import of members has to know of tiers."""

    def reader(self, snapshot: Snapshot, now: datetime) -> TierReader:
        """Reads a file's cells by the ladder in force."""
        ladder = snapshot[TierParameters]
        this = period_of(ladder, now, snapshot[ProgrammeParameters].zone)
        known = {word.casefold(): tier for tier in ladder.tiers for word in _words(tier)}
        names = ", ".join(tier.key for tier in ladder.tiers)

        def read(text: str, until: date | None) -> tuple[str, tuple[Standing, ...]]:
            tier = known.get(text.casefold())
            if tier is None:
                raise InvalidError(
                    f"There is no such tier; known: {names}."
                    if names
                    else "The programme has no tiers: leave this empty or make its tiers first.",
                    field="tier",
                    reason="tier",
                )
            last = _last_year(ladder, until, this)
            if not tier.threshold:
                return tier.key, ()
            return tier.key, tuple(Standing(p, tier.threshold) for p in range(this, last + 1))

        return read

    async def bring(
        self, s: WriteSession, standings: Sequence[tuple[UUID, Standing]]
    ) -> dict[UUID, list[Standing]]:
        """See to it that every wallet has at least these; what was missing, by wallet.

        The caller has locked the wallets or made them.
        """
        raised = await s.all(
            _Raised,
            """
            INSERT INTO app.tier_standing AS t (tenant_id, account_id, period, qualifying)
            SELECT %(tenant_id)s, u.account, u.period, u.qualifying
              FROM unnest(%(accounts)s::uuid[], %(periods)s::integer[], %(points)s::bigint[])
                AS u(account, period, qualifying)
            ON CONFLICT (tenant_id, account_id, period) DO UPDATE
               SET qualifying = greatest(t.qualifying, excluded.qualifying)
            RETURNING account_id, period, new.qualifying - coalesce(old.qualifying, 0) AS added
            """,
            {
                "accounts": [account_id for account_id, _ in standings],
                "periods": [standing.period for _, standing in standings],
                "points": [standing.qualifying for _, standing in standings],
            },
        )
        missing: dict[UUID, list[Standing]] = {}
        for row in raised:
            if row.added:
                missing.setdefault(row.account_id, []).append(Standing(row.period, row.added))
        return missing


def _words(tier: Tier) -> list[str]:
    return [tier.key, *tier.name.values()]


def _last_year(ladder: TierParameters, until: date | None, this: int) -> int:
    if until is None:
        return this
    if ladder.period == "lifetime":
        raise InvalidError(
            "Tiers count over the whole membership and have no last day: leave this empty.",
            field="tier_until",
            reason="lifetime",
        )
    if (until.month, until.day) != (12, 31):
        raise InvalidError(
            f"Tiers last until the end of a year: write {until.year}-12-31.",
            field="tier_until",
            reason="year",
        )
    if until.year < this:
        raise InvalidError("This day is over.", field="tier_until", reason="past")
    if until.year > this + YEARS_AHEAD_MAX:
        raise InvalidError(
            f"At most {YEARS_AHEAD_MAX} years ahead.", field="tier_until", reason="ahead"
        )
    return until.year

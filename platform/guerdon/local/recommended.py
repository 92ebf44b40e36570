"""A month of recommendations at a demo brand, to look at: drawn from dice and labelled `generated`.

Nobody saw any of it, so that it stands beside what the site and the API told and never among it.
How much each kind brings is known: the console should find it, and nothing where there is nothing.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations.feedback import Happening, Place, Type, record
from guerdon.recommendations.offers import Kind
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.slate import Arm
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

DAYS: Final = 28
MEMBERS_MAX: Final = 500
# How likely a member is to take something up: of those who see what is meant for them, and of the
# holdout. A club brings nothing here.
RATES: Final[dict[Kind, tuple[float, float]]] = {
    "co_branded_card": (0.16, 0.10),
    "ancillary": (0.30, 0.16),
    "club": (0.10, 0.10),
    "catalogue": (0.34, 0.19),
}
_HELD: Final = 0.35
_CLICKS: Final = 0.18
_CHUNK: Final = 2_000
_SPACE: Final = UUID("0d6a4a52-7a53-4f2e-8a51-0d6a1f6c2b90")


async def ensure_recommended(rt: Runtime, tenant: Tenant, now: datetime) -> int:
    """Write the month before `now`, once; how many events were new."""
    snapshot = await rt.snapshot(tenant.id, now)
    async with rt.db.read(tenant.id) as s:
        if await s.value(
            "SELECT EXISTS (SELECT FROM app.recommendation_event"
            " WHERE tenant_id = %(tenant_id)s AND source = 'generated')"
        ):
            return 0
        members = await s.all(
            UUID,
            "SELECT id FROM app.member WHERE tenant_id = %(tenant_id)s AND status = 'active'"
            " ORDER BY joined_at, id LIMIT %(most)s",
            {"most": MEMBERS_MAX},
        )
        skus = await s.all(
            str,
            "SELECT sku FROM app.product_variant WHERE tenant_id = %(tenant_id)s AND active"
            " ORDER BY sku LIMIT 40",
        )
    happenings = list(_month(tenant, snapshot, members, skus, now))
    day = now.astimezone(snapshot[ProgrammeParameters].zone).date()
    made = 0
    for start in range(0, len(happenings), _CHUNK):
        async with rt.db.write(tenant.id) as s:
            made += await record(
                s,
                happenings=happenings[start : start + _CHUNK],
                parameters=snapshot[RecommendationParameters],
                day=day,
                source="generated",
                now=now,
            )
    return made


def _month(
    tenant: Tenant, snapshot: Snapshot, members: list[UUID], skus: list[str], now: datetime
) -> Iterator[Happening]:
    parameters = snapshot[RecommendationParameters]
    offers: dict[Kind, list[tuple[str, str]]] = {
        kind: [(o.key, o.sku) for o in parameters.offers if o.kind == kind and o.enabled]
        for kind in RATES
    }
    offers["catalogue"] += [("", sku) for sku in skus]
    places = {
        kind: [p.key for p in parameters.placements if kind in p.kinds and p.enabled]
        for kind in RATES
    }
    dice = random.Random(f"{tenant.slug} recommended")  # noqa: S311
    for n, member_id in enumerate(members):
        for kind, (shown, held) in RATES.items():
            if not offers[kind] or not places[kind]:
                continue
            arm: Arm = "holdout" if dice.random() < _HELD else "shown"
            takes = dice.random() < (held if arm == "holdout" else shown)
            times = dice.randint(1, 4)
            for time in range(times):
                offer, sku = dice.choice(offers[kind])
                place = Place(
                    uuid5(_SPACE, f"{tenant.id} {n} {kind} {time}"), 0, dice.choice(places[kind]),
                    kind, offer, sku, "", arm, snapshot.version, "", member_id,
                )  # fmt: skip
                at = now - timedelta(
                    days=dice.randint(1, DAYS - 1), seconds=dice.randint(0, 50_000)
                )
                last = takes and time == times - 1
                told: list[Type] = ["impression"]
                if last or dice.random() < _CLICKS:
                    told.append("click")
                if last:
                    told.append("conversion")
                for step, type_ in enumerate(told):
                    yield Happening(type_, place, at + timedelta(minutes=3 * step))

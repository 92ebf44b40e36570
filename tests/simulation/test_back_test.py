"""The back-test: zero for an unchanged draft, the same bytes twice, and equal to what the front
doors do with the same events once the draft is published."""

import random
from datetime import timedelta
from typing import Any

import pytest
from tests.simulation.programmes import DAYS, MEMBERS, NOW, Brand, Step, life, programme

from guerdon.catalogue.cards import Reader
from guerdon.catalogue.queries import product
from guerdon.catalogue.rules import price_rules
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.simulation.happenings import window_of
from guerdon.simulation.replay import ISSUED, REDEEMED, TAKEN_BACK
from guerdon.simulation.report import as_csv, encode, unchanged


def _split(brand: Brand, steps: list[Step]) -> tuple[list[Any], list[Any]]:
    """Before the window, and in it."""
    zone = brand.rt.snapshots.current(brand.tenant.id, NOW)[ProgrammeParameters].zone
    since = window_of(days=DAYS, now=NOW, zone=zone).since
    numbered = list(enumerate(steps))
    return [p for p in numbered if p[1].at < since], [p for p in numbered if p[1].at >= since]


@pytest.mark.parametrize("seed", range(8))
async def test_an_unchanged_draft_makes_no_difference(open_brand: Any, seed: int) -> None:
    dice = random.Random(f"unchanged {seed}")
    content = programme(dice)
    brand = await open_brand(content)
    await brand.live(list(enumerate(life(dice, members=MEMBERS, steps=60, until=NOW))))
    report, outcomes = await brand.test(content)
    assert unchanged(report)
    assert report.events["earn"] > 5
    assert report.checked.purchases == report.checked.equal > 0
    # The version in force, replayed, is what was recorded.
    for member in brand.members:
        outcome, stands = outcomes[member.account_id], await brand.stands(member)
        assert outcome.before.available == stands.available
        assert outcome.before.outstanding == stands.posted
        assert (outcome.before.qualifying, outcome.before.tier) == (
            stands.qualifying, stands.tier,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
async def test_the_report_is_what_happens_after_publishing(open_brand: Any, seed: int) -> None:
    """Brand A lives under the old version; brand B is A's twin until the window begins, publishes
    the draft, and lives the same days. Every figure of the report is B's."""
    dice = random.Random(f"replayed {seed}")
    old, draft = programme(dice), programme(dice)
    # Points under the draft need not be worse than before for all; a rich life keeps many going.
    steps = life(dice, members=MEMBERS, steps=70, until=NOW)
    a, b = await open_brand(old), await open_brand(old)
    first, then = _split(a, steps)
    await a.live(first)
    await b.live(first)
    await a.live(then)
    report, outcomes = await a.test(draft)

    await b.publish(draft)
    b.refused.clear()
    done_by_a = {n for n, _ in then if n not in a.skipped}
    await b.live([(n, step) for n, step in then if n in done_by_a])
    after = report.after
    assert after.refused == b.refused
    for one, other in zip(a.members, b.members, strict=True):
        side, stands = outcomes[one.account_id].after, await b.stands(other)
        assert (side.available, side.outstanding) == (stands.available, stands.posted)
        assert (side.qualifying, side.tier) == (stands.qualifying, stands.tier)
        assert side.sums[: REDEEMED + 1] == await _recorded(b, other)
    sums = [sum(o.after.sums[kind] for o in outcomes.values()) for kind in range(3)]
    assert sums == [after.issued, after.taken_back, after.redeemed]
    prices = await _prices(b)
    for row in report.products:
        assert (row.points_after, row.value_after) == prices[row.sku]


async def _recorded(b: Brand, member: Any) -> list[int]:
    zone = b.rt.snapshots.current(b.tenant.id, NOW)[ProgrammeParameters].zone
    bound = {"id": member.account_id, "since": window_of(days=DAYS, now=NOW, zone=zone).since}
    async with b.rt.db.read(b.tenant.id) as s:
        sums = [0, 0, 0]
        sums[ISSUED] = await s.value(
            "SELECT coalesce(sum(points), 0)::bigint FROM app.ledger_txn"
            " WHERE tenant_id = %(tenant_id)s AND account_id = %(id)s AND kind = 'earn'"
            " AND occurred_at >= %(since)s",
            bound,
        )
        sums[TAKEN_BACK] = await s.value(
            "SELECT coalesce(sum((explanation->>'due')::bigint), 0)::bigint FROM app.ledger_txn"
            " WHERE tenant_id = %(tenant_id)s AND account_id = %(id)s AND kind = 'reverse'"
            " AND occurred_at >= %(since)s",
            bound,
        )
        sums[REDEEMED] = await s.value(
            "SELECT coalesce(sum(points), 0)::bigint FROM app.redemption"
            " WHERE tenant_id = %(tenant_id)s AND account_id = %(id)s AND placed_at >= %(since)s",
            bound,
        )
    return sums


async def _prices(b: Brand) -> dict[str, tuple[int, int]]:
    rules = price_rules(b.rt.snapshots.current(b.tenant.id, NOW))
    reader = Reader(
        rules=rules, categories=["drinks"], language="en", fallback="en", tier=None, now=NOW
    )
    found = {}
    async with b.rt.db.read(b.tenant.id) as s:
        for slug in b.world.variants:
            page = await product(s, slug=slug, reader=reader)
            price = page.variants[0].price
            found[slug.upper()] = (price.points, price.value.minor)
    return found


async def test_the_same_run_twice_gives_the_same_bytes(open_brand: Any) -> None:
    dice = random.Random("twice")
    brand, draft = await open_brand(programme(dice)), programme(dice)
    await brand.live(list(enumerate(life(dice, members=MEMBERS, steps=40, until=NOW))))
    first, _ = await brand.test(draft)
    again, _ = await brand.test(draft, now=NOW + timedelta(hours=2))
    assert encode(first) == encode(again)
    assert as_csv(first) == as_csv(again)
    assert first.fingerprint == again.fingerprint
    other, _ = await brand.test(programme(random.Random("another")))
    assert other.fingerprint != first.fingerprint

"""A slate follows its parameters, exactly; what is missing says why."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from tests.recommendations.test_parameters import decode

from guerdon.recommendations.candidates import (
    ONE,
    Candidate,
    MemberFacts,
    Reason,
    ScorePart,
    SlateFacts,
)
from guerdon.recommendations.draws import held_out, seed_of
from guerdon.recommendations.eligibility import DEFAULTS
from guerdon.recommendations.offers import Kind
from guerdon.recommendations.slate import SCORE_ONE, Question, Seen, Slate, Sum, choose
from guerdon.recommendations.steering import Steering

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DRAWS = 10_000


def three_sigma(share: float) -> float:
    """How far from its share a count may be."""
    return 3 * (DRAWS * share * (1 - share)) ** 0.5


def steering(offers: list[dict[str, Any]], slots: int = 1, **kinds: Any) -> Steering:
    calm = {"enabled": True, "exploration_percent": 0, "holdout_percent": 0}
    names = ("co_branded_card", "ancillary", "club", "catalogue")
    return Steering(
        decode(
            {
                "kinds": {k: calm | kinds.get(k, {}) for k in names},
                "placements": [{"key": "home", "kinds": list(names), "slots": slots}],
                "offers": offers,
            }
        ),
        version=7,
    )


def offer(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "ancillary", **more}


def candidate(key: str, base: int = ONE // 2, kind: Kind = "ancillary", **more: Any) -> Candidate:
    return Candidate(kind, Reason("fits"), (ScorePart("fit", base),), offer=key, **more)


def product(sku: str, base: int) -> Candidate:
    return Candidate("catalogue", Reason("liked"), (ScorePart("model", base),), sku=sku)


def slate(
    of: Steering,
    candidates: list[Candidate],
    *,
    seed: int = 1,
    now: datetime = NOW,
    holdout: frozenset[Kind] = frozenset(),
    known: dict[str, Any] | None = None,
    seen: dict[str, Seen] | None = None,
    sums: dict[str, Sum] | None = None,
) -> Slate:
    facts = SlateFacts(MemberFacts(uuid4(), NOW), now, now.date(), 7)
    return choose(
        Question(
            steering=of,
            verdicts=of.verdicts(DEFAULTS | (known or {}), day=now.date()),
            placement=of.parameters.placements[0],
            facts=facts,
            seen=seen or {},
            sums=sums or {},
            holdout=holdout,
            seed=seed,
            explain=True,
        ),
        [(candidates, [])],
    )


def shown(made: Slate) -> list[str]:
    return [place.candidate.key for place in made.places]


def why(made: Slate, key: str) -> str:
    (code,) = [w.code for w in made.withheld if w.key == key]
    return code


@pytest.mark.parametrize(("first", "second"), [(70, 30), (30, 70), (50, 50)])
def test_variants_come_by_weight(first: int, second: int) -> None:
    variants = [
        {"key": "gold", "name": {"en": "Gold"}, "weight": first},
        {"key": "platinum", "name": {"en": "Platinum"}, "weight": second},
    ]
    of = steering([offer("card", variants=variants)])
    drawn = Counter(
        slate(of, [candidate("card")], seed=seed).places[0].variant for seed in range(DRAWS)
    )
    assert abs(drawn["gold"] - DRAWS * first / 100) < three_sigma(first / 100)
    assert drawn["gold"] + drawn["platinum"] == DRAWS


def test_offers_come_by_weight_and_score() -> None:
    of = steering([offer("bag", weight=70), offer("seat", weight=30)])
    both = [candidate("bag"), candidate("seat")]
    drawn = Counter(shown(slate(of, both, seed=seed))[0] for seed in range(DRAWS))
    assert abs(drawn["bag"] - 7000) < three_sigma(0.7)
    # With 30 × 0.7 against 70 × 0.3 both are equal.
    both = [candidate("bag", 300_000), candidate("seat", 700_000)]
    drawn = Counter(shown(slate(of, both, seed=seed))[0] for seed in range(DRAWS))
    assert abs(drawn["bag"] - 5000) < three_sigma(0.5)


def test_kinds_come_by_weight() -> None:
    club = {"kind": "club", "package": {"price_minor": 1, "points_a_month": 1}}
    of = steering(
        [offer("bag"), {"key": "plus", **club}], ancillary={"weight": 70}, club={"weight": 30}
    )
    both = [candidate("bag"), candidate("plus", kind="club")]
    drawn = Counter(shown(slate(of, both, seed=seed))[0] for seed in range(DRAWS))
    assert abs(drawn["bag"] - 7000) < three_sigma(0.7)


def test_a_factor_changes_a_score_by_exactly_itself() -> None:
    plain, more = (steering([offer("bag", factor=f)]) for f in ("1", "1.25"))
    for base in (1, 333_333, 499_999, ONE):
        before = slate(plain, [candidate("bag", base)]).places[0].score
        after = slate(more, [candidate("bag", base)]).places[0].score
        assert before * 125 == after * 100
        assert before == base * SCORE_ONE // ONE
    of_kind = steering([offer("bag", factor="1.25")], ancillary={"factor": "0.8"})
    assert slate(of_kind, [candidate("bag", ONE)]).places[0].score == SCORE_ONE


def test_products_of_the_model_stand_by_score() -> None:
    products = [product(f"P{n}", ONE - n * 1000) for n in range(10)]
    of = steering([], slots=5)
    assert shown(slate(of, products[::-1], seed=3)) == ["P0", "P1", "P2", "P3", "P4"]


def test_the_same_seed_gives_the_same_slate() -> None:
    of = steering([offer(f"o{n}") for n in range(30)], slots=8)
    all_of_them = [candidate(f"o{n}") for n in range(30)]
    assert shown(slate(of, all_of_them, seed=9)) == shown(slate(of, all_of_them, seed=9))
    assert shown(slate(of, all_of_them, seed=9)) != shown(slate(of, all_of_them, seed=10))


def test_another_weight_moves_nothing_else() -> None:
    """So that what a draft changes is the draft's doing."""
    offers = [offer(f"o{n}") for n in range(12)]
    all_of_them = [candidate(f"o{n}") for n in range(12)]
    before = shown(slate(steering(offers, slots=12), all_of_them, seed=4))
    offers[5]["weight"] = 90
    after = shown(slate(steering(offers, slots=12), all_of_them, seed=4))
    assert after.index("o5") < before.index("o5")
    assert [k for k in after if k != "o5"] == [k for k in before if k != "o5"]


def test_an_expired_offer_never_appears_under_a_moving_clock() -> None:
    of = steering(
        [
            offer("spring", lifespan={"valid_from": "2026-03-08", "valid_to": "2026-03-12"}),
            offer("fresh", lifespan={"age_days_max": 3}),
            offer("flight"),
        ],
        slots=3,
    )
    made_at = datetime(2026, 3, 9, 6, tzinfo=UTC)
    leaves = datetime(2026, 3, 11, 18, tzinfo=UTC)
    candidates = [
        candidate("spring"),
        candidate("fresh", generated_at=made_at),
        candidate("flight", expires_at=leaves),
    ]
    now = datetime(2026, 3, 6, tzinfo=UTC)
    seen: Counter[str] = Counter()
    while now < datetime(2026, 3, 16, tzinfo=UTC):
        made = slate(of, candidates, now=now)
        wanted = set()
        if date(2026, 3, 8) <= now.date() < date(2026, 3, 12):
            wanted.add("spring")
        if now < made_at + timedelta(days=3):
            wanted.add("fresh")
        if now < leaves:
            wanted.add("flight")
        assert set(shown(made)) == wanted
        for key, code in (("spring", {"not_yet", "over"}), ("fresh", {"too_old"}),
                          ("flight", {"expired"})):  # fmt: skip
            if key not in wanted:
                assert why(made, key) in code
        seen.update(wanted)
        now += timedelta(hours=1)
    assert seen == {"spring": 96, "fresh": 150, "flight": 138}


@pytest.mark.parametrize(
    ("parameters", "seen", "sums", "code"),
    [
        ({"enabled": False}, {}, {}, "off"),
        ({"weight": 0}, {}, {}, "weightless"),
        ({"eligibility": "balance > 0"}, {}, {}, "not_eligible"),
        ({"eligibility": "1 / nights > 0"}, {}, {}, "rule_failed"),
        ({"lifespan": {"impressions_max": 5}}, {}, {"impressions": 5}, "shown_out"),
        ({"caps": {"impressions_per_day": 5}}, {}, {"impressions_today": 5}, "day_cap"),
        ({"caps": {"impressions_per_member": 5}}, {"total": 5}, {}, "member_cap"),
        ({"caps": {"accepted_max": 5}}, {}, {"accepted": 5}, "taken_out"),
        (
            {"variants": [{"key": "a", "name": {"en": "A"}, "eligibility": "balance > 0"}]},
            {}, {}, "no_variant",
        ),
    ],
)  # fmt: skip
def test_what_an_offer_says_holds(
    parameters: dict[str, Any], seen: dict[str, Any], sums: dict[str, int], code: str
) -> None:
    of = steering([offer("bag", **parameters), offer("seat", weight=1)])
    made = slate(
        of, [candidate("bag")], seen={"bag": Seen(**seen)}, sums={"bag": Sum(**sums)}
    )  # fmt: skip
    assert (shown(made), why(made, "bag")) == ([], code)
    # One less, or without the parameter, it stands.
    fewer = {name: value - 1 for name, value in (seen | sums).items()}
    made = slate(
        of if fewer else steering([offer("bag")]),
        [candidate("bag")],
        seen={"bag": Seen(**{n: v for n, v in fewer.items() if n in seen})},
        sums={"bag": Sum(**{n: v for n, v in fewer.items() if n in sums})},
    )
    assert shown(made) == ["bag"]


def test_fatigue_counts_its_own_days() -> None:
    of = steering([offer("bag")], ancillary={"fatigue": {"impressions_max": 3, "days": 7}})
    day = NOW.date().toordinal()
    tired = Seen(total=3, days={day - 6: 2, day: 1})
    assert why(slate(of, [candidate("bag")], seen={"bag": tired}), "bag") == "fatigue"
    rested = Seen(total=3, days={day - 7: 2, day: 1})
    assert shown(slate(of, [candidate("bag")], seen={"bag": rested})) == ["bag"]


def test_what_was_sent_away_rests() -> None:
    of = steering([offer("bag")], ancillary={"fatigue": {"dismissed_days": 30}})
    away = Seen(total=1, dismissed=NOW.date() - timedelta(days=29))
    made = slate(of, [candidate("bag")], seen={"bag": away})
    assert why(made, "bag") == "dismissed"
    assert made.withheld[0].params == {"back": NOW.date() + timedelta(days=1)}
    away = Seen(total=1, dismissed=NOW.date() - timedelta(days=30))
    assert shown(slate(of, [candidate("bag")], seen={"bag": away})) == ["bag"]


def test_a_category_takes_its_part_only() -> None:
    of = steering(
        [offer(f"h{n}", category="hotel") for n in range(5)] + [offer("bag")],
        slots=6,
        ancillary={"category_caps": {"hotel": 2}},
    )
    made = slate(of, [candidate(f"h{n}") for n in range(5)] + [candidate("bag")])
    assert len([key for key in shown(made) if key.startswith("h")]) == 2
    assert Counter(w.code for w in made.withheld) == {"category_cap": 3}


def test_exploration_takes_its_share_for_what_was_shown_least() -> None:
    products = [product(f"P{n}", ONE - n * 10_000) for n in range(20)]
    of = steering([], catalogue={"exploration_percent": 20})
    sums = {f"P{n}": Sum(impressions=100) for n in range(19)}
    places = [slate(of, products, seed=s, sums=sums).places[0] for s in range(DRAWS)]
    explored = [p.candidate.key for p in places if p.explored]
    assert abs(len(explored) - DRAWS * 0.2) < three_sigma(0.2)
    assert set(explored) == {"P19"}
    assert {p.candidate.key for p in places if not p.explored} == {"P0"}


def test_the_approved_variant_is_the_one_that_is_shown() -> None:
    variants = [
        {"key": "gold", "name": {"en": "Gold"}, "weight": 100},
        {"key": "infinite", "name": {"en": "Infinite"}, "weight": 1},
        {"key": "closed", "name": {"en": "Closed"}, "enabled": False},
    ]
    of = steering([offer("card", variants=variants)])
    assert slate(of, [candidate("card", variant="infinite")]).places[0].variant == "infinite"
    assert why(slate(of, [candidate("card", variant="closed")]), "card") == "variant_closed"


def test_who_is_held_out_sees_scores_of_nobody() -> None:
    of = steering([offer("bag", factor="2")], ancillary={"exploration_percent": 50})
    for base in (1, ONE):
        (place,) = slate(of, [candidate("bag", base)], holdout=frozenset({"ancillary"})).places
        assert (place.base, place.arm, place.explored) == (ONE // 2, "holdout", False)


def test_a_holdout_from_the_same_as_it_makes_no_difference() -> None:
    """A/A: whether somebody is held out says nothing of what is drawn for them."""
    offers = [offer("bag", weight=70), offer("seat", weight=30)]
    of, both = steering(offers), [candidate("bag"), candidate("seat")]
    tenant, first = UUID(int=5), {True: Counter[str](), False: Counter[str]()}
    for n in range(DRAWS):
        member = UUID(int=n * 7919)
        out = held_out(tenant, member, 50)
        seed = seed_of(tenant, member, "home", NOW.date())
        made = slate(of, both, seed=seed, holdout=frozenset({"ancillary"}) if out else frozenset())
        first[out][shown(made)[0]] += 1
    for counted in first.values():
        share = counted["bag"] / counted.total()
        assert abs(share - 0.7) < 3 * (0.21 / counted.total()) ** 0.5


def test_the_holdout_is_a_share_and_for_life() -> None:
    tenant = UUID(int=5)
    members = [UUID(int=n * 7919) for n in range(DRAWS)]
    held = [held_out(tenant, m, 5) for m in members]
    assert abs(sum(held) - 500) < three_sigma(0.05)
    assert held == [held_out(tenant, m, 5) for m in members]
    # Whoever is held out at 5 % is at 20 %: a larger share adds members and moves none.
    assert all(held_out(tenant, m, 20) for m, out in zip(members, held, strict=True) if out)
    assert (
        sum(held_out(UUID(int=6), m, 5) and out for m, out in zip(members, held, strict=True)) < 60
    )


def test_everything_that_is_missing_says_why() -> None:
    of = steering([offer(f"o{n}", enabled=n % 3 > 0) for n in range(30)], slots=4)
    some = [candidate(f"o{n}") for n in range(30)] + [candidate("gone")]
    made = slate(of, some)
    assert sorted([*shown(made), *(w.key for w in made.withheld)]) == sorted(c.key for c in some)
    assert Counter(w.code for w in made.withheld) == {
        "off": 10, "no_slot": 16, "unknown_offer": 1
    }  # fmt: skip


def test_verdicts_are_kept_by_what_rules_ask() -> None:
    of = steering([offer("bag", eligibility='tier == "gold"')])
    assert of.terms == ("tier",)
    gold = of.verdicts(DEFAULTS | {"tier": "gold"}, day=NOW.date())
    # The balance is asked by no rule, so that it makes no verdict of its own.
    assert of.verdicts(DEFAULTS | {"tier": "gold", "balance": 9}, day=NOW.date()) is gold
    assert of.verdicts(DEFAULTS | {"tier": "basic"}, day=NOW.date()) is not gold
    assert of.verdicts(DEFAULTS | {"tier": "gold"}, day=date(2026, 3, 11)) is not gold


def test_seen_is_kept_small() -> None:
    kept = msgspec.json.encode({"bag": Seen(3, None, {739_320: 3})})
    assert kept == b'{"bag":[3,null,{"739320":3},null]}'
    assert msgspec.json.decode(kept, type=dict[str, Seen])["bag"].days == {739_320: 3}

"""Rules in a brand's words: typed when they are saved, and never able to hang."""

import time

import pytest
from tests.recommendations.test_parameters import GOOD, changed, decode

from guerdon.kit.rules import RuleError
from guerdon.parameters.sections import InvalidParametersError
from guerdon.recommendations.eligibility import DEFAULTS, VOCABULARY

NESTED = "tags.exists(a, tags.exists(b, tags.exists(c, a == b + c)))"
FACTS = DEFAULTS | {"tier": "gold", "balance": 1200, "tags": ["vip", "family"]}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ('tier in ["gold", "platinum"] && balance >= 1000', True),
        ("balance >= 1201", False),
        ('tags.exists(t, t == "vip") && !("staff" in tags)', True),
        # What looks like a loop in a text is none.
        ('tags.exists(t, t == "x.exists(y, (")', False),
        ('context == "" && nights == 0 && size(bought) == 0', True),
    ],
)
def test_a_rule_is_answered(rule: str, holds: bool) -> None:
    assert VOCABULARY.rule(rule).holds(VOCABULARY.facts(FACTS)) is holds


@pytest.mark.parametrize(
    ("rule", "code", "column"),
    [
        ("tear == 'gold'", "rule_unknown_term", 1),
        ("balance >= '1000'", "rule_types", 9),
        ("balance + 1.5 > 2.0", "rule_types", 9),
        ("balance", "rule_not_yes_or_no", None),
        ("balance >=", "rule_not_understood", 11),
        (NESTED, "rule_loops", 20),
        ("(" * 300 + "true" + ")" * 300, "rule_too_deep", None),
        ("true" + " && true" * 300, "rule_too_long", None),
    ],
)
def test_a_rule_that_is_none_is_refused(rule: str, code: str, column: int | None) -> None:
    with pytest.raises(RuleError) as refused:
        VOCABULARY.rule(rule)
    assert (refused.value.code, refused.value.column) == (code, column)


def test_what_cannot_be_told_is_no_yes() -> None:
    rule = VOCABULARY.rule("100 / nights > 2")
    with pytest.raises(RuleError) as failed:
        rule.holds(VOCABULARY.facts(FACTS))
    assert (failed.value.code, failed.value.said) == (
        "rule_failed", "INVALID_ARGUMENT: divide by zero",
    )  # fmt: skip


def test_a_long_chain_of_loops_is_bounded() -> None:
    """Every step of a loop is counted by the engine."""
    numbers = str(list(range(400)))
    rule = f"{numbers}.all(n, n >= 0)"
    facts = VOCABULARY.facts(FACTS | {"tags": ["x"] * 100_000})
    assert VOCABULARY.rule(rule).holds(facts)
    hostile = VOCABULARY.rule('tags.filter(t, t != "y").map(t, t + "z").all(t, t.size() > 0)')
    begun = time.perf_counter()
    with pytest.raises(RuleError) as failed:
        hostile.holds(facts)
    assert failed.value.code == "rule_failed"
    assert "budget" in failed.value.said
    # A tenth of what the caller's page may take; the engine stops after some milliseconds.
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    "path",
    [
        "kinds/club/eligibility",
        "offers/0/eligibility",
        "offers/0/variants/0/eligibility",
    ],
)
def test_a_rule_is_checked_where_it_is_saved(path: str) -> None:
    decode(GOOD)
    with pytest.raises(InvalidParametersError) as refused:
        decode(changed(path, NESTED))
    (finding,) = [f for f in refused.value.findings if f.severity == "error"]
    assert (finding.path, finding.code) == (
        "recommendations." + path.replace("/0", "[0]").replace("/", "."), "rule_loops",
    )  # fmt: skip
    assert finding.text() == "A loop stands in a loop, at character 20; ask one list at a time."

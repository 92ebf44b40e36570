"""Rules in a brand's words: typed when they are saved, and never able to hang."""

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
        ("tags.all(a, // )\n tags.all(b, a == b))", "rule_loops", 23),
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


def test_the_steps_of_a_loop_are_counted() -> None:
    """The engine stops by count, whatever the list."""
    loop = VOCABULARY.rule('tags.all(t, t != "y")')
    assert loop.holds(VOCABULARY.facts(FACTS | {"tags": ["x"] * 1_000}))
    with pytest.raises(RuleError, match="Iteration budget exceeded") as failed:
        loop.holds(VOCABULARY.facts(FACTS | {"tags": ["x"] * 20_000}))
    assert failed.value.code == "rule_failed"


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

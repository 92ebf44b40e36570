"""For whom: the terms that a brand's rules may name, and what is said of a rule that is none."""

from collections.abc import Iterator
from typing import Final

from guerdon.kit.rules import LENGTH_MAX, Fact, RuleError, Term, Vocabulary
from guerdon.parameters.sections import Finding

# Of the member, then of what they bought; without a purchase the latter are empty and nought.
DEFAULTS: Final[dict[str, Fact]] = {
    "tier": "",
    "balance": 0,
    "member_days": 0,
    "earned_12m": 0,
    "redeemed_12m": 0,
    "language": "",
    "country": "",
    "tags": (),
    "context": "",
    "origin": "",
    "destination": "",
    "cabin": "",
    "passengers": 0,
    "nights": 0,
    "days_until": 0,
    "bought": (),
}


def _term(name: str, value: Fact) -> Term:
    if isinstance(value, str):
        return Term(name, "text")
    return Term(name, "number" if isinstance(value, int) else "texts")


VOCABULARY: Final = Vocabulary([_term(name, value) for name, value in DEFAULTS.items()])


def check_rule(text: str, at: str) -> Iterator[Finding]:
    """What is wrong with a rule; nothing is wrong with none."""
    if not text:
        return
    try:
        VOCABULARY.rule(text)
    except RuleError as error:
        yield _finding(error, at)


def _finding(error: RuleError, at: str) -> Finding:
    where: dict[str, str | int] = {"column": error.column or 1}
    match error.code:
        case "rule_too_long":
            return Finding(
                at,
                error.code,
                "The rule has more than %(most)s characters; shorten it.",
                params={"most": LENGTH_MAX},
            )
        case "rule_loops":
            return Finding(
                at,
                error.code,
                "A loop stands in a loop, at character %(column)s; ask one list at a time.",
                params=where,
            )
        case "rule_not_yes_or_no":
            return Finding(
                at,
                error.code,
                "The rule has to be a question that yes or no answers, as balance >= 1000.",
            )
        case "rule_unknown_term":
            return Finding(
                at,
                error.code,
                "The rule names what is not known, at character %(column)s; the terms are"
                " %(terms)s.",
                params={**where, "terms": ", ".join(DEFAULTS)},
            )
        case "rule_types":
            return Finding(
                at,
                error.code,
                "The rule compares or counts what does not go together, at character"
                " %(column)s: %(said)s.",
                params={**where, "said": error.said.rstrip(".")},
            )
        case "rule_too_deep":
            return Finding(at, error.code, "The rule is too deep; use fewer brackets.")
        case _:
            return Finding(
                at,
                "rule_not_understood",
                "The rule cannot be read, at character %(column)s: %(said)s.",
                params={**where, "said": error.said.rstrip(".")},
            )

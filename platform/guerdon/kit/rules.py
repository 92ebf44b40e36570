"""Rules in words that a brand writes: expressions of CEL over named, typed facts.

A rule is checked against its vocabulary when it is saved, and cannot hang when it is asked: the
engine counts every step of a loop, and loops within loops are refused before that.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
from cel_expr_python import cel

LENGTH_MAX: Final = 2_000
_LOOP: Final = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")
# What stands in quotes, or behind two slashes to the end of the line.
_TEXT: Final = re.compile(
    r"[rbRB]{0,2}(\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|//[^\n]*",
    re.S,
)
_PLACE: Final = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")

Type = Literal["text", "number", "yes_no", "texts"]
Fact = str | int | bool | Sequence[str]
_TYPES: Final[Mapping[Type, Any]] = {
    "text": cel.Type.STRING,
    "number": cel.Type.INT,
    "yes_no": cel.Type.BOOL,
    "texts": cel.Type.List(cel.Type.STRING),
}


class RuleError(ValueError):
    """The rule cannot be accepted. `code` is stable; `column`, from 1, is where."""

    def __init__(self, code: str, said: str, column: int | None = None) -> None:
        super().__init__(said)
        self.code = code
        self.said = said
        self.column = column


class Term(msgspec.Struct, frozen=True):
    """A fact that a rule may name."""

    name: str
    type: Type


class Facts:
    """Values for every term of a vocabulary, ready to be asked many rules."""

    __slots__ = ("bound",)

    def __init__(self, bound: Any) -> None:
        self.bound = bound


class Rule:
    """A checked rule."""

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str, compiled: Any) -> None:
        self.text = text
        self._compiled = compiled

    def holds(self, facts: Facts) -> bool:
        """Whether it is so; RuleError where it cannot be told, as in a division by nought."""
        try:
            answer = self._compiled.eval(facts.bound).value()
        except RuntimeError as error:
            raise RuleError("rule_failed", str(error).partition(" [")[0]) from error
        if answer is True or answer is False:
            return bool(answer)
        raise RuleError("rule_failed", str(answer))


class Vocabulary:
    """The terms that rules of one place may name."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self.terms = tuple(terms)
        self._environment = cel.NewEnv(variables={t.name: _TYPES[t.type] for t in terms})
        self.rule = lru_cache(maxsize=20_000)(self._rule)

    def facts(self, values: Mapping[str, Fact]) -> Facts:
        """`values`, one for every term."""
        plain = {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}
        return Facts(self._environment.Activation(plain))

    def _rule(self, text: str) -> Rule:
        """The rule behind `text`, checked once; RuleError."""
        if len(text) > LENGTH_MAX:
            raise RuleError("rule_too_long", f"it has more than {LENGTH_MAX} characters")
        _refuse_nested_loops(text)
        try:
            compiled = self._environment.compile(text)
        except RuntimeError as error:
            raise _refusal(str(error)) from error
        if compiled.return_type() != cel.Type.BOOL:
            raise RuleError("rule_not_yes_or_no", "it is no question that yes or no answers")
        return Rule(text, compiled)


def _refuse_nested_loops(text: str) -> None:
    """A loop is bounded by its list; a loop in a loop multiplies."""
    plain = _TEXT.sub(lambda found: " " * len(found[0]), text)
    loops = {found.end() - 1: found.start() + 1 for found in _LOOP.finditer(plain)}
    opened: list[bool] = []
    for place, character in enumerate(plain):
        if character == "(":
            if place in loops and any(opened):
                raise RuleError("rule_loops", "a loop stands in a loop", loops[place])
            opened.append(place in loops)
        elif character == ")" and opened:
            opened.pop()


def _refusal(said: str) -> RuleError:
    found = _PLACE.search(said)
    if found is None:
        return RuleError("rule_too_deep" if "limit" in said else "rule_not_understood", said[:200])
    column, reason = int(found[2]), found[3].replace(" (in container '')", "")
    if reason.startswith("undeclared reference"):
        return RuleError("rule_unknown_term", reason, column)
    code = "rule_types" if "no matching overload" in reason else "rule_not_understood"
    return RuleError(code, reason[:200], column)

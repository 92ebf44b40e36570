"""Differences and merges, on chosen contents and on any."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from guerdon.parameters.differences import (
    Conflict,
    Edit,
    Together,
    apply,
    diff,
    merge,
    same,
    value_at,
)
from guerdon.parameters.paths import UnknownPathError, by_keys, parse, text_of

TIERS = {
    "tiers": {
        "tiers": [
            {"key": "blue", "threshold": 0},
            {"key": "silver", "threshold": 10},
            {"key": "gold", "threshold": 20},
        ],
        "languages": ["en", "es"],
    }
}


def tiers(*keys: str, **thresholds: int) -> dict[str, Any]:
    """The tiers in this order, some with other thresholds."""
    known = {t["key"]: t["threshold"] for t in TIERS["tiers"]["tiers"]} | thresholds
    made = [{"key": key, "threshold": known[key]} for key in keys]
    return {"tiers": {"tiers": made, "languages": ["en", "es"]}}


def test_each_field_is_named() -> None:
    before = {"points": {"factor": "1", "fee": {"flat": 1}}, "same": 1}
    after = {"points": {"factor": "2", "fee": {"flat": 1, "more": None}}, "same": 1}
    assert diff(before, after) == [
        Edit("points.factor", "1", "2"),
        Edit("points.fee.more", UNSET, None),
    ]


def test_items_are_told_apart_by_key_and_other_lists_are_one_value() -> None:
    after = tiers("silver", "blue", "neo", neo=5, silver=11)
    after["tiers"]["languages"] = ["es"]
    assert diff(TIERS, after) == [
        Edit("tiers.languages", ["en", "es"], ["es"]),
        Edit("tiers.tiers[silver].threshold", 10, 11),
        Edit("tiers.tiers[gold]", {"key": "gold", "threshold": 20}, UNSET),
        Edit("tiers.tiers[neo]", UNSET, {"key": "neo", "threshold": 5}),
        Edit("tiers.tiers[*]", ["blue", "silver", "gold"], ["silver", "blue", "neo"]),
    ]


def test_one_and_true_differ() -> None:
    assert diff({"a": 1, "b": [1]}, {"a": True, "b": [1.0]}) == [
        Edit("a", 1, True),
        Edit("b", [1], [1.0]),
    ]


def test_strange_names_stand_in_quotes() -> None:
    before: dict[str, Any] = {"fx": {}, "offers": [{"key": "a"}]}
    after = {"fx": {"a.b": 1, "*": 2}, "offers": [{"key": "a"}, {"key": "x.y"}, {"key": 'a"]b'}]}
    edits = diff(before, after)
    assert [e.path for e in edits] == ['fx."*"', 'fx."a.b"', "offers[x.y]", r'offers["a\"]b"]']
    assert apply(before, edits) == after


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", "a[", "a[]", "[a]", 'a."b', "a b", "a]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(UnknownPathError):
        parse(path)


def test_positions_become_keys() -> None:
    assert by_keys(TIERS, "tiers.tiers[1].threshold") == "tiers.tiers[silver].threshold"
    assert by_keys(TIERS, "tiers.languages[1]") == "tiers.languages[1]"
    assert by_keys(TIERS, "tiers.tiers[9].threshold") == "tiers.tiers[9].threshold"
    twice = {"tiers": {"tiers": [{"key": "a"}, {"key": "a"}]}}
    assert by_keys(twice, "tiers.tiers[1].key") == "tiers.tiers[1].key"


def test_both_sides_merge_where_they_do_not_clash() -> None:
    yours = tiers("blue", "silver", "gold", gold=25)
    theirs = tiers("blue", "neo", "silver", "gold", neo=5)
    merged = merge(TIERS, yours, theirs)
    assert merged.conflicts == []
    assert merged.content == tiers("blue", "neo", "silver", "gold", neo=5, gold=25)


def test_two_additions_keep_their_places() -> None:
    yours = tiers("blue", "mine", "silver", "gold", mine=5)
    theirs = tiers("blue", "silver", "theirs", "gold", theirs=15)
    merged = merge(TIERS, yours, theirs)
    assert merged.conflicts == []
    keys = [t["key"] for t in merged.content["tiers"]["tiers"]]
    assert keys == ["blue", "mine", "silver", "theirs", "gold"]


@pytest.mark.parametrize(
    ("yours", "theirs", "conflict"),
    [
        (
            tiers("blue", "silver", "gold", gold=25),
            tiers("blue", "silver", "gold", gold=30),
            Conflict("tiers.tiers[gold].threshold", 20, 25, 30),
        ),
        (
            tiers("blue", "silver"),
            tiers("blue", "silver", "gold", gold=30),
            Conflict(
                "tiers.tiers[gold]", {"key": "gold", "threshold": 20}, UNSET,
                {"key": "gold", "threshold": 30},
            ),
        ),
        (
            tiers("gold", "blue", "silver"),
            tiers("silver", "blue", "gold"),
            Conflict(
                "tiers.tiers[*]", ["blue", "silver", "gold"], ["gold", "blue", "silver"],
                ["silver", "blue", "gold"],
            ),
        ),
    ],
)  # fmt: skip
def test_a_clash_is_told_and_decided(
    yours: dict[str, Any], theirs: dict[str, Any], conflict: Conflict
) -> None:
    merged = merge(TIERS, yours, theirs)
    assert merged.conflicts == [conflict]
    assert merged.content == theirs
    for take, expected in (("yours", yours), ("theirs", theirs)):
        decided = merge(TIERS, yours, theirs, {conflict.path: take})  # type: ignore[dict-item]
        assert decided.conflicts == []
        assert decided.content == expected


def test_the_same_change_twice_is_no_clash() -> None:
    both = tiers("blue", "gold", gold=30)
    assert merge(TIERS, both, both).conflicts == []


# Contents of one shape: a list's items have keys or not, as in a section.
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.text('ab."] *é', max_size=3)
names = st.text('ab."[ *', min_size=1, max_size=2)
leaves = scalars | st.lists(scalars, max_size=2)
item = st.fixed_dictionaries(
    {"key": st.sampled_from(["a", "b", "c.d", "*", 'x"]'])},
    optional={"n": leaves, "texts": st.dictionaries(names, scalars, max_size=2)},
)
items = st.lists(item, max_size=4, unique_by=lambda one: one["key"])
nested = st.lists(
    st.fixed_dictionaries(
        {"kid": st.sampled_from("pqr")}, optional={"inner": items, "value": leaves}
    ),
    max_size=3,
    unique_by=lambda one: one["kid"],
)
section = st.fixed_dictionaries(
    {}, optional={"plain": leaves, "map": st.dictionaries(names, leaves, max_size=3),
                  "items": items, "nested": nested},
)  # fmt: skip
contents = st.fixed_dictionaries({}, optional={"one": section, "two": section})


@given(contents, contents)
@settings(max_examples=300)
def test_applying_the_difference_gives_the_other(before: Any, after: Any) -> None:
    edits = diff(before, after)
    assert same(apply(before, edits), after)
    assert (edits == []) == same(before, after)
    for edit in edits:
        assert text_of(parse(edit.path)) == edit.path
        assert same(value_at(before, edit.path), edit.before)
        assert same(value_at(after, edit.path), edit.after) or edit.path.endswith("[*]")


@given(contents, contents, contents)
@settings(max_examples=300)
def test_merging(base: Any, yours: Any, theirs: Any) -> None:
    merged = merge(base, yours, theirs)
    # Who changed nothing takes everything from the other.
    assert same(merge(base, base, theirs).content, theirs)
    assert merge(base, base, theirs).conflicts == []
    assert same(merge(base, yours, base).content, yours)
    # Every clash can be decided either way, and nothing is left open then.
    for take in ("yours", "theirs"):
        decided = merge(base, yours, theirs, {c.path: take for c in merged.conflicts})
        assert decided.conflicts == []
        for clash in merged.conflicts:
            if not clash.path.endswith("[*]"):
                expected = clash.yours if take == "yours" else clash.theirs
                assert same(value_at(decided.content, clash.path), expected)
    # What only one side changed is as that side has it.
    touched = {e.path for e in diff(base, theirs)}
    free = [e for e in diff(base, yours) if not _near(e.path, touched)]
    for edit in free:
        assert same(value_at(merged.content, edit.path), edit.after)


def _near(path: str, others: set[str]) -> bool:
    """Whether another path lies on this one's way, or the order of a list is at stake."""
    own = parse(path)
    if path.endswith("[*]"):
        return True
    return any(
        own[: len(other)] == other or other[: len(own)] == own for other in map(parse, others)
    )


def test_edits_go_in_together_unless_one_is_inside_another() -> None:
    together = Together()
    taken = {
        path: together.add(Edit(path, UNSET, 1))
        for path in (
            "tiers.tiers[gold].threshold",
            "tiers.tiers[blue].threshold",
            "tiers.tiers[gold].threshold.minor",
            "tiers.tiers[gold]",
            "tiers.tiers[*]",
            "tiers.languages",
            "tiers",
        )
    }
    assert [path for path, took in taken.items() if took] == [
        "tiers.tiers[gold].threshold",
        "tiers.tiers[blue].threshold",
        "tiers.languages",
    ]
    assert [e.path for e in together.edits] == [path for path, took in taken.items() if took]

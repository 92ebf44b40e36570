"""Scores on the wire."""

import pytest

from guerdon.brand_api.slates import decimal


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1_000_000, "1"), (1_250_000, "1.25"), (1, "0.000001"), (-1_500_000, "-1.5"),
     (-1, "-0.000001"), (12_000_010, "12.00001")],
)  # fmt: skip
def test_a_score_is_an_exact_decimal(value: int, text: str) -> None:
    assert decimal(value, 1_000_000) == text

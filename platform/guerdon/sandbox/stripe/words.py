"""The hosted page's words in the languages of the demo."""

from pathlib import Path

import msgspec

_WORDS = msgspec.json.decode(
    (Path(__file__).parent / "words.json").read_bytes(), type=dict[str, dict[str, str]]
)


def words(locale: str | None) -> dict[str, str]:
    """The words for a Stripe locale; English where there are none."""
    return _WORDS.get((locale or "en").split("-")[0], _WORDS["en"])

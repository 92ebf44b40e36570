"""How texts become searchable words: folded, and forgiving of one slip."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

import msgspec

WORD_LENGTH_MAX = 40
TOKENS_MAX = 8
_FUZZY_LENGTH_MIN = 4
_WORD = re.compile(r"[0-9a-z]+")


def fold(text: str) -> str:
    """Lower case without accents: `Café` and `cafe` are the same to a searcher."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded words of `text` in order; single letters and overlong words are left out."""
    return [w for w in _WORD.findall(fold(text)) if 2 <= len(w) <= WORD_LENGTH_MAX]


def weighted(texts: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Each word with the greatest weight that it has in `texts`, pairs of weight and text."""
    best: dict[str, int] = {}
    for weight, text in texts:
        for word in words(text):
            best[word] = max(weight, best.get(word, 0))
    return best


def forms(word: str) -> set[str]:
    """The word, and each form that lacks one letter.

    Two words of four letters or more that differ by one letter wrong, missing, added or swapped
    with its neighbour share a form.
    """
    if len(word) < _FUZZY_LENGTH_MIN:
        return {word}
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


class Tokens(msgspec.Struct, frozen=True):
    """A search text taken apart: tokens, and the forms of each by its position."""

    tokens: Sequence[str]
    positions: Sequence[int]
    forms: Sequence[str]


def tokens(text: str) -> Tokens:
    """The first few distinct words of a search text."""
    found = list(dict.fromkeys(words(text)))[:TOKENS_MAX]
    pairs = [
        (i, form)
        for i, word in enumerate(found)
        if len(word) >= _FUZZY_LENGTH_MIN
        for form in sorted(forms(word))
    ]
    return Tokens(found, [i for i, _ in pairs], [form for _, form in pairs])

"""Short names of brands: which can be had, which look like another's, what to suggest.

A short name has small Latin letters, digits and hyphens only, so no letter of another script can
pass for one. What is left are names that look alike within those: `conso1e`, `rnango`. Two names
look alike when their skeletons are the same; `ctl.name_skeleton_v1` makes the same ones.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from guerdon.kit.errors import InvalidError
from guerdon.onboarding.errors import NameRefusedError
from guerdon.plumbing.db import ReadSession
from guerdon.tenancy.operations import RESERVED_SLUGS, check_slug

SUGGESTIONS: Final = 3
_SINGLE: Final = str.maketrans("01i2589q", "ollzsbgg")
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
# What a brand of this name could be taken for by somebody who reads its address.
_OURS: Final = frozenset({*RESERVED_SLUGS, "guerdon", "account", "accounts", "pay", "payments",
                          "security", "secure", "signup", "sign-up", "verify", "www2"})  # fmt: skip
_ENDINGS: Final = ("club", "rewards", "plus")


def skeleton(slug: str) -> str:
    """What names that look alike have in common."""
    text = slug.replace("-", "").translate(_SINGLE)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


_OUR_SKELETONS: Final = frozenset(skeleton(name) for name in _OURS)


def check_form(text: str) -> str:
    """The name in its normal form, if anybody could have it. Raises NameRefusedError."""
    slug = text.strip().lower()
    if slug.startswith("xn--"):
        raise NameRefusedError(
            "A short name is written as it is read: it cannot begin with xn--.",
            field="slug", reason="punycode",
        )  # fmt: skip
    if not slug.isascii():
        raise NameRefusedError(
            "A short name has Latin letters without accents: others look like them and are not.",
            field="slug", reason="script",
        )  # fmt: skip
    if slug in _OURS or skeleton(slug) in _OUR_SKELETONS:
        raise NameRefusedError(
            "This name is kept for the platform, or looks like one that is.",
            field="slug", reason="reserved",
        )  # fmt: skip
    try:
        return check_slug(slug)
    except InvalidError as error:
        raise NameRefusedError(error.detail, field="slug", reason="form") from error


async def check_free(s: ReadSession, slug: str, *, own: str | None = None) -> None:
    """Raise NameRefusedError when a brand, or somebody else's draft, has `slug` or its like.

    `s` is the operator's; `own` the name that the asker's draft holds already.
    """
    if slug == own:
        return
    found = await s.value("SELECT ctl.name_resembles_v1(%(slug)s)", {"slug": slug})
    if not found:
        held = await s.all(
            str,
            "SELECT slug FROM app.signup WHERE tenant_id = %(tenant_id)s AND slug IS NOT NULL"
            " AND slug IS DISTINCT FROM %(own)s AND state IN ('open', 'founding')"
            " AND ctl.name_skeleton_v1(slug) = %(skeleton)s",
            {"skeleton": skeleton(slug), "own": own},
        )
        found = ("taken" if slug in held else "alike") if held else ""
    if found:
        raise NameRefusedError(
            "This name is taken." if found == "taken" else "This name looks like another brand's.",
            field="slug", reason=str(found),
        )  # fmt: skip


def from_name(name: str) -> str:
    """A short name made of a brand's name; it may be empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")


def _candidates(base: str) -> Iterator[str]:
    yield base
    for ending in _ENDINGS:
        yield f"{base[: 39 - len(ending)].strip('-')}-{ending}"
    for number in range(2, 30):
        yield f"{base[:37].strip('-')}-{number}"


async def suggest(s: ReadSession, name: str, *, own: str | None = None) -> list[str]:
    """A few names that can be had, made of the brand's name."""
    base = from_name(name)
    found: list[str] = []
    for candidate in _candidates(base if len(base) > 1 else "brand"):
        try:
            await check_free(s, check_form(candidate), own=own)
        except NameRefusedError:
            continue
        found.append(candidate)
        if len(found) == SUGGESTIONS:
            break
    return found


# Scripts that have letters which pass for Latin ones.
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")


def check_title(text: str, *, field: str, length_max: int) -> str:
    """A name that people read, as one line: without hidden characters, and no word of letters of
    two scripts. Raises InvalidError, NameRefusedError."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(plain) <= length_max:
        raise InvalidError(
            f"Give a name of 1 to {length_max} characters.", field=field,
            reason="length" if plain else "required", max=length_max,
        )  # fmt: skip
    if any(unicodedata.category(c)[0] == "C" for c in plain):
        raise InvalidError("The name has characters that cannot be seen.", field=field,
                           reason="control")  # fmt: skip
    for word in plain.split():
        scripts = {
            name for c in word if c.isalpha()
            for name in _SCRIPTS if unicodedata.name(c, "").startswith(name)
        }  # fmt: skip
        if len(scripts) > 1:
            raise NameRefusedError(
                f"“{word[:40]}” mixes letters of several scripts, which look alike and are not.",
                field=field, reason="script",
            )  # fmt: skip
    return plain

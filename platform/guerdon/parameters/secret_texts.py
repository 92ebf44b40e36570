"""Texts that look like secrets: parameters are read by many, secrets are sealed elsewhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# Keys of well-known makers by their prefixes, private keys, tokens. Public keys stay allowed.
_SECRET = re.compile(
    r"""
      -----BEGIN\ [A-Z0-9 ]*PRIVATE\ KEY
    | \b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{8,}            # Stripe
    | \bwhsec_[0-9A-Za-z+/=]{16,}                         # Stripe, Standard Webhooks
    | \bgk_[0-9A-Za-z_-]{16,}                             # keys of our own API
    | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                       # AWS
    | \bAmzn1\.(?:oa2-cs|application-oa2-client-secret)\b
    | \bamzn1\.oa2-cs\.v\d\.[0-9a-f]{16,}                 # Login with Amazon
    | \bAtz[ar]\|[0-9A-Za-z_-]{16,}                      # Login with Amazon: tokens
    | \bgh[pousr]_[0-9A-Za-z]{20,}                        # GitHub
    | \bxox[abprs]-[0-9A-Za-z-]{10,}                      # Slack
    | \bAIza[0-9A-Za-z_-]{30,}                            # Google
    | \bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}        # SendGrid
    | \beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}   # a signed token
    """,
    re.VERBOSE,
)

# Whatever matches has one of these in it.
_MARKS = (
    b"PRIVATE KEY", b"k_live_", b"k_test_", b"whsec_", b"gk_", b"AKIA", b"ASIA", b"mzn1.oa2-cs",
    b"mzn1.application-oa2", b"Atza|", b"Atzr|", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_",
    b"xox", b"AIza", b"SG.", b"eyJ",
)  # fmt: skip


def may_hold_a_secret(encoded: bytes) -> bool:
    """Whether any text in this JSON could look like a secret: False is certain, True is not."""
    return any(mark in encoded for mark in _MARKS)


def looks_like_a_secret(text: str) -> bool:
    """Whether the text holds something that only its owner should know."""
    return _SECRET.search(text) is not None


def secret_texts(value: Any, path: str = "") -> Iterator[str]:
    """The path of every text in plain data that looks like a secret; lists by index."""
    if isinstance(value, str):
        if looks_like_a_secret(value):
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            below = f"{path}.{key}" if path else key
            if looks_like_a_secret(key):
                yield path
            yield from secret_texts(inner, below)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from secret_texts(inner, f"{path}[{place}]")

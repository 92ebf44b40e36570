"""Forms come from our own pages: fetch metadata (or the exact origin) and a token bound to the
session, or to the browser before anybody is signed in."""

import os
from uuid import UUID

from guerdon.identity.keyring import encode, mac_text, same
from guerdon.settings import Settings

FIELD = "csrf_token"
HEADER = "x-csrf-token"
_NONCE_BYTES = 9
_NONCE_LENGTH = 12


def issue(settings: Settings, tenant_id: UUID, binding: str) -> str:
    """A token for `binding`; each differs, so that compression gives nothing away."""
    nonce = encode(os.urandom(_NONCE_BYTES))
    return nonce + mac_text(settings, "csrf", tenant_id, binding, nonce)


def holds(settings: Settings, tenant_id: UUID, binding: str, token: str) -> bool:
    """Whether `token` was issued for `binding`."""
    nonce, code = token[:_NONCE_LENGTH], token[_NONCE_LENGTH:]
    return same(code, mac_text(settings, "csrf", tenant_id, binding, nonce))


def same_origin(*, site: str | None, origin: str | None, own: str) -> bool:
    """Whether the browser says that a page of `own` sent this.

    A browser without fetch metadata must name our exact origin; nobody passes without either.
    """
    if site is not None:
        return site == "same-origin" and origin in {None, "null", own}
    return origin == own

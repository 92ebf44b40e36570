"""The brand's identity provider as it describes itself: discovery document and keys.

Fetched through the egress client (a tenant's address is never trusted), kept for an hour per
(issuer), keys fetched again for an unknown key id at most once a minute.
"""

import time
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.refusals import Reason
from guerdon.plumbing.egress import Egress, EgressFailedError, EgressRefusedError
from guerdon.runtime import Runtime

_KEPT_S = 3600.0
_KEYS_AGAIN_S = 60.0
_KEPT_MAX = 2000


class Metadata(msgspec.Struct, frozen=True):
    """What we use of a discovery document (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False
    end_session_endpoint: str | None = None
    backchannel_logout_supported: bool = False
    id_token_signing_alg_values_supported: tuple[str, ...] = ()
    scopes_supported: tuple[str, ...] = ()


class _Kept:
    def __init__(self) -> None:
        self.metadata: dict[str, tuple[float, Metadata]] = {}
        self.keys: dict[str, tuple[float, KeySet]] = {}


_kept: WeakKeyDictionary[Egress, _Kept] = WeakKeyDictionary()


async def metadata(rt: Runtime, issuer: str, *, fresh: bool = False) -> Metadata:
    """The provider's discovery document; its issuer must be exactly the one configured.

    `fresh`: ask the provider, whatever is kept.
    """
    kept = _kept.setdefault(rt.egress, _Kept())
    found = kept.metadata.get(issuer)
    if found is not None and not fresh and time.monotonic() - found[0] < _KEPT_S:
        return found[1]
    body = await _get(rt, document_url(issuer))
    try:
        document = msgspec.convert(body, Metadata)
    except msgspec.ValidationError as error:
        raise _refused("discovery", str(error)) from error
    if document.issuer != issuer:
        raise _refused("issuer_mismatch", document.issuer)
    if len(kept.metadata) >= _KEPT_MAX:
        kept.metadata.clear()
    kept.metadata[issuer] = (time.monotonic(), document)
    return document


def document_url(issuer: str) -> str:
    """Where a provider describes itself (OpenID Connect Discovery 1.0, 4)."""
    return issuer.rstrip("/") + "/.well-known/openid-configuration"


async def keys(rt: Runtime, document: Metadata, kid: str | None, *, fresh: bool = False) -> KeySet:
    """The provider's keys; asked for again when `kid` is not among those we have."""
    kept = _kept.setdefault(rt.egress, _Kept())
    slot = document.issuer
    found = kept.keys.get(slot)
    if found is not None and not fresh:
        age = time.monotonic() - found[0]
        has_kid = kid is None or any(one.kid == kid for one in found[1].keys)
        if age < _KEYS_AGAIN_S or (has_kid and age < _KEPT_S):
            return found[1]
    body = await _get(rt, document.jwks_uri)
    try:
        # Only public asymmetric keys count: a symmetric one would let a secret pass as a signature.
        usable = [k for k in body["keys"] if k.get("kty") in {"RSA", "EC", "OKP"}]
        read = KeySet.import_key_set({"keys": usable})
    except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise _refused("keys") from error
    if len(kept.keys) >= _KEPT_MAX:
        kept.keys.clear()
    kept.keys[slot] = (time.monotonic(), read)
    return read


async def _get(rt: Runtime, url: str) -> Any:
    try:
        answer = await rt.egress.request("GET", url, headers={"Accept": "application/json"})
    except EgressRefusedError as error:
        raise _refused("address") from error
    if answer.status != 200:
        raise EgressFailedError(
            f"The identity provider answered {answer.status} at {url}.", maybe_done=False
        )
    return answer.json()


def _refused(reason: Reason, found: str = "") -> ConnectionRefusedByPolicyError:
    return ConnectionRefusedByPolicyError(
        f"The identity provider was refused ({reason}).", reason=reason, found=found[:300]
    )

"""Passkeys (WebAuthn): the browser proves a key that never leaves its device, for this host alone.

User verification is always required, so that a passkey alone is two factors: the device, and the
finger, face or PIN that unlocks it. A challenge stands in one record on our side that is used once
and belongs to one browser.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from guerdon.identity import houses
from guerdon.identity.keyring import digest
from guerdon.identity.staff_errors import PasskeyRefusedError
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import Valkey, key, reach
from guerdon.settings import Settings

CHALLENGE_LIFETIME_S: Final = 300
_CREDENTIAL_BYTES_MAX: Final = 20_000


class Challenge(msgspec.Struct, frozen=True):
    """A question put to a browser at `authority`. `staff_id` is absent while nobody has said who
    they are."""

    challenge: str
    purpose: str
    browser: str
    asked_at: datetime
    staff_id: UUID | None = None
    authority: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What the browser is asked, and the ticket that finds the question again."""

    ticket: str
    options: dict[str, Any]


class NewPasskey(msgspec.Struct, frozen=True):
    """A passkey that has just been made for the host `rp_id`."""

    rp_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool
    transports: tuple[str, ...]


class Proof(msgspec.Struct, frozen=True):
    """A passkey that answered; its counter is still to be compared with the one on record."""

    sign_count: int
    backed_up: bool


def rp_id(authority: str) -> str:
    """What passkeys are bound to: the console's host without its port."""
    return authority.partition(":")[0]


def _origin(settings: Settings, asked: Challenge) -> str:
    """The only origin whose pages may answer."""
    return f"{settings.base_scheme}://{asked.authority}"


async def ask_to_register(
    valkey: Valkey,
    settings: Settings,
    *,
    tenant_id: UUID,
    brand: str,
    staff_id: UUID,
    account: str,
    name: str,
    existing: Iterable[bytes],
    browser_id: str,
    purpose: str,
    now: datetime,
) -> Asked:
    """Options for `navigator.credentials.create`."""
    authority = houses.authority(settings, tenant_id)
    options = webauthn.generate_registration_options(
        rp_id=rp_id(authority),
        rp_name=brand,
        user_id=staff_id.bytes,
        # One console host serves every brand: the brand stands in the name that the device shows.
        user_name=f"{account} ({brand})",
        user_display_name=f"{name or account} ({brand})",
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in existing],
    )
    ticket = await _keep(
        valkey, tenant_id, purpose, options.challenge, browser_id, staff_id, authority, now=now
    )
    return Asked(ticket, json.loads(webauthn.options_to_json(options)))


async def ask(
    valkey: Valkey,
    settings: Settings,
    *,
    tenant_id: UUID,
    browser_id: str,
    purpose: str,
    now: datetime,
    staff_id: UUID | None = None,
) -> Asked:
    """Options for `navigator.credentials.get`. They name no key: nobody learns who has one."""
    authority = houses.authority(settings, tenant_id)
    options = webauthn.generate_authentication_options(
        rp_id=rp_id(authority), user_verification=UserVerificationRequirement.REQUIRED
    )
    ticket = await _keep(
        valkey, tenant_id, purpose, options.challenge, browser_id, staff_id, authority, now=now
    )
    return Asked(ticket, json.loads(webauthn.options_to_json(options)))


async def take(
    valkey: Valkey, *, tenant_id: UUID, ticket: str, browser_id: str, purpose: str
) -> Challenge:
    """The question behind a ticket, once; PasskeyRefusedError for any other ticket."""
    raw = await reach(valkey.getdel(key(tenant_id, "passkey", digest(ticket))))
    found = None if raw is None else msgspec.json.decode(raw, type=Challenge)
    if found is None or found.browser != digest(browser_id) or found.purpose != purpose:
        raise PasskeyRefusedError(reason="challenge")
    return found


def registered(settings: Settings, asked: Challenge, credential: dict[str, Any]) -> NewPasskey:
    """The passkey that was made for this challenge, host and origin."""
    try:
        _check_size(credential)
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(asked.challenge),
            expected_rp_id=rp_id(asked.authority),
            expected_origin=_origin(settings, asked),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefusedError(reason=type(error).__name__) from error
    return NewPasskey(
        rp_id=rp_id(asked.authority),
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        backed_up=verified.credential_backed_up,
        transports=_transports(credential),
    )


def credential_id(credential: dict[str, Any]) -> bytes:
    """Which key a browser says it answers with."""
    raw = credential.get("rawId")
    if not isinstance(raw, str) or not 0 < len(raw) <= 2000:
        raise PasskeyRefusedError(reason="credential")
    try:
        return base64url_to_bytes(raw)
    except ValueError as error:
        raise PasskeyRefusedError(reason="credential") from error


def proved(
    settings: Settings, asked: Challenge, credential: dict[str, Any], public_key: bytes
) -> Proof:
    """The key's answer to this challenge, host and origin; PasskeyRefusedError otherwise.

    The counter is compared where it is written, under the row's lock: two answers that arrive at
    once cannot both pass.
    """
    try:
        _check_size(credential)
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(asked.challenge),
            expected_rp_id=rp_id(asked.authority),
            expected_origin=_origin(settings, asked),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefusedError(reason=type(error).__name__) from error
    return Proof(verified.new_sign_count, verified.credential_backed_up)


async def _keep(
    valkey: Valkey,
    tenant_id: UUID,
    purpose: str,
    challenge: bytes,
    browser_id: str,
    staff_id: UUID | None,
    authority: str,
    *,
    now: datetime,
) -> str:
    ticket = secret_token(32)
    record = Challenge(
        challenge=bytes_to_base64url(challenge),
        purpose=purpose,
        browser=digest(browser_id),
        asked_at=now,
        staff_id=staff_id,
        authority=authority,
    )
    await reach(
        valkey.set(
            key(tenant_id, "passkey", digest(ticket)),
            msgspec.json.encode(record),
            ex=CHALLENGE_LIFETIME_S,
        )
    )
    return ticket


def _check_size(credential: dict[str, Any]) -> None:
    if len(msgspec.json.encode(credential)) > _CREDENTIAL_BYTES_MAX:
        raise ValueError("too large")


def _transports(credential: dict[str, Any]) -> tuple[str, ...]:
    response = credential.get("response")
    named = response.get("transports") if isinstance(response, dict) else None
    known = {one.value for one in AuthenticatorTransport}
    return tuple(sorted(known & {t for t in named or () if isinstance(t, str)}))

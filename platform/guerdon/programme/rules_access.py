"""Rules on sign-in and connections: what lets people in, and where data go."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from guerdon.identity.parameters import SecurityParameters
from guerdon.parameters.sections import Finding, Sections
from guerdon.webhooks_out.parameters import IntegrationParameters

_RSA_BITS_MIN: Final = 2048
_MINUTES_AN_HOUR: Final = 60


def sessions(sections: Sections) -> Iterator[Finding]:
    """A session ends before its idle limit would, and a fresh sign-in is younger than it."""
    security = sections[SecurityParameters]
    longest = security.session_length_h * _MINUTES_AN_HOUR
    for idle, length in (
        ("session_idle_minutes", "session_length_h"),
        ("console_idle_minutes", "console_session_length_h"),
    ):
        minutes, hours = getattr(security, idle), getattr(security, length)
        if minutes > hours * _MINUTES_AN_HOUR:
            yield Finding(
                f"security.{idle}",
                "idle_longer_than_session",
                "A session ends after %(hours)s h whether it is used or not, so an idle limit of"
                " %(minutes)s min never counts; make it shorter.",
                params={"hours": hours, "minutes": minutes},
            )
    if security.step_up_minutes >= longest:
        yield Finding(
            "security.step_up_minutes",
            "step_up_longer_than_session",
            "Every session is younger than %(minutes)s min, so nobody would ever be asked again"
            " before an export or an erasure; make it shorter than the session.",
            params={"minutes": security.step_up_minutes},
        )


def tries(sections: Sections) -> Iterator[Finding]:
    """One account does not lock out a whole network."""
    security = sections[SecurityParameters]
    if security.tries_per_address_h < security.tries_per_account_h:
        yield Finding(
            "security.tries_per_address_h",
            "address_limit_below_account",
            "One network address may try less often (%(address)s an hour) than one account"
            " (%(account)s): a family or a shop behind one address would lock itself out.",
            severity="warning",
            params={
                "address": security.tries_per_address_h, "account": security.tries_per_account_h,
            },
        )  # fmt: skip


def hand_off_keys(sections: Sections) -> Iterator[Finding]:
    """A key that can be read, and is long enough to trust."""
    for n, key in enumerate(sections[SecurityParameters].hand_off):
        path = f"security.hand_off[{n}].public_key"
        try:
            loaded = load_pem_public_key(key.public_key.encode())
        except ValueError:
            yield Finding(
                path,
                "unreadable_key",
                "This is no public key; paste the PEM that begins with BEGIN PUBLIC KEY.",
            )
            continue
        if isinstance(loaded, rsa.RSAPublicKey) and loaded.key_size < _RSA_BITS_MIN:
            yield Finding(
                path,
                "weak_key",
                "A key of %(bits)s bits can be broken; use one of at least %(least)s.",
                params={"bits": loaded.key_size, "least": _RSA_BITS_MIN},
            )


def encrypted_ways(sections: Sections) -> Iterator[Finding]:
    """Names and sign-ins travel encrypted. Only the operator can allow a local address at all."""
    for n, connection in enumerate(sections[SecurityParameters].connections):
        if _plain(connection.issuer):
            yield Finding(
                f"security.connections[{n}].issuer",
                "issuer_not_encrypted",
                "Sign-in would go to %(address)s unencrypted; use its https address.",
                severity="warning",
                params={"address": connection.issuer},
            )
    for n, endpoint in enumerate(sections[IntegrationParameters].webhooks):
        if endpoint.enabled and _plain(endpoint.url):
            yield Finding(
                f"integrations.webhooks[{n}].url",
                "webhook_not_encrypted",
                "Events about members would go to %(address)s unencrypted; use an https address.",
                severity="warning",
                params={"address": endpoint.url},
            )


def _plain(address: str) -> bool:
    return urlsplit(address).scheme == "http"


def apps_of_one_brand(sections: Sections) -> Iterator[Finding]:
    """An address that two apps share would hand one app's code to the other."""
    seen: dict[str, str] = {}
    for n, app in enumerate(sections[SecurityParameters].apps):
        for uri in app.redirect_uris:
            owner = seen.setdefault(uri, app.client_id)
            if owner != app.client_id:
                yield Finding(
                    f"security.apps[{n}].redirect_uris",
                    "shared_redirect",
                    "%(address)s belongs to the app %(other)s already; each app has its own.",
                    severity="warning",
                    params={"address": uri, "other": owner},
                )


def limits(sections: Sections) -> Iterator[Finding]:
    """One member's app cannot use up what a whole key may."""
    integrations = sections[IntegrationParameters]
    if integrations.member_requests_per_minute > integrations.requests_per_minute:
        yield Finding(
            "integrations.member_requests_per_minute",
            "member_limit_above_key",
            "One member's app may call %(member)s times a minute and a whole key only %(key)s"
            " times; lower the one or raise the other.",
            severity="warning",
            params={
                "member": integrations.member_requests_per_minute,
                "key": integrations.requests_per_minute,
            },
        )


RULES: Final = (sessions, tries, hand_off_keys, encrypted_ways, apps_of_one_brand, limits)

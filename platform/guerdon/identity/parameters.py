"""How members of a brand sign in."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from guerdon.identity.policy import MEMBER_SCOPES
from guerdon.parameters.sections import Area, Finding, Section, Texts, field_meta

# Asymmetric only: an identity provider never shares a signing key with us.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_ALGORITHM = f"%(algorithm)s is not one of {', '.join(ALGORITHMS)}."

Key = Annotated[str, Meta(pattern=r"^[a-z0-9](?:-?[a-z0-9]){1,31}$")]


class Connection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The brand's own identity provider (OpenID Connect)."""

    key: Annotated[Key, Meta(title="Key", description="Part of the address it calls back.")]
    issuer: Annotated[str, Meta(title="Issuer", description="Exactly as the provider states it.")]
    client_id: Annotated[str, Meta(title="Client id", min_length=1)]
    title: Annotated[Texts, Meta(title="Button text per language")] = {}
    secret: Annotated[
        str, Meta(title="Secret", description="Name of the stored client secret; empty for none.")
    ] = ""
    algorithms: Annotated[tuple[str, ...], Meta(title="Signature algorithms", min_length=1)] = (
        "RS256",
    )
    scopes: Annotated[tuple[str, ...], Meta(title="Scopes asked for")] = (
        "openid",
        "email",
        "profile",
    )
    enabled: Annotated[bool, Meta(title="Enabled")] = True


class HandOffKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key with which the brand's app signs hand-offs."""

    kid: Annotated[str, Meta(title="Key id", min_length=1, max_length=64)]
    issuer: Annotated[str, Meta(title="Issuer", min_length=1, max_length=200)]
    algorithm: Annotated[str, Meta(title="Signature algorithm")]
    public_key: Annotated[str, Meta(title="Public key", description="PEM.")]


class MobileApp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An app of the brand in which members sign in (authorization code with PKCE)."""

    client_id: Annotated[Key, Meta(title="Client id")]
    name: Annotated[str, Meta(title="Name", min_length=1)]
    redirect_uris: Annotated[tuple[str, ...], Meta(title="Redirect addresses", min_length=1)]
    scopes: Annotated[tuple[str, ...], Meta(title="Scopes")] = tuple(MEMBER_SCOPES)


class SecurityParameters(Section, frozen=True):
    """Sessions, codes, passwords, the brand's own identity, apps."""

    section: ClassVar[str] = "security"
    title: ClassVar[str] = "Security"
    area: ClassVar[Area] = "security"

    approval_from: Annotated[
        Literal["low", "medium", "high", "never"],
        field_meta(
            "A second person approves",
            "Changes of parameters from this risk on, as soon as two people can publish.",
            risk="high",
            labels={
                "low": "every change",
                "medium": "changes of medium or high risk",
                "high": "changes of high risk",
                "never": "no change",
            },
        ),
    ] = "medium"
    support_access: Annotated[
        Literal["ask", "allow", "never"],
        field_meta(
            "Support of the platform",
            "Whether somebody of the platform's support may look into this console. To change"
            " anything they always need an owner's consent.",
            risk="high",
            labels={
                "ask": "after an owner's consent",
                "allow": "to look, with a reason, for a time",
                "never": "never",
            },
        ),
    ] = "ask"
    session_idle_minutes: Annotated[
        int,
        field_meta(
            "Idle limit",
            "A session that is not used ends after this time.",
            unit="min",
            risk="medium",
            ge=5,
            le=43_200,
        ),
    ] = 1440
    session_length_h: Annotated[
        int,
        field_meta(
            "Longest session",
            "A session ends after this time, used or not.",
            unit="h",
            risk="medium",
            ge=1,
            le=2160,
        ),
    ] = 720
    console_session_length_h: Annotated[
        int,
        field_meta(
            "Longest session on the console",
            "Who works for the brand signs in again after this time, used or not.",
            unit="h",
            risk="medium",
            ge=1,
            le=168,
        ),
    ] = 12
    console_idle_minutes: Annotated[
        int,
        field_meta(
            "Idle limit on the console",
            "A session on the console that is not used ends after this time.",
            unit="min",
            risk="medium",
            ge=5,
            le=1440,
        ),
    ] = 60
    step_up_minutes: Annotated[
        int,
        field_meta(
            "Fresh sign-in",
            "Export, erasure and a change of e-mail ask for a sign-in at most this old.",
            unit="min",
            risk="medium",
            ge=1,
            le=240,
        ),
    ] = 15
    code_lifetime_minutes: Annotated[
        int,
        field_meta(
            "Lifetime of a code",
            "A code sent by mail is good for this time.",
            unit="min",
            risk="medium",
            ge=2,
            le=30,
        ),
    ] = 10
    tries_per_account_h: Annotated[
        int,
        field_meta(
            "Tries per account",
            "Codes and passwords tried for one e-mail, by browsers that it never used.",
            unit="1/h",
            risk="high",
            ge=2,
            le=1000,
        ),
    ] = 10
    tries_per_address_h: Annotated[
        int,
        field_meta(
            "Tries per network address",
            "Codes asked for, codes and passwords tried, by one address.",
            unit="1/h",
            risk="high",
            ge=2,
            le=1_000_000,
        ),
    ] = 120
    password_sign_in: Annotated[
        bool,
        field_meta("Passwords", "Members may set a password and sign in with it.", risk="medium"),
    ] = True
    till_amount_max_minor: Annotated[
        int,
        field_meta(
            "Largest sale at the till",
            "A cashier credits no sale above this.",
            unit="minor units",
            risk="high",
            ge=1,
            le=10**8,
        ),
    ] = 1_000_000
    till_sales_per_day: Annotated[
        int,
        field_meta(
            "Sales of a cashier",
            "So many are credited on a day by one cashier.",
            unit="1/d",
            risk="high",
            ge=1,
            le=10_000,
        ),
    ] = 1_000
    till_member_sales_per_day: Annotated[
        int,
        field_meta(
            "Sales to a member",
            "So many are credited on a day to one member, at all tills together.",
            unit="1/d",
            risk="high",
            ge=1,
            le=1_000,
        ),
    ] = 20
    till_plain_number: Annotated[
        bool,
        field_meta(
            "Member numbers at the till",
            "A sale is credited to a number that is said or printed too. Else a member shows the"
            " code of the moment.",
            risk="high",
        ),
    ] = True
    connections: Annotated[
        tuple[Connection, ...],
        field_meta(
            "Own identity providers",
            "Sign-in with the brand's own accounts (OpenID Connect).",
            risk="high",
            max_length=10,
        ),
    ] = ()
    hand_off: Annotated[
        tuple[HandOffKey, ...],
        field_meta(
            "Hand-off keys",
            "Keys with which the brand's app hands a signed-in member over.",
            risk="high",
            max_length=10,
        ),
    ] = ()
    apps: Annotated[
        tuple[MobileApp, ...],
        field_meta("Apps", "Mobile apps that use the member API.", risk="high", max_length=20),
    ] = ()

    def check(self) -> Iterator[Finding]:
        """Keys are unique, addresses exact, algorithms asymmetric."""
        for i, connection in enumerate(self.connections):
            at = f"security.connections[{i}]"
            if connection.key in {c.key for c in self.connections[:i]}:
                yield Finding(
                    f"{at}.key",
                    "duplicate_key",
                    "The key %(key)s is used twice.",
                    params={"key": connection.key},
                )
            if not _issuer(connection.issuer):
                yield Finding(
                    f"{at}.issuer",
                    "bad_issuer",
                    "An issuer is an address without query or fragment.",
                )
            for algorithm in connection.algorithms:
                if algorithm not in ALGORITHMS:
                    yield Finding(
                        f"{at}.algorithms",
                        "bad_algorithm",
                        _ALGORITHM,
                        params={"algorithm": algorithm},
                    )
            if "openid" not in connection.scopes:
                yield Finding(f"{at}.scopes", "scope_missing", "The scope openid is needed.")
        for i, hand_off in enumerate(self.hand_off):
            at = f"security.hand_off[{i}]"
            if hand_off.kid in {k.kid for k in self.hand_off[:i]}:
                yield Finding(
                    f"{at}.kid",
                    "duplicate_key",
                    "The key id %(key)s is used twice.",
                    params={"key": hand_off.kid},
                )
            if hand_off.algorithm not in ALGORITHMS:
                yield Finding(
                    f"{at}.algorithm",
                    "bad_algorithm",
                    _ALGORITHM,
                    params={"algorithm": hand_off.algorithm},
                )
        for i, app in enumerate(self.apps):
            at = f"security.apps[{i}]"
            if app.client_id in {a.client_id for a in self.apps[:i]}:
                yield Finding(
                    f"{at}.client_id",
                    "duplicate_key",
                    "The client id %(key)s is used twice.",
                    params={"key": app.client_id},
                )
            for uri in app.redirect_uris:
                if not _redirect(uri):
                    yield Finding(
                        f"{at}.redirect_uris",
                        "bad_redirect",
                        "%(address)s must be https, a scheme of the app's own"
                        " (com.brand.app:/path), or http://127.0.0.1, without a fragment.",
                        params={"address": uri},
                    )
            for scope in app.scopes:
                if scope not in MEMBER_SCOPES:
                    yield Finding(
                        f"{at}.scopes",
                        "unknown_scope",
                        "%(scope)s is not one of %(known)s.",
                        params={"scope": scope, "known": ", ".join(MEMBER_SCOPES)},
                    )


def _issuer(issuer: str) -> bool:
    try:
        parts = urlsplit(issuer)
    except ValueError:
        return False
    return (
        parts.scheme in {"https", "http"}
        and bool(parts.hostname)
        and not (parts.query or parts.fragment or parts.username)
    )


def _redirect(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    if parts.fragment or parts.username:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return parts.hostname in {"127.0.0.1", "::1"}
    return "." in parts.scheme

"""Settings of a connection that cannot be used, each with the field and the reason."""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from guerdon.identity.parameters import ALGORITHMS
from guerdon.identity.roles import roles_of
from guerdon.identity.sso.errors import ConnectionSettingsError
from guerdon.identity.sso.schemas import OidcSettings, SamlSettings, Settings
from guerdon.plumbing.egress import Egress

Fault = tuple[str, str]

# Whoever the mapping does not know must not become powerful by that.
_POWERFUL = frozenset({"owner", "administrator", "operator"})
SHARED_DIRECTORIES = frozenset({"common", "organizations", "consumers"})
MAPPINGS_MAX = 100
_RSA_BITS_MIN = 2048
_CLAIM = re.compile(r"[A-Za-z0-9_.:/#-]{1,200}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


def default_roles(tenant_id: UUID) -> frozenset[str]:
    """The roles that somebody in no mapped group may be given."""
    return frozenset(roles_of(tenant_id)) - _POWERFUL


def require_usable(settings: Settings, egress: Egress, *, tenant_id: UUID) -> None:
    """ConnectionSettingsError for the first thing that cannot be used."""
    for field, message in faults(settings, egress, tenant_id):
        raise ConnectionSettingsError(message, field=field)


def faults(settings: Settings, egress: Egress, tenant_id: UUID) -> Iterator[Fault]:
    """Everything that cannot be used, as (field, what to do)."""
    if isinstance(settings, OidcSettings):
        yield from _oidc(settings, egress)
    else:
        yield from _saml(settings, egress)
    yield from _rules(settings, tenant_id)


def address_fault(url: str, egress: Egress) -> str | None:
    """Why an address of a provider cannot be used, or None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is not an address."
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        return "Give the whole address, starting with https://."
    if parts.username or parts.query or parts.fragment:
        return "The address must have no user name, no query and no fragment."
    if egress.excepted(url):
        return None
    if parts.scheme != "https":
        return "The address must start with https://; what goes over http can be read and changed."
    return "The address must not name a port." if port not in {None, 443} else None


def _oidc(settings: OidcSettings, egress: Egress) -> Iterator[Fault]:
    if problem := address_fault(settings.issuer, egress):
        yield "issuer", problem
    elif settings.preset == "entra" and SHARED_DIRECTORIES & set(settings.issuer.split("/")):
        yield "issuer", "Name your own directory's id in the issuer, not common or organizations."
    if not 0 < len(settings.client_id) <= 200 or not settings.client_id.isprintable():
        yield "clientId", "Give the client id that the provider shows for this application."
    if not settings.algorithms:
        yield "algorithms", "Choose at least one signature algorithm."
    for algorithm in settings.algorithms:
        if algorithm not in ALGORITHMS:
            yield "algorithms", f"{algorithm} is not one of {', '.join(ALGORITHMS)}."
    if "openid" not in settings.scopes:
        yield "scopes", "The scope openid is needed."
    if len(settings.scopes) > 20 or not all(_SCOPE.fullmatch(one) for one in settings.scopes):
        yield "scopes", "A scope is a word without spaces; 20 are the most."


def _saml(settings: SamlSettings, egress: Egress) -> Iterator[Fault]:
    if not 0 < len(settings.entity_id) <= 1024 or not settings.entity_id.isprintable():
        yield "entityId", "Give the entity id from the provider's metadata."
    if problem := sign_on_fault(settings.sign_on_url, egress):
        yield "signOnUrl", problem
    if not settings.certificates:
        yield "certificates", "Give the certificate with which the provider signs."
    for certificate in settings.certificates:
        if problem := _certificate_fault(certificate):
            yield "certificates", problem


def _certificate_fault(text: str) -> str | None:
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return "This is no certificate. Paste what stands in X509Certificate of the metadata."
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _RSA_BITS_MIN:
        return f"The certificate's key has {key.key_size} bits; {_RSA_BITS_MIN} are the least."
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return "The certificate's key must be RSA or elliptic curve."
    return None


def sign_on_fault(url: str, egress: Egress) -> str | None:
    """As `address_fault`; the browser goes there, so a query is allowed."""
    return address_fault(url.partition("?")[0], egress)


def _rules(settings: Settings, tenant_id: UUID) -> Iterator[Fault]:
    among, defaults = roles_of(tenant_id), default_roles(tenant_id)
    for field, claim in (
        ("emailClaim", settings.email_claim),
        ("nameClaim", settings.name_claim),
        ("groupsClaim", settings.groups_claim),
    ):
        if not _CLAIM.fullmatch(claim):
            yield field, "Give the name of a claim as the provider sends it."
    if len(settings.roles) > MAPPINGS_MAX:
        yield "roles", f"{MAPPINGS_MAX} mappings are the most."
    seen = set()
    for one in settings.roles:
        if not one.group.strip() or len(one.group) > 300:
            yield "roles", "A mapping names a group, exactly as the provider sends it."
        if one.role not in among:
            yield "roles", f"{one.role!r} is no role; roles are {', '.join(among)}."
        if (one.group, one.role) in seen:
            yield "roles", f"{one.group} → {one.role} stands there twice."
        seen.add((one.group, one.role))
    if settings.default_role and settings.default_role not in defaults:
        yield (
            "defaultRole",
            (
                "Whoever is in no mapped group may become "
                f"{', '.join(sorted(defaults))}, or get no access."
            ),
        )
    if len(settings.email_domains) > 50:
        yield "emailDomains", "50 domains are the most."
    for domain in settings.email_domains:
        if not DOMAIN.fullmatch(domain):
            yield "emailDomains", f"{domain[:80]!r} is not a domain such as brand.example."

"""Reading a SAML answer: one tree, which is parsed, verified and read.

The library checks schema and signatures. Beyond that, the tree must have exactly the shape in
which there is nothing to confuse: one assertion, a child of the root, whose own signature covers
it and nothing else. Everything is read from that element; addresses are compared whole.
"""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from guerdon.identity.sso.errors import SsoRefusedError
from guerdon.identity.sso.schemas import Arrived

try:
    from lxml import etree
    from onelogin.saml2.response import OneLogin_Saml2_Response
    from onelogin.saml2.xml_utils import OneLogin_Saml2_XML
except ModuleNotFoundError:  # pragma: no cover (an installation without the extra)
    pass

LIFETIME_MAX_S: Final = 86_400
_BYTES_MAX: Final = 300_000
_SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_PROTOCOL: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_NS: Final = {"saml": _SAML, "samlp": _PROTOCOL, "ds": _DS}
_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
# Declarations, comments, CDATA, instructions: signatures skip them, readers of text stop at them.
_MARKED: Final = re.compile(rb"<!|(?<!^)<\?")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


class Answer(msgspec.Struct, frozen=True):
    """A parsed answer, nothing of it verified. `raw` as it was posted."""

    raw: str
    in_response_to: str


class Expected(msgspec.Struct, frozen=True):
    """What the answer has to fit."""

    request_id: str
    acs: str
    audience: str
    provider: str
    authenticated_since: datetime | None


class Found(msgspec.Struct, frozen=True):
    """What a verified assertion says."""

    assertion_id: str
    arrived: Arrived


def parse(raw: str) -> Answer:
    """The answer's tree is sound, and names the request it answers. Raises SsoRefusedError."""
    root = _tree(raw)
    request_id = root.get("InResponseTo") or ""
    if not request_id:
        raise SsoRefusedError("unsolicited", "The sign-in has to begin here, not at the provider.")
    return Answer(raw, request_id)


def verify(
    answer: Answer, library: Any, expected: Expected, now: datetime, leeway: timedelta
) -> Found:
    """What the provider signed for this request. Raises SsoRefusedError."""
    _tree(answer.raw)
    response = OneLogin_Saml2_Response(library, answer.raw)
    host, _, path = expected.acs.partition("://")[2].partition("/")
    request = {
        "https": "on" if expected.acs.startswith("https:") else "off",
        "http_host": host,
        "script_name": f"/{path}",
        "get_data": {},
        "post_data": {"SAMLResponse": answer.raw},
    }
    if not response.is_valid(request, request_id=expected.request_id):
        raise SsoRefusedError("saml_invalid", str(response.get_error() or "")[:300])
    root = response.document
    _require_plain(root)
    if root.get("Destination") not in {None, expected.acs}:
        raise SsoRefusedError("destination")
    assertion = _signed_assertion(root)
    _require_issuer(assertion, expected)
    _require_conditions(assertion, expected, now, leeway)
    _require_confirmation(assertion, expected, now, leeway)
    _require_authenticated(assertion, expected)
    return Found(assertion.get("ID"), _read(assertion, expected))


def _tree(raw: str) -> Any:
    if not 0 < len(raw) <= _BYTES_MAX:
        raise SsoRefusedError("saml_size")
    try:
        text = base64.b64decode("".join(raw.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SsoRefusedError("saml_form") from error
    # Other encodings are ways to show one thing and mean another.
    if _MARKED.search(text) or b"\x00" in text:
        raise SsoRefusedError("saml_markup")
    try:
        root = OneLogin_Saml2_XML.to_etree(text)
    except (etree.XMLSyntaxError, ValueError, TypeError) as error:
        raise SsoRefusedError("saml_form") from error
    _require_plain(root)
    return root


def _require_plain(root: Any) -> None:
    if root.tag != f"{{{_PROTOCOL}}}Response":
        raise SsoRefusedError("saml_form")
    if root.xpath("//saml:EncryptedAssertion", namespaces=_NS):
        raise SsoRefusedError(
            "saml_encrypted", "Let the provider sign the assertion and not encrypt it."
        )


def _signed_assertion(root: Any) -> Any:
    assertions = root.xpath("//saml:Assertion", namespaces=_NS)
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise SsoRefusedError("saml_shape")
    assertion = assertions[0]
    name = assertion.get("ID") or ""
    every = root.xpath("//@ID | //@Id | //@id | //@*[local-name() = 'id']")
    if not name or len(every) != len(set(every)):
        raise SsoRefusedError("saml_shape")
    own = assertion.findall("ds:Signature", _NS)
    inside = assertion.xpath(".//ds:Signature", namespaces=_NS)
    if len(own) != 1 or len(inside) != 1:
        raise SsoRefusedError("saml_unsigned")
    references = own[0].xpath(".//ds:Reference", namespaces=_NS)
    if [one.get("URI") for one in references] != [f"#{name}"]:
        raise SsoRefusedError("saml_shape")
    if own[0].xpath(".//ds:Object", namespaces=_NS):
        raise SsoRefusedError("saml_shape")
    return assertion


def _require_issuer(assertion: Any, expected: Expected) -> None:
    issuers = assertion.findall("saml:Issuer", _NS)
    if [_text(one) for one in issuers] != [expected.provider]:
        raise SsoRefusedError("issuer")


def _require_conditions(
    assertion: Any, expected: Expected, now: datetime, leeway: timedelta
) -> None:
    conditions = assertion.findall("saml:Conditions", _NS)
    if len(conditions) != 1:
        raise SsoRefusedError("conditions")
    _require_time(conditions[0], now, leeway, required=True)
    restrictions = conditions[0].findall("saml:AudienceRestriction", _NS)
    if not restrictions:
        raise SsoRefusedError("audience")
    for restriction in restrictions:
        audiences = {_text(one) for one in restriction.findall("saml:Audience", _NS)}
        if expected.audience not in audiences:
            raise SsoRefusedError("audience")


def _require_confirmation(
    assertion: Any, expected: Expected, now: datetime, leeway: timedelta
) -> None:
    confirmations = assertion.findall("saml:Subject/saml:SubjectConfirmation", _NS)
    if len(confirmations) != 1 or confirmations[0].get("Method") != _BEARER:
        raise SsoRefusedError("confirmation")
    data = confirmations[0].find("saml:SubjectConfirmationData", _NS)
    if data is None:
        raise SsoRefusedError("confirmation")
    if data.get("Recipient") != expected.acs:
        raise SsoRefusedError("recipient")
    if data.get("InResponseTo") != expected.request_id:
        raise SsoRefusedError("in_response_to")
    _require_time(data, now, leeway, required=True)


def _require_time(element: Any, now: datetime, leeway: timedelta, *, required: bool) -> None:
    begins, ends = element.get("NotBefore"), element.get("NotOnOrAfter")
    if ends is None:
        if required:
            raise SsoRefusedError("no_end")
    elif _instant(ends) + leeway <= now:
        raise SsoRefusedError("expired")
    elif _instant(ends) - now > timedelta(seconds=LIFETIME_MAX_S):
        raise SsoRefusedError("lives_too_long")
    if begins is not None and _instant(begins) - leeway > now:
        raise SsoRefusedError("not_yet")


def _require_authenticated(assertion: Any, expected: Expected) -> None:
    if expected.authenticated_since is None:
        return
    statement = assertion.find("saml:AuthnStatement", _NS)
    at = None if statement is None else statement.get("AuthnInstant")
    if at is None or _instant(at) < expected.authenticated_since:
        raise SsoRefusedError("auth_time")


def _read(assertion: Any, expected: Expected) -> Arrived:
    name = assertion.find("saml:Subject/saml:NameID", _NS)
    subject = "" if name is None else _text(name)
    if name is None or not 0 < len(subject) <= 255:
        raise SsoRefusedError("name_id", "The provider names nobody (NameID).")
    if name.get("Format") == _TRANSIENT:
        raise SsoRefusedError(
            "transient_name_id",
            "The provider makes up a new name for the person each time. Let it send a NameID that "
            "stays: persistent, an e-mail address, or the object id.",
        )
    claims: dict[str, Any] = {"NameID": subject}
    for one in assertion.findall("saml:AttributeStatement/saml:Attribute", _NS):
        values = [_text(value) for value in one.findall("saml:AttributeValue", _NS)]
        claims.setdefault(one.get("Name") or "", []).extend(values)
    statement = assertion.find("saml:AuthnStatement", _NS)
    session = "" if statement is None else statement.get("SessionIndex") or ""
    return Arrived(
        issuer=expected.provider,
        subject=subject,
        claims={n: v[0] if isinstance(v, list) and len(v) == 1 else v for n, v in claims.items()},
        provider_session=session[:255],
    )


def _text(element: Any) -> str:
    """The element's whole text; elements inside it are none of ours."""
    if len(element):
        raise SsoRefusedError("saml_shape")
    return (element.text or "").strip()


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise SsoRefusedError("saml_time")
    whole = text.partition(".")[0].removesuffix("Z")
    return datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)

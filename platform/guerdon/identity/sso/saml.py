"""Coming in by SAML 2.0, through the same connection: a request of ours, one answer to it.

The library is in the extra `saml`. Only answers to our own requests count: each is known by its
request's id, once, and goes on in the browser that asked.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from guerdon.identity.keyring import digest
from guerdon.identity.sso import arriving, saml_answer
from guerdon.identity.sso.arriving import Outcome, Tested, Way
from guerdon.identity.sso.endpoints import address
from guerdon.identity.sso.errors import ConnectionStateError, SsoRefusedError
from guerdon.identity.sso.saml_answer import Expected
from guerdon.identity.sso.schemas import (
    Arrived,
    Connection,
    SamlSettings,
    Settings,
    settings_hash,
)
from guerdon.kit.ids import secret_token
from guerdon.plumbing.cache import key, reach
from guerdon.runtime import Runtime

try:
    from onelogin.saml2.authn_request import OneLogin_Saml2_Authn_Request
    from onelogin.saml2.settings import OneLogin_Saml2_Settings
    from onelogin.saml2.utils import OneLogin_Saml2_Utils
except ModuleNotFoundError:  # pragma: no cover (an installation without the extra)
    OneLogin_Saml2_Settings = None

INSTALLED: Final = OneLogin_Saml2_Settings is not None
_REQUEST_LIFETIME_S: Final = 600
_TICKET_LIFETIME_S: Final = 60
_LEEWAY: Final = timedelta(seconds=60)
_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


class _Asked(msgspec.Struct, frozen=True):
    """A request under way."""

    connection: str
    settings: str
    browser: str
    context: dict[str, str]
    again_since: datetime | None


class _Answered(msgspec.Struct, frozen=True):
    """A verified answer that waits for its browser."""

    asked: _Asked
    arrived: Arrived


class Taken(msgspec.Struct, frozen=True):
    """An answer was verified: the browser goes on with the ticket."""

    ticket: str


def require_installed() -> None:
    """ConnectionStateError where the extra is missing."""
    if not INSTALLED:
        raise ConnectionStateError(
            "This deployment cannot do SAML: its operator has to install the extra `saml`. "
            "Use OpenID Connect, if your provider offers it."
        )


async def begin(
    rt: Runtime,
    *,
    way: Way,
    return_to: str,
    again: bool = False,
    test_id: UUID | None = None,
) -> str:
    """The provider's address to send the browser to, with our request."""
    connection, settings = await arriving.in_use(rt, way, test_id)
    if not isinstance(settings, SamlSettings):
        raise SsoRefusedError("protocol")
    require_installed()
    request = OneLogin_Saml2_Authn_Request(
        _library_settings(rt, connection, settings), force_authn=again, set_nameid_policy=False
    )
    asked = _Asked(
        connection=str(connection.id),
        settings=settings_hash(settings),
        browser=digest(way.caller.browser_id),
        context=arriving.context_of(return_to, test_id),
        again_since=way.now if again else None,
    )
    await reach(
        rt.valkey.set(
            _request_key(way.tenant.id, request.get_id()),
            msgspec.json.encode(asked),
            ex=_REQUEST_LIFETIME_S,
        )
    )
    sent = {"SAMLRequest": request.get_request()}
    url: str = OneLogin_Saml2_Utils.redirect(
        settings.sign_on_url, sent, {"http_host": urlsplit(settings.sign_on_url).netloc}
    )
    return url


async def take_in(rt: Runtime, *, way: Way, raw: str) -> Taken | Tested:
    """Verify what was posted to the assertion consumer service.

    It comes from another site, without the browser's cookies: who may use it is decided when the
    browser goes on. Raises SsoRefusedError, told to the trail.
    """
    asked: _Asked | None = None
    try:
        require_installed()
        answer = await asyncio.to_thread(saml_answer.parse, raw)
        asked = await _taken_request(rt, way, answer.in_response_to)
        connection, settings = await _settings_of(rt, way, asked)
        expected = Expected(
            request_id=answer.in_response_to,
            acs=address(rt, connection.tenant_id, connection.endpoint_id, "acs"),
            audience=address(rt, connection.tenant_id, connection.endpoint_id, "metadata"),
            provider=settings.entity_id,
            authenticated_since=None if asked.again_since is None else asked.again_since - _LEEWAY,
        )
        library = _library_settings(rt, connection, settings)
        found = await asyncio.to_thread(
            saml_answer.verify, answer, library, expected, way.now, _LEEWAY
        )
        await _first_time(rt, way, connection, found.assertion_id)
    except (SsoRefusedError, ConnectionStateError) as error:
        refusal = arriving.as_refusal(error)
        context = {} if asked is None else asked.context
        return await _refused(rt, way, context, refusal)
    ticket = secret_token(32)
    await reach(
        rt.valkey.set(
            _ticket_key(way.tenant.id, ticket),
            msgspec.json.encode(_Answered(asked, found.arrived)),
            ex=_TICKET_LIFETIME_S,
        )
    )
    return Taken(ticket)


async def come_back(rt: Runtime, *, way: Way, ticket: str) -> Outcome:
    """The browser goes on with a verified answer; SsoRefusedError if it is not the one."""
    raw = await reach(rt.valkey.getdel(_ticket_key(way.tenant.id, ticket)))
    answered = None if raw is None else msgspec.json.decode(raw, type=_Answered)

    async def proved() -> tuple[Connection, Settings, Arrived]:
        if answered is None:
            raise SsoRefusedError("ticket")
        if answered.asked.browser != digest(way.caller.browser_id):
            raise SsoRefusedError("browser")
        connection, settings = await _settings_of(rt, way, answered.asked)
        return connection, settings, answered.arrived

    context = {} if answered is None else answered.asked.context
    return await arriving.settle(rt, way=way, context=context, proved=proved)


def metadata(rt: Runtime, connection: Connection) -> bytes:
    """What the provider reads about us."""
    require_installed()
    settings = connection.draft
    if not isinstance(settings, SamlSettings):
        raise SsoRefusedError("protocol")
    described = _library_settings(rt, connection, settings).get_sp_metadata()
    return described if isinstance(described, bytes) else str(described).encode()


async def _refused(
    rt: Runtime, way: Way, context: dict[str, str], refusal: SsoRefusedError
) -> Tested:
    async def proved() -> tuple[Connection, Settings, Arrived]:
        raise refusal

    outcome = await arriving.settle(rt, way=way, context=context, proved=proved)
    if not isinstance(outcome, Tested):
        raise TypeError("a refusal let somebody in")
    return outcome


async def _taken_request(rt: Runtime, way: Way, request_id: str) -> _Asked:
    raw = await reach(rt.valkey.getdel(_request_key(way.tenant.id, request_id)))
    if raw is None:
        raise SsoRefusedError("in_response_to", "This is no answer to a request of ours.")
    return msgspec.json.decode(raw, type=_Asked)


async def _settings_of(rt: Runtime, way: Way, asked: _Asked) -> tuple[Connection, SamlSettings]:
    """The connection that asked, unless it was changed since."""
    connection, settings = await arriving.in_use(rt, way, arriving.tested_by(asked.context))
    if asked.connection != str(connection.id) or not isinstance(settings, SamlSettings):
        raise SsoRefusedError("connection")
    if asked.settings != settings_hash(settings):
        raise SsoRefusedError("settings")
    return connection, settings


async def _first_time(rt: Runtime, way: Way, connection: Connection, assertion_id: str) -> None:
    first = await reach(
        rt.valkey.set(
            key(way.tenant.id, "console-assertion", connection.id, digest(assertion_id)),
            b"1",
            nx=True,
            ex=saml_answer.LIFETIME_MAX_S,
        )
    )
    if not first:
        raise SsoRefusedError("replay")


def _library_settings(rt: Runtime, connection: Connection, settings: SamlSettings) -> Any:
    own = address(rt, connection.tenant_id, connection.endpoint_id, "metadata")
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "debug": False,
            "sp": {
                "entityId": own,
                "assertionConsumerService": {
                    "url": address(rt, connection.tenant_id, connection.endpoint_id, "acs"),
                    "binding": _POST,
                },
                "NameIDFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            },
            "idp": {
                "entityId": settings.entity_id,
                "singleSignOnService": {"url": settings.sign_on_url, "binding": _REDIRECT},
                "x509certMulti": {"signing": list(settings.certificates)},
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantNameId": True,
                "wantAttributeStatement": False,
                "requestedAuthnContext": False,
                "rejectDeprecatedAlgorithm": True,
                "rejectUnsolicitedResponsesWithInResponseTo": True,
                "allowRepeatAttributeName": True,
                "authnRequestsSigned": False,
            },
        }
    )


def _request_key(tenant_id: UUID, request_id: str) -> str:
    return key(tenant_id, "console-saml", digest(request_id))


def _ticket_key(tenant_id: UUID, ticket: str) -> str:
    return key(tenant_id, "console-saml-ticket", digest(ticket))

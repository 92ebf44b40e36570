"""Coming in by a connection: begin at its own address, come back to its own address.

Whatever does not hold up is refused, told to the audit trail once, and starts no session.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from guerdon.audit import operations as audit
from guerdon.identity import oidc, staff_sessions
from guerdon.identity.connections import own_path
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.sso import accounts, claims, domains, queries, test_logins
from guerdon.identity.sso.accounts import Refusal
from guerdon.identity.sso.errors import SsoRefusedError, UnknownConnectionError
from guerdon.identity.sso.schemas import Arrived, Connection, OidcSettings, Settings
from guerdon.identity.staff import Staff
from guerdon.kit.errors import UnavailableError
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

AUDIENCE = "console-sso"


class Visitor(msgspec.Struct, frozen=True):
    """The browser that comes: its secret name, and what the trail tells of it."""

    browser_id: str
    address: str = ""
    request_id: str = ""


class Entry(msgspec.Struct, frozen=True):
    """Somebody comes in."""

    staff: Staff
    connection: Connection
    arrived: Arrived
    return_to: str


class Tested(msgspec.Struct, frozen=True):
    """A test login is over; its record tells how it went."""

    connection_id: UUID
    test_id: UUID


def address(rt: Runtime, endpoint_id: str, leaf: str) -> str:
    """One of a connection's own addresses on the console's host."""
    return f"{rt.settings.console_url}/sso/{endpoint_id}/{leaf}"


def client_of(rt: Runtime, connection: Connection, settings: OidcSettings) -> oidc.Client:
    """The connection as the protocol sees it."""
    return oidc.Client(
        audience=AUDIENCE,
        key=str(connection.id),
        issuer=settings.issuer,
        client_id=settings.client_id,
        redirect_uri=address(rt, connection.endpoint_id, "callback"),
        secret=settings.secret,
        algorithms=settings.algorithms,
        scopes=settings.scopes,
    )


async def begin(
    rt: Runtime,
    *,
    tenant: Tenant,
    connection_id: UUID,
    visitor: Visitor,
    return_to: str,
    now: datetime,
    again: bool = False,
    test_id: UUID | None = None,
) -> str:
    """The provider's address to send the browser to.

    `again`: who they are is to be proved anew. `test_id`: nobody will be signed in by it.
    """
    connection, settings = await _in_use(rt, tenant.id, connection_id, test_id, now)
    context = {"return_to": own_path(return_to)}
    if test_id is not None:
        context["test"] = str(test_id)
    if not isinstance(settings, OidcSettings):
        raise UnknownConnectionError
    return await oidc.begin(
        rt,
        tenant_id=tenant.id,
        client=client_of(rt, connection, settings),
        browser_id=visitor.browser_id,
        context=context,
        again=now if again else None,
    )


async def come_back(
    rt: Runtime,
    *,
    tenant: Tenant,
    connection_id: UUID,
    query: dict[str, str],
    visitor: Visitor,
    now: datetime,
) -> Entry | Tested:
    """Who came back to the connection's callback; SsoRefusedError for whatever does not hold."""
    started = await oidc.take(
        rt, tenant_id=tenant.id, audience=AUDIENCE, state=query.get("state", "")
    )
    context = {} if started is None else started.context
    test_id = UUID(context["test"]) if "test" in context else None
    arrived: Arrived | None = None
    try:
        connection, settings = await _in_use(rt, tenant.id, connection_id, test_id, now)
        if not isinstance(settings, OidcSettings):
            raise SsoRefusedError("protocol")
        proof = await oidc.finish(
            rt,
            tenant_id=tenant.id,
            client=client_of(rt, connection, settings),
            started=started,
            query=query,
            browser_id=visitor.browser_id,
            now=now,
        )
        sid = proof.claims.get("sid")
        arrived = Arrived(
            issuer=proof.issuer,
            subject=proof.subject,
            claims=proof.claims,
            provider_session=sid if isinstance(sid, str) else "",
            hint=proof.id_token,
        )
        return await arrive(
            rt,
            tenant=tenant,
            connection=connection,
            settings=settings,
            arrived=arrived,
            context=context,
            visitor=visitor,
            now=now,
        )
    except (ConnectionRefusedByPolicyError, SsoRefusedError, UnavailableError) as error:
        refusal = as_refusal(error)
        if test_id is not None:
            await test_logins.fail(
                rt, tenant_id=tenant.id, connection_id=connection_id, test_id=test_id,
                refusal=refusal, arrived=arrived, now=now,
            )  # fmt: skip
            return Tested(connection_id, test_id)
        await refuse(rt, tenant, connection_id, refusal, visitor, now)
        raise refusal from error


async def arrive(
    rt: Runtime,
    *,
    tenant: Tenant,
    connection: Connection,
    settings: Settings,
    arrived: Arrived,
    context: dict[str, str],
    visitor: Visitor,
    now: datetime,
) -> Entry | Tested:
    """What follows from a provider's verified word, whichever the protocol."""
    async with rt.db.read(tenant.id) as r:
        proved = await domains.proved(r)
    person = claims.person_of(arrived, settings, proved)
    if "test" in context:
        test_id = UUID(context["test"])
        await test_logins.finish(
            rt, tenant_id=tenant.id, connection=connection, test_id=test_id,
            arrived=arrived, person=person, now=now,
        )  # fmt: skip
        return Tested(connection.id, test_id)
    async with rt.db.write(tenant.id) as s:
        outcome = await accounts.account_of(
            s,
            connection=connection,
            settings=settings,
            person=person,
            proved=proved,
            now=now,
            address=visitor.address,
            request_id=visitor.request_id,
        )
    if isinstance(outcome, Refusal):
        if outcome.staff_id is not None:
            await staff_sessions.revoke_all(
                rt.valkey, tenant_id=tenant.id, staff_id=outcome.staff_id
            )
        raise SsoRefusedError(outcome.reason, outcome.detail)
    arrived = msgspec.structs.replace(arrived, subject=person.subject)
    return Entry(outcome, connection, arrived, context.get("return_to", "/"))


async def refuse(
    rt: Runtime,
    tenant: Tenant,
    connection_id: UUID,
    refusal: SsoRefusedError,
    visitor: Visitor,
    now: datetime,
) -> None:
    """Tell the trail of a refused sign-in."""
    async with rt.db.write(tenant.id) as s:
        await audit.record(
            s,
            actor="system",
            action="sign_in.refused",
            subject=f"connection:{connection_id}",
            summary={"reason": refusal.reason, "via": "connection"},
            now=now,
            address=visitor.address,
            request_id=visitor.request_id,
        )


def as_refusal(error: Exception) -> SsoRefusedError:
    """Any refusal as one of ours."""
    if isinstance(error, SsoRefusedError):
        return error
    if isinstance(error, ConnectionRefusedByPolicyError):
        return SsoRefusedError(str(error.params.get("reason", "refused")))
    if isinstance(error, UnavailableError):
        return SsoRefusedError(
            "provider_unavailable", "Your identity provider does not answer. Try again later."
        )
    return SsoRefusedError("refused")


async def _in_use(
    rt: Runtime, tenant_id: UUID, connection_id: UUID, test_id: UUID | None, now: datetime
) -> tuple[Connection, Settings]:
    """The connection with the settings of this sign-in; UnknownConnectionError if it is closed."""
    async with rt.db.read(tenant_id) as s:
        connection = await queries.connection(s, connection_id=connection_id)
        if test_id is not None:
            waiting = await test_logins.waiting(
                s, connection_id=connection_id, test_id=test_id, now=now
            )
            return connection, waiting.settings
    if not connection.open or connection.in_force is None:
        raise SsoRefusedError("closed", "Nobody can sign in by this connection at present.")
    return connection, connection.in_force

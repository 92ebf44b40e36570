"""Coming in by a connection: begin at its own address, come back to its own address.

Whatever does not hold up is refused, told to the audit trail once, and starts no session.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.audit import operations as audit
from guerdon.identity import attempts, houses, oidc, staff, staff_credentials, staff_sign_in
from guerdon.identity.connections import own_path
from guerdon.identity.errors import ConnectionRefusedByPolicyError
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.refusals import REASONS
from guerdon.identity.sso import accounts, claims, domains, leaving, queries, test_logins
from guerdon.identity.sso.accounts import Refusal
from guerdon.identity.sso.endpoints import AUDIENCE, client_of
from guerdon.identity.sso.errors import ConnectionStateError, SsoRefusedError
from guerdon.identity.sso.schemas import Arrived, Connection, OidcSettings, Person, Settings
from guerdon.identity.staff_sessions import StaffSession
from guerdon.identity.staff_sign_in import Admitted, Caller, ProvidersWord
from guerdon.kit.errors import NotFoundError, UnavailableError
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

METHOD: Final = "connection"


class Entry(msgspec.Struct, frozen=True):
    """Somebody comes in."""

    admitted: Admitted
    return_to: str


class SecondStep(msgspec.Struct, frozen=True):
    """Somebody was proved by the provider; the house asks for its own second factor now."""

    ticket: str
    return_to: str


class Tested(msgspec.Struct, frozen=True):
    """A test login is over; its record tells how it went."""

    connection_id: UUID
    test_id: UUID


Outcome = Entry | SecondStep | Tested
Proving = Callable[[], Awaitable[tuple[Connection, Settings, Arrived]]]


class Way(msgspec.Struct, frozen=True):
    """What a browser came back with to do: which connection, whose, and as what."""

    tenant: Tenant
    connection_id: UUID
    caller: Caller
    replaces: StaffSession | None
    now: datetime


def context_of(return_to: str, test_id: UUID | None) -> dict[str, str]:
    """What a sign-in under way remembers of its beginning."""
    return {"return_to": own_path(return_to)} | ({"test": str(test_id)} if test_id else {})


async def begin(
    rt: Runtime,
    *,
    way: Way,
    return_to: str,
    again: bool = False,
    test_id: UUID | None = None,
) -> str:
    """The provider's address to send the browser to.

    `again`: who they are is to be proved anew. `test_id`: nobody will be signed in by it. Raises
    SsoRefusedError, ConnectionRefusedByPolicyError, EgressFailedError.
    """
    connection, settings = await in_use(rt, way, test_id)
    if not isinstance(settings, OidcSettings):
        raise SsoRefusedError("protocol")
    return await oidc.begin(
        rt,
        tenant_id=way.tenant.id,
        client=client_of(rt, connection, settings),
        browser_id=way.caller.browser_id,
        context=context_of(return_to, test_id),
        again=way.now if again else None,
    )


async def come_back(rt: Runtime, *, way: Way, query: dict[str, str]) -> Outcome:
    """Who came back to the connection's callback; SsoRefusedError for whatever does not hold."""
    started = await oidc.take(
        rt, tenant_id=way.tenant.id, audience=AUDIENCE, state=query.get("state", "")
    )
    context = {} if started is None else started.context

    async def proved() -> tuple[Connection, Settings, Arrived]:
        connection, settings = await in_use(rt, way, tested_by(context))
        if not isinstance(settings, OidcSettings):
            raise SsoRefusedError("protocol")
        proof = await oidc.finish(
            rt,
            tenant_id=way.tenant.id,
            client=client_of(rt, connection, settings),
            started=started,
            query=query,
            browser_id=way.caller.browser_id,
            now=way.now,
        )
        sid = proof.claims.get("sid")
        named = sid if isinstance(sid, str) else ""
        return (
            connection,
            settings,
            Arrived(proof.issuer, proof.subject, proof.claims, named, proof.id_token),
        )

    return await settle(rt, way=way, context=context, proved=proved)


async def settle(rt: Runtime, *, way: Way, context: dict[str, str], proved: Proving) -> Outcome:
    """What follows from a provider's word, whichever the protocol; `proved` verifies it.

    A refusal of a test login is kept with it; any other is told to the trail and raised.
    """
    test_id = tested_by(context)
    arrived: Arrived | None = None
    try:
        connection, settings, arrived = await proved()
        async with rt.db.read(way.tenant.id) as r:
            domains_proved = await domains.proved(r)
        person = claims.person_of(arrived, settings, domains_proved)
        if test_id is not None:
            await test_logins.finish(
                rt, tenant_id=way.tenant.id, connection=connection, test_id=test_id,
                arrived=arrived, person=person, now=way.now,
            )  # fmt: skip
            return Tested(way.connection_id, test_id)
        outcome = await _admit(rt, way, connection, settings, arrived, person, domains_proved)
        if isinstance(outcome, Refusal):
            raise SsoRefusedError(outcome.reason, outcome.detail)
    except (
        ConnectionRefusedByPolicyError, SsoRefusedError, UnavailableError, NotFoundError,
    ) as error:  # fmt: skip
        refusal = as_refusal(error)
        if test_id is not None:
            await test_logins.fail(
                rt, tenant_id=way.tenant.id, connection_id=way.connection_id, test_id=test_id,
                refusal=refusal, arrived=arrived, now=way.now,
            )  # fmt: skip
            return Tested(way.connection_id, test_id)
        await refuse(rt, way, refusal)
        raise refusal from error
    return_to = context.get("return_to", "/")
    if isinstance(outcome, str):
        return SecondStep(outcome, return_to)
    await leaving.remember(rt, way.tenant.id, outcome.session, hint=arrived.hint)
    return Entry(outcome, return_to)


async def refuse(rt: Runtime, way: Way, refusal: SsoRefusedError) -> None:
    """Tell the trail of a refused sign-in. Who is refused too often is told so, and no trail."""
    snapshot = await rt.snapshot(way.tenant.id, way.tenant.time(way.now))
    await attempts.charge_address(
        rt,
        tenant_id=way.tenant.id,
        security=snapshot[SecurityParameters],
        action="connection",
        address=way.caller.address,
    )
    async with rt.db.write(way.tenant.id) as s:
        await audit.record(
            s,
            actor="system",
            action="sign_in.refused",
            subject=f"connection:{way.connection_id}",
            summary={"method": METHOD, "reason": refusal.reason},
            now=way.now,
            address=way.caller.address,
            request_id=way.caller.request_id,
        )


def as_refusal(error: Exception) -> SsoRefusedError:
    """Any refusal as one of ours."""
    if isinstance(error, SsoRefusedError):
        return error
    if isinstance(error, ConnectionRefusedByPolicyError):
        found = str(error.params.get("found") or "")
        return SsoRefusedError(
            REASONS.get(str(error.params.get("reason")), "provider_error"), found
        )
    if isinstance(error, ConnectionStateError):
        return SsoRefusedError("closed", error.detail)
    if isinstance(error, UnavailableError):
        return SsoRefusedError(
            "provider_unavailable", "Your identity provider does not answer. Try again later."
        )
    return SsoRefusedError("closed")


def tested_by(context: dict[str, str]) -> UUID | None:
    """The test login that a sign-in under way belongs to."""
    return UUID(context["test"]) if "test" in context else None


async def in_use(rt: Runtime, way: Way, test_id: UUID | None) -> tuple[Connection, Settings]:
    """The connection with the settings of this sign-in; SsoRefusedError if it is closed."""
    async with rt.db.read(way.tenant.id) as s:
        connection = await queries.connection(s, connection_id=way.connection_id)
        if test_id is not None:
            waiting = await test_logins.waiting(
                s, connection_id=way.connection_id, test_id=test_id, now=way.now
            )
            return connection, waiting.settings
    if not connection.open or connection.in_force is None:
        raise SsoRefusedError("closed", "Nobody can sign in by this connection at present.")
    return connection, connection.in_force


async def _admit(
    rt: Runtime,
    way: Way,
    connection: Connection,
    settings: Settings,
    arrived: Arrived,
    person: Person,
    domains_proved: frozenset[str],
) -> Admitted | Refusal | str:
    """A session; where the house asks for a second factor, the ticket for that step.

    SsoRefusedError where there is none: nothing is kept then, so that an invitation stays good.
    """
    snapshot = await rt.snapshot(way.tenant.id, way.tenant.time(way.now))
    async with rt.db.write(way.tenant.id) as s:
        account = await accounts.account_of(
            s,
            connection=connection,
            settings=settings,
            person=person,
            proved=domains_proved,
            caller=way.caller,
            now=way.now,
        )
        if isinstance(account, Refusal):
            if account.staff_id is not None:
                await staff.end_sessions(rt, s, staff_id=account.staff_id, now=way.now)
            return account
        if houses.asks_second_factor(s.tenant_id):
            if not (await staff_credentials.ways(s, staff_id=account.id)).totp:
                raise SsoRefusedError(
                    "second_factor",
                    "Beside the provider's word an authenticator app is asked for here, and this "
                    "account has none. Set it up by the link of the invitation.",
                )
            return await staff_sign_in.ticket_for(
                rt,
                s.tenant_id,
                staff_id=account.id,
                caller=way.caller,
                now=way.now,
                word=ProvidersWord(
                    connection=str(connection.id),
                    subject=arrived.subject,
                    provider_session=arrived.provider_session,
                    hint=arrived.hint,
                ),
            )
        return await staff_sign_in.admit(
            rt,
            s,
            snapshot=snapshot,
            staff_id=account.id,
            method=METHOD,
            caller=way.caller,
            now=way.now,
            replaces=way.replaces,
            connection=str(connection.id),
            subject=arrived.subject,
            provider_session=arrived.provider_session,
        )

"""Coming in by an outside identity: the brand's identity provider, or its app's hand-off.

A login is (connection, issuer, subject). An e-mail that a provider names fills a form in; it never
chooses an account.
"""

from datetime import datetime

import msgspec

from guerdon.identity import connections, external, hand_off, oidc
from guerdon.identity.keyring import digest
from guerdon.identity.parameters import SecurityParameters
from guerdon.members import linking, queries
from guerdon.members.linking import Pending, Visitor
from guerdon.members.schemas import Member
from guerdon.parameters.snapshot import Snapshot
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


class Arrival(msgspec.Struct, frozen=True):
    """Who came back from an outside identity.

    A member, or a stranger who may now join or sign in: `ticket` links the outside identity then.
    """

    member: Member | None
    return_to: str = "/"
    ticket: str | None = None
    email: str | None = None
    name: str | None = None


async def from_connection(
    rt: Runtime,
    *,
    tenant: Tenant,
    snapshot: Snapshot,
    connection_key: str,
    query: dict[str, str],
    visitor: Visitor,
    now: datetime,
) -> Arrival:
    """Who came back from the brand's identity provider to `/sso/{connection}/cb`."""
    claims = await connections.finish(
        rt,
        tenant=tenant,
        security=snapshot[SecurityParameters],
        connection_key=connection_key,
        query=query,
        browser_id=visitor.browser_id,
        now=now,
    )
    pending = Pending(
        claims.connection,
        claims.issuer,
        claims.subject,
        digest(visitor.browser_id),
        claims.email,
        claims.name,
    )
    if claims.link_to is not None:
        async with rt.db.write(tenant.id) as s:
            member = await linking.active(s, claims.link_to)
            if member is None:
                raise oidc.refused("member")
            await linking.link(s, member.id, pending, now)
        return Arrival(member, claims.return_to)
    return await _arrive(rt, tenant, pending, claims.return_to)


async def from_hand_off(
    rt: Runtime,
    *,
    tenant: Tenant,
    snapshot: Snapshot,
    token: str,
    visitor: Visitor,
    now: datetime,
) -> Arrival:
    """Whom the brand's app hands over. Its `sub` is the brand's own id of the member."""
    handed = await hand_off.accept(
        rt, tenant=tenant, security=snapshot[SecurityParameters], token=token, now=now
    )
    pending = Pending(
        hand_off.CONNECTION,
        handed.issuer,
        handed.subject,
        digest(visitor.browser_id),
        handed.email,
        handed.name,
    )
    async with rt.db.write(tenant.id) as s:
        member_id = await external.member_behind(
            s, connection=pending.connection, issuer=pending.issuer, subject=pending.subject
        )
        known = await queries.find_by_external_id(s, external_id=handed.subject)
        if member_id is None and known is not None and known.active:
            await linking.link(s, known.id, pending, now)
    return await _arrive(rt, tenant, pending, "/")


async def _arrive(rt: Runtime, tenant: Tenant, pending: Pending, return_to: str) -> Arrival:
    async with rt.db.write(tenant.id) as s:
        member_id = await external.member_behind(
            s, connection=pending.connection, issuer=pending.issuer, subject=pending.subject
        )
        member = None if member_id is None else await linking.active(s, member_id)
    if member is not None:
        return Arrival(member, return_to)
    if member_id is not None:
        raise oidc.refused("member")
    ticket = await linking.keep(rt, tenant.id, pending)
    return Arrival(None, return_to, ticket, pending.email, pending.name)

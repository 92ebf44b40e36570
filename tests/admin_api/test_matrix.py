"""Every call of the admin API × every kind of caller: let in exactly where it is declared.

The calls come from the running application, the declaration from `permissions.txt`, what a role
includes from the table below. A call or a role that is not declared fails. Calls carry no body, no
Idempotency-Key and ids that nothing has: whoever is let in is stopped by the input.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.admin_api.routes import Call, calls, declared
from tests.brand_api.conftest import issue

from guerdon.app import Application
from guerdon.identity import sessions, staff_sessions
from guerdon.identity.keyring import digest
from guerdon.identity.roles import PERMISSIONS, PLATFORM_PERMISSIONS, PLATFORM_ROLES, ROLES
from guerdon.identity.visit import SESSION_COOKIE
from guerdon.kit.ids import uuid7
from guerdon.plumbing.cache import key
from guerdon.runtime import Runtime

SEES = "overview:read parameters:read catalogue:read"
MAY = {
    "owner": set(PERMISSIONS),
    "administrator": set(PERMISSIONS) - {"brand:manage", "brand:export"},
    "marketer": {*SEES.split(), "parameters:propose", "simulation:run"},
    "approver": {
        *SEES.split(), "parameters:publish", "simulation:run", "members:read",
        "members:approve_adjustment", "audit:read",
    },
    "catalogue_manager": {
        *SEES.split(), "parameters:propose", "simulation:run", "catalogue:write",
    },
    "cashier": {"till:use"},
    "support_agent": {
        "overview:read", "catalogue:read", "orders:read", "orders:act", "members:read",
        "members:adjust",
    },
    "analyst": {*SEES.split(), "simulation:run", "orders:read", "audit:read"},
    "developer": {
        *SEES.split(), "parameters:propose", "audit:read", "keys:read", "keys:manage",
        "domains:read", "secrets:read", "secrets:write", "webhooks:read", "webhooks:manage",
        "test_clock:move",
    },
}  # fmt: skip
# The platform's own staff: what they may do with tenants, and in their own house.
HOUSE = {
    "people:read", "people:manage", "audit:read", "audit:export", "connections:read",
    "connections:manage", "secrets:read", "secrets:write",
}  # fmt: skip
PLATFORM_MAY = {
    "owner": HOUSE | set(PLATFORM_PERMISSIONS),
    "operator": set(PLATFORM_PERMISSIONS) | {"audit:read", "people:read"},
    "support": {"tenants:read", "support:ask"},
    "viewer": {"tenants:read"},
}
RISKY = ("people:manage", "keys:manage", "connections:manage", "domains:manage", "secrets:write")
TRIES = {"testAccount"}
# What the gate itself answers; everything else comes from behind it.
STOPPED = {"unauthenticated", "permission_missing", "step_up_required", "cross_site"}


def test_every_call_is_declared(application: Application) -> None:
    found = {call.operation: call.line()[40:].strip() for call in calls(application.litestar)}
    assert found == declared(), (
        "a call is new, gone, or asks for another permission: run"
        " `python -m tests.admin_api.routes`, and review what it changed"
    )


def test_every_role_is_declared() -> None:
    assert {key: set(role.permissions) for key, role in ROLES.items()} == MAY
    staff = {key: set(role.permissions) for key, role in PLATFORM_ROLES.items()}
    assert staff == PLATFORM_MAY


def expected(call: Call, permissions: set[str]) -> str | None:
    """The code with which the gate answers, None where it lets through."""
    if call.permission in {"public", "anybody"} or call.permission in permissions:
        return None
    return "permission_missing"


def of_brands(application: Application) -> list[Call]:
    """The calls that there are for a brand's people."""
    return [call for call in calls(application.litestar) if not call.of_platform]


async def code_of(client: Any, call: Call, brand: str, **headers: str) -> str | None:
    """The code with which the call is refused, by the gate or behind it."""
    given = {"sec-fetch-site": "same-origin", **headers}
    if call.method != "GET":
        given["content-type"] = "application/json"
    # Past Console.request: it would add a key, and the call would do something.
    answer = await super(type(client), client).request(
        call.method, call.address(brand), headers=given
    )
    assert answer.status_code < 500, f"{call.operation}: {answer.status_code} {answer.text[:200]}"
    return answer.json()["code"] if answer.status_code >= 400 else None


async def outcome(client: Any, call: Call, brand: str, **headers: str) -> str | None:
    """The gate's code, or None when the call came through to the input's checks."""
    code = await code_of(client, call, brand, **headers)
    return code if code in STOPPED else None


async def test_every_call_for_every_role(
    application: Application, console: Any, make_tenant: Any
) -> None:
    tenant = await make_tenant()
    every = of_brands(application)
    wrong: list[str] = []
    tried: Counter[str] = Counter()
    for role in MAY:
        client = await console(tenant, roles=(role,))
        for call in every:
            got = await outcome(client, call, tenant.slug, **{"x-csrf-token": client.csrf_token})
            tried["let in" if got is None else "refused"] += 1
            if got != expected(call, MAY[role]):
                wrong.append(f"{role}: {call.operation} ({call.permission}) -> {got}")
    assert wrong == []
    assert tried["refused"] > len(every)
    assert tried["let in"] > 2 * len(every)


async def test_every_call_for_everybody_else(
    application: Application, console: Any, http: Any, make_tenant: Any, rt: Runtime
) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    own = await console(tenant)
    foreign = await console(other)
    secret = foreign.headers["cookie"].partition("=")[2]
    now = rt.clock.now()
    member, _ = await sessions.start(
        rt.valkey, tenant_id=tenant.id, member_id=uuid7(), host="admin.localhost", method="code",
        idle=timedelta(hours=1), absolute=timedelta(hours=2), now=now,
    )  # fmt: skip
    here = staff_sessions.cookie_name(tenant.slug)
    strangers = {
        "signed out": {"cookie": ""},
        "another brand's session": {"cookie": f"{staff_sessions.cookie_name(other.slug)}={secret}"},
        "another brand's secret": {"cookie": f"{here}={secret}"},
        "a member's session": {"cookie": f"{SESSION_COOKIE}={member}"},
        "a member's secret": {"cookie": f"{here}={member}"},
        "an API key": {"cookie": "", "authorization": f"Bearer {await issue(rt, tenant)}"},
    }
    wrong = []
    for name, headers in strangers.items():
        for call in of_brands(application):
            got = await outcome(
                own, call, tenant.slug, **{"x-csrf-token": foreign.csrf_token, **headers}
            )
            if got != (None if call.permission == "public" else "unauthenticated"):
                wrong.append(f"{name}: {call.operation} -> {got}")
    assert wrong == []


async def test_what_asks_for_a_fresh_proof_asks(
    application: Application, console: Any, make_tenant: Any, rt: Runtime
) -> None:
    tenant = await make_tenant(security={"step_up_minutes": 1})
    client = await console(tenant)
    await age(rt, tenant, client, minutes=2)
    asked = {
        call.operation
        for call in of_brands(application)
        if await outcome(client, call, tenant.slug, **{"x-csrf-token": client.csrf_token})
        == "step_up_required"
    }
    assert asked == {
        name
        for name, line in declared().items()
        if line.endswith(" fresh") and not line.startswith("platform ")
    }
    # What gives or takes access asks for it without exception; trying a connection changes nothing.
    for name, line in declared().items():
        if line.startswith(RISKY) and name not in TRIES:
            assert line.endswith(" fresh"), name


async def age(rt: Runtime, tenant: Any, client: Any, *, minutes: int) -> None:
    """Let the proof of a session be some minutes old."""

    secret = client.headers["cookie"].partition("=")[2]
    record = key(tenant.id, "console-session", digest(secret))
    session = msgspec.json.decode(await rt.valkey.get(record), type=staff_sessions.StaffSession)
    old = msgspec.structs.replace(
        session, authenticated_at=session.authenticated_at - timedelta(minutes=minutes)
    )
    await rt.valkey.set(record, msgspec.json.encode(old), keepttl=True)


@pytest.mark.parametrize("role", ["nobody", "owner "])
async def test_a_role_that_is_none_allows_nothing(
    role: str, console: Any, tenant: Any, rt: Runtime
) -> None:
    client = await console(tenant, roles=("analyst",))
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.staff SET roles = %(roles)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"roles": [role], "id": client.staff_id},
        )
    assert (await client.get(f"{client.brand}/me")).json()["permissions"] == []
    assert (await client.get(f"{client.brand}/people")).json()["code"] == "permission_missing"

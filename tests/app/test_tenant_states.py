"""Every route × every state of a brand, over HTTP: served exactly where it is declared.

Routes are read from the application; what a route is follows from who calls it and how, so that a
new one is covered by existing. Calls carry a good credential, no body and ids that nothing has:
whoever is let in is stopped by the input.
"""

import asyncio
import json
import re
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx2
import pytest
from litestar.routes import HTTPRoute
from tests.admin_api.routes import calls
from tests.brand_api.conftest import issue
from tests.conftest import create_tenant, http_client, signed_in_console
from tests.identity.simplesamlphp import pair
from tests.tenancy.test_states import ROUTES, lead

from guerdon.app import Application
from guerdon.identity import sessions, tokens
from guerdon.identity.policy import Kind, Policy
from guerdon.identity.visit import SESSION_COOKIE
from guerdon.kit.ids import uuid7
from guerdon.members import operations
from guerdon.redemption import inbox
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import Act, State, allows
from guerdon.tenancy.schemas import Tenant

# What does not belong to a brand: the deployment's own addresses, and where refusals are told.
NOBODYS = (
    "/health/", "/metrics", "/_base", "/_ask", "/_refused", "/_console", "/_hooks/platform",
)  # fmt: skip
DESK, PLATFORM = "/_console/api/admin/v1", "/_console/api/platform/v1"
SSO = "/_console/sso/"
# What a route is, by who calls it and whether it only reads.
SITE, JOIN, API, EARN, HOOK, DESK_READ, DESK_WRITE, DESK_ORDER, DECORATION = (
    "site", "join", "API", "earn", "hook", "desk read", "desk write", "desk order", "decoration",
)  # fmt: skip
JOINING = {"/join", "createMember"}
EARNING = {"earnPoints", "earnPointsBatch"}
OUTSIDE = (SITE, JOIN, API, EARN)

SHUT: dict[State, dict[str, tuple[int, str]]] = {
    State.PENDING: dict.fromkeys(OUTSIDE, (503, "tenant_pending")),
    State.SANDBOX: {},
    State.LIVE: {},
    State.PAST_DUE: {},
    State.SUSPENDED: {
        **dict.fromkeys(OUTSIDE, (503, "tenant_suspended")), DESK_WRITE: (409, "tenant_state"),
    },
    State.CLOSING: dict.fromkeys((JOIN, EARN), (409, "tenant_state")),
    State.CLOSED: {
        **dict.fromkeys((*OUTSIDE, DECORATION), (410, "tenant_closed")),
        **dict.fromkeys((DESK_READ, DESK_WRITE, DESK_ORDER), (401, "unauthenticated")),
    },
}  # fmt: skip
# What a page says instead of a code.
PAGES = {
    "tenant_pending": "Opening soon", "tenant_suspended": "We will be back",
    "tenant_closed": "This programme has ended", "tenant_state": "The programme is closing",
}  # fmt: skip
JSON = {"content-type": "application/json"}
APP = {
    "client_id": "app", "name": "App", "redirect_uris": ["com.kettle.app:/in"],
    "scopes": ["me:read", "me:redeem", "me:write"],
}  # fmt: skip
SECTIONS = {
    "security": {"apps": [APP]},
    "integrations": {
        "requests_per_minute": 1_000_000, "member_requests_per_minute": 1_000_000,
    },
}  # fmt: skip


class Route(NamedTuple):
    """A route and what it is."""

    name: str
    method: str
    path: str
    kind: Kind
    what: str


class Caller(NamedTuple):
    """Everybody who calls one brand."""

    site: httpx2.AsyncClient
    hooks: httpx2.AsyncClient
    desk: httpx2.AsyncClient
    headers: dict[Kind, dict[str, str]]
    ids: dict[str, str]
    tenant: Tenant
    endpoint: str


def routes(application: Application) -> list[Route]:
    """Every route that belongs to a brand, with each of its methods."""
    found = []
    for route in application.litestar.routes:
        if not isinstance(route, HTTPRoute):
            continue
        if route.path.startswith(NOBODYS) and not route.path.startswith(DESK):
            continue
        for handler in route.route_handlers:
            policy = handler.opt.get("policy")
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                assert isinstance(policy, Policy), route.path
                what = _what(handler.operation_id or route.path, str(method), policy, route.path)
                # Signing in to the console belongs to no session: the doors are looked at apart.
                if what is not None:
                    name = f"{method} {route.path}"
                    found.append(Route(name, str(method), route.path_format, policy.kind, what))
    return found


def _what(name: Any, method: str, policy: Policy, path: str) -> str | None:
    if policy.kind is Kind.PROVIDER_SIGNATURE:
        return HOOK
    if policy.kind is Kind.CONSOLE_PUBLIC:
        return None
    if policy.kind is Kind.STAFF:
        scope = policy.scope or ""
        if scope == "brand:pay":
            return DESK_ORDER
        if scope.startswith("orders:") and not scope.endswith(":read"):
            return DESK_ORDER
        reads = method == "GET" or not scope or scope.endswith((":read", ":export"))
        return DESK_READ if reads else DESK_WRITE
    if path.startswith(("/assets/", "/theme/", "/files/")):
        return DECORATION
    if name in JOINING:
        return JOIN
    if name in EARNING:
        return EARN
    return API if path.startswith("/api/") else SITE


async def draft_of(desk: Any, certificate: str) -> dict[str, Any]:
    """A SAML connection, begun and no more: it has every address there is."""
    made = await desk.post(
        f"{desk.brand}/connections",
        json={
            "title": "Corporate",
            "settings": {
                "type": "saml", "entityId": "https://id.brand.example",
                "signOnUrl": "https://id.brand.example/sso", "certificates": [certificate],
                "roles": [],
            },
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def endpoint_of(connection: dict[str, Any]) -> str:
    """What stands in all its addresses, and is guessed by nobody."""
    found = re.search(r"/sso/([^/]+)/start", connection["addresses"]["start"])
    assert found is not None
    return found[1]


async def caller(
    stack: Any, application: Application, rt: Runtime, tenant: Tenant, certificate: str
) -> Caller:
    """Sessions, a token, a key and a hook, from when the brand was set up."""
    now, member_id = datetime.now(UTC), uuid7()
    async with rt.db.write(tenant.id) as s:
        await operations.join(
            s, id=member_id, email=f"{member_id.hex}@example.com", name="Ana",
            snapshot=rt.snapshots.current(tenant.id, now), now=now,
        )  # fmt: skip
        grant = uuid4()
        await s.execute(
            "INSERT INTO app.token_grant (tenant_id, id, member_id, client_id, scopes, generation,"
            " created_at, rotated_at, expires_at) VALUES (%(tenant_id)s, %(id)s, %(member)s, 'app',"
            " '{me:read,me:redeem,me:write}', 1, %(now)s, %(now)s, %(now)s + interval '1 day')",
            {"id": grant, "member": member_id, "now": now},
        )
        hooks = {}
        for provider in (inbox.STRIPE, inbox.AMAZON_PAY, inbox.AMAZON_BUSINESS):
            hooks[provider] = await inbox.open_hook(s, provider=provider)
    made = await tokens._tokens(
        rt, tenant.id, grant, member_id, ("me:read", "me:redeem", "me:write"), 1, now=now
    )
    token, _ = await sessions.start(
        rt.valkey, tenant_id=tenant.id, member_id=member_id, host=tenant.canonical_host,
        method="code", now=now, idle=timedelta(hours=1), absolute=timedelta(hours=1),
    )  # fmt: skip
    desk = await stack.enter_async_context(signed_in_console(application, rt, tenant))
    site = await stack.enter_async_context(http_client(application, tenant.canonical_host))
    there = rt.settings.hooks_authority
    at_hooks = await stack.enter_async_context(http_client(application, there))
    cookie = {"cookie": f"{SESSION_COOKIE}={token}", "accept-language": "en"}
    headers = {
        Kind.PUBLIC: cookie, Kind.MEMBER: cookie, Kind.PROVIDER_SIGNATURE: {},
        Kind.MEMBER_TOKEN: {"authorization": f"Bearer {made.access_token}"},
        Kind.API_KEY: {"authorization": f"Bearer {await issue(rt, tenant)}"},
        Kind.STAFF: {
            "cookie": desk.headers["cookie"], "x-csrf-token": desk.csrf_token,
            "sec-fetch-site": "same-origin", "content-type": "application/json",
        },
    }  # fmt: skip
    endpoint = endpoint_of(await draft_of(desk, certificate))
    return Caller(site, at_hooks, desk, headers, {"brand": tenant.slug, **hooks}, tenant, endpoint)


async def call(who: Caller, route: Route) -> httpx2.Response:
    """The route with ids that nothing has."""
    path = route.path.replace("{brand}", who.ids["brand"])
    client = who.site
    if route.what is HOOK:
        client = who.hooks
        path = path.removeprefix("/_hooks")
        provider = path.split("/")[1]
        path = path.replace("{hook_id}", who.ids[provider.replace("-", "_")])
    elif route.kind is Kind.STAFF:
        client, path = who.desk, path.removeprefix("/_console")
    path = re.sub(r"{\w*_id}", str(uuid4()), path.replace("{version}", "987654321"))
    path = re.sub(r"{[^}]+}", "nothing", path)
    send = httpx2.AsyncClient.request
    return await send(client, route.method, path, headers=who.headers[route.kind])


def told(answer: httpx2.Response) -> tuple[int, str] | None:
    """The brand's state as the answer tells it; None where it says something else."""
    if "problem+json" in answer.headers.get("content-type", ""):
        code = answer.json()["code"]
        mine = code.startswith("tenant_") or code == "unauthenticated"
        return (answer.status_code, code) if mine else None
    for code, words in PAGES.items():
        if answer.status_code >= 400 and words in answer.text:
            return answer.status_code, code
    return None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of a provider that nobody asks."""
    return pair(tmp_path_factory.mktemp("certificate"))[1]


@pytest.fixture(scope="module")
async def brands(shared_rt: Runtime, application: Application, certificate: str) -> Any:
    """A brand in each state, and who calls it."""
    async with AsyncExitStack() as stack:
        made = {}
        for state, way in ROUTES.items():
            tenant = await create_tenant(shared_rt, status="pending", sections=SECTIONS)
            made[state] = await caller(stack, application, shared_rt, tenant, certificate)
            for step in way:
                await lead(shared_rt, tenant, step)
        directory = application.litestar.state.rt.directory
        async with asyncio.timeout(10):
            for state, who in made.items():
                while (await directory.by_id(who.tenant.id)).status is not state:
                    # The application follows a change within a second; nothing says when.
                    await asyncio.sleep(0.02)
        yield made


@pytest.mark.parametrize("state", State)
async def test_every_route_in_every_state(
    state: State, brands: dict[State, Caller], application: Application
) -> None:
    every = routes(application)
    wrong, served = [], Counter[str]()
    for route in every:
        expected = SHUT[state].get(route.what)
        answer = await call(brands[state], route)
        got = told(answer)
        served["no" if expected else "yes"] += 1
        if got != expected or (answer.status_code >= 500 and expected is None):
            wrong.append(f"{route.name} ({route.what}): {got} {answer.status_code}, not {expected}")
    assert wrong == []
    assert served.total() >= 250
    kinds = Counter(route.what for route in every)
    assert set(kinds) == {*OUTSIDE, HOOK, DESK_READ, DESK_WRITE, DESK_ORDER, DECORATION}
    assert (kinds[JOIN], kinds[EARN], kinds[HOOK]) == (3, 2, 3)


async def test_the_consoles_door_in_every_state(
    brands: dict[State, Caller], application: Application, root: Path
) -> None:
    """Every way to sign in: it stands open but where nobody may look any more."""
    doors = [
        (method, route.path_format.removeprefix("/_console"))
        for route in application.litestar.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(f"{DESK}/sign-in/{{brand")
        for method in sorted(route.methods - {"OPTIONS", "HEAD"})
    ]
    assert len(doors) == 12
    described = json.loads((root / "admin_spa/openapi.json").read_bytes())
    given = dict.fromkeys(("ticket", "token"), "t" * 24) | {
        "code": "123456", "email": "nobody@example.com", "password": "not this one",
        "name": "Key", "credential": {"id": "x"},
    }  # fmt: skip
    ways: dict[Any, set[str]] = defaultdict(set)
    for method, path in doors:
        asked = described["paths"][path][method.lower()].get("requestBody")
        body = None
        if asked:
            name = asked["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            body = {
                key: given[key] for key in described["components"]["schemas"][name]["properties"]
            }
        answers = {}
        for state, who in [*brands.items(), (None, brands[State.LIVE])]:
            slug = who.tenant.slug if state else "no-such-brand"
            # A browser tells what it sends even where it sends nothing.
            answer = await who.desk.request(
                method, path.replace("{brand}", slug), json=body, headers=JSON
            )
            answers[state] = answer.status_code, answer.json().get("code")
        nobody = answers.pop(None)
        assert nobody == (404, "not_found"), path
        assert answers.pop(State.CLOSED) == nobody, path
        (opened,) = set(answers.values())
        ways[opened].add(path.rpartition("{brand}")[2])
    # Wherever it is open, it answers alike, and everything was asked.
    assert ways == {
        (200, None): {"", "/passkey/options"},
        (202, None): {"/forgotten"},
        (401, "sign_in_refused"): {"/password"},
        (401, "sign_in_expired"): {"/code"},
        (401, "passkey_refused"): {"/passkey", "/link/passkey"},
        (422, "link_refused"): {
            "/link", "/link/code", "/link/password", "/link/reset", "/link/passkey/options"
        },
    }  # fmt: skip


async def test_the_way_over_a_provider_in_every_state(
    brands: dict[State, Caller], application: Application, console: Any, operator: Tenant,
    certificate: str,
) -> None:  # fmt: skip
    """Addresses that browsers and providers call stand open where the console does, each at its
    own host: elsewhere, and once the brand is closed, as if there were none."""
    doors = [
        (str(method), route.path_format)
        for route in application.litestar.routes
        if isinstance(route, HTTPRoute) and route.path.startswith(SSO)
        for method in sorted(route.methods - {"OPTIONS", "HEAD"})
    ]
    assert len(doors) == 8
    vera = await console(operator, name="Vera Owner")
    house = await draft_of(vera, certificate)
    olga = brands[State.LIVE].desk
    # Nobody is signed in at these doors, and the provider's browser comes from elsewhere.
    bare = {"cookie": "", "sec-fetch-site": "cross-site", "x-csrf-token": ""}

    async def knock(at: Any, method: str, path: str, endpoint: str) -> tuple[int, str]:
        address = path.removeprefix("/_console").replace("{endpoint_id}", endpoint)
        answer = await at.request(method, address, headers=bare)
        if "location" in answer.headers:
            return answer.status_code, answer.headers["location"].partition("/sign-in")[2]
        problem = "problem+json" in answer.headers["content-type"]
        return answer.status_code, answer.json()["code"] if problem else ""

    none = (404, "connection_not_found")
    ways = {}
    for method, path in doors:
        name = path.rpartition("/")[2]
        assert await knock(olga, method, path, "nothing") == none, name
        opened = set()
        for state, who in brands.items():
            assert await knock(vera, method, path, who.endpoint) == none, (name, state)
            got = await knock(olga, method, path, who.endpoint)
            if state is State.CLOSED:
                assert got == none, name
            else:
                opened.add(got)
        # The house of the platform's staff answers like an open brand, at the staff host only.
        assert await knock(olga, method, path, endpoint_of(house)) == none, name
        opened.add(await knock(vera, method, path, endpoint_of(house)))
        (ways[name],) = opened
    assert ways == {
        "start": (303, "?refused=closed"), "callback": (303, "?refused=closed"),
        "acs": (303, "?refused=saml_size"), "finish": (303, "?refused=ticket"),
        "metadata": (200, ""), "logout": (400, ""),
        "leave": (303, "?left=1"), "left": (303, "?left=1"),
    }  # fmt: skip
    gone = await vera.delete(f"{vera.brand}/connections/{house['id']}")
    assert gone.status_code == 200, gone.text


async def test_the_platforms_staff_in_every_state(
    brands: dict[State, Caller], application: Application, console: Any, operator: Tenant
) -> None:
    """What staff of the platform do about a brand: its state is hardly ever in the way."""
    vera = await console(operator, roles=("operator",), name="Vera Operator")
    tried, told_of = Counter[str](), {}
    for call_ in calls(application.litestar):
        if not call_.of_platform:
            continue
        for state, who in brands.items():
            path = call_.path.replace("{slug:str}", who.tenant.slug)
            answer = await vera.request(call_.method, call_._replace(path=path).address(""))
            tried[call_.operation] += 1
            assert answer.status_code < 500, (call_.operation, state)
            if got := told(answer):
                told_of[call_.operation, state] = got
            if call_.method == "GET":
                assert answer.status_code == 200, (call_.operation, state, answer.text)
            else:
                assert answer.status_code in (200, 400, 404, 409), (call_.operation, state)
    assert len(tried) == 27
    assert set(tried.values()) == {len(State)}
    # What waits is not run where nothing is run.
    assert told_of == dict.fromkeys(
        (("replayMessage", State.PENDING), ("replayMessage", State.CLOSED)), (409, "tenant_state")
    )


async def test_the_page_of_a_paused_brand_is_dressed(
    brands: dict[State, Caller], application: Application
) -> None:
    site = brands[State.SUSPENDED].site
    page = await site.get("/no-such-page", headers={"accept-language": "pt-BR"})
    assert (page.status_code, page.headers["retry-after"]) == (503, "3600")
    (style,) = re.findall(r'href="(/theme/[^"]+\.css)"', page.text)
    assert (await site.get(style)).status_code == 200


async def test_the_page_of_a_brand_that_left_shows_nothing_of_it(
    brands: dict[State, Caller],
) -> None:
    who = brands[State.CLOSED]
    page = await who.site.get("/")
    assert (page.status_code, page.headers["cache-control"]) == (410, "no-store")
    for words in ("This programme has ended", "Este programa terminou", "Este programa ha termina"):
        assert words in page.text
    assert who.ids["brand"] not in page.text


async def test_the_scheduler_keeps_to_the_states(
    brands: dict[State, Caller], relay_rt: Runtime
) -> None:
    async with relay_rt.db.control() as s:
        scheduled = set(await s.all(UUID, "SELECT id FROM ctl.open_tenants_v1()"))
    assert {state for state, who in brands.items() if who.tenant.id in scheduled} == {
        state for state in State if allows(state, Act.SCHEDULE)
    }


async def test_the_console_is_told_the_state(brands: dict[State, Caller]) -> None:
    ends = {}
    for state, who in brands.items():
        answer = await who.desk.get(f"/api/admin/v1/{who.tenant.slug}/me")
        if answer.status_code == 200:
            brand = answer.json()["brand"]
            ends[brand["status"]] = brand["statusEndsAt"] is not None
            assert brand["status"] == state
    assert ends == {
        "pending": False, "sandbox": False, "live": False, "past_due": True, "suspended": False,
        "closing": True,
    }  # fmt: skip

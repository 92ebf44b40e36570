"""Every route × foreign ids: whatever belongs to another brand is as if it did not exist.

Routes are read from the application, bodies from its own description. Each id in path, query or
body is replaced, one at a time, by another brand's id and by one that nobody has: the answers must
not differ, and the other brand must not change. The same call with an id of one's own must get
further, so that the comparison means something.
"""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import msgspec
import pytest
from litestar.routes import HTTPRoute
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.conftest import create_tenant
from tests.isolation.bodies import Sampler, UnknownIdError, id_places, replaced

from guerdon.brand_api.document import describe
from guerdon.brand_api.routes import HANDLERS
from guerdon.identity import sessions, tokens
from guerdon.identity.policy import Kind, Policy
from guerdon.identity.visit import SESSION_COOKIE
from guerdon.plumbing.runner import Runner
from guerdon.runtime import Runtime
from guerdon.simulation import preview
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

APP = {
    "client_id": "app", "name": "App", "redirect_uris": ["com.kettle.app:/in"],
    "scopes": ["me:read", "me:redeem", "me:write"],
}  # fmt: skip
PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
# Not brand data: addresses of the deployment itself, and of a theme's own files.
NO_DATA = ("/health/", "/metrics", "/_", "/assets/", "/icons/", "/theme/")

# Reads that would have to ask a peer outside before they could answer.
OUTSIDE = {
    "GET /sso/{connection}", "GET /sso/{connection}/cb", "searchSupplier", "getSupplierOffer",
}  # fmt: skip


class Brand:
    """A brand with one of everything, and every kind of principal."""

    def __init__(self, rt: Runtime, tenant: Tenant, client: httpx2.AsyncClient, key: str) -> None:
        self.rt, self.tenant, self.client, self.key = rt, tenant, client, key
        self.ids: dict[str, str] = {}
        self.api = self.app = Api(client, "")
        self.cookie = ""
        self.csrf = ""

    async def furnish(self, worker: Runtime) -> None:
        """Make one of everything, through the front door where there is one."""
        self.api = Api(self.client, await issue(self.rt, self.tenant))
        mark = secrets.token_hex(4)
        goods = await stock_up(self.api, definition(f"latte-{mark}", price="5.00", stock=9))
        product = goods[f"latte-{mark}"]
        member = await join(self.api, points=100_000)
        variant = product["variants"][0]["id"]
        wanted = {"memberId": member["id"], "lines": [{"variantId": variant, "quantity": 1}]}
        quote = (await self.api.post("/quotes", json=wanted)).json()
        placed = await self.api.post("/redemptions", json=wanted | {"expectedPoints": 500})
        lines = (await self.api.get(f"/members/{member['id']}/transactions")).json()
        asked = await self.api.post(
            "/points/adjust", json={"memberId": member["id"], "points": 10**9, "reason": "x"}
        )
        await self._sign_in(member["id"])
        address = await self.app.post(
            "/me/addresses",
            json={
                "recipient": "Ana", "line1": "1 Market Street", "city": "San Francisco",
                "region": "CA", "postalCode": "94103", "country": "US",
            },
        )  # fmt: skip
        apps = (await self.app.get("/me/sign-ins")).json()["apps"]
        await self._run_events(worker)
        (delivery, *_) = (await self.api.get(f"/webhook-endpoints/{self.key}/deliveries")).json()[
            "items"
        ]
        file = await self.rt.files.put(self.tenant.id, mark.encode(), "png")
        found = {
            "member": member["id"], "transaction": lines["items"][-1]["id"],
            "quote": quote["id"], "redemption": placed.json()["id"], "product": product["id"],
            "variant": variant, "request": asked.json()["requestId"],
            "address": address.json()["id"], "grant": apps[0]["id"],
            "delivery": delivery["id"], "slug": product["slug"], "key": self.key, "name": file,
            "connection": self.key, "session": self.ids.pop("session"),
            "token": preview.sign(
                self.rt.settings, tenant_id=self.tenant.id, change_set_id=uuid4(),
                now=datetime.now(UTC),
            ).token,
        }  # fmt: skip
        listed = await self.api.put(
            f"/price-lists/{self.key}",
            json={
                "supplier": "counter", "name": "Contract", "currency": "USD",
                "validFrom": "2026-01-01T00:00:00Z",
                "lines": [{"sku": product["variants"][0]["sku"], "price": "4.00"}],
            },
        )  # fmt: skip
        assert listed.status_code == 200, listed.text
        found |= {
            "supplier": self.key, "price_list": self.key, "sku": product["variants"][0]["sku"]
        }  # fmt: skip
        kept = await self.api.post(
            "/contexts",
            json={
                "memberId": member["id"], "reference": mark,
                "context": {"kind": "basket", "items": [{"sku": "LATTE"}]},
            },
        )  # fmt: skip
        found["context"], found["slot"] = kept.json()["id"], "home"
        found["base"] = (await self.api.post("/card-bases", json={})).json()["id"]
        self.ids = names(found)

    async def _sign_in(self, member_id: str) -> None:
        now, who = datetime.now(UTC), UUID(member_id)
        token, session = await sessions.start(
            self.rt.valkey, tenant_id=self.tenant.id, member_id=who,
            host=self.tenant.canonical_host, method="code", now=now,
            idle=timedelta(hours=9), absolute=timedelta(hours=9),
        )  # fmt: skip
        self.cookie, self.ids["session"] = f"{SESSION_COOKIE}={token}", session.id
        page = await self.client.get("/profile", headers={"Cookie": self.cookie})
        match = re.search(r'name="_?csrf\w*" value="([^"]+)"', page.text)
        assert match, page.text[:500]
        self.csrf = match[1]
        made = await tokens._tokens(
            self.rt, self.tenant.id, await self._grant(who, now), who,
            ("me:read", "me:redeem", "me:write"), 1, now=now,
        )  # fmt: skip
        self.app = Api(self.client, made.access_token)

    async def _grant(self, member_id: UUID, now: datetime) -> UUID:
        grant_id = uuid4()
        async with self.rt.db.write(self.tenant.id) as s:
            await s.execute(
                "INSERT INTO app.token_grant (tenant_id, id, member_id, client_id, scopes,"
                " generation, created_at, rotated_at, expires_at) VALUES (%(tenant_id)s, %(id)s,"
                " %(member)s, 'app', '{me:read,me:redeem,me:write}', 1, %(now)s, %(now)s,"
                " %(now)s + interval '9 days')",
                {"id": grant_id, "member": member_id, "now": now},
            )
        return grant_id

    async def _run_events(self, worker: Runtime) -> None:
        runner = Runner(worker, all_handlers())
        async with worker.db.read(self.tenant.id) as s:
            due = await s.all(
                UUID,
                "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                " AND topic = 'domain.event'",
            )
        for one in due:
            await runner.run(self.tenant.id, one)

    async def fingerprint(self) -> str:
        """A hash over every row of this brand."""
        async with self.rt.db.read(self.tenant.id) as s:
            tables = await s.all(
                str,
                "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN ('r', 'p')"
                " AND relnamespace = 'app'::regnamespace"
                " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1",
            )
            parts = [
                f"SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) AS h FROM {t} t"
                for t in tables
                # What processes count of calls is written whenever they get to it.
                if not t.endswith((".search_form", ".product_word", ".usage_hour"))
            ]
            return str(
                await s.value(f"SELECT md5(string_agg(h, '')) FROM ({' UNION ALL '.join(parts)}) x")
            )


def names(found: dict[str, str]) -> dict[str, str]:
    """Every name under which an id is taken: path, query and body."""
    other = {"txn": "transaction", "order": "redemption", "purchase": "context"}
    every = dict(found)
    for short, whole in [*[(k, k) for k in found], *other.items()]:
        every[f"{short}_id"] = every[f"{short}Id"] = found[whole]
    return every


async def open_brand(rt: Runtime, worker: Runtime, application: Any) -> Brand:
    """A furnished brand at the real application."""
    key = f"k{secrets.token_hex(3)}"
    tenant = await create_tenant(rt, sections=_sections(key))
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=application, raise_app_exceptions=False),
        base_url=f"http://{tenant.canonical_host}",
    )
    brand = Brand(rt, tenant, client, key)
    await brand.furnish(worker)
    return brand


@pytest.fixture(scope="module")
async def brands(shared_rt: Runtime, worker_rt: Runtime, application: Any) -> Any:
    """Two brands with one of everything."""
    made = [await open_brand(shared_rt, worker_rt, application) for _ in range(2)]
    yield made
    for brand in made:
        await brand.client.aclose()


def _sections(key: str) -> dict[str, Any]:
    return SECTIONS | {
        "recommendations": {"placements": [{"key": "home", "kinds": ["catalogue"]}]},
        "points": SECTIONS["points"] | {"adjustment_approval_limit": 1_000_000},
        "integrations": {
            "webhooks": [{"key": key, "url": "https://example.com/hook"}],
            "requests_per_minute": 1_000_000, "member_requests_per_minute": 1_000_000,
        },
        "security": {"apps": [APP]},
        "fulfilment": {"suppliers": [
            {"key": "counter", "provider": "counter"}, {"key": key, "provider": "counter"},
        ]},
    }  # fmt: skip


class Attempt(msgspec.Struct):
    """One id of one operation."""

    label: str
    method: str
    path: str
    kind: Kind
    where: str
    name: Any
    body: Any = None


def attempts(app: Any, ids: dict[str, str]) -> Iterator[Attempt]:
    """Every id that any operation takes."""
    described = describe(HANDLERS)
    sampler = Sampler(described, ids)
    for route in app.routes:
        if not isinstance(route, HTTPRoute) or route.path.startswith(NO_DATA):
            continue
        for handler in route.route_handlers:
            policy = handler.opt.get("policy")
            for method in handler.http_methods - {"OPTIONS"}:
                if isinstance(policy, Policy):
                    yield from _of_route(described, sampler, ids, route, str(method), policy)


def _of_route(
    described: dict[str, Any], sampler: Sampler, ids: dict[str, str], route: HTTPRoute,
    method: str, policy: Policy,
) -> Iterator[Attempt]:  # fmt: skip
    path = route.path_format
    operation = described["paths"].get(path, {}).get(method.lower(), {})
    body = sampler.body(operation) if operation else None
    label = operation.get("operationId") or f"{method} {path}"
    for name in PARAMETER.findall(path):
        if name not in ids:
            raise UnknownIdError(f"{label}: {name}")
        yield Attempt(label, method, path, policy.kind, "path", name, body)
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and "uuid" in str(parameter["schema"]):
            if parameter["name"] not in ids:
                raise UnknownIdError(f"{label}: {parameter['name']}")
            yield Attempt(label, method, path, policy.kind, "query", parameter["name"], body)
    for place in id_places(body, ids):
        yield Attempt(label, method, path, policy.kind, "body", place, body)


async def call(me: Brand, one: Attempt, value: str) -> httpx2.Response:
    """The attempt with `value` at its place, and ids of one's own everywhere else."""
    path = one.path
    for name in PARAMETER.findall(path):
        own = value if one.where == "path" and name == one.name else me.ids[name]
        path = path.replace(f"{{{name}}}", own)
    query = {one.name: value} if one.where == "query" else None
    body = replaced(one.body, one.name, value) if one.where == "body" else one.body
    if one.kind in (Kind.API_KEY, Kind.MEMBER_TOKEN):
        caller = me.api if one.kind is Kind.API_KEY else me.app
        extra = {} if body is None else {"json": body}
        return await caller.call(one.method, path.removeprefix("/api/v1"), params=query, **extra)
    headers = {"Cookie": me.cookie, "Sec-Fetch-Site": "same-origin"}
    if one.method == "GET":
        return await me.client.get(path, headers=headers, params={"points": "500"})
    form = {"csrf": me.csrf, "_csrf": me.csrf, "csrf_token": me.csrf}
    return await me.client.request(one.method, path, headers=headers, data=form)


def told(answer: httpx2.Response, value: str) -> tuple[int, dict[str, str], str]:
    """What an answer tells, without what differs between any two calls."""
    varying = ("x-request-id", "ratelimit-", "date", "set-cookie", "retry-after")
    headers = {k: v for k, v in answer.headers.items() if not k.startswith(varying)}
    text = answer.text.replace(value, "<id>")
    text = re.sub(r'"requestId":"[^"]+"', "", text)
    text = re.sub(r'(csrf_token" value="|X-CSRF-Token":")[\w-]+', "", text)
    text = re.sub(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d{4}-\d\d-\d\dT[\d:.]+Z", "", text)
    headers.pop("content-length", None)
    return answer.status_code, headers, text


def difference(first: httpx2.Response, second: httpx2.Response) -> str:
    """Where two answers part."""
    pairs = zip(first.text.split("\n"), second.text.split("\n"), strict=False)
    parts = [f"{a[:160]!r} != {b[:160]!r}" for a, b in pairs if a != b]
    return f"{first.status_code} {second.status_code} {' | '.join(parts[:3])}"


def unknown_like(value: str) -> str:
    """An id of the same form that nobody has."""
    try:
        UUID(value)
        return str(uuid4())
    except ValueError:
        body = re.sub(r"[0-9a-f]", lambda m: secrets.choice("0123456789abcdef"), value)
        return body if body != value else value[:-1] + ("0" if value[-1] != "0" else "1")


async def test_foreign_ids_are_as_if_they_did_not_exist(
    brands: list[Brand], application: Any, report: Any
) -> None:
    me, other = brands
    every = list(attempts(application.litestar, me.ids))
    before = await other.fingerprint()
    differing, reached = [], set()
    for one in every:
        name = one.name[-1] if isinstance(one.name, tuple) else one.name
        foreign = other.ids[name]
        nobody = unknown_like(foreign)
        first, second = await call(me, one, foreign), await call(me, one, nobody)
        if first.status_code >= 500 or told(first, foreign) != told(second, nobody):
            differing.append(f"{one.label} {one.where} {one.name}: {difference(first, second)}")
        assert other.tenant.slug not in first.text
        if one.method == "GET" and (await call(me, one, me.ids[name])).status_code < 400:
            reached.add(one.label)
    reads = {one.label for one in every if one.method == "GET"}
    report.add(
        "routes × foreign ids", ids=len(every), operations=len({o.label for o in every}),
        differing=len(differing), reads_that_reach_with_own_ids=len(reached),
    )  # fmt: skip
    assert not differing, "\n".join(differing)
    assert await other.fingerprint() == before
    assert len(every) >= 40
    assert reads - reached <= OUTSIDE


def test_an_operation_without_a_generator_is_seen(brands: list[Brand], application: Any) -> None:
    ids = {k: v for k, v in brands[0].ids.items() if not k.startswith("delivery")}
    with pytest.raises(UnknownIdError, match="delivery"):
        list(attempts(application.litestar, ids))

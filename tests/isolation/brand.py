"""A brand with one of everything, through the front door where there is one."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.conftest import create_tenant

from guerdon.identity import sessions, tokens
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

"""A brand whose parameters are changed through the console, and whom to ask what that did."""

import copy
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import msgspec
from tests import calls
from tests.brand_api.conftest import Api, issue
from tests.payments.amazon_store import keep, open_store
from tests.redemption.world import SHIP_TO, World, product

from guerdon.app import Application
from guerdon.identity import sessions, staff_sessions
from guerdon.identity.keyring import digest
from guerdon.identity.visit import SESSION_COOKIE
from guerdon.kit.ids import uuid7
from guerdon.members import sign_in
from guerdon.redemption import inbox
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

Content = dict[str, Any]
PASSWORD = "tea kettle on the stove"

BASE: Content = {
    "programme": {"name": "Stage", "currency": "USD", "languages": ["en", "pt-BR"],
                  "support_email": "help@stage.example"},
    "points": {"earn_factor": "1", "price_factor": "100"},
    "catalogue": {"fx": {"EUR": "1.10"},
                  "categories": [{"key": "drinks", "name": {"en": "Drinks", "pt-BR": "Bebidas"}}]},
    "tiers": {"tiers": [{"key": "sip", "threshold": 0},
                        {"key": "pour", "threshold": 500, "earn_multiplier": "2"}]},
    "payments": {"provider": "stripe", "statement": "STAGE"},
    "fulfilment": {"suppliers": [
        {"key": "counter", "provider": "counter"},
        {"key": "amazon", "provider": "amazon_business", "region": "US",
         "buyer_email": "buyer@stage.example", "buying_group": "1234",
         "contact_phone": "+14155550100"},
    ]},
    "notifications": {"sms_sender": "STAGE"},
    "integrations": {"requests_per_minute": 1_000_000, "member_requests_per_minute": 500_000},
    "security": {"approval_from": "never", "tries_per_address_h": 1_000_000,
                 "apps": [{"client_id": "stage-app", "name": "Stage app",
                           "redirect_uris": ["com.stage.app:/in"]}]},
}  # fmt: skip


def merged(base: Content, more: Mapping[str, Any]) -> Content:
    """`base` with the fields of `more` over it, section by section."""
    made = copy.deepcopy(base)
    for section, fields in more.items():
        made.setdefault(section, {}).update(copy.deepcopy(fields))
    return made


class Stage:
    """One brand, its console, its API and its site."""

    def __init__(
        self, application: Application, world: World, api: Api, peers: Any, rt: Runtime
    ) -> None:
        self.application = application
        self.world = world
        self.api = api
        self.peers = peers
        self.rt = rt
        self.content: Content = {}
        self.console: Any = None
        self.colleague: Any = None
        self.client_id = ""
        self.identity: Any = None

    @property
    def tenant(self) -> Tenant:
        """The brand."""
        return self.world.tenant

    async def put(self, more: Mapping[str, Any]) -> None:
        """Publish BASE with `more` over it, as a person does: a change set, edits, publish."""
        registry = self.rt.snapshots.registry
        want = registry.encode(registry.decode(merged(BASE, more)))
        edits = [
            {"path": f"{section}.{field}", "value": value}
            for section, fields in want.items()
            for field, value in fields.items()
            if self.content.get(section, {}).get(field) != value
        ]
        if not edits:
            return
        at = f"{self.console.brand}/change-sets"
        made = (await self.console.post(at, json={"title": "Liveness"})).json()
        edited = await self.console.patch(
            f"{at}/{made['id']}/edits", json={"rowVersion": made["rowVersion"], "edits": edits}
        )
        assert edited.status_code == 200, edited.text
        # Somebody else publishes: whether that is needed is one of the questions.
        published = await self.colleague.post(f"{at}/{made['id']}/publish", json={})
        if published.status_code == 409:
            await self.console.post(f"{at}/{made['id']}/submit", json={})
            await self.colleague.post(f"{at}/{made['id']}/approve", json={})
            published = await self.colleague.post(f"{at}/{made['id']}/publish", json={})
        assert published.status_code == 200, published.text
        self.content = want
        for runtime in (self.rt, self.world.worker, self.application.litestar.state.rt):
            await runtime.snapshots.load(self.tenant.id)

    def browser(self, **headers: str) -> httpx2.AsyncClient:
        """A fresh browser at the brand's site."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.application, raise_app_exceptions=False),
            base_url=f"https://{self.tenant.canonical_host}",
            headers={"accept-language": "en", **headers},
        )

    async def page(self, path: str, **headers: str) -> str:
        """A page's text without what differs from request to request."""
        async with self.browser(**headers) as browser:
            answer = await browser.get(path)
        text = re.sub(r'(csrf_token" value|nonce|data-version)="[^"]*"', "", answer.text)
        return f"{answer.status_code} {text}"

    async def seen(self, path: str, words: str, **headers: str) -> bool:
        """Whether a page says `words`."""
        return words in await self.page(path, **headers)

    async def style(self) -> str:
        """The brand's style sheet."""
        async with self.browser() as browser:
            found = re.search(r'href="(/theme/[^"]+)"', (await browser.get("/")).text)
            assert found is not None
            return (await browser.get(found[1])).text

    async def member(self, points: int = 0, **more: Any) -> dict[str, Any]:
        """A member who joined over the API."""
        given = {"email": f"{uuid7().hex}@example.com", "name": "Ana Lima",
                 "emailVerified": True, **more}  # fmt: skip
        made = await self.api.post("/members", json=given)
        assert made.status_code == 201, made.text
        who: dict[str, Any] = made.json()
        if points:
            await self.earn(who, points=points)
        return who

    async def earn(self, who: dict[str, Any], **what: Any) -> dict[str, Any]:
        """An event of earning."""
        made = await self.api.post(
            "/points/earn",
            json={"memberId": who["id"], "source": "stage", "eventId": uuid7().hex,
                  "occurredAt": datetime.now(UTC).isoformat(), **what},
        )  # fmt: skip
        assert made.status_code == 201, made.text
        told: dict[str, Any] = made.json()
        return told

    async def quote(self, slug: str = "coffee", *, points: int | None = None,
                    who: dict[str, Any] | None = None) -> dict[str, Any]:  # fmt: skip
        """What is promised, or the refusal."""
        someone = who or await self.member(2000)
        line = {"variantId": str(self.world.variants[slug]), "quantity": 1}
        wanted = {"memberId": someone["id"], "points": points, "lines": [line]}
        answer = await self.api.post(
            "/quotes", json={k: v for k, v in wanted.items() if v is not None}
        )
        told: dict[str, Any] = answer.json()
        return told

    async def redeem(self, slug: str, *, points: int | None = None,
                     who: dict[str, Any] | None = None) -> dict[str, Any]:  # fmt: skip
        """A redemption as it is read after it was placed."""
        someone = who or await self.member(20_000)
        quote = await self.quote(slug, points=points, who=someone)
        address = {
            name: value
            for name, value in msgspec.to_builtins(SHIP_TO).items()
            if value and name != "phone"
        }
        wanted = {"memberId": someone["id"], "quoteId": quote["id"],
                  "shipTo": {"postalCode": address.pop("postal_code"), **address}}  # fmt: skip
        placed = await self.api.post("/redemptions", json=wanted)
        assert placed.status_code == 201, placed.text
        read: dict[str, Any] = (await self.api.get(f"/redemptions/{placed.json()['id']}")).json()
        return read

    async def ordered(self) -> dict[str, Any]:
        """What the supplier was asked for, for a redemption made now."""
        placed = await self.redeem("backpack")
        await self.world.drain()
        orders = calls.get(
            f"{self.peers.amazon.url}/_control/orders", params={"owner": self.client_id}
        ).json()
        found: dict[str, Any] = next(
            o["asked"] for o in orders if o["purchase_order"] == placed["number"]
        )
        return found

    async def messages(self, email: str) -> list[dict[str, Any]]:
        """Mails to an address, after everything due was done."""
        await self.world.drain()
        listed = calls.get(f"{self.peers.mailbox.url}/api/messages", params={"to": email}).json()
        found: list[dict[str, Any]] = listed["items"]
        return found

    async def signed_in(self, who: dict[str, Any], *, ago: timedelta = timedelta()) -> str:
        """The session cookie of a member who proved themselves `ago`."""
        token, _ = await sessions.start(
            self.rt.valkey, tenant_id=self.tenant.id, member_id=UUID(who["id"]),
            host=self.tenant.canonical_host, method="code", now=datetime.now(UTC) - ago,
            idle=timedelta(hours=9), absolute=timedelta(hours=10),
        )  # fmt: skip
        return f"{SESSION_COOKIE}={token}"

    async def minutes_left(self, cookie: str) -> int:
        """How long the session behind a cookie is kept if nobody uses it."""
        (name,) = await self.rt.valkey.keys(f"*session:{digest(cookie.partition('=')[2])}")
        return round(await self.rt.valkey.ttl(name) / 60)

    async def console_cookie(self) -> str:
        """The cookie of somebody of the brand who is on the console."""
        token, _ = await staff_sessions.start(
            self.rt.valkey, tenant_id=self.tenant.id, staff_id=self.console.staff_id,
            host=self.rt.settings.console_authority.partition(":")[0], method="test",
            idle=timedelta(hours=9), absolute=timedelta(hours=10), now=datetime.now(UTC),
        )  # fmt: skip
        return f"{staff_sessions.cookie_name(self.tenant.slug)}={token}"

    async def form(self, browser: httpx2.AsyncClient, path: str, to: str, **fields: str) -> Any:
        """Send the form of a page, as a browser does."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', (await browser.get(path)).text)
        assert token is not None, path
        return await browser.post(
            to,
            data={"csrf_token": token[1], **fields},
            headers={"sec-fetch-site": "same-origin"},
        )

    async def enter(self, password: str = PASSWORD) -> httpx2.Response:
        """A fresh member signs in with the right password."""
        who = await self.member()
        await sign_in.set_password(
            self.rt, tenant=self.tenant, member_id=UUID(who["id"]), password=PASSWORD,
            now=datetime.now(UTC),
        )  # fmt: skip
        async with self.browser() as browser:
            answer: httpx2.Response = await self.form(
                browser, "/sign-in?with=password", "/sign-in/password",
                email=who["email"], password=password,
            )  # fmt: skip
        return answer

    async def wrong_passwords(self, times: int, *, accounts: int = 1) -> list[int]:
        """What a stranger is told who tries `times` for each of `accounts`."""
        told = []
        async with self.browser() as browser:
            for _ in range(accounts):
                who = await self.member()
                for _ in range(times):
                    answer = await self.form(
                        browser, "/sign-in?with=password", "/sign-in/password",
                        email=who["email"], password="not the one at all",
                    )  # fmt: skip
                    told.append(answer.status_code)
        return told

    async def code_for(self, email: str) -> None:
        """Ask for a code to sign in with."""
        async with self.browser() as browser:
            await self.form(browser, "/sign-in", "/sign-in/code", email=email)


async def open_stage(
    application: Application, rt: Runtime, worker: Runtime, peers: Any, tenant: Tenant
) -> Stage:
    """The brand with goods, credentials at every peer and a key."""
    for peer in peers:
        peer.start()
        peer.knobs()
    world = World(rt, worker, tenant)
    client_id = f"amzn1.application-oa2-client.{secrets.token_hex(8)}"
    await world.connect(
        api_key=f"sk_test_{secrets.token_hex(12)}",
        webhook_secret=f"whsec_{secrets.token_hex(12)}",
        amazon_client=client_id,
    )
    await keep(rt, tenant, open_store(peers.amazon_pay))
    mug = product("mug", price="20.00", stock=None)
    euros = {name: getattr(mug, name) for name in mug.__struct_fields__} | {"currency": "EUR"}
    await world.stock_up(
        product("coffee", price="5.05", stock=None),
        type(mug)(**euros),
        product("backpack", price="89.50", stock=None, supplier="amazon", delivery="parcel",
                external_id="B0GRDN0002"),
    )  # fmt: skip
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=application, raise_app_exceptions=False),
        base_url=f"http://{tenant.canonical_host}",
    )
    stage = Stage(application, world, Api(client, await issue(rt, tenant)), peers, rt)
    stage.client_id = client_id
    # The brand was made with BASE: what asks for nothing else has nothing to publish.
    registry = rt.snapshots.registry
    stage.content = registry.encode(registry.decode(merged(BASE, {})))
    async with rt.db.write(tenant.id) as s:
        await rt.secrets.put(s, "sso", "the secret")
        world.push_id = await inbox.open_hook(s, provider=inbox.AMAZON_BUSINESS)
    return stage

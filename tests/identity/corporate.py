"""A brand with a corporate sign-in, as tests set one up: through the console's own API."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from tests.conftest import Console
from tests.identity.people import Browser
from tests.identity.provider import Provider

from guerdon.audit import queries as audit
from guerdon.identity import houses, staff
from guerdon.identity.sso import domains
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

BrowserAt = Callable[[Tenant], Browser]
GROUPS = [
    {"group": "loyalty-admins", "role": "administrator"},
    {"group": "loyalty-owners", "role": "owner"},
    {"group": "marketing", "role": "marketer"},
]


class Corporate:
    """A connection of a brand, and whoever sets it up."""

    def __init__(self, rt: Runtime, tenant: Tenant, owner: Console, provider: Provider) -> None:
        self.rt, self.tenant, self.owner, self.provider = rt, tenant, owner, provider
        self.shown: dict[str, Any] = {}

    @property
    def id(self) -> str:
        return str(self.shown["id"])

    @property
    def path(self) -> str:
        return f"{self.owner.brand}/connections/{self.id}"

    def address(self, name: str) -> str:
        """One of the connection's own addresses, as a path at the console's host."""
        found: str = self.shown["addresses"][name]
        return found.removeprefix(houses.url(self.rt.settings, self.tenant.id))

    def settings(self, **more: Any) -> dict[str, Any]:
        return {
            "type": "oidc", "issuer": self.provider.issuer, "clientId": "guerdon",
            "scopes": ["openid", "email", "profile"], "roles": GROUPS, **more,
        }  # fmt: skip

    async def create(self, secret: str = "the secret", **more: Any) -> httpx2.Response:
        """A draft with a secret."""
        made = await self.owner.post(
            f"{self.owner.brand}/connections",
            json={"title": "Corporate", "settings": self.settings(**more)},
        )
        if made.status_code == 201:
            self.shown = made.json()
            self.shown = (await self.act("secret", {"value": secret})).json()
        return made

    async def act(self, what: str, body: Any = None) -> httpx2.Response:
        answer = await self.owner.post(f"{self.path}/{what}", json=body or {})
        if answer.status_code == 200:
            self.shown = answer.json()
        return answer

    async def edit(self, title: str = "Corporate", **more: Any) -> httpx2.Response:
        self.shown = (await self.owner.get(self.path)).json()
        answer = await self.owner.put(
            self.path,
            json={
                "rowVersion": self.shown["rowVersion"], "title": title,
                "settings": self.settings(**more),
            },
        )  # fmt: skip
        if answer.status_code == 200:
            self.shown = answer.json()
        return answer

    async def test_login(
        self, browser: Browser, subject: str = "boss", groups: tuple[str, ...] = ("loyalty-admins",)
    ) -> dict[str, Any]:
        """A test login in a browser; its record."""
        started = await self.owner.post(f"{self.path}/tests", json={})
        assert started.status_code == 201, started.text
        path = started.json()["url"].removeprefix(houses.url(self.rt.settings, self.tenant.id))
        back = await self.travel(browser, path, subject, groups=groups)
        assert back.headers["location"].startswith(
            f"/{self.tenant.slug}/integrations/connections/{self.id}?"
        )
        answer = await self.owner.get(f"{self.path}/tests/{started.json()['id']}")
        found: dict[str, Any] = answer.json()
        return found

    async def enable(self, browser: Browser) -> None:
        """From draft to enabled."""
        tested = await self.test_login(browser)
        assert tested["outcome"] == "passed", tested
        answer = await self.act("enable")
        assert answer.status_code == 200, answer.text

    async def begin(self, browser: Browser, path: str = "") -> str:
        """To the provider: its address, as the browser is sent there."""
        answer = await browser.call("GET", path or self.address("start"))
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def travel(
        self, browser: Browser, path: str = "", subject: str = "boss", *,
        groups: tuple[str, ...] = ("loyalty-admins",), email: str = "", **claims: Any,
    ) -> httpx2.Response:  # fmt: skip
        """To the provider, through it, and back."""
        url = await self.begin(browser, path)
        self.provider.claims = {
            "groups": list(groups), "email": email or f"{subject}@brand.example",
            "name": subject.title(), **claims,
        }  # fmt: skip
        return await self.come_back(browser, self.provider.consent(url, subject))

    async def come_back(self, browser: Browser, query: dict[str, str]) -> httpx2.Response:
        return await browser.call("GET", f"{self.address('callback')}?{httpx2.QueryParams(query)}")

    async def prove(self, domain: str = "brand.example") -> None:
        """The brand proves its e-mail domain."""
        async with self.rt.db.write(self.tenant.id) as s:
            await domains.claim(s, domain=domain, now=self.rt.clock.now())
            await domains.note(s, domain=domain, problem="", now=self.rt.clock.now())

    async def told(self, action: str) -> list[audit.Entry]:
        """What the trail tells of an action, newest first."""
        async with self.rt.db.read(self.tenant.id) as s:
            return await audit.search(s, action=action, limit=200)


def reason(answer: httpx2.Response) -> str:
    """Why somebody was sent back to the sign-in page."""
    assert answer.status_code == 303, answer.text
    found = parse_qs(urlsplit(answer.headers["location"]).query)
    return found["refused"][0]


async def account(corporate: Corporate, email: str) -> staff.Staff | None:
    """The brand's person with this e-mail, if there is one."""
    async with corporate.rt.db.read(corporate.tenant.id) as s:
        return await staff.by_email(s, email)

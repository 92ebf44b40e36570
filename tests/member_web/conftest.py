"""A browser without a screen at a brand's site."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from tests.redemption.world import SECTIONS, World, product

from guerdon.app import Application
from guerdon.members import sign_in
from guerdon.members.schemas import Member
from guerdon.runtime import Runtime

PASSWORD = "tea kettle on the stove"


class Browser:
    """Keeps cookies, follows redirects within the site, sends forms as a browser does."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.page = ""

    async def get(self, path: str, **kwargs: Any) -> httpx2.Response:
        """Load a page."""
        answer = await self.client.get(path, **kwargs)
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = answer.text
        return answer

    async def post(self, path: str, **fields: str) -> httpx2.Response:
        """Send a form with the last page's token."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page)
        assert found, "the last page has no form"
        answer = await self.client.post(
            path,
            data={"csrf_token": found[1], **fields},
            headers={"sec-fetch-site": "same-origin"},
        )
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = answer.text
        return answer

    async def sign_in(self, member: Member) -> None:
        """Sign in with the password that `with_password` has set."""
        await self.get("/sign-in?with=password")
        answer = await self.post("/sign-in/password", email=member.email or "", password=PASSWORD)
        assert answer.status_code == 303, answer.text
        await self.get("/")


async def opened(
    rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any, **sections: Any
) -> World:
    """A brand with a counter and two parcels' worth of goods."""
    for peer in peers:
        peer.start()
        peer.knobs()
    tiers = {
        "tiers": [
            {"key": "sip", "name": {"en": "Sip", "pt-BR": "Gole"}, "threshold": 0},
            {"key": "pour", "name": {"en": "Pour", "pt-BR": "Coado"}, "threshold": 5000,
             "earn_multiplier": "2"},
        ]
    }  # fmt: skip
    branding = {
        "theme": "playful",
        "points_name": {"en": {"one": "bean", "other": "beans"},
                        "pt-BR": {"one": "grão", "other": "grãos"}},
        "tagline": {"en": "Good things come to those who sip."},
    }  # fmt: skip
    tenant = await make_tenant(**{**SECTIONS, "tiers": tiers, "branding": branding, **sections})
    made = World(rt, worker_rt, tenant)
    await made.connect(
        api_key=f"sk_test_{secrets.token_hex(12)}",
        webhook_secret=f"whsec_{secrets.token_hex(12)}",
        amazon_client=f"amzn1.application-oa2-client.{secrets.token_hex(8)}",
    )
    await made.stock_up(
        product("coffee", price="5.00", stock=10),
        product("mug", price="20.00", stock=1),
        product("kettle", price="60.00", stock=None),
        product(
            "backpack", price="89.50", stock=None, supplier="amazon", delivery="parcel",
            external_id="B0GRDN0002",
        ),
    )  # fmt: skip
    return made


@pytest.fixture
async def world(rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any) -> World:
    """Such a brand, without anything else."""
    return await opened(rt, worker_rt, make_tenant, peers)


@asynccontextmanager
async def at_site(application: Application, world: World) -> AsyncIterator[Browser]:
    """A browser at a world's brand."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=application, raise_app_exceptions=False),
        base_url=f"https://{world.tenant.canonical_host}",
        headers={"accept-language": "en", "user-agent": "Mozilla/5.0 (X11; Linux) Chrome/150"},
    ) as client:
        yield Browser(client)


@pytest.fixture
async def browser(application: Application, world: World) -> AsyncIterator[Browser]:
    """A browser at the world's brand."""
    async with at_site(application, world) as opened_one:
        yield opened_one


async def with_password(world: World, points: int, **kwargs: Any) -> Member:
    """A member who can sign in with `PASSWORD`."""
    member = await world.member(points, **kwargs)
    await sign_in.set_password(
        world.rt, tenant=world.tenant, member_id=member.id, password=PASSWORD, now=world.now
    )
    await world.drain()
    return member

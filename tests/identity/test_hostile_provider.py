"""A hostile provider against the console of two brands: every trick is refused, starts no session,
and stands in the audit trail once."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import httpx2
import pytest
from joserfc.jwk import RSAKey
from tests.conftest import create_tenant, signed_in_console
from tests.identity.corporate import Corporate, reason
from tests.identity.people import Browser
from tests.identity.provider import LIES, Provider

from guerdon.app import Application
from guerdon.identity import providers, staff_sessions
from guerdon.kit.ids import secret_token
from guerdon.runtime import Runtime


class Scene(NamedTuple):
    """A brand under attack, its second connection, another brand, and the attacker's browser."""

    application: Application
    brand: Corporate
    second: Corporate
    other: Corporate
    browser: Browser

    def another_browser(self) -> Browser:
        return Browser(self.application, self.brand.rt, self.brand.tenant)

    @property
    def provider(self) -> Provider:
        return self.brand.provider

    async def consent(self, subject: str = "boss", **claims: Any) -> dict[str, str]:
        """An honest way to the provider and through it."""
        url = await self.brand.begin(self.browser)
        self.provider.claims = {"groups": ["loyalty-admins"], **claims}
        return self.provider.consent(url, subject)


Attack = Callable[[Scene], Awaitable[httpx2.Response]]


def lying(name: str) -> Attack:
    """The token is not what it should be."""

    async def attack(scene: Scene) -> httpx2.Response:
        query = await scene.consent()
        honest = scene.provider.claims
        LIES[name](scene.provider)
        scene.provider.claims = {**honest, **scene.provider.claims}
        return await scene.brand.come_back(scene.browser, query)

    return attack


def asked(**change: Any) -> Attack:
    """The answer to the browser is not what it should be; None takes a field away."""

    async def attack(scene: Scene) -> httpx2.Response:
        query = {**await scene.consent(), **change}
        kept = {k: v for k, v in query.items() if v is not None}
        return await scene.brand.come_back(scene.browser, kept)

    return attack


def described(**metadata: Any) -> Attack:
    """The provider describes itself as somebody else, or points inside."""

    async def attack(scene: Scene) -> httpx2.Response:
        query = await scene.consent()
        scene.provider.metadata = metadata
        providers._kept.clear()
        return await scene.brand.come_back(scene.browser, query)

    return attack


def claiming(**claims: Any) -> Attack:
    """The token is right, and says too much or too little."""

    async def attack(scene: Scene) -> httpx2.Response:
        return await scene.brand.come_back(scene.browser, await scene.consent("new", **claims))

    return attack


def telling(issued_in_s: int, expires_in_s: int) -> Attack:
    """The token's times are off by so much when it is given."""

    async def attack(scene: Scene) -> httpx2.Response:
        now = int(time.time())
        return await claiming(iat=now + issued_in_s, exp=now + expires_in_s)(scene)

    return attack


async def replayed(scene: Scene) -> httpx2.Response:
    """An answer that has signed somebody in before."""
    query = await scene.consent()
    first = await scene.brand.come_back(scene.browser, query)
    assert first.headers["location"] == f"/{scene.brand.tenant.slug}"
    scene.browser.jar.pop(staff_sessions.cookie_name(scene.brand.tenant.slug))
    return await scene.brand.come_back(scene.browser, query)


async def stolen_state(scene: Scene) -> httpx2.Response:
    """The state belongs to another browser (login CSRF)."""
    query = await scene.consent()
    return await scene.brand.come_back(scene.another_browser(), query)


async def other_brands_state(scene: Scene) -> httpx2.Response:
    """The state was made for another brand's connection."""
    url = await scene.other.begin(scene.browser)
    return await scene.brand.come_back(scene.browser, scene.provider.consent(url))


async def other_connections_state(scene: Scene) -> httpx2.Response:
    """The state was made for another connection of the same brand (mix-up)."""
    url = await scene.second.begin(scene.browser)
    return await scene.brand.come_back(scene.browser, scene.provider.consent(url))


async def injected_code(scene: Scene) -> httpx2.Response:
    """A code that was given to another sign-in (PKCE)."""
    foreign = await scene.consent("victim")
    query = await scene.consent()
    return await scene.brand.come_back(scene.browser, {**query, "code": foreign["code"]})


async def somebodys_email(scene: Scene) -> httpx2.Response:
    """The e-mail of the brand's owner, vouched for."""
    async with scene.brand.rt.db.read(scene.brand.tenant.id) as s:
        email = await s.value(
            "SELECT email_norm FROM app.staff WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": scene.brand.owner.staff_id},
        )
    query = await scene.consent("nobody", email=email, email_verified=True)
    return await scene.brand.come_back(scene.browser, query)


async def retired_key(scene: Scene) -> httpx2.Response:
    """A key that the provider does not publish any more."""
    query = await scene.consent()
    scene.provider.keys = [RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"}, private=True)]
    providers._kept.clear()
    return await scene.brand.come_back(scene.browser, query)


ATTACKS: dict[str, Attack] = {
    **{name: lying(name) for name in LIES},
    "no state": asked(state=None),
    "a state of one's own": asked(state=secret_token(32)),
    "no code": asked(code=None),
    "another issuer in the answer": asked(iss="https://evil.example"),
    "an error instead of a code": asked(error="access_denied"),
    "clock far behind": telling(-900, -300),
    "clock far ahead": telling(900, 1200),
    "discovery names another issuer": described(issuer="https://evil.example"),
    "keys at an inner address": described(jwks_uri="http://169.254.169.254/keys"),
    "tokens from an inner address": described(token_endpoint="http://169.254.169.254/token"),
    "promises an issuer in the answer": described(
        authorization_response_iss_parameter_supported=True
    ),
    "a replayed answer": replayed,
    "the state of another browser": stolen_state,
    "the state of another brand": other_brands_state,
    "the state of another connection": other_connections_state,
    "a code of another sign-in": injected_code,
    "a retired key": retired_key,
    "the e-mail of an owner": somebodys_email,
    "an e-mail nobody vouches for": claiming(email_verified=False),
    "an e-mail vouched for in words": claiming(email_verified="true"),
    "no groups": claiming(groups=[]),
    "groups that are no texts": claiming(groups=[{"id": "loyalty-admins"}]),
    "a group that only looks alike": claiming(groups=["Loyalty-Admins", "loyalty-admins "]),
    "groups elsewhere": claiming(_claim_names={"groups": "src1"}),
}


@pytest.fixture(scope="module")
async def scenes(
    application: Application, shared_rt: Runtime, provider: Provider
) -> AsyncIterator[list[Scene]]:
    """Two brands at the same provider, each with two connections in force."""
    provider.reset()
    providers._kept.clear()
    rt = shared_rt
    async with AsyncExitStack() as stack:
        made: list[tuple[Corporate, Corporate]] = []
        for _ in range(2):
            tenant = await create_tenant(rt, sections={"security": {"tries_per_address_h": 10_000}})
            owner = await stack.enter_async_context(signed_in_console(application, rt, tenant))
            pair = Corporate(rt, tenant, owner, provider), Corporate(rt, tenant, owner, provider)
            for each in pair:
                assert (await each.create()).status_code == 201
                await each.enable(Browser(application, rt, tenant))
            made.append(pair)
        yield [
            Scene(
                application, *made[n], made[1 - n][0], Browser(application, rt, made[n][0].tenant)
            )
            for n in range(2)
        ]


async def sessions_of(scene: Scene) -> set[str]:
    """Every session that the brand's people have."""
    found = await scene.brand.rt.valkey.keys(f"*{scene.brand.tenant.id}:console-session:*")
    return {one.decode() for one in found}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_it_signs_nobody_in(scenes: list[Scene], attack: str) -> None:
    for kept in scenes:
        scene = kept._replace(browser=kept.another_browser())
        scene.provider.reset()
        providers._kept.clear()
        told = len(await scene.brand.told("sign_in.refused"))
        others = len(await scene.other.told("*"))
        if attack == "a replayed answer":
            # It starts with an honest sign-in, whose session is not the attack's.
            await scene.brand.travel(scene.another_browser())
        before = await sessions_of(scene)
        answer = await ATTACKS[attack](scene)
        assert reason(answer)
        assert staff_sessions.cookie_name(scene.brand.tenant.slug) not in str(answer.headers)
        assert scene.browser.session_cookie == ""
        assert (await scene.browser.me()).status_code == 401
        started = await sessions_of(scene) - before
        assert len(started) == (1 if attack == "a replayed answer" else 0)
        assert len(await scene.brand.told("sign_in.refused")) == told + 1
        assert len(await scene.other.told("*")) == others


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) >= 30


async def test_an_honest_sign_in_works_all_the_same(scenes: list[Scene]) -> None:
    for scene in scenes:
        scene.provider.reset()
        providers._kept.clear()
        browser = scene.another_browser()
        answer = await scene.brand.travel(browser)
        assert answer.headers["location"] == f"/{scene.brand.tenant.slug}"
        assert (await browser.me()).status_code == 200


async def test_clocks_may_differ_by_a_minute(scenes: list[Scene]) -> None:
    scene = scenes[0]
    scene.provider.reset()
    providers._kept.clear()
    now = int(time.time())
    for claims in ({"iat": now + 45, "exp": now + 300}, {"iat": now - 400, "exp": now - 45}):
        browser = scene.another_browser()
        answer = await scene.brand.travel(browser, **claims)
        assert answer.headers["location"] == f"/{scene.brand.tenant.slug}", claims


async def test_the_providers_new_key_counts_soon(
    scenes: list[Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scenes[1]
    scene.provider.reset()
    monkeypatch.setattr(providers, "_KEYS_AGAIN_S", 0.0)
    new = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"}, private=True)
    scene.provider.key, scene.provider.keys = new, [new]
    scene.provider.header = {"kid": "k2"}
    answer = await scene.brand.travel(scene.another_browser())
    assert answer.headers["location"] == f"/{scene.brand.tenant.slug}"

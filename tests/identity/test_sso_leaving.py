"""Sessions of a connection end: there, here, and nobody else's."""

import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from tests.identity.corporate import BrowserAt, Corporate
from tests.identity.people import Browser, join
from tests.identity.provider import sign

from guerdon.identity.sso.leaving import LOGOUT_EVENT


class Logouts:
    """Logout tokens of the provider."""

    def __init__(self, corporate: Corporate, browser: Browser) -> None:
        self.corporate, self.browser = corporate, browser

    def token(self, **more: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": self.corporate.provider.issuer, "aud": "guerdon", "iat": now, "exp": now + 120,
            "jti": secrets.token_urlsafe(8), "events": {LOGOUT_EVENT: {}}, "sub": "boss", **more,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": "k1", "typ": "logout+jwt"}
        kept = {k: v for k, v in claims.items() if v is not None}
        return sign(header, kept, self.corporate.provider.key)

    async def send(self, token: str) -> int:
        answer = await self.browser.client.post(
            self.corporate.address("backChannelLogout"), data={"logout_token": token}
        )
        assert answer.headers["cache-control"] == "no-store"
        return answer.status_code


async def test_the_provider_ends_sessions(corporate: Corporate, browser_at: BrowserAt) -> None:
    await corporate.create()
    one, two, other = (browser_at(corporate.tenant) for _ in range(3))
    await corporate.enable(one)
    await corporate.travel(one, sid="s-1")
    await corporate.travel(two, sid="s-2")
    await corporate.travel(other, subject="else", sid="s-3")
    logouts = Logouts(corporate, one)
    bad: dict[str, dict[str, Any]] = {
        "nonce": {"nonce": "x"}, "events": {"events": {}}, "no events": {"events": None},
        "nobody": {"sub": None}, "issuer": {"iss": "https://evil.example"},
        "audience": {"aud": "other"}, "expired": {"exp": 1_700_000_000},
        "old": {"iat": int(time.time()) - 3600}, "no jti": {"jti": None},
        "sub of another type": {"sub": 5},
    }  # fmt: skip
    for name, claims in bad.items():
        assert await logouts.send(logouts.token(**claims)) == 400, name
    assert await logouts.send("x.y.z") == 400
    assert await logouts.send("") == 400
    assert len(await corporate.told("sign_out.refused")) == len(bad) + 2
    assert [(await b.me()).status_code for b in (one, two, other)] == [200, 200, 200]

    token = logouts.token(sid="s-1")
    assert await logouts.send(token) == 200
    assert [(await b.me()).status_code for b in (one, two, other)] == [401, 200, 200]
    assert await logouts.send(token) == 400
    assert await logouts.send(logouts.token(sub=None, sid="s-2")) == 200
    assert (await two.me()).status_code == 401
    await corporate.travel(one, sid="s-4")
    await corporate.travel(two, sid="s-5")
    assert await logouts.send(logouts.token()) == 200
    assert [(await b.me()).status_code for b in (one, two, other)] == [401, 401, 200]
    (told, *_) = await corporate.told("sign_out.by_provider")
    assert told.summary["sessions"] == 2
    # Whoever is nobody here is no news.
    assert await logouts.send(logouts.token(sub="nobody")) == 200


async def test_a_password_session_is_not_the_providers(
    corporate: Corporate, browser_at: BrowserAt
) -> None:
    await corporate.create()
    browser, own = browser_at(corporate.tenant), browser_at(corporate.tenant)
    await corporate.enable(browser)
    person = await join(own)
    await corporate.prove("staff.example")
    await corporate.owner.post(f"{corporate.path}/invitations", json={"staffId": str(person.id)})
    await corporate.travel(browser, email=person.email, groups=("loyalty-owners",))
    assert UUID((await browser.me()).json()["id"]) == person.id
    assert await Logouts(corporate, browser).send(Logouts(corporate, browser).token()) == 200
    assert (await browser.me()).status_code == 401
    assert (await own.me()).status_code == 200


async def test_signing_out_here_and_there(corporate: Corporate, browser_at: BrowserAt) -> None:
    end = f"{corporate.provider.issuer}/end"
    corporate.provider.metadata = {"end_session_endpoint": end}
    await corporate.create()
    # What was kept of the provider before this test knew no such address.
    inspected = f"{corporate.owner.brand}/connections/inspection"
    await corporate.owner.get(inspected, params={"issuer": corporate.provider.issuer})
    browser = browser_at(corporate.tenant)
    await corporate.enable(browser)
    await corporate.travel(browser)
    await browser.me()
    answer = await browser.act("POST", "/sign-out")
    assert (await browser.me()).status_code == 401
    path = answer.json()["providerUrl"].removeprefix(corporate.rt.settings.console_url)
    there = (await browser.call("GET", path)).headers["location"]
    asked = {k: v[0] for k, v in parse_qs(urlsplit(there).query).items()}
    assert there.startswith(f"{end}?")
    assert asked["id_token_hint"].count(".") == 2
    assert asked["post_logout_redirect_uri"] == corporate.shown["addresses"]["signOut"]
    # The way out works once.
    again = (await browser.call("GET", path)).headers["location"]
    assert again == f"/{corporate.tenant.slug}/sign-in?left=1"
    left = await browser.call("GET", corporate.address("signOut"))
    assert left.headers["location"] == f"/{corporate.tenant.slug}/sign-in?left=1"

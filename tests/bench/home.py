"""The member's home page, as a browser that is signed in asks for it."""

import http.client
import json
import re
from urllib.parse import urlencode
from uuid import UUID, uuid4

from tests.bench.deployment import Deployment
from tests.bench.load import Outcome, fire, request
from tests.bench.programme import (
    LOTS,
    Programme,
    join_and_grant,
    place,
    published_variants,
    quoted,
)

from guerdon.members import sign_in as identity

CARDS = 30
VISITORS = 8
_PASSWORD = "lanterns-over-water-52"


class Browser:
    """A member signed in by password, through the form."""

    def __init__(self, d: Deployment, p: Programme, email: str) -> None:
        self._d, self._p = d, p
        self._cookies: dict[str, str] = {}
        page = self._send("GET", "/sign-in")
        token = re.search(rb'name="csrf_token"\s+value="([^"]+)"', page)
        assert token is not None, page[:500]
        form = {"email": email, "password": _PASSWORD}
        self._send("POST", "/sign-in/password", {**form, "csrf_token": token[1].decode()})
        assert "__Host-session" in self._cookies

    @property
    def headers(self) -> dict[str, str]:
        """What the browser sends with each request."""
        cookie = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        return {"host": self._authority, "cookie": cookie, "accept-language": "en"}

    @property
    def _authority(self) -> str:
        return f"{self._p.host}:{self._d.web_port}"

    def _send(self, method: str, path: str, form: dict[str, str] | None = None) -> bytes:
        link = http.client.HTTPConnection("127.0.0.1", self._d.web_port, timeout=30)
        headers = {**self.headers, "origin": f"http://{self._authority}"}
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
        link.request(method, path, urlencode(form) if form else None, headers)
        answer = link.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        body = answer.read()
        link.close()
        assert answer.status < 400, (answer.status, body[:500])
        return body

    def home(self) -> bytes:
        """The page."""
        return self._send("GET", "/")


async def visitors(p: Programme) -> dict[str, UUID]:
    """Members by address who can afford about half of the catalogue, with an order under way."""
    now = p.rt.clock.now()
    offers = await quoted(p, p.member_ids[0], await published_variants(p), now)
    offers.sort(key=lambda quote: quote.points)
    points = offers[len(offers) // 2].points
    cheapest = min(offers, key=lambda quote: quote.points).lines[0].variant_id
    emails = [f"visitor{n}@bench.example" for n in range(VISITORS)]
    made = dict(zip(emails, await join_and_grant(p, emails, points // LOTS, now), strict=True))
    for member_id in made.values():
        await identity.set_password(
            p.rt, tenant=p.tenant, member_id=member_id, password=_PASSWORD, now=now
        )
        (quote,) = await quoted(p, member_id, [cheapest], now)
        await place(p, member_id, quote.id)
    return made


def check_content(d: Deployment, p: Programme, browser: Browser, member_id: UUID) -> None:
    """The page says what it must, and its balance is the one of this moment."""
    before = browser.home()
    assert before.count(b'class="card-link"') >= CARDS, before.count(b'class="card-link"')
    for part in (b"expire on", b"set aside for open orders", b'class="tier-bar"', b"order-list"):
        assert part in before, part
    earned = fire(
        d.web_port,
        [
            request(
                "POST",
                "/api/v1/points/earn",
                {**p.headers(), "idempotency-key": str(uuid4())},
                json.dumps(
                    {
                        "memberId": str(member_id),
                        "source": "bench",
                        "eventId": str(uuid4()),
                        "occurredAt": p.rt.clock.now().isoformat(),
                        "points": 1234,
                        "rule": "grant",
                    }
                ).encode(),
            )
        ],
        clients=1,
        keep=1,
    )
    assert set(earned.statuses) <= {200, 201}, earned.bodies
    assert _balance(browser.home()) == _balance(before) + 1234


def _balance(page: bytes) -> int:
    found = re.search(rb'class="[a-z]+-number">([^<]+)<', page)
    assert found is not None
    return int(re.sub(rb"[^0-9]", b"", found[1]))


def visits(d: Deployment, browsers: list[Browser], count: int, clients: int) -> Outcome:
    """`count` requests of the page, of one member after the other."""
    each = [request("GET", "/", browser.headers) for browser in browsers]
    sent = [each[n % len(each)] for n in range(count)]
    outcome = fire(d.web_port, sent, clients=clients, keep=1)
    assert set(outcome.statuses) == {200}, (outcome.statuses, outcome.bodies)
    assert outcome.bodies[0].count(b'class="card-link"') >= CARDS
    return outcome


def nothings(d: Deployment, count: int, clients: int) -> float:
    """`count` requests of the empty route, per second."""
    outcome = fire(
        d.empty_port, [request("GET", "/", {"host": "localhost"})] * count, clients=clients
    )
    assert set(outcome.statuses) == {200}
    return outcome.per_second

"""For every field of a built section: two values, and what then answers differently where."""

import asyncio
import base64
import hashlib
import itertools
import re
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx2
from tests import calls
from tests.conftest import signed_in_console
from tests.identity import people
from tests.identity.provider import EC, OTHER, sign
from tests.programme.stage import BASE, Content, Stage

from guerdon.kit.ids import secret_token, uuid7
from guerdon.notifications import expiring
from guerdon.programme.operator import ensure_operator
from guerdon.redemption import operations
from guerdon.sandbox.web import Request, Response, Routes, Server

Ask = Callable[[Stage], Awaitable[Any]]


class Live(NamedTuple):
    """`field` with two contents; `route` names who is asked, `ask` reads what differs."""

    field: str
    route: str
    first: Content | Callable[[Stage], Content]
    second: Content | Callable[[Stage], Content]
    ask: Ask
    # The brand has no members yet.
    quiet: bool = False


# what members see
def page(path: str, **headers: str) -> Ask:
    return lambda stage: stage.page(path, **headers)


def says(path: str, words: str, **headers: str) -> Ask:
    return lambda stage: stage.seen(path, words, **headers)


async def style(stage: Stage) -> str:
    return await stage.style()


async def terms(stage: Stage) -> list[str]:
    return re.findall(r"(?:First|Second) terms", await stage.page("/terms"))


async def stored_picture(stage: Stage) -> bool:
    return await stage.seen("/", PICTURE)


# what is earned
def earned(**what: Any) -> Ask:
    async def ask(stage: Stage) -> Any:
        told = await stage.earn(await stage.member(), **what)
        return told["points"], told["expiresOn"], told["tier"]

    return ask


CENTS = earned(amount={"minor": 1150, "currency": "USD"})
LINES = earned(
    amount={"minor": 310, "currency": "USD"},
    items=[{"ref": "a", "quantity": 1, "amountMinor": 155},
           {"ref": "b", "quantity": 1, "amountMinor": 155}],
)  # fmt: skip
# In New York this is still the day before.
LATE = earned(points=10, occurredAt="2026-03-02T02:00:00Z")


async def after_a_hold(stage: Stage) -> Any:
    """The last day of points that come back long after it."""
    who = await stage.member(1000)
    now = datetime.now(UTC)
    placed = await stage.redeem("coffee", points=100, who=who)
    async with stage.rt.db.write(stage.tenant.id) as s:
        await operations.cancel(
            s, redemption_id=placed["id"], member_id=None, reason="member",
            now=now + timedelta(days=100),
        )  # fmt: skip
    lots = (await stage.api.get(f"/members/{who['id']}/lots")).json()
    return sorted(lot["expiresOn"] for lot in lots["items"])


def sold(*amounts: int, to: int = 1) -> Ask:
    """What a fresh cashier's sales are answered with; to as many members in turn."""

    async def ask(stage: Stage) -> list[int]:
        people = [await stage.member() for _ in range(to)]
        answers = []
        async with signed_in_console(
            stage.application, stage.rt, stage.tenant, roles=("cashier",)
        ) as cashier:
            for n, minor in enumerate(amounts):
                given = {
                    "saleId": str(uuid7()),
                    "code": people[n % to]["number"],
                    "amountMinor": minor,
                }
                answer = await cashier.post(f"{cashier.brand}/till/sales", json=given)
                answers.append(answer.status_code)
        return answers

    return ask


_LATER = itertools.count()


def told_of_expiry(*, days: int) -> Ask:
    """How many letters somebody has so many days before their points expire."""

    async def ask(stage: Stage) -> int:
        who = await stage.member()
        # Each time a day further on: the days before are told of for good.
        at = datetime.now(UTC) - timedelta(days=300 - next(_LATER))
        earned = await stage.earn(who, points=5, occurredAt=at.isoformat())
        last = date.fromisoformat(earned["expiresOn"])
        noon = datetime.combine(last - timedelta(days=days), datetime.min.time(), UTC)
        async with stage.world.worker.db.write(stage.tenant.id) as s:
            await expiring.AnnounceExpiriesDue().apply(
                stage.world.worker, s, expiring.AnnounceExpiries(), noon + timedelta(hours=12)
            )
        return sum("expire" in mail["subject"] for mail in await stage.messages(who["email"]))

    return ask


async def clawed_back(stage: Stage) -> Any:
    """What is left when points that were spent turn out to be undue."""
    who = await stage.member()
    first = await stage.earn(who, amount={"minor": 60_000, "currency": "USD"})
    await stage.redeem("coffee", who=who)
    answer = await stage.api.post(
        f"/transactions/{first['transactionId']}/reverse",
        json={"source": "stage", "eventId": uuid7().hex, "reason": "returned"},
    )
    return answer.json().get("reversed"), (
        await stage.api.get(f"/members/{who['id']}/balance")
    ).json()["posted"]


async def adjusted(stage: Stage) -> bool:
    who = await stage.member()
    answer = await stage.api.post(
        "/points/adjust", json={"memberId": who["id"], "points": 50, "reason": "sorry"}
    )
    return answer.json()["transactionId"] is not None


async def period(stage: Stage) -> Any:
    who = await stage.member(10)
    return (await stage.api.get(f"/members/{who['id']}/balance")).json()["tier"]["period"]


async def standing(stage: Stage) -> Any:
    who = await stage.member()
    told = await stage.earn(who, amount={"minor": 60_000, "currency": "USD"})
    return told["tier"], told["missing"]


async def ladder(stage: Stage) -> Any:
    return (await stage.api.get("/tiers")).json()


async def in_gold(stage: Stage) -> Any:
    """What a member of the second tier pays."""
    who = await stage.member()
    await stage.earn(who, amount={"minor": 600_000, "currency": "USD"})
    return (await stage.quote(who=who))["points"]


async def earned_in_gold(stage: Stage) -> Any:
    who = await stage.member()
    await stage.earn(who, amount={"minor": 60_000, "currency": "USD"})
    return (await stage.earn(who, amount={"minor": 1000, "currency": "USD"}))["points"]


async def consent_version(stage: Stage) -> Any:
    who = await stage.member(consents={"news": True})
    exported = (await stage.api.get(f"/members/{who['id']}/export")).text
    return sorted(set(re.findall(r"alpha|beta", exported)))


# what things cost
async def price(stage: Stage) -> Any:
    return (await stage.quote())["points"]


async def price_in_euros(stage: Stage) -> Any:
    return (await stage.quote("mug"))["points"]


def mix(points: int) -> Ask:
    async def ask(stage: Stage) -> Any:
        told = await stage.quote(points=points)
        return told.get("code"), told.get("moneyMinor"), told.get("feeMinor")

    return ask


async def price_holds(stage: Stage) -> Any:
    told = await stage.quote()
    made, ends = (datetime.fromisoformat(told[x]) for x in ("createdAt", "expiresAt"))
    return (ends - made).total_seconds()


async def product_money(stage: Stage) -> Any:
    answer = (await stage.api.get("/products/coffee")).json()
    return [v["price"]["value"] for v in answer["variants"]] if "variants" in answer else answer


async def paid_at(stage: Stage) -> Any:
    placed = await stage.redeem("coffee", points=300)
    return urlsplit(placed["paymentUrl"]).netloc


async def payment_page(stage: Stage) -> bool:
    placed = await stage.redeem("coffee", points=300)
    return "Link is accepted" in calls.get(placed["paymentUrl"]).text


async def card_statement(stage: Stage) -> Any:
    placed = await stage.redeem("coffee", points=300)
    form = {"number": "4242424242424242", "expiry": "12 / 34", "cvc": "123"}
    calls.post(placed["paymentUrl"], data=form)
    newest = calls.get(f"{stage.peers.stripe.url}/_control/objects/payment_intent").json()[0]
    return newest["statement_descriptor_suffix"]


# suppliers
async def suppliers(stage: Stage) -> Any:
    return (await stage.api.get("/suppliers")).json()


async def supplier_search(stage: Stage) -> int:
    return (await stage.api.get("/suppliers/amazon/products?q=backpack")).status_code


def ordered(words: str) -> Ask:
    """What the order at the supplier says of `words`."""

    async def ask(stage: Stage) -> Any:
        return sorted(set(re.findall(words, str(await stage.ordered()))))

    return ask


async def push_taken(stage: Stage) -> int:
    """Whether a subscription's confirmation of the right topic is taken in."""
    heard: list[bytes] = []

    async def take(request: Request) -> Response:
        heard.append(request.body)
        return Response(204)

    routes = Routes()
    routes.add("POST", "/", take)
    server = Server(routes)
    await server.start(0)
    calls.put(
        f"{stage.peers.amazon.url}/_control/endpoints",
        json={"owner": stage.client_id, "url": f"{server.base_url}/"},
    )
    placed = await stage.redeem("backpack")
    await stage.world.drain()
    orders = calls.get(
        f"{stage.peers.amazon.url}/_control/orders", params={"owner": stage.client_id}
    ).json()
    order = next(o["external_id"] for o in orders if o["purchase_order"] == placed["number"])
    calls.post(f"{stage.peers.amazon.url}/_control/orders/{order}/advance")
    until = time.monotonic() + 5
    while not heard and time.monotonic() < until:
        await asyncio.sleep(0.02)
    server.close()
    host = stage.rt.settings.hooks_authority
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=stage.application, raise_app_exceptions=False),
        base_url=f"http://{host}",
    ) as hooks:
        answer = await hooks.post(f"/amazon-business/{stage.world.push_id}", content=heard[0])
    return answer.status_code


def suppliers_and(**one: Any) -> Content:
    """The suppliers of BASE and one more."""
    made = {"key": "more", "provider": "counter"} | one
    return {"fulfilment": {"suppliers": [*BASE["fulfilment"]["suppliers"], made]}}


async def more_can_search(stage: Stage) -> Any:
    return (await stage.api.get("/suppliers/more/products?q=backpack")).json().get("code")


def topic_of_ours(stage: Stage) -> Content:
    """The topic that the supplier's pushes come from."""
    topic = f"arn:aws:sns:us-east-1:000000000000:ab-{stage.client_id.rpartition('.')[2]}"
    return supplier(push_topic=topic)


def topic_of_others(stage: Stage) -> Content:
    return supplier(push_topic="arn:aws:sns:us-east-1:000000000000:ab-others")


# messages
async def written(stage: Stage) -> list[str]:
    """From whom a member gets mail who has redeemed something."""
    who = await stage.member(2000)
    await stage.redeem("coffee", who=who)
    return [m["sender"].partition("<")[0] for m in await stage.messages(who["email"])]


async def texts(stage: Stage) -> Any:
    phone = f"+1415555{uuid7().int % 10**4:04d}"
    who = await stage.member(2000, phone=phone)
    await stage.redeem("coffee", who=who)
    return [(m["sender"], m["kind"]) for m in await stage.messages(phone)]


# webhooks and limits
async def endpoints(stage: Stage) -> Any:
    told = (await stage.api.get("/webhook-endpoints")).json()["items"]
    return [(e["key"], e["url"]) for e in told]


async def delivered(stage: Stage) -> int:
    """How many deliveries a new member brings."""
    who = await stage.member()
    await stage.world.drain()
    told = await stage.api.get("/webhook-endpoints/crm/deliveries?limit=100")
    return sum(one["memberId"] == who["id"] for one in told.json().get("items", []))


async def key_limit(stage: Stage) -> Any:
    return (await stage.api.get("/tiers")).headers["ratelimit-limit"]


async def app_limit(stage: Stage) -> Any:
    async with stage.browser(authorization=f"Bearer {await app_token(stage)}") as phone:
        return (await phone.get("/api/v1/me")).headers["ratelimit-limit"]


# sign-in
async def authorised(stage: Stage, **change: str) -> httpx2.Response:
    """The brand's app asks for a code for a member who is signed in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    query = {
        "client_id": "stage-app", "redirect_uri": "com.stage.app:/in", "response_type": "code",
        "scope": "me:read", "state": "s", "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    } | change  # fmt: skip
    cookie = await stage.signed_in(await stage.member())
    async with stage.browser(cookie=cookie) as browser:
        return await browser.get("/oauth/authorize", params=query)


async def app_token(stage: Stage) -> str:
    back = (await authorised(stage)).headers["location"]
    form = {"grant_type": "authorization_code", "client_id": "stage-app",
            "code": parse_qs(urlsplit(back).query)["code"][0],
            "redirect_uri": "com.stage.app:/in", "code_verifier": VERIFIER}  # fmt: skip
    async with stage.browser() as browser:
        return str((await browser.post("/oauth/token", data=form)).json()["access_token"])


async def app_comes_in(stage: Stage) -> Any:
    answer = await authorised(stage)
    where = urlsplit(answer.headers.get("location", ""))
    return answer.status_code, where.scheme, sorted(parse_qs(where.query))


async def app_is_named(stage: Stage) -> list[str]:
    """What a member reads of the apps that they let in."""
    async with stage.browser(authorization=f"Bearer {await app_token(stage)}") as phone:
        return [one["name"] for one in (await phone.get("/api/v1/me/sign-ins")).json()["apps"]]


async def old_session_exports(stage: Stage) -> Any:
    cookie = await stage.signed_in(await stage.member(), ago=timedelta(minutes=30))
    async with stage.browser(cookie=cookie) as browser:
        return (await browser.get("/profile/export")).status_code


async def password_session(stage: Stage) -> Any:
    """How long the cookie of a session lives that a password began."""
    answer = await stage.enter()
    return re.findall(r"session=[^;]+;.*?[Mm]ax-[Aa]ge=(\d+)", str(answer.headers))


async def idle_session(stage: Stage) -> Any:
    """How many minutes a session of a member lives on after a page."""
    cookie = await stage.signed_in(await stage.member())
    async with stage.browser(cookie=cookie) as browser:
        assert (await browser.get("/profile")).status_code == 200
    return await stage.minutes_left(cookie)


async def code_lives(stage: Stage) -> Any:
    who = await stage.member()
    await stage.code_for(who["email"])
    texts = " ".join(m["text"] for m in await stage.messages(who["email"]))
    return re.findall(r"(\d+) minutes", texts)


async def tries(stage: Stage) -> Any:
    return await stage.wrong_passwords(4)


async def tries_of_one_address(stage: Stage) -> Any:
    """Whether the address that tried so much today may go on."""
    return (await stage.wrong_passwords(1, accounts=2))[-1]


async def needs_approval(stage: Stage) -> Any:
    """Whether a change of medium risk waits for a second person."""
    at = f"{stage.console.brand}/change-sets"
    made = (await stage.console.post(at, json={"title": "Asks"})).json()
    edited = await stage.console.patch(
        f"{at}/{made['id']}/edits",
        json={"rowVersion": made["rowVersion"],
              "edits": [{"path": "points.price_rounding_step", "value": 7}]},
    )  # fmt: skip
    told = edited.json()
    await stage.console.post(f"{at}/{made['id']}/discard", json={})
    return told["needsApproval"]


async def idle_console(stage: Stage) -> Any:
    """How many minutes a session on the console lives on after a call."""
    cookie = await stage.console_cookie()
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=stage.application, raise_app_exceptions=False),
        base_url=str(stage.console.base_url),
        headers={"cookie": cookie},
    ) as browser:
        assert (await browser.get(f"{stage.console.brand}/me")).status_code == 200
    return await stage.minutes_left(cookie)


async def new_console_session(stage: Stage) -> int:
    """How many hours a session lives that somebody begins on the console."""
    browser = people.Browser(stage.application, stage.rt, stage.tenant)
    await people.join(browser, roles=("analyst",))
    found = (await browser.call("GET", f"{browser.own}/sessions")).json()["items"]
    await browser.client.aclose()
    ends = datetime.fromisoformat(found[0]["endsAt"])
    return round((ends - datetime.now(UTC)).total_seconds() / 3600)


async def lets_support_look(stage: Stage) -> Any:
    """What comes of it when somebody of the platform's support asks to look in."""
    house = await ensure_operator(stage.rt, now=stage.rt.clock.now())
    async with signed_in_console(stage.application, stage.rt, house, roles=("support",)) as sam:
        answer = await sam.post(
            f"/api/platform/v1/tenants/{stage.tenant.slug}/support",
            json={"reason": "Asked to look", "minutes": 15, "writes": False},
        )
    told = answer.json()
    return told.get("code") or [one["state"] for one in told["items"] if one["own"]]


async def way_in(stage: Stage) -> Any:
    """Where the button of the brand's own accounts leads."""
    async with stage.browser() as browser:
        answer = await browser.get("/sso/own")
    where = urlsplit(answer.headers.get("location", ""))
    asked = parse_qs(where.query)
    return answer.status_code, where.netloc, asked.get("client_id"), asked.get("scope")


async def comes_in(stage: Stage) -> Any:
    """Whether a person with an account of the brand's comes in."""
    async with stage.browser() as browser:
        there = (await browser.get("/sso/own")).headers["location"]
        back = stage.identity.consent(there, subject=uuid7().hex)
        answer = await browser.get("/sso/own/cb", params=back)
    return answer.status_code, "ticket=" in answer.headers.get("location", "")


def hands_over(key: Any = EC, algorithm: str = "ES256") -> Ask:
    async def ask(stage: Stage) -> Any:
        now = int(time.time())
        claims = {
            "iss": "stage-app", "sub": uuid7().hex, "iat": now, "exp": now + 60,
            "aud": stage.rt.settings.tenant_url(stage.tenant.canonical_host),
            "jti": secret_token(16),
        }  # fmt: skip
        token = sign({"alg": algorithm, "kid": "app-1"}, claims, key)
        async with stage.browser() as browser:
            answer = await browser.get("/hand-off", params={"token": token})
        return answer.status_code, "ticket=" in answer.headers.get("location", "")

    return ask


VERIFIER = "v" * 60
PICTURE = "f" * 64 + ".svg"


def of(section: str, **fields: Any) -> Content:
    return {section: fields}


def tiers(**second: Any) -> Content:
    return {"tiers": {"tiers": [{"key": "sip", "threshold": 0},
                                {"key": "pour", "threshold": 500, **second}]}}  # fmt: skip


def category(**first: Any) -> Content:
    drinks = {"key": "drinks", "name": {"en": "Drinks", "pt-BR": "Bebidas"}} | first
    return {"catalogue": {"fx": {"EUR": "1.10"}, "categories": [drinks]}}


def supplier(**amazon: Any) -> Content:
    counter, kept = BASE["fulfilment"]["suppliers"]
    return {"fulfilment": {"suppliers": [counter, kept | amazon]}}


def purpose(**one: Any) -> Content:
    news = {"key": "news", "title": {"en": "News"}, "text": {"en": "Send news."}} | one
    return {"members": {"purposes": [news]}}


def hook(**crm: Any) -> Content:
    return {"integrations": {"webhooks": [{"key": "crm", "url": "https://crm.example/in"} | crm],
                             "requests_per_minute": 1_000_000}}  # fmt: skip


def connection(issuer: str, **own: Any) -> Content:
    made = {"key": "own", "issuer": issuer, "client_id": "guerdon", "secret": "sso"} | own
    return {"security": {"connections": [made]}}


def hand_off(**key: Any) -> Content:
    pem = EC.as_pem(private=False).decode()
    made = {"kid": "app-1", "issuer": "stage-app", "algorithm": "ES256", "public_key": pem} | key
    return {"security": {"hand_off": [made]}}


def app(**one: Any) -> Content:
    return {"security": {"apps": [BASE["security"]["apps"][0] | one]}}


def validity(**model: Any) -> Content:
    return {"points": {"validity": model}}


OTHER_KEY = OTHER.as_pem(private=False).decode()
# Beside what is asked about, this changes and must not be seen.
ELSEWHERE = {"recommendations": {"external_scores": {"cache_s": 77}}}

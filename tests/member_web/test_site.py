"""The site through its front door: what members see and do."""

import re
from typing import Any
from uuid import uuid4

import msgspec
from tests.member_web.conftest import Browser, at_site, opened, with_password
from tests.redemption.world import SECTIONS, World, pay

from guerdon.app import Application
from guerdon.catalogue.schemas import ProductDefinition
from guerdon.runtime import Runtime
from guerdon.theming.headers import content_security_policy


async def test_a_guest_sees_the_promise_and_the_shelves(browser: Browser, world: World) -> None:
    answer = await browser.get("/")
    assert answer.status_code == 200
    assert "Good things come to those who sip." in answer.text
    assert "500\u00a0beans" in answer.text
    assert answer.headers["content-security-policy"] == content_security_policy()
    assert answer.headers["cache-control"] == "no-store"
    style = re.search(r'href="(/theme/[0-9a-f]+\.css)"', answer.text)
    assert style
    sheet = await browser.get(style[1])
    assert sheet.status_code == 200
    assert "immutable" in sheet.headers["cache-control"]
    assert "--accent:" in sheet.text
    again = await browser.get("/theme/0000000000000000.css")
    assert again.headers["cache-control"] == "no-store"


async def test_home_shows_the_live_balance(browser: Browser, world: World) -> None:
    ana = await with_password(world, 1200)
    await browser.sign_in(ana)
    assert '<span class="stampcard-number">1,200</span>' in browser.page
    assert "3,800\u00a0beans more to Pour" in browser.page
    assert browser.page.count('class="card card-') == 4
    within, _, above = browser.page.partition('id="above"')
    assert "Coffee" in within
    assert "800\u00a0beans to go" in above
    await world.earn(ana, 800)
    await browser.get("/")
    assert '<span class="stampcard-number">2,000</span>' in browser.page
    within, _, above = browser.page.partition('id="above"')
    assert "Mug" in within


async def test_points_at_the_counter(browser: Browser, world: World) -> None:
    ana = await with_password(world, 1000)
    await browser.sign_in(ana)
    answer = await browser.get("/products/coffee")
    assert "500\u00a0beans" in answer.text
    answer = await browser.post("/checkout", variant=str(world.variants["coffee"]), points="500")
    assert answer.status_code == 303
    answer = await browser.get(answer.headers["location"])
    assert "Redeem for 500\u00a0beans" in answer.text
    key = re.search(r'name="key" value="([^"]+)"', answer.text)
    path = str(answer.url.path)
    assert key
    placed = await browser.post(path, key=key[1])
    again = await browser.post(path, key=key[1])
    assert placed.status_code == 303
    assert placed.headers["location"] == again.headers["location"]
    await world.drain()
    order = await browser.get(placed.headers["location"])
    assert "Show this at the counter" in order.text
    assert re.search(r'class="ticket-code">[0-9A-Z-]+<', order.text)
    assert await world.available(ana) == 500
    history = await browser.get("/activity")
    assert "\u2212500" in history.text
    entry = re.search(r'class="entry" href="(/activity/[0-9a-f-]+)"', history.text)
    assert entry
    told = await browser.get(entry[1])
    assert "Which points were used" in told.text


async def test_points_and_money_for_a_parcel(browser: Browser, world: World) -> None:
    ana = await with_password(world, 5000)
    await browser.sign_in(ana)
    answer = await browser.get("/products/backpack")
    stops = re.findall(r'name="points" value="(\d+)"', answer.text)
    assert stops == ["5000", "2947", "895"]
    part = await browser.client.get("/products/backpack/split?points=3000")
    assert "+ $60.00" in part.text
    answer = await browser.post("/checkout", variant=str(world.variants["backpack"]), points="3000")
    checkout = await browser.get(answer.headers["location"])
    assert "Redeem for 3,000\u00a0beans + $60.00" in checkout.text
    assert "form-action 'self' http://127.0.0.1" in checkout.headers["content-security-policy"]
    path = str(checkout.url.path)
    key = re.search(r'name="key" value="([^"]+)"', checkout.text)
    assert key
    wrong = await browser.post(
        path, key=key[1], address="new", recipient="Ana Souza", line1="1 Market Street",
        country="US", city="San Francisco", region="CA", postal_code="1",
    )  # fmt: skip
    assert wrong.status_code == 422
    assert 'href="#f-postal_code"' in wrong.text
    assert "1 Market Street" in wrong.text
    placed = await browser.post(
        path, key=key[1], address="new", recipient="Ana Souza", line1="1 Market Street",
        country="US", city="San Francisco", region="CA", postal_code="94103",
    )  # fmt: skip
    assert placed.status_code == 303
    assert placed.headers["location"].startswith("http://127.0.0.1")
    assert await pay(placed.headers["location"]) in {302, 303}
    back = await browser.get(f"{path}/return")
    assert back.status_code == 303
    await world.drain()
    order = await browser.get(back.headers["location"])
    assert "Nothing is taken until" not in order.text
    assert "Goes to" in order.text
    assert await world.available(ana) == 2000


async def test_an_order_is_named_for_who_reads_it(
    application: Application, rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any
) -> None:
    """In the reader's language, or the brand's first where the product lacks it."""
    sections = {
        "programme": {**SECTIONS["programme"], "languages": ["pt-BR", "en", "es"]},
        "catalogue": {"categories": [{"key": "drinks", "name": {"pt-BR": "Bebidas"}}]},
        "branding": {"theme": "playful"},
    }
    world = await opened(rt, worker_rt, make_tenant, peers, **sections)
    beans = {
        "slug": "beans", "category": "drinks", "supplier": "counter", "currency": "USD",
        "texts": {"en": {"name": "Beans"}, "pt-BR": {"name": "Grãos"}}, "delivery": "counter",
        "variants": [{"sku": "BEANS", "price": "5.00", "stock": 5}],
    }  # fmt: skip
    await world.stock_up(msgspec.convert(beans, ProductDefinition))
    ana = await with_password(world, 1000, language="en")
    placed = await world.place(ana, await world.quote(ana, "beans"))
    await world.drain()
    async with at_site(application, world) as browser:
        await browser.sign_in(ana)
        browser.client.cookies.delete("language")
        for language, name in (("en", "Beans"), ("pt-BR", "Grãos"), ("es", "Grãos")):
            for path in (f"/orders/{placed.id}", "/orders", "/", "/activity"):
                page = await browser.get(path, headers={"accept-language": language})
                assert name in page.text, (path, language)
                assert ({"Beans", "Grãos"} - {name}).pop() not in page.text, (path, language)


async def test_forms_need_their_token(browser: Browser, world: World) -> None:
    ana = await with_password(world, 1000)
    await browser.sign_in(ana)
    answer = await browser.client.post(
        "/profile", data={"name": "Eve"}, headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 403
    assert "This form is too old" in answer.text
    page = browser.page
    browser.page = re.sub(r'(name="csrf_token" value=")[^"]+', r"\1x", page)
    assert (await browser.post("/profile", name="Eve")).status_code == 403
    browser.page = page
    assert (await browser.post("/profile", name="Ana S. Lima")).status_code == 303
    assert "Ana S. Lima" in (await browser.get("/profile")).text


async def test_what_is_not_there_says_so_in_the_readers_language(
    browser: Browser, world: World
) -> None:
    answer = await browser.get("/nowhere", headers={"accept-language": "pt-BR"})
    assert answer.status_code == 404
    assert '<html lang="pt-BR"' in answer.text
    assert (await browser.get("/products/nothing")).status_code == 404
    guarded = await browser.get("/orders")
    assert guarded.status_code == 303
    assert guarded.headers["location"] == "/sign-in?next=/orders"


async def test_every_page_of_a_member_answers(browser: Browser, world: World) -> None:
    ana = await with_password(world, 1000)
    await browser.sign_in(ana)
    for path in (
        "/", "/catalogue", "/catalogue?q=cofee&sort=points_up&within=1", "/orders", "/activity",
        "/activity?kind=earn", "/profile", "/profile/erase", "/terms", "/privacy", "/offline",
        "/manifest.webmanifest", "/sw.js", "/icons/192.png", "/icons/icon.svg", "/activity.csv",
        "/profile/export",
    ):  # fmt: skip
        answer = await browser.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])


async def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    browser: Browser, world: World
) -> None:
    ana = await with_password(world, 1000)
    await browser.sign_in(ana)
    earlier = dict(browser.client.cookies)
    await browser.get("/profile")
    answer = await browser.post("/profile/password", new_password="copper on a Monday morning")
    assert answer.headers["location"] == "/profile?done=password_saved#security"
    await world.drain()
    assert (await browser.get("/profile")).status_code == 200
    browser.client.cookies.clear()
    for name, value in earlier.items():
        browser.client.cookies.set(name, value, domain=world.tenant.canonical_host)
    assert (await browser.get("/profile")).status_code == 303


async def test_the_code_for_the_till_is_offered_where_there_is_a_till(
    browser: Browser, world: World, console: Any
) -> None:
    ana = await with_password(world, 0)
    await browser.sign_in(ana)

    async def offered() -> bool:
        return 'href="/profile/code"' in (await browser.get("/profile")).text

    # An owner may use the till, but nobody has.
    owner = await console(world.tenant)
    assert not await offered()
    cashier = await console(world.tenant, roles=("cashier",))
    assert await offered()
    gone = await owner.post(f"{owner.brand}/people/{cashier.staff_id}/suspend", json={})
    assert gone.status_code == 200, gone.text
    assert not await offered()
    sold = await owner.post(
        f"{owner.brand}/till/sales",
        json={"saleId": str(uuid4()), "code": ana.number, "amountMinor": 10_00},
    )
    assert sold.status_code == 201, sold.text
    assert await offered()

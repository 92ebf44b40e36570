"""Offers on the site: shown with their reason, told of once, followed by what they brought."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.member_web.conftest import Browser, at_site, opened, with_password
from tests.redemption.world import SECTIONS, World

from guerdon.app import Application
from guerdon.kit.ids import uuid7
from guerdon.member_web import slots
from guerdon.members.schemas import Member
from guerdon.recommendations import feedback, kept_contexts
from guerdon.recommendations.contexts import Itinerary, Passenger, Segment
from guerdon.runtime import Runtime

ON = {"enabled": True, "exploration_percent": 0, "holdout_percent": 0}
RECOMMENDATIONS: dict[str, Any] = {
    "kinds": {"ancillary": ON, "club": ON, "catalogue": ON},
    "placements": [
        {"key": "home", "kinds": ["catalogue"], "slots": 3, "name": {"en": "For you"}},
        {"key": "catalogue", "kinds": ["club"], "name": {"en": "Join the club"}},
        {"key": "product", "kinds": ["catalogue"]},
        {"key": "checkout", "kinds": ["club"]},
        {"key": "ticket", "kinds": ["ancillary"], "slots": 9},
    ],
    "offers": [
        {"key": "coffee", "kind": "catalogue", "sku": "COFFEE",
         "copy": {"en": {"title": "A coffee on us", "call_to_action": "Have one"}}},
        {"key": "bag", "kind": "ancillary", "product": "baggage", "name": {"en": "A bag"}},
        {"key": "hotel", "kind": "ancillary", "product": "hotel", "name": {"en": "A hotel"},
         "url": "https://hotels.example/lisbon"},
        {"key": "club", "kind": "club", "name": {"en": "Bean club"},
         "package": {"price_minor": 250, "points_a_month": 300}},
    ],
}  # fmt: skip
_ID = re.compile(r'data-offer="([^"]+)"')


@pytest.fixture
async def world(rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any) -> World:
    """A brand that recommends."""
    programme = SECTIONS["programme"] | {"support_email": "help@kettle.example"}
    return await opened(
        rt, worker_rt, make_tenant, peers, programme=programme, recommendations=RECOMMENDATIONS
    )


async def signed_in(browser: Browser, world: World, points: int = 1000) -> Member:
    ana = await with_password(world, points)
    await browser.sign_in(ana)
    return ana


async def fragment(browser: Browser, placement: str = "home") -> str:
    """What the page's script fetches; the page with the token stays."""
    answer = await browser.client.get(f"/recommendations/{placement}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def titles(html: str) -> list[str]:
    return re.findall(r'class="offer-title">([^<]+)<', html)


async def tell(browser: Browser, what: str, **fields: str) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
    assert token
    return await browser.client.post(
        f"/recommendations/{what}",
        data={"csrf_token": token[1], **fields},
        headers={"sec-fetch-site": "same-origin", "accept": "application/json"},
    )


async def events(world: World, who: Member | None) -> list[str]:
    """What is kept of a member, or of nobody."""
    async with world.rt.db.read(world.tenant.id) as s:
        return await s.all(
            str,
            "SELECT concat_ws(' ', type, source, nullif(placement, ''), kind, nullif(offer, ''),"
            " sku) FROM app.recommendation_event WHERE tenant_id = %(tenant_id)s"
            " AND member_id IS NOT DISTINCT FROM %(member)s ORDER BY id",
            {"member": who.id if who else None},
        )


async def test_offers_come_after_the_page(browser: Browser, world: World) -> None:
    assert "/recommendations/" not in (await browser.get("/")).text
    assert await fragment(browser) == ""
    await signed_in(browser, world)
    assert 'hx-get="/recommendations/home" hx-trigger="load"' in browser.page
    html = await fragment(browser)
    assert titles(html) == ["A coffee on us"]
    assert '<h2 id="slot-home">For you</h2>' in html
    assert "Picked out by our team." in html
    assert "500\u00a0beans" in html
    assert re.search(r'href="/products/coffee" data-follow>Have one', html)
    # A product's own page does not offer it again; nobody knows the placement.
    own = await browser.client.get("/recommendations/product?looking_at=COFFEE")
    assert own.text == ""
    assert await fragment(browser, "nowhere") == ""
    club = (await browser.get("/catalogue")).text
    assert titles(club) == ["Bean club"]
    assert "You get in 12 months</dt><dd>3,600\u00a0beans" in club
    assert "You pay in 12 months</dt><dd>$30.00" in club
    assert "What it leaves you</dt><dd>-$20.00" in club
    assert 'href="mailto:help@kettle.example?subject=Bean%20club" data-follow' in club
    assert titles((await browser.get("/catalogue?q=coffee")).text) == []


async def test_a_late_slate_leaves_the_page_alone(
    browser: Browser, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signed_in(browser, world)
    monkeypatch.setattr(slots, "BUDGET_S", 0.0)
    page = await browser.get("/catalogue")
    assert page.status_code == 200
    assert "Coffee" in page.text
    assert titles(page.text) == []
    assert await fragment(browser) == ""


async def test_what_a_member_does_is_told_once(browser: Browser, world: World) -> None:
    ana = await signed_in(browser, world)
    (first,) = _ID.findall(await fragment(browser))
    for _ in range(2):
        assert (await tell(browser, "seen", **{"id-0": first})).status_code == 201
        assert (await tell(browser, "followed", id=first)).status_code == 201
    wanted = ["impression site home catalogue coffee COFFEE",
              "click site home catalogue coffee COFFEE"]  # fmt: skip
    assert await events(world, ana) == wanted
    # Sent away it is gone from the next page, and taken back it stands there again.
    assert (await tell(browser, "dismiss", id=first)).json() == {"id": ""}
    assert await fragment(browser) == ""
    again = (await tell(browser, "undo", id=first)).json()["id"]
    assert again not in ("", first)
    assert titles(await fragment(browser)) == ["A coffee on us"]
    assert (await tell(browser, "dismiss", id=again)).status_code == 201
    assert await fragment(browser) == ""
    assert [kept.split()[0] for kept in await events(world, ana)][2:] == [
        "dismissal", "dismissal_undone", "dismissal",
    ]  # fmt: skip
    # Without a script the form leads back to its page.
    sent = await browser.post("/recommendations/dismiss", id=again, next="/catalogue?q=x")
    assert sent.headers["location"] == "/catalogue?done=offer_dismissed"

    # A forged id, another's, none at all, and a form of another site change nothing.
    before = await events(world, ana)
    bea = await with_password(world, 0)
    for bad in (first[:-1] + ("A" if first[-1] != "A" else "B"), ""):
        assert (await tell(browser, "followed", id=bad)).status_code == 422
    assert (await tell(browser, "seen")).status_code == 422
    crossed = await browser.client.post("/recommendations/followed", data={"id": first})
    assert crossed.status_code == 403
    browser.client.cookies.clear()
    await browser.sign_in(bea)
    assert (await tell(browser, "followed", id=first)).status_code == 422
    assert await events(world, ana) == before
    assert await events(world, bea) == []


async def test_a_redemption_counts_for_the_offer_that_was_followed(
    browser: Browser, world: World
) -> None:
    ana, bea = await signed_in(browser, world), await with_password(world, 1000)
    (offer,) = _ID.findall(await fragment(browser))
    await tell(browser, "followed", id=offer)
    for who in (ana, bea):
        await world.place(who, await world.quote(who, "coffee"))
    await world.place(ana, await world.quote(ana, "coffee"))
    await world.drain()
    assert await events(world, bea) == []
    kept = await events(world, ana)
    # A place counts once, however often its product is redeemed.
    assert kept == ["click site home catalogue coffee COFFEE",
                    "conversion site home catalogue coffee COFFEE"]  # fmt: skip


async def test_a_view_changes_the_next_offers_and_the_switch_ends_that(
    browser: Browser, world: World
) -> None:
    ana = await signed_in(browser, world, 2000)
    for _ in range(2):
        await browser.get("/products/mug")
    assert await events(world, ana) == ["view site catalogue MUG"]
    html = await fragment(browser)
    assert set(titles(html)) == {"A coffee on us", "Mug"}
    assert "You looked at it lately." in html

    page = await browser.get("/profile")
    assert re.search(r'id="f-personal"[^>]* checked', page.text)
    off = await browser.post("/profile/recommendations")
    assert off.headers["location"] == "/profile?done=saved#recommendations"
    page = await browser.get("/profile")
    assert not re.search(r'id="f-personal"[^>]* checked', page.text)
    html = await fragment(browser)
    assert titles(html) == ["A coffee on us"]
    assert "Personal recommendations are off" in html
    # From here on nothing is kept of the member: of what they do with offers, only that it was.
    before = await events(world, ana)
    await browser.get("/products/backpack")
    (offer,) = _ID.findall(html)
    await tell(browser, "seen", **{"id-0": offer})
    await tell(browser, "dismiss", id=offer)
    await world.place(ana, await world.quote(ana, "coffee"))
    await world.drain()
    assert await events(world, ana) == before
    assert await events(world, None) == [
        "impression site home catalogue coffee COFFEE",
        "dismissal site home catalogue coffee COFFEE",
    ]
    assert titles(await fragment(browser)) == ["A coffee on us"]

    await browser.get("/profile")
    await browser.post("/profile/recommendations", personal="yes")
    assert set(titles(await fragment(browser))) == {"A coffee on us", "Mug"}


async def bought(world: World, who: Member, reference: str = "QX7RTY") -> UUID:
    """A ticket to Lisbon and back with one bag, as the brand's systems would send it."""
    day = world.now.date() + timedelta(days=30)
    there = Segment("GRU", "LIS", departs_on=day, arrives_on=day + timedelta(days=1))
    back = Segment(
        "LIS", "GRU", departs_on=day + timedelta(days=10), arrives_on=day + timedelta(days=10)
    )
    ticket = Itinerary((there, back), (Passenger("adult", 40), Passenger()), ("baggage",))
    async with world.rt.db.write(world.tenant.id) as s:
        kept = await kept_contexts.keep(
            s, context_id=uuid7(), member_id=who.id, reference=reference, context=ticket,
            snapshot=await world.rt.snapshot(world.tenant.id, world.now), now=world.now,
        )  # fmt: skip
    return kept.id


async def test_purchases_stand_with_what_goes_with_them(browser: Browser, world: World) -> None:
    ana = await signed_in(browser, world)
    page = await browser.get("/purchases")
    assert "Nothing to come" in page.text
    assert 'href="/purchases"' not in (await browser.get("/profile")).text

    kept, other = await bought(world, ana), await bought(world, await with_password(world, 0))
    assert 'href="/purchases"' in (await browser.get("/profile")).text
    assert "Your purchases" in await fragment(browser)
    page = await browser.get("/purchases")
    assert "São Paulo ⇄ Lisbon" in page.text
    for fact in ("2 people", "Checked bag", "Reference QX7RTY"):
        assert fact in page.text
    # The bag is bought already; the hotel leads to the brand's own page, outside.
    assert titles(page.text) == ["A hotel"]
    assert "9 nights in Lisbon" in page.text
    assert re.search(
        r'href="https://hotels.example/lisbon" data-follow target="_blank"'
        r' rel="noreferrer noopener">Tell me more', page.text,
    )  # fmt: skip
    single = await browser.get(f"/purchases/{kept}")
    assert titles(single.text) == ["A hotel"]
    for path in (f"/purchases/{other}", f"/purchases/{uuid7()}"):
        assert (await browser.get(path)).status_code == 404


async def test_an_order_just_placed_has_its_offers(browser: Browser, world: World) -> None:
    ana = await signed_in(browser, world)
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    page = await browser.get(f"/orders/{placed.id}")
    assert 'hx-get="/recommendations/checkout"' in page.text
    assert titles(await fragment(browser, "checkout")) == ["Bean club"]


HALF = RECOMMENDATIONS | {
    "kinds": {"catalogue": ON | {"holdout_percent": 50}},
    "offers": [{"key": "kettle", "kind": "catalogue", "sku": "KETTLE"}],
}


@pytest.fixture
async def halved(rt: Runtime, worker_rt: Runtime, make_tenant: Any, peers: Any) -> World:
    """A brand that keeps half of its members out."""
    return await opened(rt, worker_rt, make_tenant, peers, recommendations=HALF)


async def test_the_lift_is_a_recount_of_rows_made_here(
    application: Application, halved: World, console: Any
) -> None:
    enough = {"shown": (12, 7), "holdout": (10, 5)}
    made = {arm: [0, 0] for arm in enough}
    while any(made[arm][0] < reached for arm, (reached, _) in enough.items()):
        async with at_site(application, halved) as browser:
            ana = await signed_in(browser, halved, 6000)
            (offer,) = _ID.findall(await fragment(browser))
            arm = str(feedback.opened(halved.rt.settings, halved.tenant.id, offer).arm)
            reached, taken = enough[arm]
            if made[arm][0] == reached:
                continue
            made[arm][0] += 1
            await tell(browser, "seen", **{"id-0": offer})
            if made[arm][1] < taken:
                made[arm][1] += 1
                await tell(browser, "followed", id=offer)
                await halved.place(ana, await halved.quote(ana, "kettle"))
    await halved.drain()

    olga = await console(halved.tenant)
    told = (await olga.get(f"{olga.brand}/recommendations/measurement?source=site")).json()
    (line,) = [one for one in told["lines"] if one["placement"] == "home"]
    assert (line["impressions"], line["clicks"], line["conversions"]) == (22, 12, 12)
    for arm, (reached, taken) in enough.items():
        assert (line[arm]["reached"], line[arm]["converted"]) == (reached, taken)
    # (7/12) / (5/10) - 1, and exp(ln(7/6) ± 1.96 √((5/12)/7 + (5/10)/5)) - 1.
    assert (line["verdict"], line["lift"]) == ("none", 166_667)
    assert (line["low"], line["high"]) == (-466_698, 1_552_233)
    assert (told["sources"]["generated"], told["sources"]["api"]) == (0, 0)

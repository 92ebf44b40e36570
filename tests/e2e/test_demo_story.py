"""Browsers walk what the demo promises, against every real process of it.

A member's main job on both brands; a programme that two colleagues change and take back; a brand
that changes its payment provider while orders are on their way; one that leaves with its year.
"""

import json
import os
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from tests.e2e import leaving
from tests.e2e.colleague import Colleague, guerdon
from tests.e2e.demo import browser_path, eventually, running, started
from tests.e2e.founder import Founder
from tests.e2e.visitor import WORDS, Visitor, digits

pytestmark = pytest.mark.e2e

DELIVERED_S = 150
# By a robot, from the platform's first page to a delivered reward.
FOUNDED_S = 180
LIVE_S = 1.0
WINE = "#7a1f5c"
# What the demo began with; nobody at the console had a hand in it.
FIRST = 1
_ACCENT = "() => getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A demo of its own; GUERDON_E2E_HOME names one that runs already, and loses a brand."""
    home = os.environ.get("GUERDON_E2E_HOME")
    if home and (found := running(Path(home))):
        yield found | {"home": Path(home)}
        return
    own = tmp_path_factory.mktemp("demo")
    with started(own) as found:
        yield found | {"home": own}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def company(demo: dict[str, Any]) -> None:
    """The corporate sign-in follows the member site: wait until the brand's page offers it."""

    def offered() -> Any:
        url = f"{demo['base_url']}/api/admin/v1/sign-in/aurora"
        host = urllib.parse.urlsplit(demo["console_url"]).netloc
        return get(url, host=host)["connections"]

    def log() -> str:
        return "".join(file.read_text()[-2000:] for file in demo["home"].glob("logs/*.log"))

    eventually(offered, 60, log)


def get(url: str, *, host: str = "") -> Any:
    """What a peer or the product answers, from JSON."""
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(
        f"http://127.0.0.1:{parts.port}{parts.path}?{parts.query}",
        headers={"Host": host or parts.netloc},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _followed(home: Path, call: str) -> bool:
    """Whether one trace holds the request, the relay's ring, the job and the supplier's call."""
    seen: dict[str, set[str]] = {}
    for line in (home / "traces.jsonl").read_text().splitlines():
        span = json.loads(line)
        seen.setdefault(span["trace_id"], set()).update({span["service"], span["name"]})
    wanted = {"guerdon-web", "guerdon-relay", "guerdon-worker", "ring redemption.order", call}
    return any(wanted <= names for names in seen.values())


@pytest.mark.parametrize("slug", sorted(WORDS))
def test_points_and_money_to_the_doorstep(
    demo: dict[str, Any], chromium: Browser, slug: str
) -> None:
    eva = Visitor(demo, slug, chromium)
    page, words = eva.page, eva.words
    page.goto(eva.base)
    assert page.get_attribute("html", "lang") == words["language"]
    assert words["theme"] in str(page.get_attribute("html", "class"))

    eva.join()
    eva.leave_number()
    eva.sign_out()
    eva.sign_in_by_code()
    points = eva.earn()
    page.goto(eva.base)
    shown = page.inner_text("main, .stage").replace("\u00a0", " ") + page.inner_text("body")
    assert str(points) in re.sub(r"[.,\s]", "", shown)
    assert str(words["points"]) in shown

    page.goto(f"{eva.base}/catalogue")
    page.fill("#q", str(words["typo"]))
    page.wait_for_url(re.compile(r"q="))
    expect(page.locator("#cards .card").first).to_be_visible()

    chosen = eva.choose()
    eva.address()
    label = page.inner_text(".act").replace("\u00a0", " ")
    assert str(chosen) in re.sub(r"[.,\s]", "", label)
    page.click(".act")
    eva.pay()

    order = page.url
    expect(page.locator(".tag-large")).to_have_text(
        str(words["delivered"]), timeout=DELIVERED_S * 1000
    )
    assert page.locator(".parcel-number").count() >= 1

    # Codes to join and to sign in, welcome; confirmed, shipped, delivered, these by SMS too.
    eventually(
        lambda: len(eva.messages()) >= 6 and len(eva.messages(eva.phone)) >= 3, 30,
        lambda: [m["subject"] for m in [*eva.messages(), *eva.messages(eva.phone)]],
    )  # fmt: skip
    for to, kind, sender in (
        (eva.email, "Mail", words["mail_from"]), (eva.phone, "SMS", words["sms_from"]),
    ):  # fmt: skip
        page.goto(f"{demo['sandbox']['mailbox_url']}/?to={urllib.parse.quote(to)}")
        newest = page.locator("li").first
        expect(newest.locator(".tag").first).to_have_text(kind)
        expect(newest).to_contain_text(f"from {sender}")

    for kind in ("redeem", "earn"):
        page.goto(f"{eva.base}/activity?kind={kind}")
        page.locator(".entry").first.click()
        expect(page.get_by_role("heading", name=str(words["because"]))).to_be_visible()
        expect(page.locator(".lots tbody tr").first).to_be_visible()
        number = digits(page.inner_text(".explain-points"))
        assert number == str(chosen if kind == "redeem" else points)
        lots = page.locator(".lots tbody td.number").all_inner_texts()
        assert sum(int(digits(each)) for each in lots) == int(number)
        assert page.locator(".facts dt").count() >= 3

    supplier = demo["sandbox"]["supplier_url"].partition("//")[2]
    eventually(
        lambda: _followed(demo["home"], f"POST {supplier}"), 10,
        lambda: "no trace goes from the browser to the supplier",
    )  # fmt: skip

    (other,) = [name for name in WORDS if name != slug]
    elsewhere = Visitor(demo, other, chromium, email=eva.email)
    assert len(eva.found()) == 1
    assert elsewhere.found() == []
    page.goto(order.replace(eva.base, elsewhere.base))
    assert "/sign-in" in page.url
    assert page.get_attribute("html", "lang") == words["language"]
    assert elsewhere.words["theme"] in str(page.get_attribute("html", "class"))
    assert eva.errors == []
    elsewhere.context.close()
    eva.context.close()


def test_browsing_and_redeeming_work_without_scripts(
    demo: dict[str, Any], chromium: Browser
) -> None:
    eva = Visitor(demo, "kettle", chromium)
    eva.join()
    eva.earn()
    plain = chromium.new_context(
        java_script_enabled=False,
        storage_state=eva.context.storage_state(),
        viewport={"width": 390, "height": 844},
        locale="en",
    )
    page = plain.new_page()
    page.goto(f"{eva.base}/catalogue?delivery=counter&within=1&sort=points_up")
    page.locator(".card-link").first.click()
    expect(page.locator("#mix-range")).to_be_hidden()
    page.locator(".stop input").first.check()
    page.click(".buy button.button-primary")
    page.click(".act")
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+$"))

    def ticket() -> int:
        page.reload()
        return page.locator(".ticket-code").count()

    eventually(ticket, 60, lambda: "no code for the counter")
    plain.close()
    eva.context.close()


class Shelf:
    """What anybody sees of one product: its price and the site's colour, by plain requests."""

    def __init__(self, brand: Visitor, product: str) -> None:
        self.base, self.product = brand.base, product

    def _text(self, path: str) -> str:
        parts = urllib.parse.urlsplit(self.base)
        request = urllib.request.Request(
            f"http://127.0.0.1:{parts.port}{path}", headers={"Host": parts.netloc}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())

    def shows(self) -> tuple[int, str]:
        """Points and accent."""
        page = self._text(f"/products/{self.product}")
        price = re.search(r'class="points points-large">([\d.,]+)', page)
        sheet = re.search(r'href="(/theme/[^"]+\.css)"', page)
        assert price, page[:2000]
        assert sheet, page[:2000]
        colour = re.search(r"--accent:(#[0-9a-f]{6})", self._text(sheet[1]))
        assert colour
        return int(digits(price[1])), colour[1]

    def live_after(self, wanted: tuple[int, str]) -> float:
        """Seconds from now to the end of the first page with these."""
        begun = time.monotonic()
        while (found := self.shows()) != wanted:
            assert time.monotonic() < begun + 10, found
        return time.monotonic() - begun


@pytest.mark.usefixtures("company")
def test_two_colleagues_change_the_programme_and_take_it_back(
    demo: dict[str, Any], chromium: Browser
) -> None:
    ana = Visitor(demo, "aurora", chromium)
    ana.join()
    ana.earn(50_00)
    olivia = Colleague(demo, "aurora", chromium)
    olivia.by_company("olivia")
    page, before = olivia.page, olivia.in_force()

    # A change that is taken back field by field changes nothing, and the back-test says so.
    olivia.open("/programme/points")
    asked, earned = page.get_by_label("Points asked"), page.get_by_label("Points earned")
    assert (asked.input_value(), earned.input_value()) == ("50", "3")
    asked.fill("55")
    olivia.basket(1)
    row = page.locator("[data-product]").first
    product = str(row.get_attribute("data-product"))
    now, then = row.locator("td").nth(1), row.locator("td").nth(2)
    expect(then).not_to_have_text(now.inner_text())
    old, new = int(digits(now.inner_text())), int(digits(then.inner_text()))
    assert old < new
    shelf = Shelf(ana, product)
    blue = shelf.shows()[1]
    assert shelf.shows() == (old, blue)
    asked.fill("50")
    olivia.basket(0)
    olivia.screen("Change sets")
    page.get_by_role("row").nth(1).click()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    page.get_by_role("button", name="Run the back-test").click()
    page.get_by_role("link", name="Whole report").click()
    expect(page.get_by_text("does exactly what is in force")).to_be_visible()

    olivia.screen("Points")
    asked.fill("55")
    earned.fill("4")
    olivia.basket(2)
    olivia.screen("Branding")
    page.get_by_label("Brand colour").fill(WINE)
    olivia.basket(3)
    olivia.screen("Tiers")
    gold = page.get_by_role("region", name="Ouro")
    gold.get_by_label("Threshold").fill("30000")
    olivia.basket(4)
    expect(page.get_by_text("Nobody would change tier.")).to_have_count(0)
    change = olivia.submit("Dearer rewards, in wine.")
    words = (
        f"Brand colour {blue} → {WINE}", "Points asked 50 → 55 points",
        "Points earned 3 → 4 points", "Ouro threshold 25,000 → 30,000 points",
    )  # fmt: skip
    for line in words:
        expect(page.get_by_text(line, exact=True)).to_be_visible()

    page.get_by_role("button", name="Run the back-test").click()
    issued = page.get_by_role("row").filter(has_text="Points issued").locator("td").last
    expect(issued).to_have_text(re.compile(r"^\+\d"))
    page.get_by_role("button", name="Look at the site").click()
    link = page.get_by_role("link", name="Open in a tab of its own").get_attribute("href")
    look(ana, chromium, str(link), product, new)
    assert shelf.shows() == (old, blue)

    # Whoever had a hand in it decides nothing, on the screen or past it.
    expect(page.get_by_text("You had a hand in this set")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    row_version = olivia.read(f"/change-sets/{change}")["rowVersion"]
    for step in ("approve", "publish"):
        told = olivia.send("POST", f"/change-sets/{change}/{step}", {"rowVersion": row_version})
        assert (told["status"], told["code"]) == (403, "own_change")

    paulo = Colleague(demo, "aurora", chromium)
    paulo.by_company("paulo")
    paulo.approve()
    paulo.publish()
    assert shelf.live_after((new, WINE)) < LIVE_S
    ana.page.goto(ana.base)
    assert ana.page.evaluate(_ACCENT) == WINE
    ana.earn(50_00)
    assert computed(ana) == [before + 1, before]

    paulo.roll_back(FIRST)
    assert shelf.live_after((old, blue)) < LIVE_S
    assert paulo.in_force() == before + 2
    assert computed(ana) == [before + 1, before]

    trail = paulo.open("/audit")
    told = trail.get_by_role("row").filter(has_text=re.compile("Change: "))
    expect(told.nth(3)).to_be_visible()
    kinds = ("Earlier version brought back", "Change published", "Change approved",
             "Preview of a change opened", "Back-test started")  # fmt: skip
    for at, (who, what) in enumerate(zip(["Paulo"] * 3 + ["Olívia"] * 2, kinds, strict=True)):
        expect(told.nth(at)).to_contain_text(who)
        expect(told.nth(at)).to_contain_text(what)
    told.first.click()
    expect(trail.get_by_role("dialog")).to_contain_text("Points asked 55 → 50 points")
    trail.get_by_role("dialog").get_by_role("button", name="Close").click()
    trail.get_by_role("button", name="Verify the chain").click()
    expect(trail.get_by_text("Chain holds", exact=True)).to_be_visible()
    said = guerdon(demo["home"], "audit", "verify", "--tenant", "aurora")
    assert said == "the trail is whole\n"
    assert olivia.errors + paulo.errors + ana.errors == []


def look(brand: Visitor, chromium: Browser, link: str, product: str, price: int) -> None:
    """Through a preview's link: the draft's look and price below a banner; nothing is written."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="pt-BR")
    page = context.new_page()
    page.goto(link)
    assert page.evaluate(_ACCENT) == WINE
    expect(page.get_by_role("link", name="Sair da prévia")).to_be_visible()
    page.goto(f"{brand.base}/products/{product}")
    assert digits(page.inner_text(".points-large")) == str(price)
    page.get_by_role("link", name="Visitante").click()
    stranger = Visitor(brand.demo, brand.slug, chromium)
    page.goto(f"{brand.base}/sign-in")
    page.fill("#f-email", stranger.email)
    with page.expect_response(re.compile("/sign-in/code$")) as told:
        page.click("form[action='/sign-in/code'] button")
    assert told.value.status == 403
    assert stranger.messages() == []
    stranger.context.close()
    context.close()


def computed(member: Visitor) -> list[int]:
    """With which versions the member's two newest purchases were computed, as their pages tell."""
    versions = []
    for newest in range(2):
        member.page.goto(f"{member.base}/activity?kind=earn")
        member.page.locator(".entry").nth(newest).click()
        member.page.wait_for_selector(".explain")
        pattern = str(member.words["computed"]).replace("{}", r"(\d+)")
        found = re.search(pattern, member.page.inner_text(".explain"))
        assert found
        versions.append(int(found[1]))
    return versions


@pytest.mark.usefixtures("company")
def test_offers_follow_a_ticket_and_the_marketer(demo: dict[str, Any], chromium: Browser) -> None:
    """Ana has a ticket to Lisbon with one bag; a bank has approved her for its Platinum card."""
    ana = Visitor(demo, "aurora", chromium, email="ana@aurora.example")
    ana.sign_in_by_code()
    page = ana.page
    page.goto(f"{ana.base}/profile")
    page.get_by_role("link", name="Suas compras").click()
    expect(page.get_by_role("heading", name="São Paulo ⇄ Lisboa")).to_be_visible()
    with page.expect_response(re.compile("/recommendations/seen$")) as told:
        page.locator(".offer").first.scroll_into_view_if_needed()
    assert told.value.status == 201

    def offered() -> dict[str, str]:
        """What stands with the ticket: title and kind."""
        text = str(page.evaluate("async () => (await fetch('/purchases')).text()"))
        found = re.findall(r'class="offer offer-(\w+)".*?class="offer-title">([^<]+)<', text, re.S)
        return {title: kind for kind, title in found}

    seen = offered()
    fare = {"Escolha o seu assento", "Seguro viagem"}
    assert fare | {"Aurora Banco Meridiano Platinum"} <= set(seen)
    assert "Bagagem despachada" not in seen
    assert {"Hotel em Lisboa", "Carro em Lisboa", "Crédito para o aeroporto"} & set(seen)
    (club,) = [title for title, kind in seen.items() if kind == "club"]
    card = page.locator(".offer").filter(has_text=club)
    card.get_by_text("Por que estou vendo isto?").click()
    facts = dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(),
                     strict=True))  # fmt: skip
    monthly, yearly = facts["Você recebe por mês"], facts["Você recebe em 12 meses"]
    assert int(digits(monthly)) * 12 == int(digits(yearly))
    paid, cost = facts["Você paga por mês"], facts["Você paga em 12 meses"]
    assert int(digits(paid)) * 12 == int(digits(cost))
    worth, left = facts["Isso vale"], facts["O que sobra para você"]
    assert abs(int(digits(worth)) - int(digits(cost))) == int(digits(left))

    seat = page.locator(".offer").filter(has_text="Escolha o seu assento")
    seat.get_by_role("button", name="Não tenho interesse em Escolha o seu assento").click()
    expect(seat.get_by_text("Guardado por 14 dias.")).to_be_visible()
    assert "Escolha o seu assento" not in offered()
    seat.get_by_role("button", name="Desfazer").click()
    expect(seat.get_by_role("heading")).to_be_visible()
    assert "Escolha o seu assento" in offered()

    # The marketer moves a weight, ends a lifespan and disables a kind; the site follows at once.
    marina, paulo = (Colleague(demo, "aurora", chromium) for _ in range(2))
    marina.by_company("marina")
    paulo.by_company("paulo")
    made = marina.send("POST", "/change-sets", {"title": "No club, no seats"})
    today = datetime.now(ZoneInfo("America/Sao_Paulo")).date()
    edits = [
        {"path": "recommendations.offers[insurance].weight", "value": 0},
        {"path": "recommendations.offers[seat].lifespan.valid_to", "value": str(today)},
        {"path": "recommendations.kinds.club.enabled", "value": False},
    ]
    at = f"/change-sets/{made['id']}"
    made = marina.send("PATCH", f"{at}/edits", {"rowVersion": made["rowVersion"], "edits": edits})
    assert made["editCount"] == 3, made
    made = marina.send("POST", f"{at}/submit", {"rowVersion": made["rowVersion"]})
    made = paulo.send("POST", f"{at}/approve", {"rowVersion": made["rowVersion"]})
    assert paulo.send("POST", f"{at}/publish", {})["state"] == "published"
    begun = time.monotonic()
    while fare & set(now := offered()) or "club" in now.values():
        assert time.monotonic() < begun + 10, now
    assert time.monotonic() - begun < LIVE_S
    assert "Aurora Banco Meridiano Platinum" in now
    paulo.roll_back(FIRST)
    eventually(lambda: fare <= set(offered()) and "club" in offered().values(), 5, offered)
    assert ana.errors + marina.errors + paulo.errors == []
    for person in (ana, marina, paulo):
        person.context.close()


def test_another_provider_takes_over_and_orders_in_flight_finish(
    demo: dict[str, Any], chromium: Browser
) -> None:
    peers = demo["sandbox"]

    def stripe() -> str:
        found = get(f"{peers['payments_url']}/_control/objects/payment_intent")
        return str(found[0]["status"])

    def knobs(**wanted: Any) -> None:
        request = urllib.request.Request(
            f"{peers['supplier_url']}/_control/knobs", method="PUT",
            data=json.dumps(wanted).encode(),
        )  # fmt: skip
        urllib.request.urlopen(request, timeout=10).close()

    kate, ada = (Colleague(demo, "kettle", chromium) for _ in range(2))
    kate.by_password("kate@kettle.example")
    before = kate.in_force()
    page = kate.open("/programme/payments")
    page.get_by_label("Provider").click()
    page.get_by_role("option", name="Amazon Pay").click()
    kate.basket(1)
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_text("It works")).to_be_visible()
    kate.submit("Lower fees.")
    expect(page.get_by_text("Provider Stripe → Amazon Pay", exact=True)).to_be_visible()
    ada.by_password("ada@kettle.example")
    ada.approve()

    eva = Visitor(demo, "kettle", chromium)
    eva.join()
    eva.earn()
    eva.choose()
    eva.address()
    knobs(fail_rate=1.0, only="/ordering/")
    try:
        eva.page.click(".act")
        eva.pay()
        in_flight = eva.page.url
        assert stripe() == "requires_capture"
        ada.publish()
        assert stripe() == "requires_capture"
    finally:
        knobs()

    eva.choose()
    eva.page.click(".act")
    eva.pay_at_amazon()
    eventually(lambda: stripe() == "succeeded", 60, stripe)

    def amazon() -> str:
        found = get(f"{peers['amazon_pay_url']}/_control/objects/charge")
        return str(found[0]["statusDetails"]["state"])

    eventually(lambda: amazon() == "Captured", 60, amazon)
    for order in (eva.page.url, in_flight):
        eva.page.goto(order)
        expect(eva.page.locator(".tag-large")).to_have_text(
            re.compile("Confirmed|On its way|Delivered"), timeout=30_000
        )

    ada.roll_back(FIRST)
    assert ada.in_force() == before + 2
    eva.choose()
    eva.page.click(".act")
    eva.page.wait_for_url(f"{peers['payments_url']}/**")
    assert kate.errors + ada.errors + eva.errors == []


def test_a_stranger_founds_a_brand_and_redeems(demo: dict[str, Any], chromium: Browser) -> None:
    """From the first page to a parcel at the door of a brand that was not there before."""
    begun = time.monotonic()
    ana = Founder(demo, chromium)
    ana.sign_up()
    ana.become_member()
    ana.redeem()
    ana.enter_console()
    expect(ana.page.locator("#first-steps")).to_contain_text(
        "Your programme works from end to end", timeout=DELIVERED_S * 1000
    )
    assert time.monotonic() - begun < FOUNDED_S
    ana.page.reload()
    expect(ana.page.locator("#console-link")).to_have_text("Open the console")

    # Two years pass in her sandbox: a month and a week before its day she is told that what is left
    # expires, then it does, and nowhere else.
    assert int(digits(ana.balance())) > 0
    assert ana.move_clock(2) == ["notice", "notice", "points"]
    assert ana.balance() == "0"
    assert ana.errors == []
    ana.context.close()


def test_a_brand_leaves_with_its_year(
    demo: dict[str, Any], chromium: Browser, tmp_path: Path
) -> None:
    """Aurora is exported, closed and removed, and goes on in a deployment that was empty.

    The last of the story: the demo has no Aurora afterwards.
    """
    home, export, again = Path(demo["home"]), tmp_path / "aurora", tmp_path / "again"
    email, order, code = leaving.waiting(home, "aurora")
    eva = Visitor(demo, "aurora", chromium, email=email)
    eva.sign_in_by_code()
    before = leaving.seen(eva)
    told = guerdon(home, "tenants", "export", "aurora", str(export), "--everything")
    made = leaving.manifest(export)
    rows = {file["name"]: file["rows"] for file in made["files"] if "rows" in file}
    assert f"content {made['content_hash']}" in told.splitlines()
    assert leaving.proved_alone(export) == f"content {made['content_hash']}"
    assert rows["tables/member.jsonl"] >= 500
    assert rows["tables/ledger_txn.jsonl"] >= 4_000

    leaving.settle(eva, home)
    leaving.apart(leaving.end(home, "aurora"))
    with leaving.elsewhere(home, tmp_path) as there:
        said = there.command("tenants", "apply-export", export)
        assert said.splitlines()[0] == f"aurora: {sum(rows.values())} rows are here; it is sandbox"
        found = leaving.apart(there.look("aurora", again))
        assert found == (made["content_hash"], [])

        certificate = leaving.certified(home, "aurora")
        assert certificate["rows"]["app.ledger_txn"] >= rows["tables/ledger_txn.jsonl"]
        assert certificate["files"] >= sum(f["name"].startswith("files/") for f in made["files"])
        assert leaving.holding(home, email) == []
        assert [page.status for page in [eva.page.goto(eva.base)] if page] == [410]

        with there.serving("aurora") as moved:
            eva = Visitor(demo | {"tenants": [moved]}, "aurora", chromium, email=email)
            eva.sign_in_by_code()
            assert leaving.seen(eva) == before
            # What waited at the counter when the export was taken waits there, under its code.
            done = eva.api("POST", "/counter/collect", {"code": code})
            assert done["redemptionId"] == order
    assert eva.errors == []

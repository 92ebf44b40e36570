"""A browser walks the main job on both brands, against every real process of the demo."""

import json
import os
import re
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.e2e.demo import browser_path, eventually, running, started

pytestmark = pytest.mark.e2e

DELIVERED_S = 150
ASKS_3DS = "4000002760003184"

WORDS = {
    "aurora": {
        "language": "pt-BR", "theme": "theme-editorial", "points": "milhas", "typo": "mochlia",
        "country": "BR", "line1": "Avenida Paulista 1578", "city": "São Paulo", "region": "SP",
        "postal_code": "01310-200", "currency": "BRL", "delivered": "Entregue",
        "because": "Por que este número", "earn": 400_000_00,
    },
    "kettle": {
        "language": "en", "theme": "theme-playful", "points": "beans", "typo": "grindr",
        "country": "US", "line1": "1 Market Street", "city": "San Francisco", "region": "CA",
        "postal_code": "94103", "currency": "USD", "delivered": "Delivered",
        "because": "Why this number", "earn": 3_000_00,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A demo of its own; GUERDON_E2E_HOME names one that runs already."""
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


class Visitor:
    """Somebody new at a brand, with a mailbox."""

    def __init__(self, demo: dict[str, Any], slug: str, browser: Browser) -> None:
        self.demo, self.slug, self.words = demo, slug, WORDS[slug]
        self.tenant = next(t for t in demo["tenants"] if t["slug"] == slug)
        self.base = self.tenant["url"]
        self.email = f"e2e-{uuid.uuid4().hex[:10]}@mail.example"
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844},
            locale=str(self.words["language"]),
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "favicon" not in message.text:
            self.errors.append(message.text)

    def mails(self) -> list[dict[str, Any]]:
        """What arrived, newest first."""
        query = urllib.parse.urlencode({"to": self.email})
        with urllib.request.urlopen(
            f"{self.demo['sandbox']['mailbox_url']}/api/messages?{query}", timeout=10
        ) as answer:
            return list(json.load(answer)["items"])

    def code(self, known: int) -> str:
        """The code in the mail that comes after the first `known` ones."""

        def newer() -> list[Any]:
            found = self.mails()
            return found if len(found) > known else []

        found = eventually(newer, 30, lambda: "no mail with a code")
        digits = re.search(r"\b(\d{3})\s?(\d{3})\b", found[0]["text"])
        assert digits, found[0]["text"]
        return digits[1] + digits[2]

    def api(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A call of the brand's systems."""
        host = urllib.parse.urlsplit(self.base)
        request = urllib.request.Request(
            f"http://127.0.0.1:{host.port}/api/v1{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Host": host.netloc,
                "Authorization": f"Bearer {self.tenant['api_key']}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid.uuid4()),
            },
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return dict(json.load(answer))

    def join(self) -> None:
        """One screen: mail, code, terms."""
        page = self.page
        page.goto(f"{self.base}/join")
        page.fill("#f-name", "Eva Prova")
        page.fill("#f-email", self.email)
        page.click("button[name=send][value=code]")
        page.wait_for_selector("input[name=challenge]:not([value=''])", state="attached")
        page.fill("#f-code", self.code(0))
        page.check("#f-terms")
        page.click("button[name=send][value=join]")
        page.wait_for_url(f"{self.base}/?done=welcome")

    def earn(self) -> int:
        """A purchase at the brand; the points it brought."""
        found = self.api("GET", f"/members?{urllib.parse.urlencode({'email': self.email})}")
        member = next(m for m in found["items"] if m["email"] == self.email)
        answer = self.api(
            "POST",
            "/points/earn",
            {
                "memberId": member["id"],
                "source": "shop",
                "eventId": f"r-{uuid.uuid4().hex[:8]}",
                "amount": {"minor": self.words["earn"], "currency": self.words["currency"]},
                "occurredAt": datetime.now(UTC).isoformat(),
            },
        )
        return int(answer["points"])

    def pay(self) -> None:
        """The provider's page with a card that asks for 3-D Secure."""
        page = self.page
        page.wait_for_selector("#number")
        page.fill("#number", ASKS_3DS)
        page.fill("#expiry", "12 / 34")
        page.fill("#cvc", "123")
        page.fill("#name", "Eva Prova")
        page.click("button[type=submit]")
        page.click("button[value=approve]")


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
    points = eva.earn()
    page.goto(eva.base)
    shown = page.inner_text("main, .stage").replace("\u00a0", " ") + page.inner_text("body")
    assert re.sub(r"\D", "", str(points)) in re.sub(r"[.,\s]", "", shown)
    assert str(words["points"]) in shown

    page.goto(f"{eva.base}/catalogue")
    page.fill("#q", str(words["typo"]))
    page.wait_for_url(re.compile(r"q="))
    expect(page.locator("#cards .card").first).to_be_visible()
    page.goto(f"{eva.base}/catalogue?within=1&delivery=parcel&sort=points_up")
    page.locator(".card-link").first.click()
    page.wait_for_selector(".product")

    slider = page.locator("#mix-range")
    expect(slider).to_be_visible()
    slider.focus()
    slider.press("PageDown")
    page.wait_for_selector("#mix-custom input:checked")
    chosen = int(str(page.locator("#mix-custom input").get_attribute("value")))
    page.click(".buy button.button-primary")

    page.wait_for_selector(".checkout")
    page.fill("#f-recipient", "Eva Prova")
    page.select_option("#f-country", str(words["country"]))
    for field in ("line1", "city", "region", "postal_code"):
        page.fill(f"#f-{field}", str(words[field]))
    label = page.inner_text(".act").replace("\u00a0", " ")
    assert re.sub(r"\D", "", str(chosen)) in re.sub(r"[.,\s]", "", label)
    page.click(".act")
    eva.pay()

    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+$"))
    order = page.url
    expect(page.locator(".tag-large")).to_have_text(
        str(words["delivered"]), timeout=DELIVERED_S * 1000
    )
    assert page.locator(".parcel-number").count() >= 1
    # code, welcome, confirmed, shipped, delivered
    eventually(lambda: len(eva.mails()) >= 5, 30, lambda: [m["subject"] for m in eva.mails()])

    page.goto(f"{eva.base}/activity?kind=redeem")
    page.locator(".entry").first.click()
    expect(page.get_by_role("heading", name=str(words["because"]))).to_be_visible()
    expect(page.locator(".lots tbody tr").first).to_be_visible()

    supplier = demo["sandbox"]["supplier_url"].partition("//")[2]
    eventually(
        lambda: _followed(demo["home"], f"POST {supplier}"), 10,
        lambda: "no trace goes from the browser to the supplier",
    )  # fmt: skip

    other = next(t for t in demo["tenants"] if t["slug"] != slug)
    page.goto(order.replace(eva.base, other["url"]))
    assert "/sign-in" in page.url
    assert eva.errors == []
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

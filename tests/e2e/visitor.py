"""A member in a browser on a phone, with a mailbox and with what the brand's systems tell."""

import json
import re
import urllib.parse
import urllib.request
import uuid
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Browser, Page, expect
from tests.e2e.demo import eventually

ASKS_3DS = "4000002760003184"

WORDS = {
    "aurora": {
        "language": "pt-BR", "theme": "theme-editorial", "points": "milhas", "typo": "mochlia",
        "country": "BR", "line1": "Avenida Paulista 1578", "city": "São Paulo", "region": "SP",
        "postal_code": "01310-200", "currency": "BRL", "delivered": "Entregue",
        "because": "Por que este número", "earn": 400_000_00, "phone": "+551195555",
        "mail_from": "Aurora Milhas", "sms_from": "AURORA",
        "computed": "Calculado com a versão {} do programa.",
    },
    "kettle": {
        "language": "en", "theme": "theme-playful", "points": "beans", "typo": "grindr",
        "country": "US", "line1": "1 Market Street", "city": "San Francisco", "region": "CA",
        "postal_code": "94103", "currency": "USD", "delivered": "Delivered",
        "because": "Why this number", "earn": 3_000_00, "phone": "+1202555",
        "mail_from": "Copper Kettle", "sms_from": "KETTLE",
        "computed": "Computed with version {} of the programme.",
    },
}  # fmt: skip


def digits(text: str) -> str:
    """The text's figures alone, without a locale's separators."""
    return re.sub(r"\D", "", text)


class Visitor:
    """Somebody new at a brand; with an `email`, somebody whom the brand knows."""

    def __init__(
        self, demo: dict[str, Any], slug: str, browser: Browser, *, email: str = ""
    ) -> None:
        self.demo, self.slug, self.words = demo, slug, WORDS[slug]
        self.tenant = next(t for t in demo["tenants"] if t["slug"] == slug)
        self.base = self.tenant["url"]
        mark = uuid.uuid4()
        self.email = email or f"e2e-{mark.hex[:10]}@mail.example"
        self.phone = f"{self.words['phone']}{mark.int % 10_000:04}"
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844},
            locale=str(self.words["language"]),
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", self._failed)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "favicon" not in message.text:
            self.errors.append(message.text)

    def _failed(self, error: Any) -> None:
        # Leaving for a page that has no transitions, a provider's say, is told as an error; so is
        # going on before the last page has faded in.
        if str(error) != "Transition was skipped" and "ViewTransition opt-in" not in str(error):
            self.errors.append(str(error))

    def messages(self, to: str = "") -> list[dict[str, Any]]:
        """What arrived at the mail address, or at another; newest first."""
        query = urllib.parse.urlencode({"to": to or self.email})
        url = f"{self.demo['sandbox']['mailbox_url']}/api/messages?{query}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return list(json.load(answer)["items"])

    def codes(self) -> list[str]:
        """The codes that mails brought, newest first."""
        told = (re.search(r"\b(\d{3})\s?(\d{3})\b", one["text"]) for one in self.messages())
        return [one[1] + one[2] for one in told if one]

    def code(self, known: int) -> str:
        """The code that comes after the first `known` ones."""

        def newer() -> str:
            found = self.codes()
            return found[0] if len(found) > known else ""

        return eventually(newer, 60, lambda: f"no code in {self.messages()}")

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

    def leave_number(self) -> None:
        """The profile gets a mobile phone."""
        page = self.page
        page.goto(f"{self.base}/profile")
        page.fill("#f-phone", self.phone)
        page.click("#person .button-primary")
        page.wait_for_url("**/profile?done=saved")

    def sign_out(self) -> None:
        """Leave, as from a phone that is not one's own."""
        self.page.goto(f"{self.base}/profile")
        self.page.click("form[action='/sign-out'] button")
        self.page.wait_for_url(re.compile(r"/(\?.*)?$"))

    def sign_in_by_code(self) -> None:
        """The mail address, then the code that is sent there."""
        page, known = self.page, len(self.codes())
        page.goto(f"{self.base}/sign-in")
        page.fill("#f-email", self.email)
        page.click("form[action='/sign-in/code'] button")
        page.wait_for_selector("#f-code")
        page.fill("#f-code", self.code(known))
        page.click("form[action='/sign-in/verify'] button")
        page.wait_for_url(re.compile(r"/(\?.*)?$"))

    def found(self) -> list[dict[str, Any]]:
        """Who has this mail address, as the brand knows it."""
        query = urllib.parse.urlencode({"email": self.email})
        return list(self.api("GET", f"/members?{query}")["items"])

    def earn(self, minor: int = 0) -> int:
        """A purchase at the brand; the points it brought."""
        (member,) = self.found()
        answer = self.api(
            "POST",
            "/points/earn",
            {
                "memberId": member["id"],
                "source": "shop",
                "eventId": f"r-{uuid.uuid4().hex[:8]}",
                "amount": {
                    "minor": minor or self.words["earn"],
                    "currency": self.words["currency"],
                },
                "occurredAt": datetime.now(UTC).isoformat(),
            },
        )
        return int(answer["points"])

    def choose(self) -> int:
        """The cheapest parcel within reach, paid with fewer points than it costs; the points."""
        page = self.page
        page.goto(f"{self.base}/catalogue?within=1&delivery=parcel&sort=points_up")
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
        return chosen

    def address(self) -> None:
        """Where the parcel goes."""
        page, words = self.page, self.words
        page.fill("#f-recipient", "Eva Prova")
        page.select_option("#f-country", str(words["country"]))
        for field in ("line1", "city", "region", "postal_code"):
            page.fill(f"#f-{field}", str(words[field]))

    def pay(self) -> None:
        """Stripe's page with a card that asks for 3-D Secure."""
        page = self.page
        page.wait_for_selector("#number")
        page.fill("#number", ASKS_3DS)
        page.fill("#expiry", "12 / 34")
        page.fill("#cvc", "123")
        page.fill("#name", "Eva Prova")
        page.click("button[type=submit]")
        page.click("button[value=approve]")
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+$"))

    def pay_at_amazon(self) -> None:
        """Amazon's page, with the first method of the wallet."""
        page = self.page
        page.wait_for_url(f"{self.demo['sandbox']['amazon_pay_url']}/checkout/**")
        page.click("button[name=answer][value=pay]")
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+$"))

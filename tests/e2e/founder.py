"""Somebody with a logo and nothing else, at the platform's first page."""

import io
import re
import urllib.parse
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect
from tests.e2e.demo import eventually

from guerdon.identity import totp

BUILT_MS = 90_000
MOVED_MS = 60_000
PASSWORD = "a-bakery-on-the-corner-9"
WINE = "#7a1f5c"


def logo() -> bytes:
    """A picture with one colour that tells, on white."""
    picture = Image.new("RGB", (240, 240), "white")
    ImageDraw.Draw(picture).ellipse((30, 30, 210, 210), fill=WINE)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


class Founder:
    """One person on a phone: signs up, makes a brand, redeems as its first member."""

    def __init__(self, demo: dict[str, Any], browser: Browser) -> None:
        self.demo = demo
        mark = uuid.uuid4().hex[:8].translate(str.maketrans("0123456789", "ghjkmptuxy"))
        self.email, self.slug = f"ana@{mark}.example", f"bakery-{mark}"
        self.context = browser.new_context(
            viewport={"width": 390, "height": 844}, locale="en", reduced_motion="reduce"
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.console: Page = self.page
        self.errors: list[str] = []
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        # A name that is refused is the walk's own matter.
        if message.type == "error" and "status of 422" not in message.text:
            self.errors.append(message.text)

    def code(self, known: int) -> str:
        """The code of the mail that comes after `known` others, read on the mailbox page."""
        mailbox = self.context.new_page()

        def newest() -> str:
            query = urllib.parse.urlencode({"to": self.email})
            mailbox.goto(f"{self.demo['sandbox']['mailbox_url']}/?{query}")
            subjects = mailbox.locator(".subject").all_inner_texts()
            codes = [m[0] for s in subjects if (m := re.match(r"\d{6}", s))]
            return codes[0] if len(codes) > known else ""

        found = eventually(newest, 30, lambda: f"no mail to {self.email}")
        mailbox.close()
        return found

    def _on(self, following: str) -> None:
        self.page.get_by_role("button", name="Go on").click()
        self.page.wait_for_url(f"**/sign-up/{following}")

    def sign_up(self) -> None:
        """From the first page to the brand."""
        for _ in self.steps():
            pass

    def steps(self) -> Iterator[str]:
        """The same, page by page: each step's name when its page is there."""
        page = self.page
        page.goto(self.demo["base_url"])
        page.get_by_role("link", name="Start my programme").first.click()
        page.get_by_label("Mail address").fill(self.email)
        page.get_by_role("button", name="Send me a code").click()
        page.get_by_label("Code from the mail").fill(self.code(0))
        page.get_by_role("button", name="Go on").click()
        page.wait_for_url("**/sign-up/company")
        yield "company"
        page.get_by_label("Your name").fill("Ana Souza")
        page.get_by_label("Legal name of the company").fill("Corner Bakery Inc.")
        page.get_by_label("Country").select_option("US")
        page.get_by_label("Tax number").fill("12-3456789")
        self._on("terms")
        yield "terms"
        page.get_by_label("I have read the terms").check()
        self._on("brand")
        yield "brand"
        page.get_by_label("Name of the brand").fill("Corner Bakery")
        page.get_by_label("Short name").fill("kett1e")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("alert")).to_contain_text("looks too much like another brand's")
        page.get_by_label("Short name").fill(self.slug)
        self._on("blueprint")
        yield "blueprint"
        page.get_by_label("Coffee shop").check()
        self._on("look")
        yield "look"
        page.set_input_files(
            "#f-logo", {"name": "logo.png", "mimeType": "image/png", "buffer": logo()}
        )
        page.get_by_role("button", name="Show me").click()
        expect(page.locator(".p-logo")).to_be_visible()
        expect(page.get_by_label("Brand colour")).to_have_value(WINE)
        self._on("points")
        yield "points"
        page.get_by_label("Many are called").fill("crumbs")
        page.get_by_label("One is called").fill("crumb")
        page.get_by_label("Points for each unit").fill("5")
        expect(page.locator("#examples")).to_contain_text("earns 500 crumbs")
        expect(page.locator("#examples")).to_contain_text("You give back 5 % of a purchase.")
        self._on("catalogue")
        yield "catalogue"
        self._on("review")
        yield "review"
        page.get_by_role("button", name="Make my brand").click()
        page.wait_for_url("**/sign-up/ready")
        yield "ready"

    def enter_console(self) -> None:
        """By the link of the page: password, authenticator, and the console is there."""
        page = self.context.new_page()
        page.goto(str(self.page.locator("#console-link").get_attribute("href")))
        # The console of a demo that has just started may still be being built.
        page.get_by_label("New password").fill(PASSWORD, timeout=BUILT_MS)
        page.get_by_role("button", name="Continue").click()
        key = page.locator("code").inner_text().replace(" ", "")
        page.get_by_label(re.compile("six digits")).fill(totp.code(key, now=datetime.now(UTC)))
        page.get_by_role("button", name="Finish").click()
        page.get_by_role("button", name="I have kept them").click()
        page.locator("#screen-title").wait_for()
        self.console = page

    def move_clock(self, years: int) -> list[str]:
        """In the console, by so many years; what happened on the way, each by its kind."""
        page = self.console
        page.goto(f"{page.url.partition(self.slug)[0]}{self.slug}/test-clock")
        page.get_by_role("combobox", name="By", exact=True).click()
        page.get_by_role("option", name="years").click()
        page.get_by_label("How many").fill(str(years))
        page.get_by_role("button", name="Move the time").click()
        page.get_by_role("dialog").get_by_role("button", name="Move the time").click()
        expect(page.get_by_role("heading", name=re.compile("^From .+ to "))).to_be_visible(
            timeout=MOVED_MS
        )
        rows = page.get_by_test_id("happenings").locator("tbody tr")
        return [str(row.get_attribute("data-kind")) for row in rows.all()]

    def balance(self) -> str:
        """The points that the member's home page shows."""
        page = self.context.new_page()
        page.goto(str(self.page.locator("#site-link").get_attribute("href")))
        page.wait_for_url(re.compile(r"/(\?.*)?$"))
        text = page.locator(".stampcard-number").inner_text()
        page.close()
        return text

    def become_member(self) -> None:
        """With a purchase that the page enters."""
        self.page.get_by_role("button", name="Make me a member").click()
        expect(self.page.locator("#first-steps")).to_contain_text("crumbs from a first purchase")

    def redeem(self) -> str:
        """On the new site: sign in by code, a parcel, all of it in points; the order's page."""
        page = self.context.new_page()
        site = str(self.page.locator("#site-link").get_attribute("href"))
        page.goto(site)
        page.fill("#f-email", self.email)
        page.click("form[action='/sign-in/code'] button")
        page.wait_for_selector("#f-code")
        page.fill("#f-code", self.code(1))
        page.click("form[action='/sign-in/verify'] button")
        page.wait_for_url(re.compile(r"/(\?.*)?$"))
        page.goto(f"{site.removesuffix('/sign-in')}/catalogue?delivery=parcel&sort=points_up")
        page.locator(".card-link").first.click()
        page.locator(".stop input").first.check()
        page.click(".buy button.button-primary")
        page.wait_for_selector(".checkout")
        page.fill("#f-recipient", "Ana Souza")
        page.select_option("#f-country", "US")
        for field, text in (("line1", "1 Market Street"), ("city", "San Francisco"),
                            ("region", "CA"), ("postal_code", "94103")):  # fmt: skip
            page.fill(f"#f-{field}", text)
        page.click(".act")
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+$"))
        return page.url

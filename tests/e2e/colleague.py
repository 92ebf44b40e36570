"""Somebody of a brand at the demo's console, in a browser on a desk."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect
from tests.e2e.demo import ROOT

# How long a screen may take while everything else of a test run wants the same two cores.
expect.set_options(timeout=15_000)

_READ = "async (url) => (await fetch(url)).json()"
_SEND = """
async ([api, method, path, body]) => {
  const { csrfToken } = await (await fetch(`${api}/me`)).json();
  const answer = await fetch(api + path, { method, body: JSON.stringify(body), headers: {
    "content-type": "application/json", "x-csrf-token": csrfToken,
    "idempotency-key": crypto.randomUUID(),
  } });
  return { status: answer.status, ...(await answer.json()) };
}
"""


def guerdon(home: Path, *arguments: str) -> str:
    """What the command prints, with the settings of the demo at `home`."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")}
    return subprocess.run(
        [sys.executable, "-m", "guerdon.cli", *arguments],
        env=environ | {"GUERDON_HOME": str(home)}, cwd=ROOT,
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip


class Colleague:
    """A person at the console of a brand."""

    def __init__(self, demo: dict[str, Any], slug: str, browser: Browser) -> None:
        self.home, self.slug = Path(demo["home"]), slug
        self.tenant = next(t for t in demo["tenants"] if t["slug"] == slug)
        self.base = f"{demo['console_url']}/{slug}"
        self.context = browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="en", reduced_motion="reduce"
        )
        self.context.set_default_timeout(20_000)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _heard(self, message: Any) -> None:
        # A call that is refused is the walk's own matter.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def by_company(self, user: str) -> None:
        """Through the corporate provider, with the account that the demo tells."""
        (told,) = [one for one in self.tenant["corporate"] if one["user"] == user]
        page = self.page
        page.goto(self.base)
        page.get_by_role("button", name="Continue with Aurora Corporate").click()
        page.fill("input[name=login]", user)
        page.keyboard.press("Enter")
        page.fill("input[name=password]", told["password"])
        page.keyboard.press("Enter")
        page.locator("#screen-title").wait_for()

    def by_password(self, email: str) -> None:
        """With the brand's own account: password, and the code that `guerdon` tells in a demo."""
        (told,) = [one for one in self.tenant["staff"] if one["email"] == email]
        page = self.page
        page.goto(self.base)
        page.get_by_label("E-mail").fill(email)
        page.locator("input[type=password]").fill(told["password"])
        page.get_by_role("button", name="Continue", exact=True).click()
        code = guerdon(self.home, "staff", "code", self.slug, email)
        page.get_by_role("textbox", name="Code").fill(code.strip())
        page.get_by_role("button", name="Sign in").click()
        page.locator("#screen-title").wait_for()

    def open(self, path: str) -> Page:
        """A screen of the brand by its address."""
        self.page.goto(f"{self.base}{path}")
        self.page.locator("#screen-title").wait_for()
        return self.page

    def screen(self, name: str) -> Page:
        """A screen by the menu."""
        menu = self.page.get_by_role("navigation", name="Screens")
        menu.get_by_role("link", name=name, exact=True).click()
        expect(self.page.locator("#screen-title")).to_have_text(name)
        return self.page

    def basket(self, count: int) -> Any:
        """The basket's button, once it holds so many changes."""
        words = {0: "No changes", 1: "1 change"}.get(count, f"{count} changes")
        button = self.page.get_by_role("button", name=f"Change basket: {words}", exact=True)
        expect(button).to_be_visible()
        return button

    def read(self, path: str) -> dict[str, Any]:
        """What the admin API answers this person."""
        return dict(self.page.evaluate(_READ, f"/api/admin/v1/{self.slug}{path}"))

    def send(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call past the screens, with this person's rights; `status` is in the answer."""
        return dict(self.page.evaluate(_SEND, [f"/api/admin/v1/{self.slug}", method, path, body]))

    def in_force(self) -> int:
        """The version that members live by."""
        (now,) = [v for v in self.read("/versions?limit=50")["items"] if v["inForce"]]
        return int(now["version"])

    def submit(self, note: str) -> str:
        """Hand in what the basket holds; the change set's id."""
        page = self.page
        page.get_by_role("button", name=re.compile("^Change basket: ")).click()
        page.get_by_role("button", name="Review and submit").click()
        page.get_by_label("Note to whoever reviews it").fill(note)
        page.get_by_role("button", name="Submit for review").click()
        expect(page.get_by_text("Waits for somebody else to decide.")).to_be_visible()
        return page.url.rpartition("/")[2]

    def approve(self) -> None:
        """From the overview to the one change set that waits, and yes to it."""
        page = self.open("")
        page.get_by_role("link", name="Change sets in review").click()
        page.get_by_role("row").nth(1).click()
        with page.expect_response(re.compile("/approve$")) as told:
            page.get_by_role("button", name="Approve").click()
        assert told.value.status == 200
        expect(page.get_by_role("button", name="Publish now")).to_be_visible()

    def ask_to_publish(self) -> Any:
        """The last question before it is live; a click on the answer publishes."""
        self.page.get_by_role("button", name="Publish now").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_contain_text("live for all members within a second")
        return dialog.get_by_role("button", name="Publish now")

    def publish(self) -> None:
        """The answer is here when this returns."""
        answer = self.ask_to_publish()
        with self.page.expect_response(re.compile("/publish$")) as told:
            answer.click()
        assert told.value.status == 200

    def roll_back(self, version: int) -> None:
        """One click on the version, and one on what it would undo."""
        page = self.open(f"/versions/{version}")
        page.get_by_role("button", name="Roll back to this version").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("listitem").first).to_be_visible()
        with page.expect_response(re.compile("/rollback$")) as told:
            dialog.get_by_role("button", name="Roll back").click()
        assert told.value.status == 200

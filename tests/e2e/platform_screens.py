"""The platform's own pages: one sign-up is walked, and each step looked at in every language."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from playwright.sync_api import Browser, Page
from tests.e2e.founder import Founder


def _to_code(page: Page) -> None:
    # An address of its own each time: how many codes one gets is limited.
    page.fill("#f-email", f"screens-{uuid.uuid4().hex[:12]}@mail.example")
    page.press("#f-email", "Enter")
    page.locator("#f-code").wait_for()


# A page's path as its handler has it → what is taken of it before anybody has proved an address.
OPEN: Mapping[str, tuple[tuple[str, str, Callable[[Page], None] | None], ...]] = {
    "/": (("platform-landing", "/", None), ("platform-nothing", "/no-such-page", None)),
    "/terms": (("platform-terms-page", "/terms", None),),
    "/sign-up": (
        ("platform-start", "/sign-up", None),
        ("platform-code", "/sign-up", _to_code),
    ),
}
# What the walk of a sign-up leads past: each step is taken where the walk stands.
WALKED = {"/sign-up/{step:str}", "/sign-up/ready"}
# What answers a GET and is no page.
NO_PAGES = {
    "/assets/{path:path}",
    "/blueprints/{key:str}/{name:str}",
    "/sign-up/catalogue/sample.csv",
    "/sign-up/look/logo",
    "/theme/{name:str}",
}


def visits(
    demo: dict[str, Any], browser: Browser
) -> Iterator[tuple[str, str, Any, Callable[[Page], None] | None]]:
    """Name, path, the browser's state and what is done there, in the order of a sign-up."""
    for looks in OPEN.values():
        for name, path, then in looks:
            yield name, path, None, then
    ana = Founder(demo, browser)
    for step in ana.steps():
        state = ana.context.storage_state()
        yield f"platform-{step}", f"/sign-up/{step}", state, None
        if step in SECOND:
            what, then = SECOND[step]
            yield f"platform-{step}-{what}", f"/sign-up/{step}", state, then
    ana.context.close()


def _send(**fields: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        for name, text in fields.items():
            page.fill(f"#f-{name}", text)
        page.locator(".p-actions button").first.click()
        page.locator(".error-summary").wait_for()

    return go


def _search(page: Page) -> None:
    page.check("[name=source][value=supplier]")
    page.fill("#f-words", "backpack")
    page.press("#f-words", "Enter")
    page.locator(".p-finds").first.wait_for()


# What is done for a second picture: a refusal, or what a supplier has.
SECOND: dict[str, tuple[str, Callable[[Page], None]]] = {
    "company": ("wrong", _send(person="Ana", legal_name="Ana", tax_id="12")),
    "brand": ("wrong", _send(name="Kettle", slug="kett1e")),
    "points": ("wrong", _send(earn_factor="500", price_factor="1")),
    "catalogue": ("found", _search),
}

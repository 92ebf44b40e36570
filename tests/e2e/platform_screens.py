"""The platform's own pages: one sign-up is walked, and each step looked at in every language."""

from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Browser, Page
from tests.e2e.founder import Founder

# What is there before anybody has proved an address, and what only a mistake shows.
OPEN = (
    ("platform-landing", "/"),
    ("platform-terms-page", "/terms"),
    ("platform-start", "/sign-up"),
    ("platform-nothing", "/no-such-page"),
)


def visits(
    demo: dict[str, Any], browser: Browser
) -> Iterator[tuple[str, str, Any, Callable[[Page], None] | None]]:
    """Name, path, the browser's state and what is done there, in the order of a sign-up."""
    for name, path in OPEN:
        yield name, path, None, None
    ana = Founder(demo, browser)
    for step in ana.steps():
        state = ana.context.storage_state()
        yield f"platform-{step}", f"/sign-up/{step}", state, None
        if step in MISTAKES:
            yield f"platform-{step}-wrong", f"/sign-up/{step}", state, MISTAKES[step]
    ana.context.close()


def _send(**fields: str) -> Callable[[Page], None]:
    def go(page: Page) -> None:
        for name, text in fields.items():
            page.fill(f"#f-{name}", text)
        page.locator(".p-actions button").first.click()
        page.locator(".error-summary").wait_for()

    return go


# What is sent for a second picture, with its refusal.
MISTAKES: dict[str, Callable[[Page], None]] = {
    "company": _send(person="Ana", legal_name="Ana", tax_id="12"),
    "brand": _send(name="Kettle", slug="kett1e"),
    "points": _send(earn_factor="500", price_factor="1"),
}

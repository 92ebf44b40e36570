"""Every page of the member site, for `make screens`: where it is, and the way there."""

import uuid
from collections.abc import Callable, Mapping

from playwright.sync_api import Page

# A picture's name, and an address below the brand's or a way there.
Visit = tuple[str, str | Callable[[Page, str], None]]


class NothingThereError(Exception):
    """The demo has nothing to show on this page."""


def _stranger() -> str:
    # Tries are counted per mail address: every picture is of somebody else.
    return f"screens-{uuid.uuid4().hex[:12]}@mail.example"


def _code(page: Page, base: str) -> None:
    page.goto(f"{base}/sign-in")
    page.fill("#f-email", _stranger())
    page.click("form[action='/sign-in/code'] button")
    page.wait_for_selector("#f-code")


def _wrong(page: Page, base: str) -> None:
    page.goto(f"{base}/sign-in?with=password")
    page.fill("#f-email", _stranger())
    page.fill("#f-password", "not the right one")
    page.click("form[action='/sign-in/password'] button")
    page.wait_for_selector(".error-summary")


def _first(path: str, selector: str) -> Callable[[Page, str], None]:
    def go(page: Page, base: str) -> None:
        page.goto(f"{base}{path}")
        if not page.locator(selector).count():
            raise NothingThereError(path)
        page.goto(base + str(page.locator(selector).first.get_attribute("href")))

    return go


def _checkout(page: Page, base: str) -> None:
    page.goto(f"{base}/catalogue?within=1&delivery=parcel&sort=points_down")
    page.goto(base + str(page.locator(".card-link").first.get_attribute("href")))
    page.locator(".stop input:enabled").last.check()
    page.click("form[action='/checkout'] button")
    page.wait_for_selector(".checkout")


def _checkout_new(page: Page, base: str) -> None:
    _checkout(page, base)
    another = page.locator("input[name=address][value=new]")
    if another.get_attribute("type") == "radio":
        another.check()


# A page's address as its handler has it → what is taken of it as anybody, and as a member.
GUEST_PAGES: Mapping[str, list[Visit]] = {
    "/": [("landing", "/"), ("not-found", "/nowhere")],
    "/catalogue": [("catalogue-guest", "/catalogue")],
    "/products/{slug:str}": [("product-guest", _first("/catalogue", ".card-link"))],
    "/sign-in": [("sign-in", "/sign-in"), ("sign-in-code", _code), ("sign-in-wrong", _wrong)],
    "/join": [("join", "/join")],
    "/terms": [("terms", "/terms")],
    "/privacy": [("privacy", "/privacy")],
    "/offline": [("offline", "/offline")],
}
MEMBER_PAGES: Mapping[str, list[Visit]] = {
    "/": [("home", "/")],
    "/catalogue": [
        ("catalogue", "/catalogue"),
        ("catalogue-within", "/catalogue?within=1&sort=points_down"),
        ("catalogue-nothing", "/catalogue?q=qqqqqq"),
    ],
    "/products/{slug:str}": [
        ("product", _first("/catalogue?within=1&delivery=parcel", ".card-link")),
        ("product-dear", _first("/catalogue?sort=points_down", ".card-link")),
    ],
    "/checkout/{quote_id:uuid}": [("checkout", _checkout), ("checkout-address", _checkout_new)],
    "/orders": [("orders", "/orders")],
    "/orders/{order_id:uuid}": [("order", _first("/orders", ".order-link"))],
    "/activity": [("activity", "/activity")],
    "/activity/{txn_id:uuid}": [
        ("entry-earned", _first("/activity?kind=earn", ".entry")),
        ("entry-used", _first("/activity?kind=redeem", ".entry")),
    ],
    "/purchases": [("purchases", "/purchases")],
    "/purchases/{purchase_id:uuid}": [("purchase", _first("/purchases", ".purchase-title a"))],
    "/profile": [("profile", "/profile")],
    "/profile/code": [("own-code", "/profile/code")],
    "/profile/erase": [("erase", "/profile/erase")],
}
# What somebody sees who joined a moment ago.
NEWCOMER_PAGES: list[Visit] = [
    ("home-new", "/"),
    ("orders-new", "/orders"),
    ("activity-new", "/activity"),
    ("purchases-new", "/purchases"),
    ("profile-new", "/profile"),
]
# What answers a GET and is no page: files, parts of a page, and doors that lead elsewhere.
NO_PAGES = {
    "/activity.csv",
    "/assets/{path:path}",
    "/checkout/{quote_id:uuid}/return",
    "/files/{name:str}",
    "/hand-off",
    "/icons/{name:str}",
    "/manifest.webmanifest",
    "/orders/{order_id:uuid}/pay",
    "/preview/exit",
    "/preview/{token:str}",
    "/products/{slug:str}/split",
    "/profile/export",
    "/recommendations/{slot:str}",
    "/sso/{connection:str}",
    "/sso/{connection:str}/cb",
    "/sw.js",
    "/theme/{name:str}",
}

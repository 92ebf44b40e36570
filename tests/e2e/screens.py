"""`make screens`: every page on a phone and on a desktop, in each language, on each demo brand;
every screen of the console on a desktop, light and dark, and on a phone.

Each page is checked for sideways scrolling, for what axe calls serious or critical, and for layout
shift, and its picture is kept in `screens/`. Exits 1 when something was found.

    python -m tests.e2e.screens [--brand aurora] [--language en] [--page home] [--dark] [--console]
"""

import argparse
import os
import sys
import tempfile
import uuid
from itertools import product
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from tests.e2e import console_screens as console
from tests.e2e.demo import ROOT, browser_path, running, started

WIDTHS = {390: 844, 1440: 900}
LANGUAGES = ("en", "pt-BR", "es")
SHIFT_MAX = 0.1

_WATCH_SHIFT = """
window.__shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > width + 1)
    .filter((e) => !e.closest(".chips,.cards,.gallery"))
    .slice(0, 5).map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
}
"""

Visit = tuple[str, Any]


class NothingThereError(Exception):
    """The demo has nothing to show on this page."""


def guest_pages(base: str) -> list[Visit]:
    """What anybody can see: a name, and an address or a way there."""

    def stranger() -> str:
        # Tries are counted per mail address: every picture is of somebody else.
        return f"screens-{uuid.uuid4().hex[:12]}@mail.example"

    def code(page: Page) -> None:
        page.goto(f"{base}/sign-in")
        page.fill("#f-email", stranger())
        page.click("form[action='/sign-in/code'] button")
        page.wait_for_selector("#f-code")

    def wrong(page: Page) -> None:
        page.goto(f"{base}/sign-in?with=password")
        page.fill("#f-email", stranger())
        page.fill("#f-password", "not the right one")
        page.click("form[action='/sign-in/password'] button")
        page.wait_for_selector(".error-summary")

    return [
        ("landing", f"{base}/"),
        ("catalogue-guest", f"{base}/catalogue"),
        ("sign-in", f"{base}/sign-in"),
        ("sign-in-code", code),
        ("sign-in-wrong", wrong),
        ("join", f"{base}/join"),
        ("terms", f"{base}/terms"),
        ("privacy", f"{base}/privacy"),
        ("not-found", f"{base}/nowhere"),
        ("offline", f"{base}/offline"),
    ]


def member_pages(base: str) -> list[Visit]:
    """What a member sees."""

    def first(path: str, selector: str) -> Any:
        def go(page: Page) -> None:
            page.goto(f"{base}{path}")
            if not page.locator(selector).count():
                raise NothingThereError(path)
            page.goto(base + str(page.locator(selector).first.get_attribute("href")))

        return go

    def checkout(page: Page) -> None:
        page.goto(f"{base}/catalogue?within=1&delivery=parcel&sort=points_down")
        page.goto(base + str(page.locator(".card-link").first.get_attribute("href")))
        page.locator(".stop input:enabled").last.check()
        page.click("form[action='/checkout'] button")
        page.wait_for_selector(".checkout")

    def checkout_new(page: Page) -> None:
        checkout(page)
        another = page.locator("input[name=address][value=new]")
        if another.get_attribute("type") == "radio":
            another.check()

    return [
        ("home", f"{base}/"),
        ("catalogue", f"{base}/catalogue"),
        ("catalogue-within", f"{base}/catalogue?within=1&sort=points_down"),
        ("catalogue-nothing", f"{base}/catalogue?q=qqqqqq"),
        ("product", first("/catalogue?within=1&delivery=parcel", ".card-link")),
        ("product-dear", first("/catalogue?sort=points_down", ".card-link")),
        ("checkout", checkout),
        ("checkout-address", checkout_new),
        ("orders", f"{base}/orders"),
        ("order", first("/orders", ".order-link")),
        ("activity", f"{base}/activity"),
        ("entry-earned", first("/activity?kind=earn", ".entry")),
        ("entry-used", first("/activity?kind=redeem", ".entry")),
        ("profile", f"{base}/profile"),
        ("erase", f"{base}/profile/erase"),
    ]


def take(page: Page, visit: Visit, file: Path) -> list[str]:
    """Go there, keep a picture, and say what is wrong."""
    _, where = visit
    if callable(where):
        where(page)
    else:
        page.goto(where)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(120)
    found = []
    if wide := page.evaluate(_WIDE):
        found.append(f"scrolls sideways: {', '.join(wide)}")
    shift = page.evaluate("window.__shift")
    if shift >= SHIFT_MAX:
        found.append(f"layout shift {shift:.3f}")
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in {"serious", "critical"}:
            nodes = [node["target"][0] for node in violation["nodes"][:3]]
            found.append(f"axe {violation['id']}: {violation['help']} {nodes}")
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(file), full_page=True)
    return found


def open_page(browser: Browser, language: str, width: int, dark: bool, state: Any) -> Page:
    """A page of a fresh browser profile; `state` is a signed-in one's."""
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        locale=language,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        service_workers="block",
        storage_state=state,
    )
    context.add_init_script(_WATCH_SHIFT)
    return context.new_page()


def signed_in(browser: Browser, tenant: dict[str, Any]) -> Any:
    """The state of a browser in which a member of the brand signed in by password, once: tries
    are counted, and after many runs in an hour the first member has none left."""
    base = tenant["url"]
    context = browser.new_context()
    page = context.new_page()
    for member in tenant["members"]:
        page.goto(f"{base}/sign-in?with=password")
        page.fill("#f-email", member["email"])
        page.fill("#f-password", member["password"])
        with page.expect_navigation():
            page.click("form[action='/sign-in/password'] button")
        if page.url == f"{base}/":
            break
    else:
        raise RuntimeError(page.inner_text(".error-summary"))
    state = context.storage_state()
    context.close()
    state["cookies"] = [cookie for cookie in state["cookies"] if cookie["name"] != "language"]
    return state


def take_console(
    browser: Browser, demo: dict[str, Any], slug: str, home: Path, only: str | None, folder: Path
) -> tuple[int, list[str]]:
    """Every screen of the console of one brand; how many, and what is wrong."""
    taken, problems = 0, []
    base = demo["console_url"]
    for width, dark in console.VARIANTS:
        page = open_page(browser, "en", width, dark, None)
        visits = [(f"console{p.format('-brand').replace('/', '-')}", p.format(f"/{slug}"), None)
                  for p in console.SIGNED_OUT]  # fmt: skip
        for shown in console.SCREENS.values():
            visits += [(console.name_of(w), f"/{slug}{w}".rstrip("/"), f) for w, f in shown]
        signed_in = False
        for name, where, find in visits:
            if only and only != name:
                continue
            if not signed_in and "/sign-in" not in where:
                console.sign_in(page.context, page, home, slug, base)
                page.goto(f"{base}/{slug}")
                page.wait_for_selector("#screen-title")
                signed_in = True

            def go(page: Page, where: str = where, find: Any = find) -> None:
                page.goto(base + console.address_of(page, where, find))
                page.wait_for_selector("h1")
                # A chart is drawn, a panel has come to rest.
                page.wait_for_timeout(300)

            file = folder / slug / "console" / f"{name}-{width}{'-dark' if dark else ''}.png"
            try:
                found = take(page, (name, go), file)
            except console.NothingHereError as nothing:
                found = [f"nothing to show at {nothing}"]
            taken += 1
            problems += [
                f"{slug} console {width}{' dark' if dark else ''} {name}: {f}" for f in found
            ]
        page.context.close()
    return taken, problems


def run(demo: dict[str, Any], home: Path, options: argparse.Namespace, folder: Path) -> int:
    """Take everything; how many findings."""
    problems = taken = 0
    languages = [options.language] if options.language else list(LANGUAGES)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for tenant in demo["tenants"]:
            if options.brand and tenant["slug"] != options.brand:
                continue
            if not options.language:
                count, told = take_console(
                    browser, demo, tenant["slug"], home, options.page, folder
                )
                taken += count
                problems += len(told)
                for line in told:
                    print(line, flush=True)
            if options.console:
                continue
            state = signed_in(browser, tenant)
            for language, width in product(languages, WIDTHS):
                for who, visits in ((None, guest_pages), (state, member_pages)):
                    page = open_page(browser, language, width, options.dark, who)
                    for visit in visits(tenant["url"]):
                        if options.page and options.page != visit[0]:
                            continue
                        name = f"{visit[0]}-{width}{'-dark' if options.dark else ''}.png"
                        try:
                            found = take(page, visit, folder / tenant["slug"] / language / name)
                        except NothingThereError as nothing:
                            found = [f"nothing to show at {nothing}"]
                        taken += 1
                        problems += len(found)
                        for line in found:
                            where = f"{tenant['slug']} {language} {width} {visit[0]}"
                            print(f"{where}: {line}", flush=True)
                    page.context.close()
        browser.close()
    print(f"{taken} screens in {folder}, {problems} problems")
    return problems


def main() -> int:
    """Use the demo that runs, or start one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brand")
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--page")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--console", action="store_true", help="the console only")
    options = parser.parse_args()
    folder = ROOT / "screens"
    home = Path(os.environ.get("GUERDON_HOME") or ROOT / ".guerdon")
    if demo := running(home):
        return 1 if run(demo, home, options, folder) else 0
    with tempfile.TemporaryDirectory() as own, started(Path(own)) as demo:
        return 1 if run(demo, Path(own), options, folder) else 0


if __name__ == "__main__":
    sys.exit(main())

"""`make screens`: every page on a phone and on a desktop, in each language, on each demo brand;
every screen of the console on a desktop, light and dark, and on a phone, and in each language.

Each page is checked for sideways scrolling, for labels that are cut, for what axe calls serious or
critical, for layout shift and for English where another language is spoken. Its picture is kept in
`screens/`. Exits 1 when something was found.

    python -m tests.e2e.screens [--brand aurora] [--language en] [--page home ...] [--width 390]
        [--dark] [--site | --console] [--browsers 3]
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from playwright.sync_api import Browser, Page, Response, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from tests.e2e import console_screens as console
from tests.e2e import findings
from tests.e2e import member_screens as site
from tests.e2e import platform_screens as platform
from tests.e2e.demo import ROOT, browser_path, running, started
from tests.e2e.seats import NEWCOMER, member_state, seat_owner
from tests.e2e.staged import stage

WIDTHS = {390: 844, 1440: 900}
LANGUAGES = ("en", "pt-BR", "es")
_FINDING = Lock()


class Camera:
    """Takes pictures, and remembers what was wrong with what is on them."""

    def __init__(
        self, browser: Browser, home: Path, folder: Path, options: argparse.Namespace
    ) -> None:
        self.browser, self._folder, self.home, self.options = browser, folder, home, options
        self.taken = 0
        self.offered: set[str] = set()
        self.problems: list[str] = []
        self._failed: list[str] = []

    def wants(self, name: str) -> bool:
        """Whether the page of that name is asked for."""
        self.offered.add(name)
        return not self.options.page or name in self.options.page

    def page(self, language: str, width: int, dark: bool, state: Any = None) -> Page:
        """A page of a fresh browser profile; `state` is a signed-in one's."""
        context = self.browser.new_context(
            viewport={"width": width, "height": WIDTHS[width]},
            locale=language,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            service_workers="block",
            storage_state=state,
        )
        context.add_init_script(findings.WATCH_SHIFT)
        page = context.new_page()
        page.on("response", self._answered)
        return page

    def _answered(self, answer: Response) -> None:
        if answer.status >= 500:
            self._failed.append(f"the server failed: {answer.status} {answer.url}")

    def take(
        self, page: Page, go: Callable[[Page], None], words: Mapping[str, str], file: str, axe: bool
    ) -> None:
        """Go there, keep a picture, and note what is wrong."""
        self._failed = []
        try:
            go(page)
        except (site.NothingThereError, console.NothingHereError) as nothing:
            self._note(file, [f"nothing to show at {nothing}"])
            return
        except PlaywrightError as error:
            # One page that does not come is a finding; the others are looked at all the same.
            self._note(file, [f"did not come: {error.message.splitlines()[0]}"])
            return
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(120)  # what is drawn after the last answer has come
        self._note(
            file,
            self._failed
            + findings.sideways(page)
            + findings.cut(page)
            + findings.shifted(page)
            + findings.untranslated(page, words)
            + (findings.barriers(page) if axe else []),
        )
        picture = self._folder / f"{file}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(picture), full_page=True)
        self.taken += 1

    def _note(self, file: str, found: list[str]) -> None:
        for line in found:
            print(f"{file}: {line}", flush=True)
            self.problems.append(f"{file}: {line}")


def take_site(camera: Camera, tenant: dict[str, Any], language: str, width: int) -> None:
    """Every page of a brand's member site in one language and width."""
    options, base = camera.options, tenant["url"]
    words = findings.translations(language)
    for who, visits in (
        (None, chain(*site.GUEST_PAGES.values())),
        (tenant["members"][0]["email"], chain(*site.MEMBER_PAGES.values())),
        (NEWCOMER, site.NEWCOMER_PAGES),
    ):
        wanted = [visit for visit in visits if camera.wants(visit[0])]
        if not wanted:
            continue
        with _FINDING:
            state = member_state(camera.home, tenant, who) if who else None
        page = camera.page(language, width, options.dark, state)
        for name, where in wanted:

            def go(page: Page, where: Any = where) -> None:
                if callable(where):
                    where(page, base)
                else:
                    page.goto(base + where)

            file = f"{tenant['slug']}/{language}/{name}-{width}{'-dark' * options.dark}"
            camera.take(page, go, words, file, axe=True)
        page.context.close()


def take_console(
    camera: Camera,
    base: str,
    slug: str,
    language: str,
    visits: list[console.Look],
    variant: tuple[int, bool],
) -> None:
    """Every screen of a console in one language, on one kind of device."""
    english = language == "en"
    words = findings.translations(language)
    width, dark = variant
    page = camera.page(language, width, dark)
    # The owner's own language stands back behind what this browser was told.
    page.add_init_script(f"localStorage.setItem('console.language', '{language}')")
    seated = False
    for name, where, find in visits:
        if not camera.wants(name):
            continue
        if not seated and name not in {*console.OPEN, console.SIGN_IN}:
            with _FINDING:
                seat_owner(page.context, page, camera.home, slug, base)
            page.goto(f"{base}/{slug}")
            page.wait_for_selector("#screen-title")
            seated = True

        def go(page: Page, where: str = where, find: Any = find) -> None:
            # What is looked for may have to be made: not by two at a time.
            with _FINDING:
                address = console.address_of(page, slug, where, find)
            page.goto(base + address)
            page.wait_for_selector("h1")
            # A chart is drawn, a panel has come to rest.
            page.wait_for_timeout(300)

        folder = f"{slug}/console" if english else f"{slug}/console/{language}"
        camera.take(page, go, words, f"{folder}/{name}-{width}{'-dark' * dark}", axe=english)
    page.context.close()


def take_platform(camera: Camera, demo: dict[str, Any], language: str) -> None:
    """Every page of the platform's own site in one language: each step of one sign-up."""
    options = camera.options
    for name, path, state, then in platform.visits(demo, camera.browser):
        if not camera.wants(name):
            continue

        def go(page: Page, path: str = path, then: Any = then) -> None:
            page.goto(demo["base_url"] + path)
            if then is not None:
                then(page)

        for width in options.widths:
            for dark in (False, True) if language == "en" else (False,):
                page = camera.page(language, width, dark, state)
                file = f"platform/{language}/{name}-{width}{'-dark' * dark}"
                camera.take(page, go, findings.translations(language), file, axe=True)
                page.context.close()


def spoken(tenant: dict[str, Any], language: str | None) -> Iterator[str]:
    """The languages in which a brand's console is taken."""
    for one in LANGUAGES:
        if one == language or (not language and one in ("en", console.SPOKEN.get(tenant["slug"]))):
            yield one


def jobs(demo: dict[str, Any], options: argparse.Namespace) -> Iterator[Callable[[Camera], None]]:
    """What is asked for, in parts that do not wait for each other: the longest first."""
    languages = [options.language] if options.language else LANGUAGES
    platforms = options.brand in (None, "platform")
    tenants = [one for one in demo["tenants"] if options.brand in (None, one["slug"])]

    def consoles(
        base: str, slug: str, language: str, visits: list[console.Look]
    ) -> Iterator[Callable[[Camera], None]]:
        for variant in console.VARIANTS if language == "en" else console.ABROAD:
            if variant[0] in options.widths:
                yield partial(
                    take_console, base=base, slug=slug, language=language, visits=visits,
                    variant=variant,
                )  # fmt: skip

    if not options.console and platforms:
        for language in languages:
            yield partial(take_platform, demo=demo, language=language)
    if not options.site:
        for tenant in tenants:
            for language in spoken(tenant, options.language):
                yield from consoles(demo["console_url"], tenant["slug"], language, console.visits())
    if not options.console:
        for tenant in tenants:
            for language in languages:
                for width in options.widths:
                    yield partial(take_site, tenant=tenant, language=language, width=width)
    if not options.site and platforms:
        staff = demo["platform"]
        for language in languages:
            yield from consoles(staff["url"], staff["slug"], language, console.staff_visits())


def run(demo: dict[str, Any], home: Path, options: argparse.Namespace, folder: Path) -> int:
    """Take everything, some browsers at a time; how many findings; none taken is one."""
    if not options.site:
        stage(home)
    waiting: SimpleQueue[Callable[[Camera], None]] = SimpleQueue()
    for job in jobs(demo, options):
        waiting.put(job)

    def photographer() -> Camera:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
            camera = Camera(browser, home, folder, options)
            while True:
                try:
                    job = waiting.get_nowait()
                except Empty:
                    break
                job(camera)
            browser.close()
        return camera

    with ThreadPoolExecutor(options.browsers) as pool:
        cameras = [
            one.result() for one in [pool.submit(photographer) for _ in range(options.browsers)]
        ]
    problems = sum(len(camera.problems) for camera in cameras)
    taken = sum(camera.taken for camera in cameras)
    offered = set[str]().union(*(camera.offered for camera in cameras))
    if unknown := set(options.page or ()) - offered:
        print(f"no page is called {', '.join(sorted(unknown))}; there are {sorted(offered)}")
    print(f"{taken} screens in {folder}, {problems} problems")
    return problems + len(unknown) + (taken == 0)


def main() -> int:
    """Use the demo that runs, or start one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brand")
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--page", nargs="+", help="those of these names")
    parser.add_argument("--width", type=int, choices=WIDTHS, action="append", dest="widths")
    # One more than there are cores: a page at rest is waited for as long as it is drawn.
    parser.add_argument("--browsers", type=int, default=(os.cpu_count() or 1) + 1, help="at a time")
    parser.add_argument("--dark", action="store_true", help="the member site in the dark")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--site", action="store_true", help="the member site only")
    which.add_argument("--console", action="store_true", help="the console only")
    options = parser.parse_args()
    options.widths = options.widths or list(WIDTHS)
    folder = ROOT / "screens"
    home = Path(os.environ.get("GUERDON_HOME") or ROOT / ".guerdon")
    # Whoever ends this ends the demo with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if demo := running(home):
        return 1 if run(demo, home, options, folder) else 0
    with tempfile.TemporaryDirectory() as own, started(Path(own)) as demo:
        return 1 if run(demo, Path(own), options, folder) else 0


if __name__ == "__main__":
    sys.exit(main())

"""The console in a real browser, against a web process of the product and the test's own tenant."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from tests.conftest import Console, ConsoleFactory
from tests.e2e.demo import ROOT, browser_path, eventually
from tests.ports import free_port

from guerdon.kit.paths import bundled
from guerdon.settings import Settings
from guerdon.tenancy.schemas import Tenant

pytestmark = pytest.mark.e2e

READY_S = 120.0
# How long a screen may take while everything else of a test run wants the same two cores.
expect.set_options(timeout=15_000)
_AT_REST = """
() => !document.querySelector('[aria-busy="true"]') && document.getAnimations().every(
  (a) => a.playState !== "running" || a.effect.getComputedTiming().endTime === Infinity)
"""
_WATCH = """
() => {
  const seen = (window.__stir = { stirred: false });
  const stir = () => { seen.stirred = true; };
  const busy = new MutationObserver(stir);
  busy.observe(document.body, { subtree: true, attributeFilter: ["aria-busy"] });
  const begins = ["transitionrun", "animationstart"];
  begins.forEach((name) => document.addEventListener(name, stir));
  seen.end = () => {
    busy.disconnect();
    begins.forEach((name) => document.removeEventListener(name, stir));
  };
}
"""
_STIRRED = "() => { window.__stir.end(); return window.__stir.stirred; }"
_LOOKS = 3
_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
}
"""


@pytest.fixture(scope="session")
def console_site(deployment: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`http://admin.localhost:<port>`: a web process of its own on the test's servers."""
    assert (bundled("console") / "index.html").is_file(), "the console is not built: `make console`"
    port = free_port()
    settings = msgspec.structs.replace(deployment, base_host=f"localhost:{port}")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GUERDON_")}
    for name, value in msgspec.structs.asdict(settings).items():
        text = ",".join(value) if isinstance(value, tuple) else value
        environ[f"GUERDON_{name.upper()}"] = (
            text if isinstance(text, str) else msgspec.json.encode(text).decode()
        )
    log = tmp_path_factory.mktemp("console") / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "guerdon.cli", "web", f"--port={port}"],
            env=environ, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ready() -> bool:
        assert process.poll() is None, log.read_text()[-4000:]
        return _answers(f"http://127.0.0.1:{port}/health/live")

    eventually(ready, READY_S, lambda: log.read_text()[-4000:])
    yield f"http://admin.localhost:{port}"
    process.terminate()
    process.wait(60)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield browser
        await browser.close()


class Seat:
    """Somebody of the brand at the console, with a window of their own.

    `api` makes the same person's calls without the browser. `errors` collects what the browser's
    console reports: refusals of the content security policy are among them.
    """

    def __init__(self, context: BrowserContext, page: Page, base: str, api: Console) -> None:
        self.context, self.page, self.base, self.api = context, page, base, api
        self.errors: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _heard(self, message: Any) -> None:
        # A refused call is the screen's own matter; it is reported all the same.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    async def go(self, path: str = "/") -> Page:
        """Open a screen by its address below the brand; returns when it is shown."""
        await self.page.goto(f"{self.base}{'' if path == '/' else path}")
        await self.page.locator("#screen-title").wait_for()
        return self.page

    async def check(self) -> None:
        """Nothing that axe calls serious or critical, no sideways scrolling, no errors."""
        # What is on its way in or out, or is being worked out again, is half transparent, and axe
        # would measure that. It begins a moment after what was typed; where it begins while axe
        # looks, that look tells nothing. A finding on a page that kept still stands.
        for _ in range(_LOOKS):
            await self.page.wait_for_timeout(250)
            await self.page.wait_for_function(_AT_REST)
            await self.page.evaluate(_WATCH)
            found = await Axe().run(self.page)
            if not await self.page.evaluate(_STIRRED):
                break
        bad = [
            f"{v['id']}: {v['nodes'][0]['target']} {v['nodes'][0].get('failureSummary', '')}"
            for v in found.response["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert bad == []
        assert await self.page.evaluate(_WIDE) == []
        assert self.errors == []


SeatFactory = Callable[..., Awaitable[Seat]]


@pytest.fixture
async def seat(
    console: ConsoleFactory, console_site: str, chromium: Browser
) -> AsyncIterator[SeatFactory]:
    """`await seat(tenant, roles=("marketer",), name="Mara Marketer")`: a browser, signed in."""
    async with AsyncExitStack() as stack:

        async def sit(
            tenant: Tenant,
            *,
            roles: tuple[str, ...] = ("owner",),
            name: str = "Olga Owner",
            language: str = "en",
            scheme: str = "light",
            width: int = 1440,
            height: int = 900,
        ) -> Seat:
            client = await console(tenant, roles=roles, name=name)
            # The platform's own staff have a door of their own.
            site = console_site.replace("admin.localhost", str(client.base_url.host))
            cookie, _, token = client.headers["cookie"].partition("=")
            context = await chromium.new_context(
                viewport={"width": width, "height": height},
                locale=language,
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            stack.push_async_callback(context.close)
            context.set_default_timeout(15_000)
            page = await context.new_page()
            # A cookie that is bound to its host can only be set below Playwright's own words.
            below = await context.new_cdp_session(page)
            await below.send(
                "Network.setCookie",
                {"name": cookie, "value": token, "url": site.replace("http:", "https:"),
                 "path": "/", "secure": True, "httpOnly": True, "sameSite": "Lax"},
            )  # fmt: skip
            return Seat(context, page, f"{site}/{tenant.slug}", client)

        yield sit

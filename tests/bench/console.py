"""The console's list of 10,000 products in a real browser, from a key or a click to the next paint
as Event Timing tells it (INP); and what the browser loads before the first screen.

`python -m tests.bench --only console` takes these rows alone.
"""

import json
import math
from pathlib import Path

from playwright.async_api import Page, async_playwright
from tests.bench.deployment import Deployment
from tests.bench.programme import Programme
from tests.bench.publishing import seated
from tests.e2e.demo import ROOT, browser_path

from guerdon.catalogue.operations import apply_products
from guerdon.catalogue.parameters import CatalogueParameters
from guerdon.catalogue.rules import price_rules
from guerdon.catalogue.schemas import ProductDefinition, ProductText, VariantDefinition
from guerdon.identity import staff_sessions
from guerdon.parameters.sections import ProgrammeParameters

PRODUCTS = 10_000
# The browser reports no interaction below this; each of those counts as this long.
FLOOR_MS = 16.0
_CALL = 500
_WORDS = ("Amber", "Birch", "Copper", "Dune", "Ember", "Fern", "Granite", "Harbour")
_LOAD_MS = 120_000

_WATCH = """
window.__took = new Map();
new PerformanceObserver((list) => {
  for (const e of list.getEntries()) if (e.interactionId)
    __took.set(e.interactionId, Math.max(__took.get(e.interactionId) ?? 0, e.duration));
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
# Two frames after the one that answered it, an interaction has been reported.
_PAINTED = """
() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))
"""


async def fill(p: Programme) -> None:
    """Drafts until the brand has 10,000 products."""
    now = p.rt.clock.now()
    snapshot = await p.rt.snapshot(p.tenant.id, now)
    categories = dict.fromkeys(snapshot[CatalogueParameters].category_keys)
    languages = snapshot[ProgrammeParameters].languages
    async with p.rt.db.read(p.tenant.id) as s:
        sql = "SELECT count(*) FROM app.product WHERE tenant_id = %(tenant_id)s"
        known = int(await s.value(sql))
    made = [
        ProductDefinition(
            slug=f"bench-{n}",
            category=next(iter(categories)),
            supplier="counter",
            currency=p.currency,
            texts=dict.fromkeys(languages, ProductText(f"{_WORDS[n % len(_WORDS)]} lamp {n}")),
            variants=(VariantDefinition(f"BENCH-{n}", f"{10 + n % 900}.00", stock=n % 200),),
            delivery="counter",
            status="draft",
        )
        for n in range(PRODUCTS - known)
    ]
    for start in range(0, len(made), _CALL):
        async with p.rt.db.write(p.tenant.id) as s:
            await apply_products(
                s, definitions=made[start : start + _CALL], categories=categories,
                rules=price_rules(snapshot), now=now,
            )  # fmt: skip


async def interactions(d: Deployment, p: Programme) -> list[float]:
    """Milliseconds from each key and click on the whole list to the next paint."""
    await fill(p)
    token, _ = await seated(p)
    base = f"http://{p.rt.settings.console_authority}"
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        context = await browser.new_context(
            viewport={"width": 1440, "height": 900}, locale="en", reduced_motion="reduce"
        )
        page = await context.new_page()
        await (await context.new_cdp_session(page)).send(
            "Network.setCookie",
            {"name": staff_sessions.cookie_name(p.tenant.slug), "value": token, "path": "/",
             "url": base.replace("http:", "https:"), "secure": True, "httpOnly": True},
        )  # fmt: skip
        await page.goto(f"{base}/{p.tenant.slug}/catalogue")
        taken = await _used(page)
        await browser.close()
    return taken


async def _used(page: Page) -> list[float]:
    grid = page.get_by_role("grid")
    await grid.wait_for()
    # The rest is fetched ahead once somebody asks for more; the last page has none after it.
    await page.get_by_role("button", name="Show more").click()
    await page.locator(f"[role=grid][aria-rowcount='{PRODUCTS + 1}']").wait_for(timeout=_LOAD_MS)
    await page.evaluate(_WATCH)
    made = 0

    async def key(name: str) -> None:
        nonlocal made
        await page.keyboard.press(name)
        await page.evaluate(_PAINTED)
        made += 1

    async def click(what: str) -> None:
        nonlocal made
        await page.locator(what).first.click()
        await page.evaluate(_PAINTED)
        made += 1

    await page.locator("[data-index='0']").focus()
    for name in ("ArrowDown",) * 6 + ("PageDown",) * 5 + ("End", "PageUp", "Home", "j", "k"):
        await key(name)
        if name == "End":
            await page.locator(f"[data-index='{PRODUCTS - 1}']:focus").wait_for()
        if name == "Home":
            await page.locator("[data-index='0']:focus").wait_for()
    for _ in range(3):
        await key("Enter")
        await page.get_by_role("dialog").wait_for()
        await key("Escape")
        await page.get_by_role("dialog").wait_for(state="detached")
        await page.locator("[role=row]:focus").wait_for()
        await key("ArrowDown")
    await page.locator("input[type=search]").focus()
    for letter in "copper lamp 74":
        await key(letter)
    await page.get_by_text("Copper lamp 74", exact=True).first.wait_for()
    for column in ("Product", "Price in points", "Price in points", "Stock"):
        await click(f"[role=columnheader] button:text-is('{column}')")
    assert made >= 40, made
    reported = await page.evaluate("[...__took.values()]")
    assert 0 < len(reported) <= made, (len(reported), made)
    return [float(ms) for ms in reported] + [FLOOR_MS] * (made - len(reported))


def p98(samples: list[float]) -> float:
    """The interaction that one in fifty is slower than."""
    return sorted(samples)[math.ceil(0.98 * len(samples)) - 1]


def first_load_kb(dist: Path = ROOT / "admin_spa/dist") -> float:
    """Kilobytes, gzipped as they are served, of the entry with what it imports, and its styles."""
    manifest = json.loads((dist / ".vite/manifest.json").read_text())
    wanted, seen = [name for name, part in manifest.items() if part.get("isEntry")], set()
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            wanted += manifest[name].get("imports", [])
    files = {manifest[name]["file"] for name in seen}
    files |= {file for name in seen for file in manifest[name].get("css", [])}
    return sum(_served(dist / file) for file in files) / 1000


def _served(file: Path) -> int:
    """Bytes. What is too small to gain by it is not packed."""
    packed = file.with_name(f"{file.name}.gz")
    return (packed if packed.exists() else file).stat().st_size

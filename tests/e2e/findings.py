"""What is wrong with what a page shows: as `make screens` judges it."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from playwright.sync_api import Page
from tests.e2e.demo import ROOT

SHIFT_MAX = 0.1
# Folders of catalogues, and how a language is spelt there.
CATALOGUES: Mapping[str, Callable[[str], str]] = {
    "admin_spa/locales": str,
    "platform/guerdon/theming/catalogues": lambda language: language.replace("-", "_"),
}

WATCH_SHIFT = """
window.__shift = 0;
window.__shifted = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) {
    window.__shift += entry.value;
    for (const { node } of entry.sources) {
      const e = node?.nodeType === 1 ? node : node?.parentElement;
      if (e) window.__shifted.push(`${e.tagName.toLowerCase()}.${e.className}`);
    }
  }
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
# Words one acts on are never cut: data may be, where it opens to the whole of it.
_CUT = """
() => {
  const words = `button,label,legend,summary,th,h1,h2,h3,h4,dt,nav a,
    [role=tab],[role=columnheader]`;
  const clips = (e) => ["hidden", "clip"].includes(getComputedStyle(e).overflowX);
  const cut = (e) => clips(e) && e.innerText?.trim() && e.clientWidth > 1 &&
    e.scrollWidth > e.clientWidth + 1;
  // What only screen readers hear is a clipped dot.
  const styles = (e) => getComputedStyle(e);
  const heard = (e) => styles(e).clip !== "auto" || styles(e).clipPath !== "none";
  const seen = (e) => !heard(e) &&
    e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  return [...document.querySelectorAll(words)]
    .filter((e) => e.innerText?.trim() && seen(e) && !e.closest("[data-cut]"))
    .filter((e) => [e, ...e.querySelectorAll("*")].some(cut))
    .slice(0, 5).map((e) => `${e.tagName.toLowerCase()} "${e.innerText.trim().slice(0, 60)}"`);
}
"""
_TEXTS = """
() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement, nodeValue } = walker.currentNode;
    if (parentElement.closest("script,style,template,[translate=no]")) continue;
    found.add(nodeValue.trim());
  }
  for (const e of document.body.querySelectorAll("[aria-label],[placeholder],[title],[alt]"))
    for (const name of ["aria-label", "placeholder", "title", "alt"])
      found.add((e.getAttribute(name) ?? "").trim());
  return [...found].filter(Boolean);
}
"""


@cache
def translations(language: str) -> Mapping[str, str]:
    """English text → the language's, of every catalogue, for texts that differ."""
    found: dict[str, str] = {}
    for folder, name in CATALOGUES.items():
        for file in sorted((ROOT / folder).glob(f"{name(language)}*.po")):
            with file.open("rb") as opened:
                for message in read_po(opened):
                    if isinstance(message.id, str) and message.string not in ("", message.id):
                        found[message.id] = str(message.string)
    assert bool(found) == (language != "en"), f"no catalogue for {language}"
    return found


def sideways(page: Page) -> list[str]:
    """What makes the page wider than the window."""
    wide = page.evaluate(_WIDE)
    return [f"scrolls sideways: {', '.join(wide)}"] if wide else []


def cut(page: Page) -> list[str]:
    """Labels that have no room."""
    words = page.evaluate(_CUT)
    return [f"cut: {', '.join(words)}"] if words else []


def shifted(page: Page) -> list[str]:
    """What moved under the reader's eyes."""
    shift = page.evaluate("window.__shift")
    if shift < SHIFT_MAX:
        return []
    moved = list(dict.fromkeys(page.evaluate("window.__shifted")))
    return [f"layout shift {shift:.3f}: {', '.join(moved[:4])}"]


def untranslated(page: Page, words: Mapping[str, str]) -> list[str]:
    """English texts that the language has words for."""
    left = [text for text in page.evaluate(_TEXTS) if text in words]
    return [f"untranslated: {', '.join(left[:5])}"] if left else []


def barriers(page: Page) -> list[str]:
    """What axe calls serious or critical."""
    found = []
    violations: list[dict[str, Any]] = Axe().run(page).response["violations"]
    for violation in violations:
        if violation["impact"] in {"serious", "critical"}:
            nodes = [node["target"][0] for node in violation["nodes"][:3]]
            found.append(f"axe {violation['id']}: {violation['help']} {nodes}")
    return found

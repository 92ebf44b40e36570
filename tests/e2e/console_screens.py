"""Every screen of the console, for `make screens`: where it is, and how to sign in to see it."""

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page
from tests.e2e.demo import ROOT

from guerdon.identity import staff, staff_sessions
from guerdon.kit.ids import uuid7
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import open_runtime
from guerdon.settings import PREFIX, load_settings

SECTIONS_SHOWN = ("branding", "points", "tiers", "catalogue", "payments", "fulfilment",
                  "notifications", "security", "integrations", "programme")  # fmt: skip
VARIANTS = ((1440, False), (1440, True), (390, False))


class NothingHereError(Exception):
    """The demo has nothing to show on this screen."""


def _fetch(page: Page, path: str) -> Any:
    """What the admin API answers the signed-in person."""
    slug = page.url.split("/")[3].partition("?")[0]
    return page.evaluate("(url) => fetch(url).then((r) => r.json())", f"/api/admin/v1/{slug}{path}")


def _first(listing: str, field: str = "id") -> Callable[[Page], str]:
    def find(page: Page) -> str:
        items = _fetch(page, listing).get("items") or []
        if not items:
            raise NothingHereError(listing)
        return str(items[0][field])

    return find


_PROPOSE = """
async ([brand]) => {
  const api = `/api/admin/v1/${brand}`;
  const { csrfToken } = await (await fetch(`${api}/me`)).json();
  const send = async (method, path, body) => (await fetch(api + path, {
    method, body: JSON.stringify(body),
    headers: { "content-type": "application/json", "x-csrf-token": csrfToken,
               "idempotency-key": crypto.randomUUID() },
  })).json();
  const made = await send("POST", "/change-sets", { title: "Dearer rewards for the new year" });
  await send("PATCH", `/change-sets/${made.id}/edits`, { rowVersion: made.rowVersion, edits: [
    { path: "points.price_floor_points", value: 25 },
    { path: "branding.brand_colour", value: "#7a3e9d" },
  ] });
  return made.id;
}
"""


def _change_set(page: Page) -> str:
    """An open change set; one is begun where there is none."""
    items = _fetch(page, "/change-sets?state=draft&state=in_review").get("items") or []
    if items:
        return str(items[0]["id"])
    return str(page.evaluate(_PROPOSE, [page.url.split("/")[3].partition("?")[0]]))


# A screen's address as routes.tsx has it → the addresses to look at, `{}` filled by what is found.
SCREENS: Mapping[str, list[tuple[str, Callable[[Page], str] | None]]] = {
    "/": [("/", None)],
    "changes": [("/changes", None), ("/changes?view=done", None)],
    "changes/$changeSet": [("/changes/{}", _change_set)],
    "changes/$changeSet/rollout": [("/changes/{}/rollout", _change_set)],
    "changes/$changeSet/simulation": [("/changes/{}/simulation", _change_set)],
    "scheduled": [("/scheduled", None)],
    "members": [("/members", None)],
    "members/$member": [("/members/{}", _first("/members?q=a"))],
    "members/adjustments": [("/members/adjustments", None)],
    "orders": [("/orders", None)],
    "orders/$order": [("/orders/{}", _first("/orders"))],
    "catalogue": [("/catalogue", None)],
    "catalogue/new": [("/catalogue/new", None)],
    "catalogue/$product": [("/catalogue/{}", _first("/catalogue/products"))],
    "catalogue/imports": [("/catalogue/imports", None)],
    # Nothing is being imported in the demo; the browser test of imports looks at it.
    "catalogue/imports/$import": [],
    "versions": [("/versions", None)],
    "versions/$version": [("/versions/{}", _first("/versions", "version"))],
    "account": [("/account", None)],
    "people": [("/people", None)],
    "people/roles": [("/people/roles", None)],
    "people/$person": [("/people/{}", _first("/people"))],
    "audit": [("/audit", None)],
    "programme": [("/programme", None)],
    "programme/$section": [(f"/programme/{name}", None) for name in SECTIONS_SHOWN],
    "recommendations": [("/recommendations", None)],
    "recommendations/$offer": [],
    "integrations": [("/integrations", None)],
    "integrations/keys": [("/integrations/keys", None)],
    "integrations/secrets": [("/integrations/secrets", None)],
    "integrations/webhooks": [("/integrations/webhooks", None)],
    "integrations/connections": [("/integrations/connections", None)],
    "integrations/connections/new": [("/integrations/connections/new", None)],
    # As above: the demo's own connection, where there is one, is shown by the list.
    "integrations/connections/$connection": [],
}
SIGNED_OUT = ["/sign-in", "{}/sign-in"]


def routed() -> set[str]:
    """Every screen of a brand that routes.tsx names."""
    text = (ROOT / "admin_spa/src/routes.tsx").read_text()
    text = text[text.index("const SCREENS") :].partition("\n];")[0]
    found = set()
    _, *calls = re.split(r"^  (?=(?:screen|list)\()", text, flags=re.M)
    for call in calls:
        name, *panels = re.findall(r'(?:\(|\[)\s*"([^"]+)",', call)
        found |= {name, *(f"{name}/{panel}" for panel in panels)}
    return found


def address_of(page: Page, where: str, find: Callable[[Page], str] | None) -> str:
    """The address with what is there filled in. Raises NothingHereError."""
    return where.format(find(page)) if find else where


def name_of(where: str) -> str:
    """A picture's name: `/changes/{}` is `console-changes-one`."""
    plain = re.sub(r"[^a-z0-9]+", "-", where.replace("{}", "one").lower()).strip("-")
    return f"console-{plain or 'overview'}"


def sign_in(context: BrowserContext, page: Page, home: Path, slug: str, base: str) -> None:
    """A session of the brand's first owner, who is added where there is none."""
    for line in (home / "demo.env").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.startswith(PREFIX):
            os.environ[name] = value
    host = base.partition("//")[2].partition(":")[0]
    # Playwright runs a loop of its own in this thread.
    with ThreadPoolExecutor(1) as beside:
        token = beside.submit(asyncio.run, _session(slug, host)).result()
    below = context.new_cdp_session(page)
    below.send(
        "Network.setCookie",
        {"name": staff_sessions.cookie_name(slug), "value": token, "path": "/", "secure": True,
         "url": base.replace("http:", "https:"), "httpOnly": True, "sameSite": "Lax"},
    )  # fmt: skip


async def _session(slug: str, host: str) -> str:
    async with open_runtime(load_settings(), role="app", sections=SECTIONS, rules=RULES) as rt:
        tenant = await rt.directory.by_slug(slug)
        now = rt.clock.now()
        async with rt.db.read(tenant.id) as s:
            owners = await staff.active_owners(s)
        if not owners:
            owners = [uuid7()]
            async with rt.db.write(tenant.id) as s:
                await staff.add(
                    s, id=owners[0], email="screens@staff.example", name="Olga Owner",
                    roles=("owner",), now=now,
                )  # fmt: skip
        token, _ = await staff_sessions.start(
            rt.valkey, tenant_id=tenant.id, staff_id=owners[0], host=host, method="screens",
            idle=timedelta(hours=1), absolute=timedelta(hours=2), now=now,
        )  # fmt: skip
        return token

"""Every screen of the console, for `make screens`: where it is, and the way there."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page
from tests.e2e.demo import ROOT
from tests.e2e.staged import WATCHED

from guerdon.programme import SECTIONS

SECTIONS_SHOWN = [one.section for one in SECTIONS if one.section != "recommendations"]
Find = Callable[[Page], str]
# Widths, and whether it is dark.
VARIANTS = ((1440, False), (1440, True), (390, False))
# In the languages beside English words are longer; colours and names are looked at in English.
ABROAD = ((1440, False), (390, False))
# Whose console is taken in which other language; texts are the same with every brand.
SPOKEN = {"aurora": "pt-BR", "kettle": "es"}


class NothingHereError(Exception):
    """The demo has nothing to show on this screen."""


def _fetch(page: Page, path: str) -> Any:
    """What the admin API answers the signed-in person."""
    slug = page.url.split("/")[3].partition("?")[0]
    return page.evaluate("(url) => fetch(url).then((r) => r.json())", f"/api/admin/v1/{slug}{path}")


def _first(listing: str, field: str = "id") -> Find:
    def find(page: Page) -> str:
        items = _fetch(page, listing).get("items") or []
        if not items:
            raise NothingHereError(listing)
        return str(items[0][field])

    return find


def _tenant(page: Page) -> str:
    """The first tenant in the list of the platform's staff."""
    found = page.evaluate("() => fetch('/api/platform/v1/tenants').then((r) => r.json())")
    return str(found["items"][0]["slug"])


_SEND = """
async ([method, path, body, type]) => {
  const api = `/api/admin/v1/${location.pathname.split("/")[1]}`;
  const { csrfToken } = await (await fetch(`${api}/me`)).json();
  const answer = await fetch(api + path, {
    method, body: type ? body : JSON.stringify(body),
    headers: { "content-type": type || "application/json", "x-csrf-token": csrfToken,
               "idempotency-key": crypto.randomUUID() },
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
"""


def _send(page: Page, method: str, path: str, body: Any, content_type: str = "") -> Any:
    """What the admin API answers to a write of the signed-in person."""
    return page.evaluate(_SEND, [method, path, body, content_type])


def _change_set(page: Page) -> str:
    """An open change set; one is begun where there is none."""
    items = _fetch(page, "/change-sets?state=draft&state=in_review").get("items") or []
    if items:
        return str(items[0]["id"])
    made = _send(page, "POST", "/change-sets", {"title": "Dearer rewards for the new year"})
    edits = [
        {"path": "points.price_floor_points", "value": 25},
        {"path": "branding.brand_colour", "value": "#7a3e9d"},
    ]
    body = {"rowVersion": made["rowVersion"], "edits": edits}
    _send(page, "PATCH", f"/change-sets/{made['id']}/edits", body)
    return str(made["id"])


def _import(page: Page) -> str:
    """A file that was looked through, with a line that is refused; nothing of it is taken in."""
    items = _fetch(page, "/catalogue/imports").get("items") or []
    if items:
        return str(items[0]["id"])
    head = "slug,category,supplier,currency,sku,price,stock,name_en"
    file = f"{head}\nbad,yachts,counter,USD,B1,1,1,Bad\n"
    made = _send(page, "POST", "/catalogue/imports?name=spring.csv", file, "text/csv")
    return str(made["id"])


def _members_file(page: Page) -> str:
    """A file of members that was looked through, with a line that is refused."""
    items = _fetch(page, "/members/imports").get("items") or []
    if items:
        return str(items[0]["id"])
    file = "email,name,opening_balance,tier\nnew@example.com,Nova,120,\nbad,Bia,5,\n"
    made = _send(page, "POST", "/members/imports?name=crm.csv", file, "text/csv")
    return str(made["id"])


def _offer(page: Page) -> str:
    """An offer in force, else the place where one would be."""
    offers = _fetch(page, "/parameters/recommendations")["content"].get("offers") or []
    return str(offers[0]["key"]) if offers else "none-yet"


def _connection(page: Page) -> str:
    """The brand's connection; one is begun where there is none."""
    items = _fetch(page, "/connections").get("items") or []
    if items:
        return str(items[0]["id"])
    settings = {
        "type": "oidc", "preset": "other", "issuer": "https://login.example", "clientId": "guerdon",
        "algorithms": ["RS256"], "scopes": ["openid", "email", "profile"],
        "emailClaim": "email", "nameClaim": "name", "groupsClaim": "groups", "roles": [],
        "defaultRole": "", "createAccounts": True, "emailDomains": [],
    }  # fmt: skip
    made = _send(page, "POST", "/connections", {"title": "Head office", "settings": settings})
    return str(made["id"])


# A screen's address as routes.tsx has it → the addresses to look at, `{}` filled by what is found.
SCREENS: Mapping[str, list[tuple[str, Find | None]]] = {
    "/": [("/", None)],
    "changes": [("/changes", None), ("/changes?view=done", None)],
    "changes/$changeSet": [("/changes/{}", _change_set)],
    "changes/$changeSet/rollout": [("/changes/{}/rollout", _change_set)],
    "changes/$changeSet/simulation": [("/changes/{}/simulation", _change_set)],
    "scheduled": [("/scheduled", None)],
    "members": [("/members", None)],
    "members/$member": [("/members/{}", _first("/members?q=a"))],
    "members/imports": [("/members/imports", None)],
    "members/imports/$import": [("/members/imports/{}", _members_file)],
    "members/adjustments": [("/members/adjustments", None)],
    "orders": [("/orders", None)],
    "orders/$order": [("/orders/{}", _first("/orders"))],
    "catalogue": [("/catalogue", None)],
    "catalogue/new": [("/catalogue/new", None)],
    "catalogue/$product": [("/catalogue/{}", _first("/catalogue/products"))],
    "catalogue/imports": [("/catalogue/imports", None)],
    "catalogue/imports/$import": [("/catalogue/imports/{}", _import)],
    "versions": [("/versions", None)],
    "versions/$version": [("/versions/{}", _first("/versions", "version"))],
    "brand": [("/brand", None)],
    "brand/export": [("/brand/export", None)],
    "plan": [("/plan", None)],
    "terms": [("/terms", None)],
    "account": [("/account", None)],
    "people": [("/people", None)],
    "people/roles": [("/people/roles", None)],
    "people/$person": [("/people/{}", _first("/people"))],
    "test-clock": [("/test-clock", None)],
    "audit": [("/audit", None)],
    "support": [("/support", None)],
    "programme": [("/programme", None)],
    "programme/$section": [(f"/programme/{name}", None) for name in SECTIONS_SHOWN],
    "recommendations": [("/recommendations", None)],
    "recommendations/$offer": [("/recommendations/{}", _offer)],
    "recommended/measurement": [("/recommended/measurement", None)],
    "recommended/slate": [("/recommended/slate", None)],
    "recommended/models": [("/recommended/models", None)],
    "recommended/card-bases": [("/recommended/card-bases", None)],
    "integrations": [("/integrations", None)],
    "integrations/keys": [("/integrations/keys", None)],
    "integrations/secrets": [("/integrations/secrets", None)],
    "integrations/webhooks": [("/integrations/webhooks", None)],
    "integrations/domains": [("/integrations/domains", None)],
    "till": [("/till", None)],
    "integrations/connections": [("/integrations/connections", None)],
    "integrations/connections/new": [("/integrations/connections/new", None)],
    "integrations/connections/$connection": [("/integrations/connections/{}", _connection)],
}
# What the platform's own staff see, at the staff host.
PLATFORM: Mapping[str, list[tuple[str, Find | None]]] = {
    "tenants": [("/tenants", None)],
    "tenants/$tenant": [("/tenants/{}", _tenant)],
    "deployment": [("/deployment", None)],
    "queues": [("/queues", None)],
    "signs": [("/signs", None)],
    "announcements": [("/announcements", None)],
    "maintenance": [("/maintenance", None)],
}
# Screens of a brand that the platform has as well, in its own words; and its staff in a brand.
SHARED = ("integrations/connections", "people", "people/roles", "audit", "account")
SIGN_IN, AT_WORK = "platform-sign-in", "platform-at-work"
# Before somebody is signed in; `$brand` stands for the brand.
OPEN: Mapping[str, str] = {
    "console-welcome": "/",
    "console-sign-in": "sign-in",
    "console-brand-sign-in": "$brand/sign-in",
    "console-brand-sign-in-link": "$brand/sign-in/link",
}
Look = tuple[str, str, Find | None]


def routed() -> tuple[set[str], set[str]]:
    """Every screen that routes.tsx names: outside any brand, and of a brand."""
    text = (ROOT / "admin_spa/src/routes.tsx").read_text()
    outside = text[text.index("const OPEN") :].partition("\n];")[0]
    inside = text[text.index("const SCREENS") :].partition("\n];")[0]
    found = set()
    _, *calls = re.split(r"^  (?=(?:screen|list)\()", inside, flags=re.M)
    for call in calls:
        name, *panels = re.findall(r'(?:\(|\[)\s*"([^"]+)",', call)
        found |= {name, *(f"{name}/{panel}" for panel in panels)}
    return set(re.findall(r'open\(\s*"([^"]+)"', outside)), found


def visits() -> list[Look]:
    """A picture's name, an address, and what fills its gap: those before signing in first."""
    found: list[Look] = [(name, f"/{where.strip('/')}", None) for name, where in OPEN.items()]
    for looks in SCREENS.values():
        for where, find in looks:
            found.append((_name_of(where), f"/$brand{where}".rstrip("/"), find))
    return found


def staff_visits() -> list[Look]:
    """As `visits`, of the console of the platform's own staff."""
    shown = {**PLATFORM, **{name: SCREENS[name] for name in SHARED}}
    return [
        (SIGN_IN, "/$brand/sign-in", None),
        *(
            (f"platform-{_name_of(where).removeprefix('console-')}", f"/$brand{where}", find)
            for looks in shown.values()
            for where, find in looks
        ),
        (AT_WORK, f"/{WATCHED}/orders", None),
    ]


def address_of(page: Page, slug: str, where: str, find: Find | None) -> str:
    """The address with what is there filled in. Raises NothingHereError."""
    below = where.replace("$brand", slug)
    return below.format(find(page)) if find else below


def _name_of(where: str) -> str:
    """`/changes/{}` is `console-changes-one`."""
    plain = re.sub(r"[^a-z0-9]+", "-", where.replace("{}", "one").lower()).strip("-")
    return f"console-{plain or 'overview'}"

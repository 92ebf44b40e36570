"""No dead setting in `recommendations`: two values of each field are published, and a slate that
is asked for through the API differs."""

import copy
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx2
import pytest
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.conftest import create_tenant
from tests.outside import Outside

from guerdon.parameters.operations import publish
from guerdon.plumbing.db import jsonb
from guerdon.plumbing.events import DomainEvent
from guerdon.recommendations.attribution import CONFIRMED, attribute
from guerdon.recommendations.figures import refresh_popular
from guerdon.recommendations.offers import KINDS, Kind
from guerdon.recommendations.service import SOURCES, engine
from guerdon.recommendations.slate import Seen, of_all
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

TODAY = datetime.now(UTC).date()
SOON = TODAY + timedelta(days=20)
OVER = SOON + timedelta(days=6)
ON = {"enabled": True, "exploration_percent": 0, "holdout_percent": 0}
BUILT: tuple[Kind, ...] = (*SOURCES, "catalogue")
# Two offers of each kind in one category, so that a cap per category has something to do.
OFFERS: list[dict[str, Any]] = [
    {"key": "bag", "kind": "ancillary", "product": "baggage", "category": "extra",
     "name": {"en": "A bag"}},
    {"key": "gift", "kind": "ancillary", "category": "extra", "name": {"en": "A gift"}},
    {"key": "azul", "kind": "co_branded_card", "bank": "Azul", "category": "extra"},
    {"key": "verde", "kind": "co_branded_card", "bank": "Verde", "category": "extra"},
    {"key": "plus", "kind": "club", "category": "extra",
     "package": {"price_minor": 250, "points_a_month": 300}},
    {"key": "latte", "kind": "catalogue", "sku": "LATTE", "category": "extra"},
    {"key": "beans", "kind": "catalogue", "sku": "BEANS", "category": "extra"},
]  # fmt: skip
HOME = {"key": "home", "kinds": list(BUILT), "slots": 50, "name": {"en": "For you"}}
CONTENT: dict[str, Any] = {
    "kinds": dict.fromkeys(BUILT, ON), "placements": [HOME], "offers": OFFERS
}  # fmt: skip


def leg(origin: str, destination: str, day: Any, **more: Any) -> dict[str, Any]:
    return {"origin": origin, "destination": destination, "departsOn": str(day),
            "arrivesOn": str(day), **more}  # fmt: skip


def ticket(place: str = "MCO", age: int = 40, **more: Any) -> dict[str, Any]:
    """Six nights, no bag, in `place`."""
    return {
        "kind": "itinerary",
        "segments": [leg("GRU", place, SOON, **more), leg(place, "GRU", OVER, **more)],
        "passengers": [{"age": age}],
    }


class World:
    """One brand with members who have seen things."""

    def __init__(self, rt: Runtime, tenant: Tenant, api: Api, port: int) -> None:
        self.rt, self.tenant, self.api = rt, tenant, api
        self.members: list[dict[str, Any]] = []
        self.model = Model(port)
        self.goods: dict[str, Any] = {}

    async def put(self, content: dict[str, Any]) -> None:
        """Publish the section `recommendations`."""
        async with self.rt.db.write(self.tenant.id) as s:
            await publish(
                s,
                registry=self.rt.snapshots.registry,
                content=SECTIONS | {"recommendations": content},
                author="test",
                now=datetime.now(UTC) - timedelta(seconds=2),
            )
        await self.rt.snapshots.load(self.tenant.id)
        engine(self.rt).figures.forget(self.tenant.id)

    async def slate(self, member: int = 0, **more: Any) -> Any:
        given = {"memberId": self.members[member]["id"], "placement": "home",
                 "context": ticket(), **more}  # fmt: skip
        return (await self.api.post("/recommendations/slate", json=given, key="")).json()

    async def saw(self, member: int, seen: dict[str, Seen]) -> None:
        """As if the member had been shown these, a while ago."""
        async with self.rt.db.write(self.tenant.id) as s:
            await s.execute(
                "INSERT INTO app.recommendation_member (tenant_id, member_id, seen, updated_at)"
                " VALUES (%(tenant_id)s, %(m)s, %(seen)s, now())"
                " ON CONFLICT (tenant_id, member_id) DO UPDATE SET seen = excluded.seen",
                {"m": UUID(self.members[member]["id"]), "seen": jsonb(seen)},
            )

    async def summed(self, key: str, **sums: int) -> None:
        """As if so much had happened to an offer with all members together."""
        async with self.rt.db.write(self.tenant.id) as s:
            await s.execute(
                "INSERT INTO app.recommendation_total (tenant_id, offer, impressions, conversions)"
                " VALUES (%(tenant_id)s, %(key)s, %(i)s, %(c)s) ON CONFLICT DO NOTHING",
                {"key": key, "i": sums.get("impressions", 0), "c": sums.get("conversions", 0)},
            )
            # Some of these tests run after midnight when the first of them did not.
            await s.execute(
                "INSERT INTO app.recommendation_day (tenant_id, day, kind, key, impressions)"
                " SELECT %(tenant_id)s, %(day)s::date + n, 'ancillary', %(key)s, %(i)s"
                "   FROM generate_series(0, 1) n ON CONFLICT DO NOTHING",
                {"key": key, "day": TODAY, "i": sums.get("impressions", 0)},
            )


class Model:
    """The brand's own model: scores every offer 0.25, after `delay` seconds."""

    def __init__(self, port: int) -> None:
        model, self.delay = self, 0.0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                offers = json.loads(self.rfile.read(size))["offers"]
                # As slow as a model is that computes.
                time.sleep(model.delay)
                body = json.dumps({"scores": dict.fromkeys(offers, 0.25)}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{port}/scores"
        Thread(target=self.server.serve_forever, daemon=True).start()


Ask = Callable[[World], Awaitable[Any]]


class Asked(NamedTuple):
    """`field` with two contents of the section, and what differs then."""

    field: str
    first: dict[str, Any]
    second: dict[str, Any]
    ask: Ask


def changed(path: str, value: Any) -> dict[str, Any]:
    """CONTENT with one value replaced; `[key]` finds an item."""
    content = json.loads(json.dumps(CONTENT))
    at: Any = content
    *way, last = path.split(".")
    for step in way:
        if step.startswith("["):
            at = next(one for one in at if one["key"] == step[1:-1])
        else:
            at = at.setdefault(step, {})
    at[last] = value
    return content


async def shown(world: World) -> Any:
    """Everything that does not differ from call to call, in no order."""
    return plain(await world.slate())


def plain(slate: Any) -> Any:
    told = [
        [i[n] for n in ("kind", "offer", "variant", "variantName", "title", "text", "url", "score")]
        for i in slate.get("items", [])
    ]
    return slate.get("code"), slate.get("heading"), sorted(map(str, told))


async def sums(world: World) -> Any:
    """The arithmetic of the club's package."""
    return [i["details"] for i in (await world.slate())["items"] if i["kind"] == "club"]


def of_member(number: int, **more: Any) -> Ask:
    async def ask(world: World) -> Any:
        return plain(await world.slate(number, **more))

    return ask


def with_context(context: dict[str, Any]) -> Ask:
    return of_member(0, context=context)


def explored(kind: str) -> Ask:
    async def ask(world: World) -> bool:
        slates = [await world.slate(n) for n in range(20)]
        return any(i["explored"] for slate in slates for i in slate["items"] if i["kind"] == kind)

    return ask


async def ended(world: World) -> Any:
    return sorted(i["expiresAt"][:10] for i in (await world.slate())["items"])


def arms(kind: str) -> Ask:
    async def ask(world: World) -> Any:
        slates = [await world.slate(n) for n in range(20)]
        return {i["arm"] for slate in slates for i in slate["items"] if i["kind"] == kind}

    return ask


async def scored(world: World) -> Any:
    """Where the scores of the brand's model come from, asked twice."""
    engine(world.rt).external.forget(world.tenant.id)
    return [(await world.slate())["externalScores"] for _ in range(2)]


async def converted(world: World) -> int:
    """How often a redemption counts for the offer that was followed three days before."""
    member = world.members[6]
    (latte,) = [i for i in (await world.slate(6))["items"] if i["offer"] == "latte"]
    at = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    told = {"events": [{"type": "click", "feedbackId": latte["feedbackId"], "at": at}]}
    assert (await world.api.post("/recommendations/events", json=told)).json() == {"recorded": 1}
    variant = world.goods["latte"]["variants"][0]
    wanted = {"memberId": member["id"], "expectedPoints": variant["points"],
              "lines": [{"variantId": variant["id"], "quantity": 1}]}  # fmt: skip
    placed = await world.api.post("/redemptions", json=wanted)
    assert placed.status_code == 201, placed.text
    event = DomainEvent(
        uuid4(), CONFIRMED, UUID(member["id"]), datetime.now(UTC),
        {"redemptionId": placed.json()["id"]},
    )  # fmt: skip
    async with world.rt.db.write(world.tenant.id) as s:
        await attribute(world.rt, s, event, datetime.now(UTC))
        return int(
            await s.value(
                "SELECT count(*) FROM app.recommendation_event WHERE tenant_id = %(tenant_id)s"
                " AND type = 'conversion' AND slate_id IN (SELECT c.slate_id FROM"
                " app.recommendation_event c WHERE c.tenant_id = %(tenant_id)s AND c.at = %(at)s)",
                {"at": at},
            )
        )


async def kept_for(world: World) -> Any:
    """How many days a ticket and a basket are kept."""
    kept = []
    for context in (ticket(), {"kind": "basket", "items": [{"sku": "LATTE"}]}):
        given = {"memberId": world.members[3]["id"], "reference": context["kind"],
                 "context": context}  # fmt: skip
        told = (await world.api.post("/contexts", json=given)).json()
        made, ends = (datetime.fromisoformat(told[n]) for n in ("recordedAt", "expiresAt"))
        kept.append(round((ends - made).total_seconds() / 86_400))
    return kept


# Members: 0 saw nothing; 1 saw all lately; 2 sent all away yesterday; 5 saw all long ago.
def of_kinds() -> list[Asked]:
    found = []
    for kind in BUILT:
        at = f"kinds.{kind}"

        def two(name: str, first: Any, second: Any, ask: Ask = shown, at: str = at) -> Asked:
            return Asked(
                f"recommendations.{at}.{name}", changed(f"{at}.{name}", first),
                changed(f"{at}.{name}", second), ask,
            )  # fmt: skip

        tired = {"impressions_max": 3, "days": 7, "dismissed_days": 0}

        def fatigue(
            name: str, first: int, second: int, member: int, at: str = at, tired: Any = tired
        ) -> Asked:
            return Asked(
                f"recommendations.{at}.fatigue.{name}",
                changed(f"{at}.fatigue", tired | {name: first}),
                changed(f"{at}.fatigue", tired | {name: second}),
                of_member(member),
            )

        found += [
            two("enabled", True, False),
            two("weight", 50, 0),
            two("factor", "1", "1.25"),
            two("eligibility", "balance >= 0", "balance < 0"),
            two("lifespan.valid_from", None, str(SOON)),
            two("lifespan.valid_to", None, str(TODAY)),
            two("lifespan.age_days_max", None, 5, of_member(5)),
            two("lifespan.impressions_max", 8, 7),
            fatigue("impressions_max", 4, 3, 1),
            fatigue("days", 1, 7, 1),
            fatigue("dismissed_days", 0, 30, 2),
            two("category_caps", {"extra": 2}, {"extra": 0}, how_many),
            two("exploration_percent", 0, 50, explored(kind)),
            two("holdout_percent", 0, 50, arms(kind)),
        ]
    return found


async def how_many(world: World) -> int:
    return len((await world.slate())["items"])


def of_placements() -> list[Asked]:
    def two(name: str, first: Any, second: Any, ask: Ask = shown) -> Asked:
        return Asked(
            f"recommendations.placements[].{name}", changed(f"placements.[home].{name}", first),
            changed(f"placements.[home].{name}", second), ask,
        )  # fmt: skip

    return [
        two("key", "home", "away"),
        two("kinds", list(BUILT), ["catalogue"]),
        two("name", {"en": "Alpha"}, {"en": "Beta"}),
        two("enabled", True, False),
        two("slots", 50, 1, how_many),
    ]


RED_AND_BLUE = [
    {"key": "red", "name": {"en": "Red"}, "weight": 100},
    {"key": "blue", "name": {"en": "Blue"}, "weight": 0},
]


def of_offers() -> list[Asked]:
    def two(name: str, first: Any, second: Any, ask: Ask = shown, offer: str = "gift") -> Asked:
        return Asked(
            f"recommendations.offers[].{name}", changed(f"offers.[{offer}].{name}", first),
            changed(f"offers.[{offer}].{name}", second), ask,
        )  # fmt: skip

    def variant(name: str, first: Any, second: Any) -> Asked:
        given = []
        for value in (first, second):
            red, blue = copy.deepcopy(RED_AND_BLUE)
            red[name] = value
            blue["weight"] = 100 - value if name == "weight" else 0
            if name in ("enabled", "eligibility"):
                blue["weight"] = 1
            given.append(changed("offers.[gift].variants", [red, blue]))
        return Asked(f"recommendations.offers[].variants[].{name}", *given, shown)

    def of_kind(kind: str) -> dict[str, Any]:
        content = changed("offers.[gift].kind", kind)
        if kind == "catalogue":
            next(o for o in content["offers"] if o["key"] == "gift")["sku"] = "TEA"
        return content

    words = {"title": "Alpha"}
    return [
        two("key", "gift", "present"),
        Asked("recommendations.offers[].kind", of_kind("ancillary"), of_kind("catalogue"), shown),
        two("enabled", True, False),
        two("name", {"en": "Alpha"}, {"en": "Beta"}),
        Asked(
            "recommendations.offers[].category",
            changed("offers.[gift].category", "extra")
            | {"kinds": CONTENT["kinds"] | {"ancillary": ON | {"category_caps": {"extra": 1}}}},
            changed("offers.[gift].category", "other")
            | {"kinds": CONTENT["kinds"] | {"ancillary": ON | {"category_caps": {"extra": 1}}}},
            how_many,
        ),
        two("product", "baggage", None, with_context(ticket(bagsIncluded=1)), "bag"),
        two("contexts", [], ["basket"]),
        two("sku", "LATTE", "TEA", offer="latte"),
        two("url", "", "/catalogue"),
        two("bank", "Azul", "Rosa", offer="azul"),
        two("package.price_minor", 250, 260, offer="plus"),
        two("package.points_a_month", 300, 310, offer="plus"),
        two("package.months_min", 6, 24, sums, "plus"),
        two("weight", 50, 0),
        two("factor", "1", "1.25"),
        two("eligibility", "", "balance < 0"),
        two("lifespan.valid_from", None, str(SOON)),
        two("lifespan.valid_to", None, str(TODAY)),
        two("lifespan.age_days_max", None, 5, of_member(5)),
        two("lifespan.impressions_max", 8, 7),
        two("caps.impressions_per_day", 8, 7),
        two("caps.impressions_per_member", 4, 3, of_member(1)),
        two("caps.accepted_max", 3, 2),
        variant("key", "red", "green"),
        variant("name", {"en": "Red"}, {"en": "Green"}),
        variant("enabled", True, False),
        variant("weight", 100, 0),
        variant("eligibility", "", "balance < 0"),
        variant("copy", {"en": words}, {"en": {"title": "Beta"}}),
        two("copy", {"en": words}, {"en": {"title": "Beta"}}),
    ]


PLACE = {"code": "ZZV", "name": {"en": "Vila"}, "country": "BR", "time_zone": "UTC"}


def of_contexts() -> list[Asked]:
    products = ("hotel", "car_rental", "theme_parks", "excursions", "cruise", "ride_credit",
                "travel_insurance")  # fmt: skip
    more = [{"key": p.replace("_", "-"), "kind": "ancillary", "product": p} for p in products]

    def content(**contexts: Any) -> dict[str, Any]:
        return CONTENT | {"offers": [*OFFERS, *more], "contexts": contexts}

    def two(name: str, first: Any, second: Any, ask: Ask) -> Asked:
        return Asked(
            f"recommendations.contexts.{name}", content(**{name: first}),
            content(**{name: second}), ask,
        )  # fmt: skip

    def place(name: str, first: Any, second: Any, ask: Ask) -> Asked:
        given = [content(places=[PLACE | {name: value}]) for value in (first, second)]
        return Asked(f"recommendations.contexts.places[].{name}", *given, ask)

    async def why(world: World) -> Any:
        slate = await world.slate(context=ticket("ZZV"))
        told = [(i["offer"], str(i["details"]), i["reason"]["code"], i["expiresAt"])
                for i in slate.get("items", [])]  # fmt: skip
        return slate.get("code"), sorted(t[:3] for t in told)

    staying = with_context(
        {"kind": "stay", "place": "ZZV", "checkIn": str(SOON), "checkOut": str(OVER),
         "passengers": [{}]}
    )  # fmt: skip

    async def midnight(world: World) -> Any:
        """When a stay is over, by the place's own clock."""
        stay = {"kind": "stay", "place": "ZZV", "checkIn": str(SOON), "checkOut": str(OVER),
                "passengers": [{}]}  # fmt: skip
        given = {"memberId": world.members[4]["id"], "reference": "stay", "context": stay}
        return (await world.api.post("/contexts", json=given)).json()["expiresAt"]

    async def connected(world: World) -> Any:
        """Whether one may arrive at one airport of a city and leave from its other."""
        legs = [leg("GRU", "ZZV", SOON), leg("MCO", "GRU", OVER)]
        made = await world.slate(context=ticket() | {"segments": legs})
        return made.get("code")

    business = with_context(ticket(cabin="business"))
    return [
        two("days_max", 400, 10, kept_for),
        two("undated_days", 7, 3, kept_for),
        two("cabins_with_bag", ["business"], [], business),
        two("driving_age_min", 21, 30, with_context(ticket(age=25))),
        two("park_days_min", 1, 10, shown),
        two("excursion_days_min", 1, 10, shown),
        two("cruise_nights_min", 4, 10, with_context(ticket("MIA"))),
        place("code", "ZZV", "ZZW", why),
        place("name", {"en": "Vila"}, {"en": "Villa"}, why),
        place("country", "BR", "US", why),
        place("area", "", "ORL", connected),
        place("time_zone", "UTC", "Asia/Tokyo", midnight),
        place("airport", True, False, staying),
        place("port", "", "Porto", why),
        place("parks", False, True, why),
    ]


def of_scores() -> list[Asked]:
    def content(**scores: Any) -> dict[str, Any]:
        return CONTENT | {"external_scores": {"url": "MODEL", "timeout_ms": 1000} | scores}

    async def slow(world: World) -> Any:
        world.model.delay = 0.2
        try:
            return await scored(world)
        finally:
            world.model.delay = 0.0

    at = "recommendations.external_scores"
    return [
        Asked(f"{at}.url", content(), content(url=""), scored),
        Asked(f"{at}.timeout_ms", content(), content(timeout_ms=50), slow),
        Asked(f"{at}.cache_s", content(cache_s=300), content(cache_s=0), scored),
    ]


RECOMMENDED = [
    Asked("recommendations.enabled", changed("enabled", True), changed("enabled", False), shown),
    Asked(
        "recommendations.attribution_days",
        changed("attribution_days", 2),
        changed("attribution_days", 7),
        converted,
    ),
    *of_kinds(),
    *of_placements(),
    *of_offers(),
    *of_contexts(),
    *of_scores(),
]


async def approve(world: World) -> None:
    """Two banks approve everybody."""
    base = (await world.api.post("/card-bases", json={})).json()["id"]
    rows = [
        {"memberNumber": member["number"], "bank": bank, "variant": "gold", "consent": True,
         "validUntil": str(OVER)}
        for member in world.members
        for bank in ("Azul", "Verde")
    ]  # fmt: skip
    put = await world.api.post(f"/card-bases/{base}/rows", json={"rows": rows})
    assert put.status_code == 200, put.text
    done = await world.api.post(f"/card-bases/{base}/activate", json={"complete": True})
    assert done.status_code == 200, done.text
    async with world.rt.db.write(world.tenant.id) as s:
        await s.execute(
            "UPDATE app.card_base SET in_force_at = in_force_at - interval '10 days',"
            " created_at = created_at - interval '10 days' WHERE tenant_id = %(tenant_id)s"
        )


@pytest.fixture(scope="module")
async def world(
    shared_rt: Runtime, worker_rt: Runtime, application: Any, outside: Outside
) -> AsyncIterator[World]:
    tenant = await create_tenant(shared_rt, sections=SECTIONS | {"recommendations": CONTENT})
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=application, raise_app_exceptions=False),
        base_url=f"https://{tenant.canonical_host}",
    )
    rt = application.litestar.state.rt
    await rt.snapshots.load(tenant.id)
    made = World(rt, tenant, Api(client, await issue(shared_rt, tenant)), outside.scores)
    goods = [definition(s, price="5.00", stock=50) for s in ("latte", "beans", "tea")]
    made.goods = await stock_up(made.api, *goods)
    made.members = [await join(made.api, points=5000) for _ in range(20)]
    await approve(made)
    keys = [o["key"] for o in OFFERS]
    lately = TODAY - timedelta(days=2)
    long_ago = TODAY - timedelta(days=40)
    yesterday = TODAY - timedelta(days=1)
    await made.saw(1, {k: Seen(3, None, {lately.toordinal(): 3}, lately) for k in keys})
    await made.saw(2, {k: Seen(1, yesterday, {}, long_ago) for k in keys})
    await made.saw(5, {k: Seen(1, None, {}, long_ago) for k in keys})
    await made.summed("gift", impressions=7, conversions=2)
    for kind in KINDS:
        await made.summed(of_all(kind), impressions=7)
    async with worker_rt.db.write(tenant.id) as s:
        await refresh_popular(s, now=datetime.now(UTC))
    yield made
    made.model.server.shutdown()
    made.model.server.server_close()
    await client.aclose()


@pytest.mark.parametrize("asked", RECOMMENDED, ids=lambda asked: asked.field)
async def test_two_values_make_two_slates(asked: Asked, world: World) -> None:
    address = world.model.url
    first, second = (
        json.loads(json.dumps(content).replace('"MODEL"', f'"{address}"'))
        for content in (asked.first, asked.second)
    )
    await world.put(first)
    one = await asked.ask(world)
    await world.put(second)
    assert await asked.ask(world) != one, f"no slate follows {asked.field}"


async def test_what_does_not_differ_makes_the_same_slate(world: World) -> None:
    """So that a difference above is the field's doing."""
    for ask in (shown, explored("catalogue"), arms("club"), how_many):
        answers = []
        for cache_s in (77, 78):
            await world.put(CONTENT | {"external_scores": {"cache_s": cache_s}})
            answers.append(await ask(world))
        assert answers[0] == answers[1]

"""What became of recommendations, recounted: told through the API, or seeded in known numbers."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import join
from tests.conftest import create_tenant

from guerdon.local.recommended import ensure_recommended
from guerdon.members import operations
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.recommendations.feedback import Happening, Place, Source, Type, record
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

BRAND = {
    "programme": {"currency": "USD", "time_zone": "America/Sao_Paulo", "languages": ["en"]},
    "recommendations": {
        "kinds": {
            "ancillary": {"enabled": True, "holdout_percent": 0},
            "club": {"enabled": True},
        },
        "placements": [
            {"key": "after", "kinds": ["ancillary"]},
            {"key": "home", "kinds": ["ancillary", "club"]},
        ],
        "offers": [
            {"key": "mug", "kind": "ancillary"},
            {"key": "spoon", "kind": "ancillary"},
            {"key": "tea-club", "kind": "club",
             "package": {"price_minor": 990, "points_a_month": 1000}},
        ],
    },
}  # fmt: skip
BASKET = {"kind": "basket", "items": [{"sku": "LATTE"}]}


@pytest.fixture
async def brand(rt: Runtime) -> Tenant:
    return await create_tenant(rt, sections=BRAND)


async def seed(
    rt: Runtime,
    brand: Tenant,
    arms: dict[str, tuple[int, int]],
    *,
    at: datetime,
    source: Source = "site",
    kind: Any = "club",
    placement: str = "home",
) -> list[UUID]:
    """`arms`: members reached and converted by arm; each converted one clicked before."""
    happenings, members = [], []
    for arm, (reached, converted) in arms.items():
        for n in range(reached):
            member = uuid4()
            members.append(member)
            place = Place(
                uuid4(), 0, placement, kind, "tea-club", "", "", arm, 1, "", member  # type: ignore[arg-type]
            )  # fmt: skip
            told: tuple[Type, ...] = ("impression", "click", "conversion")
            happenings += [Happening(t, place, at) for t in told[: 3 if n < converted else 1]]
    snapshot = await rt.snapshot(brand.id, at)
    # What the engine keeps of a member needs one: a generator's rows, then labelled as meant.
    async with rt.db.write(brand.id) as s:
        await record(
            s, happenings=happenings, parameters=snapshot[RecommendationParameters],
            day=at.astimezone(snapshot[ProgrammeParameters].zone).date(), source="generated",
            now=at,
        )  # fmt: skip
    return members


async def relabel(admin: Any, brand: Tenant, source: Source) -> None:
    await admin("UPDATE app.recommendation_event SET source = %s WHERE tenant_id = %s",
                source, brand.id)  # fmt: skip


@pytest.fixture
def admin(postgres: Any) -> Any:
    """A statement past the guard."""
    import psycopg

    async def run(sql: str, *values: object) -> None:
        link = await psycopg.AsyncConnection.connect(postgres.admin_dsn, dbname="guerdon_test")
        async with link:
            await link.execute("SET session_replication_role = replica")
            await link.execute(sql.encode(), values)

    return run


async def measured(client: Any, **query: Any) -> dict[str, Any]:
    answer = await client.get(f"{client.brand}/recommendations/measurement", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def line(told: dict[str, Any], placement: str | None, kind: str) -> dict[str, Any]:
    [found] = [x for x in told["lines"] if (x["placement"], x["kind"]) == (placement, kind)]
    return dict(found)


async def test_nothing_yet(console: Any, brand: Tenant) -> None:
    told = await measured(await console(brand, roles=("analyst",)))
    assert told["lines"] == []
    assert len(told["days"]) == 30
    assert {(d["impressions"], d["clicks"], d["conversions"]) for d in told["days"]} == {(0, 0, 0)}
    assert told["sources"] == {"site": 0, "api": 0, "generated": 0}


async def test_it_is_a_recount_of_what_was_told(
    console: Any, rt: Runtime, brand: Tenant, http: Any
) -> None:
    api = Api(await http(brand), await issue(rt, brand))
    told_events = []
    for n in range(3):
        member = await join(api)
        given = {"memberId": member["id"], "placement": "after", "context": BASKET}
        slate = (await api.post("/recommendations/slate", json=given, key="")).json()
        ids = [item["feedbackId"] for item in slate["items"]]
        assert len(ids) == 2
        told_events += [{"type": "impression", "feedbackId": one} for one in ids]
        if n:
            told_events.append({"type": "click", "feedbackId": ids[0]})
        if n == 2:
            told_events.append({"type": "conversion", "feedbackId": ids[0]})
    answer = await api.post("/recommendations/events", json={"events": told_events})
    assert answer.json() == {"recorded": 9}
    analyst = await console(brand, roles=("analyst",))
    told = await measured(analyst)
    assert told["sources"] == {"site": 0, "api": 9, "generated": 0}
    for placement in ("after", None):
        one = line(told, placement, "ancillary")
        assert (one["impressions"], one["clicks"], one["conversions"]) == (6, 2, 1)
        assert one["shown"] == {"reached": 3, "converted": 1, "rate": 333_333}
        assert one["holdout"] == {"reached": 0, "converted": 0, "rate": 0}
        assert (one["verdict"], one["lift"]) == ("no_holdout", None)
    today = told["days"][-1]
    assert (today["impressions"], today["clicks"], today["conversions"]) == (6, 2, 1)
    assert (await measured(analyst, source="site"))["lines"] == []
    assert (await measured(analyst, kind="club"))["lines"] == []
    assert (await measured(analyst, placement="home"))["lines"] == []


async def test_lift_with_its_interval_and_an_a_a_without(
    console: Any, rt: Runtime, brand: Tenant, admin: Any
) -> None:
    now = datetime.now(UTC)
    await seed(rt, brand, {"shown": (200, 40), "holdout": (100, 10)}, at=now)
    await seed(rt, brand, {"shown": (200, 20), "holdout": (100, 10)}, at=now, kind="ancillary")
    await seed(
        rt, brand, {"shown": (50, 9), "holdout": (20, 1)}, at=now, kind="catalogue"
    )  # fmt: skip
    analyst = await console(brand, roles=("analyst",))
    # Rows that a generator made count only where they are asked for.
    assert (await measured(analyst))["lines"] == []
    assert (await measured(analyst))["sources"]["generated"] == 850
    generated = await measured(analyst, source="generated")
    await relabel(admin, brand, "site")
    told = await measured(analyst, source="site")
    assert told["lines"] == generated["lines"]
    gain = line(told, None, "club")
    assert (gain["verdict"], gain["lift"], gain["low"], gain["high"]) == (
        "gain", 1_000_000, 44_043, 2_831_260,
    )  # fmt: skip
    a_a = line(told, "home", "ancillary")
    assert (a_a["verdict"], a_a["lift"]) == ("none", 0)
    assert a_a["low"] < 0 < a_a["high"]
    few = line(told, "home", "catalogue")
    assert (few["verdict"], few["lift"], few["low"]) == ("too_little", None, None)
    answer = await analyst.get(f"{analyst.brand}/recommendations/measurement.csv?source=site")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 7
    [row] = [r for r in rows if r.startswith(",club,")]
    assert row.endswith(",200,40,100,10,0,1.000000,0.044043,2.831260,gain")


async def test_who_was_in_both_arms_is_in_neither(
    console: Any, rt: Runtime, brand: Tenant, admin: Any
) -> None:
    now = datetime.now(UTC)
    moved, *_ = await seed(rt, brand, {"shown": (30, 8), "holdout": (30, 8)}, at=now)
    await admin(
        "INSERT INTO app.recommendation_event (tenant_id, id, at, type, member_id, kind,"
        " placement, arm, parameters_version, source) VALUES (%s, gen_random_uuid(), %s,"
        " 'impression', %s, 'club', 'home', 'holdout', 1, 'generated')",
        brand.id, now, moved,
    )  # fmt: skip
    told = await measured(await console(brand, roles=("analyst",)), source="all")
    one = line(told, None, "club")
    assert (one["mixed"], one["shown"]["reached"], one["shown"]["converted"]) == (1, 29, 7)
    assert one["holdout"]["reached"] == 30


async def test_days_are_the_programmes(console: Any, rt: Runtime, brand: Tenant) -> None:
    # 23:30 in São Paulo, already the next day in UTC.
    await seed(rt, brand, {"shown": (1, 0)}, at=datetime(2026, 3, 11, 2, 30, tzinfo=UTC))
    analyst = await console(brand, roles=("analyst",))
    query = {"first": "2026-03-10", "last": "2026-03-10", "source": "all"}
    told = await measured(analyst, **query)
    assert [(d["day"], d["impressions"]) for d in told["days"]] == [("2026-03-10", 1)]
    query = {"first": "2026-03-11", "last": "2026-03-11", "source": "all"}
    assert (await measured(analyst, **query))["lines"] == []


async def test_a_period_has_days(console: Any, brand: Tenant) -> None:
    analyst = await console(brand, roles=("analyst",))
    at = f"{analyst.brand}/recommendations/measurement"
    answer = await analyst.get(at, params={"first": "2026-03-10", "last": "2026-03-09"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/last")
    first = date(2026, 3, 10) - timedelta(days=92)
    answer = await analyst.get(at, params={"first": str(first), "last": "2026-03-10"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/first")
    assert "92 days" in answer.json()["detail"]


async def test_what_the_demo_generates_is_labelled(
    console: Any, rt: Runtime, brand: Tenant
) -> None:
    now = datetime.now(UTC)
    snapshot = await rt.snapshot(brand.id, now)
    async with rt.db.write(brand.id) as s:
        for n in range(60):
            await operations.join(
                s, id=uuid4(), email=f"m{n}@x.example", name="M", language="en",
                email_verified=True, snapshot=snapshot, now=now,
            )  # fmt: skip
    made = await ensure_recommended(rt, brand, now)
    assert made > 300
    assert await ensure_recommended(rt, brand, now) == 0
    analyst = await console(brand, roles=("analyst",))
    told = await measured(analyst)
    assert told["lines"] == []
    assert told["sources"] == {"site": 0, "api": 0, "generated": made}
    # It is drawn, and nothing that steers or learns has heard of it.
    drawn = await measured(analyst, source="generated")
    assert {one["kind"] for one in drawn["lines"]} == {"ancillary", "club"}
    async with rt.db.read(brand.id) as s:
        for table in ("recommendation_day", "recommendation_total", "recommendation_member"):
            count = f"SELECT count(*) FROM app.{table} WHERE tenant_id = %(tenant_id)s"
            assert await s.value(count) == 0

"""The list of all tenants, one tenant's page, and leading one from state to state."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guerdon.kit.ids import uuid7
from guerdon.parameters.operations import publish
from guerdon.plans.jobs import CountUsage
from guerdon.plumbing import outbox
from guerdon.plumbing.outbox import Message
from guerdon.plumbing.runner import Runner
from guerdon.runtime import Runtime
from guerdon.support.sheet import RefreshSheet
from guerdon.support.traffic import Meter
from guerdon.tenancy import sheets
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

TENANTS = "/api/platform/v1/tenants"


@pytest.fixture
async def vera(console: Any, operator: Any) -> Any:
    """An operator of the platform."""
    return await console(operator, roles=("operator",), name="Vera Operator")


@pytest.fixture
async def three(rt: Runtime) -> tuple[str, list[Tenant]]:
    """Three tenants whose names begin with a word that no other tenant's has, and the word."""
    word = f"w{secrets.token_hex(5)}"
    made = []
    for n, status in enumerate(("live", "sandbox", "live"), start=1):
        tenant_id = uuid7()
        slug = f"t{tenant_id.hex[-12:]}"
        async with rt.db.write(tenant_id) as s:
            made.append(
                await save_tenant(
                    s,
                    tenant_id=tenant_id,
                    slug=slug,
                    name=f"{word} {n}",
                    begins_as=State(status),
                    canonical_host=f"{slug}.localhost",
                    hosts=[],
                )
            )
            await publish(
                s, registry=rt.snapshots.registry, content={}, author="test",
                now=datetime(2020, 1, 1, tzinfo=UTC),
            )  # fmt: skip
    return word, made


async def count(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, what: Message | None = None
) -> None:
    """Let a worker count the tenant's figures."""
    async with rt.db.write(tenant.id) as s:
        message = await outbox.put(s, what or RefreshSheet())
    await Runner(worker_rt, all_handlers()).run(tenant.id, message)


async def answered(rt: Runtime, tenant: Tenant, *answers: tuple[int, int]) -> None:
    """So many answers with each status: a minute ago, as many again of more than an hour ago, and
    another brand's."""
    now, meter = datetime.now(UTC), Meter()
    for ago, tenant_id in ((1, tenant.id), (62, tenant.id), (1, uuid7())):
        minute = int((now - timedelta(minutes=ago)).timestamp() // 60)
        for status, times in answers:
            for _ in range(times):
                meter.add(minute=minute, face="site", tenant_id=tenant_id, status=status, seconds=1)
    await meter.flush(rt.db, now)


async def fill(rt: Runtime, tenant: Tenant, **figures: int) -> None:
    """Figures of a tenant, told as its job would."""
    told = dict.fromkeys(
        ("members", "points_outstanding", "points_held", "open_orders", "parked", "late_s",
         "requests", "failed", "health"), 0,
    )  # fmt: skip
    async with rt.db.write(tenant.id) as s:
        await sheets.save(s, figures=told | {"problems": ()} | figures, now=rt.clock.now())


async def names(vera: Any, **query: Any) -> list[str]:
    """The names of a whole list, page by page."""
    found: list[str] = []
    cursor = None
    while True:
        given = {**query, "limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = await vera.get(TENANTS, params=given)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [one["name"].rpartition(" ")[2] for one in page["items"]]
        cursor = page.get("nextCursor")
        if cursor is None:
            return found


async def test_the_list_is_sorted_searched_and_paged(vera: Any, three: Any, rt: Runtime) -> None:
    word, (first, second, third) = three
    await fill(rt, first, members=5, points_held=30, health=2, parked=1, requests=200, failed=9)
    await fill(rt, second, members=9, points_held=10)
    await fill(rt, third, members=7, points_held=20, health=1, requests=2, failed=2)
    assert await names(vera, q=word) == ["1", "2", "3"]
    assert await names(vera, q=word, sort="members") == ["1", "3", "2"]
    assert await names(vera, q=word, sort="members", down=True) == ["2", "3", "1"]
    assert await names(vera, q=word, sort="held", down=True) == ["1", "3", "2"]
    assert await names(vera, q=word, sort="health", down=True) == ["1", "3", "2"]
    assert await names(vera, q=word, sort="failed", down=True) == ["1", "3", "2"]
    assert await names(vera, q=word, sort="created") == ["1", "2", "3"]
    assert await names(vera, q=word[:6], status="sandbox") == ["2"]
    assert await names(vera, q=word, health=["warning", "unwell"]) == ["1", "3"]
    assert await names(vera, q=third.slug) == ["3"]
    assert await names(vera, q=f"{word} nothing") == []
    row = (await vera.get(TENANTS, params={"q": word})).json()["items"][0]
    assert (row["slug"], row["status"], row["figures"]["health"]) == (first.slug, "live", "unwell")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sort": "secret"}, "invalid"), ({"status": "away"}, "invalid"),
        ({"health": "ill"}, "invalid"), ({"limit": 101}, "invalid"), ({"cursor": "abc"}, "invalid"),
    ],
)  # fmt: skip
async def test_a_bad_question_is_refused(vera: Any, query: dict[str, Any], code: str) -> None:
    answer = await vera.get(TENANTS, params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_cursor_belongs_to_its_order(vera: Any, three: Any) -> None:
    word, _ = three
    page = (await vera.get(TENANTS, params={"q": word, "limit": 1})).json()
    answer = await vera.get(
        TENANTS, params={"q": word, "sort": "members", "cursor": page["nextCursor"]}
    )
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, "cursor")


async def test_a_worker_counts_what_is_wrong(
    vera: Any, three: Any, rt: Runtime, worker_rt: Runtime
) -> None:
    _, (tenant, *_) = three
    row = (await vera.get(TENANTS, params={"q": tenant.slug})).json()["items"][0]
    assert [row[key] for key in ("figures", "countedAt", "plan", "usagePercent")] == [None] * 4
    await answered(rt, tenant, (200, 6), (404, 1), (500, 2), (503, 1))
    await count(rt, worker_rt, tenant)
    row = (await vera.get(TENANTS, params={"q": tenant.slug})).json()["items"][0]
    assert (row["figures"]["health"], row["figures"]["problems"]) == ("well", [])
    assert (row["figures"]["requests"], row["figures"]["failed"]) == (10, 3)
    assert row["countedAt"] is not None
    await count(rt, worker_rt, tenant, CountUsage())
    row = (await vera.get(TENANTS, params={"q": tenant.slug})).json()["items"][0]
    assert (row["plan"], row["usagePercent"]) == ("enterprise", 0)
    async with rt.db.write(tenant.id) as s:
        bad = await outbox.put(s, RefreshSheet())
        await s.execute(
            "UPDATE app.outbox SET topic = 'nobody.knows' WHERE tenant_id = %(tenant_id)s"
            " AND id = %(id)s",
            {"id": bad},
        )
    await Runner(worker_rt, all_handlers(), attempts_max=1).run(tenant.id, bad)
    await count(rt, worker_rt, tenant)
    row = (await vera.get(TENANTS, params={"q": tenant.slug})).json()["items"][0]
    assert (row["figures"]["parked"], row["figures"]["problems"]) == (1, ["parked_jobs"])
    page = (await vera.get(f"{TENANTS}/{tenant.slug}")).json()
    assert (page["figures"]["health"], page["figures"]["parked"]) == ("unwell", 1)
    assert (page["figures"]["requests"], page["figures"]["failed"]) == (10, 3)


async def test_only_the_operator_lists(rt: Runtime, three: Any) -> None:
    _, (tenant, *_) = three
    with pytest.raises(Exception, match="brands are listed for the operator"):
        async with rt.db.read(tenant.id) as s:
            await sheets.page(s, limit=10)


async def test_suspend_and_resume_stand_in_both_trails(
    vera: Any, three: Any, console: Any, operator: Any, http: Any
) -> None:
    _, (tenant, *_) = three
    path = f"{TENANTS}/{tenant.slug}/state"
    silent = await vera.post(path, json={"state": "suspended"})
    assert (silent.status_code, silent.json()["errors"][0]["pointer"]) == (422, "/reason")
    done = await vera.post(path, json={"state": "suspended", "reason": "Stolen cards"})
    assert (done.status_code, done.json()["status"]) == (200, "suspended")
    assert [way["target"] for way in done.json()["ways"]] == ["live", "closing"]
    listed = await vera.get(TENANTS, params={"q": tenant.slug})
    assert listed.json()["items"][0]["status"] == "suspended"
    nowhere = await vera.post(path, json={"state": "sandbox", "reason": "x"})
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "transition_refused")
    back = await vera.post(path, json={"state": "live", "reason": "It was a mistake"})
    assert back.json()["status"] == "live"
    olga = await console(tenant)
    own = await olga.get(f"{olga.brand}/audit", params={"action": "tenant.state_changed"})
    assert [
        (o["actorName"], o["summary"]["from"], o["summary"]["to"], o["summary"]["reason"])
        for o in own.json()["items"]
    ] == [
        ("Vera Operator", "suspended", "live", "It was a mistake"),
        ("Vera Operator", "live", "suspended", "Stolen cards"),
    ]
    boss = await console(operator)
    told = await boss.get(
        f"{boss.brand}/audit", params={"subject": f"tenant:{tenant.slug}", "limit": 10}
    )
    assert [(o["action"], o["summary"].get("refused")) for o in told.json()["items"]] == [
        ("tenant.led", None), ("tenant.led", "transition_refused"), ("tenant.led", None),
        ("tenant.led", None), ("tenant.led", "invalid"), ("tenant.led", None),
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["viewer", "support"])
async def test_who_may_only_look_changes_nothing(
    role: str, console: Any, operator: Any, three: Any, rt: Runtime
) -> None:
    _, (tenant, *_) = three
    client = await console(operator, roles=(role,))
    answer = await client.post(
        f"{TENANTS}/{tenant.slug}/state", json={"state": "suspended", "reason": "x"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    async with rt.db.read(tenant.id) as s:
        assert (await rt.directory.read(s, tenant.id)).status is State.LIVE

"""What the platform's staff do with a deployment, at their own host; what brands read of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.test_maintenance import known
from tests.support.test_queues import Letter, Note, park, seen

from guerdon.app import Application
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Runner
from guerdon.runtime import Runtime
from guerdon.support import signs, traffic
from guerdon.support.jobs import TakePulse
from guerdon.support.thresholds import Kind
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon_workers.actors import all_handlers

PLATFORM = "/api/platform/v1"


async def trail(rt: Runtime, tenant_id: Any, **more: str) -> list[dict[str, Any]]:
    async with rt.db.read(tenant_id) as s:
        return await s.all(
            dict[str, Any],
            "SELECT jsonb_build_object('actor', actor, 'action', action, 'subject', subject,"
            " 'summary', summary) FROM app.audit_entry"
            " WHERE tenant_id = %(tenant_id)s ORDER BY seq",
        )


async def test_an_operator_finds_and_replays_and_both_trails_tell(
    rt: Runtime, relay_rt: Runtime, console: Any, operator: Any, make_tenant: Any
) -> None:
    tenant = await make_tenant()
    first, second, letter = await park(
        rt, tenant, Note(name="Ana"), Note(name=str(tenant.id)), Letter(),
        error="no answer of x@y.example",
    )  # fmt: skip
    await seen(relay_rt, rt, tenant)
    vera = await console(operator, roles=("operator",), name="Vera")
    queues = (await vera.get(f"{PLATFORM}/queues")).json()
    mine = {q["topic"]: q["parked"] for q in queues["items"] if q["slug"] == tenant.slug}
    assert mine == {"test.note": 2, "test.letter": 1}
    assert queues["late"] is False
    messages = f"{PLATFORM}/tenants/{tenant.slug}/messages"
    listed = (await vera.get(messages, params={"topic": "test.note"})).json()["items"]
    assert [m["id"] for m in listed] == [str(first), str(second)]
    assert listed[0]["error"] == "no answer of …"
    assert [m["about"] for m in listed] == [{}, {"name": str(tenant.id)}], "ids, never texts"
    answers = [(await vera.post(f"{messages}/{first}/replay")).json()["replayed"] for _ in "ab"]
    assert answers == [1, 0]
    rest = await vera.post(f"{messages}/replay", json={"topic": "test.note"})
    assert rest.json() == {"replayed": 1, "left": 0}
    told = await trail(rt, tenant.id)
    assert [(one["action"], one["summary"].get("topic", "")) for one in told] == [
        ("message.replayed", "test.note"), ("messages.replayed", ""),
    ]  # fmt: skip
    assert {one["actor"] for one in told} == {f"platform:{vera.staff_id}"}
    assert told[0]["summary"]["platform"] == {"name": "Vera"}
    own = [one for one in await trail(rt, OPERATOR_ID) if tenant.slug in one["subject"]]
    assert [one["action"] for one in own] == ["message.replayed"] * 2 + ["messages.replayed"]
    # Who may only look is refused, and nothing of another tenant is reached.
    viewer = await console(operator, roles=("viewer",))
    refused = await viewer.post(f"{messages}/{letter}/replay")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    other = await make_tenant()
    nowhere = await vera.post(f"{PLATFORM}/tenants/{other.slug}/messages/{letter}/replay")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")


async def test_a_tenants_page_tells_what_is_wrong_with_it(
    rt: Runtime, worker_rt: Runtime, relay_rt: Runtime, console: Any, operator: Any,
    make_tenant: Any,
) -> None:  # fmt: skip
    tenant, other = await make_tenant(), await make_tenant()
    vera = await console(operator, roles=("viewer",), name="Vera")
    at = f"{PLATFORM}/tenants/{tenant.slug}"
    assert (await vera.get(f"{at}/health")).json()["found"] is None, "nobody has looked yet"
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "INSERT INTO app.webhook_endpoint (tenant_id, key, disabled_at, disabled_reason)"
            " VALUES (%(tenant_id)s, 'erp', now(), 'gone')"
        )
        await outbox.put(s, Note(name="a"), delay_s=3600)
        await outbox.put(s, Note(name="b"), delay_s=3600)
        looked = await outbox.put(s, TakePulse())
    await Runner(worker_rt, all_handlers()).run(tenant.id, looked)
    await park(rt, other, Letter(), error="x")
    await seen(relay_rt, rt, tenant, other)
    health = (await vera.get(f"{at}/health")).json()
    assert [(q["topic"], q["waiting"], q["parked"]) for q in health["queues"]] == [
        ("test.note", 2, 0)
    ]
    assert (health["found"]["endpointsOff"], health["found"]["webhooksFailing"]) == (1, 0)
    figures = (await vera.get(at)).json()["figures"]
    assert (figures["health"], figures["problems"]) == ("warning", ["webhooks_failing"])


async def test_maintenance_and_announcements_reach_the_brands(
    rt: Runtime, application: Application, console: Any, operator: Any, make_tenant: Any
) -> None:
    app_rt: Runtime = application.litestar.state.rt
    tenant = await make_tenant()
    olga, vera = await console(tenant), await console(operator, roles=("operator",))
    now = datetime.now(UTC)
    texts = {"en": "New prices", "pt": "Novos preços", "es": "Nuevos precios"}
    told = await vera.post(
        f"{PLATFORM}/announcements",
        json={"level": "info", "texts": texts, "fromAt": now.isoformat(),
              "untilAt": (now + timedelta(days=1)).isoformat()},
    )  # fmt: skip
    assert told.status_code == 201
    announcement = told.json()["items"][0]
    answer = await olga.get(f"{olga.brand}/notices", headers={"accept-language": "pt-BR"})
    found = [n["text"] for n in answer.json()["items"] if n["id"] == announcement["id"]]
    assert found == ["Novos preços"]
    end = (now + timedelta(minutes=30)).isoformat()
    where = f"{PLATFORM}/tenants/{tenant.slug}/maintenance"
    begun = await vera.post(where, json={"reason": "A repair", "expectedEnd": end})
    assert tenant.slug in [row["slug"] for row in begun.json()["items"]]
    await known(app_rt, tenant.id, resting=True)
    resting = (await olga.get(f"{olga.brand}/notices")).json()["maintenance"]
    assert (resting["everywhere"], resting["reason"]) == (False, "A repair")
    # A message is not put back to work for a brand that rests; the platform's console goes on.
    (message,) = await park(rt, tenant, Note(name="a"), error="x")
    path = f"{PLATFORM}/tenants/{tenant.slug}/messages/{message}/replay"
    refused = await vera.post(path)
    assert (refused.status_code, refused.json()["code"]) == (503, "maintenance")
    assert (await vera.post(f"{where}/end")).status_code == 200
    await known(app_rt, tenant.id, resting=False)
    assert (await vera.post(path)).json()["replayed"] == 1
    again = await vera.post(f"{where}/end")
    assert (again.status_code, again.json()["code"]) == (409, "not_in_maintenance")
    gone = await vera.post(f"{PLATFORM}/announcements/{announcement['id']}/withdraw")
    assert gone.status_code == 200
    left = (await olga.get(f"{olga.brand}/notices")).json()
    assert announcement["id"] not in [n["id"] for n in left["items"]]
    assert left["maintenance"] is None


async def test_the_whole_deployment_rests_and_the_staff_end_it(
    rt: Runtime, application: Application, console: Any, operator: Any, tenant: Any
) -> None:
    app_rt: Runtime = application.litestar.state.rt
    olga, vera = await console(tenant), await console(operator)
    end = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
    body = {"reason": "A new disk", "expectedEnd": end}
    assert (await vera.post(f"{PLATFORM}/maintenance", json=body)).status_code == 200
    try:
        await known(app_rt, tenant.id, resting=True)
        refused = await olga.post(f"{olga.brand}/change-sets", json={"title": "x"})
        assert (refused.status_code, refused.json()["code"]) == (503, "maintenance")
    finally:
        assert (await vera.post(f"{PLATFORM}/maintenance/end")).status_code == 200
        await known(app_rt, tenant.id, resting=False)
    assert (await vera.get(f"{PLATFORM}/maintenance")).json()["items"] == []


async def test_signs_are_listed_with_their_thresholds_and_settled(
    rt: Runtime, console: Any, operator: Any, tenant: Any
) -> None:
    async with rt.db.write(tenant.id) as s:
        await signs.raise_sign(
            s, kind=Kind.SURGE, subject="brand", facts={"hour": 60}, now=rt.clock.now()
        )
    vera = await console(operator, roles=("operator",))
    listed = (await vera.get(f"{PLATFORM}/signs")).json()
    (sign,) = [one for one in listed["open"] if one["slug"] == tenant.slug]
    assert (sign["kind"], sign["facts"]) == ("surge", {"hour": 60})
    assert listed["thresholds"]["velocityPerHour"] == 5
    path = f"{PLATFORM}/tenants/{tenant.slug}/signs/{sign['id']}/settle"
    body = {"outcome": "harmless", "note": "New rewards"}
    codes = [(await vera.post(path, json=body)).status_code for _ in range(2)]
    assert codes == [200, 404]
    assert [one["action"] for one in await trail(rt, tenant.id)] == ["abuse_sign.settled"]


async def test_the_overview_holds_what_was_answered(
    rt: Runtime, application: Application, console: Any, operator: Any, tenant: Any
) -> None:
    olga, vera = await console(tenant), await console(operator, roles=("viewer",))
    await olga.get(f"{olga.brand}/notices")
    await application.meter.flush(rt.db, datetime.now(UTC))
    found = (await vera.get(f"{PLATFORM}/overview", params={"hours": 1})).json()
    minutes = [one for one in found["minutes"] if one["face"] == "console"]
    assert minutes[-1]["requests"] >= 1
    assert minutes[-1]["p50Ms"] <= minutes[-1]["p95Ms"]
    # Those of other tests may be busier: the screen shows the first of them.
    since = datetime.now(UTC) - timedelta(hours=1)
    async with rt.db.read(OPERATOR_ID) as s:
        every = [one.slug for one in await traffic.busiest(s, since=since, limit=100_000)]
    assert tenant.slug in every
    assert [one["slug"] for one in found["busiest"]] == every[:20]

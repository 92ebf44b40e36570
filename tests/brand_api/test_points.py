"""Points through the API: every number, and every way to get it wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

AT = "2026-11-12T10:00:00Z"


@pytest.fixture
async def tenant(make_tenant: Any) -> Tenant:
    return await make_tenant(
        programme={"currency": "EUR"},
        points={"earn_factor": "2", "adjustment_approval_limit": 1000},
    )


@pytest.fixture
async def member(api: Any) -> dict[str, Any]:
    made = await api.post(
        "/members", json={"email": "ana@example.com", "name": "Ana", "externalId": "crm-7"}
    )
    assert made.status_code == 201, made.text
    return dict(made.json())


def purchase(member: dict[str, Any], **change: Any) -> dict[str, Any]:
    return {
        "memberId": member["id"],
        "source": "till-1",
        "eventId": str(uuid4()),
        "occurredAt": AT,
        "amount": {"minor": 1250, "currency": "EUR"},
    } | change


async def test_a_purchase_earns_and_explains_itself(api: Any, member: dict[str, Any]) -> None:
    made = await api.post("/points/earn", json=purchase(member))
    assert made.status_code == 201
    earned = made.json()
    assert (earned["points"], earned["posted"], earned["held"]) == (25, 25, 0)
    path = f"/members/{member['id']}"
    balance = (await api.get(f"{path}/balance")).json()
    assert (balance["posted"], balance["available"]) == (25, 25)
    (line,) = (await api.get(f"{path}/transactions")).json()["items"]
    assert (line["kind"], line["points"], line["balanceAfter"]) == ("earn", 25, 25)
    explained = (await api.get(f"/transactions/{line['id']}")).json()
    assert explained["transaction"]["explanation"]["factor"] == "2"
    assert [lot["points"] for lot in explained["lots"]] == [25]
    (lot,) = (await api.get(f"{path}/lots")).json()["items"]
    assert lot["remaining"] == 25


@pytest.mark.parametrize("name", ["externalId", "memberNumber"])
async def test_a_member_is_named_by_any_name(api: Any, member: dict[str, Any], name: str) -> None:
    value = member["externalId"] if name == "externalId" else member["number"]
    body = purchase(member) | {name: value}
    both = await api.post("/points/earn", json=body)
    assert (both.status_code, both.json()["code"]) == (422, "invalid")
    del body["memberId"]
    assert (await api.post("/points/earn", json=body)).json()["posted"] == 25
    unknown = await api.post("/points/earn", json=purchase(member) | {"memberId": str(uuid4())})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "member_not_found")


async def test_the_same_key_or_event_counts_once(api: Any, member: dict[str, Any]) -> None:
    body = purchase(member)
    answers = await asyncio.gather(
        *(api.post("/points/earn", key="k", json=body) for _ in range(20))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum("idempotent-replayed" in a.headers for a in answers) == 19
    other_key = await api.post("/points/earn", json=body)
    assert other_key.content == answers[0].content
    other_body = await api.post("/points/earn", key="k", json=purchase(member))
    assert (other_body.status_code, other_body.json()["code"]) == (422, "idempotency_key_reused")
    other_amount = await api.post(
        "/points/earn", json=body | {"amount": {"minor": 1, "currency": "EUR"}}
    )
    assert other_amount.json()["code"] == "event_differs"
    balance = (await api.get(f"/members/{member['id']}/balance")).json()
    assert balance["posted"] == 25


async def test_a_dry_run_leaves_nothing(
    api: Any, member: dict[str, Any], rt: Runtime, tenant: Tenant
) -> None:
    dry = await api.post("/points/earn", json=purchase(member) | {"dryRun": True})
    assert (dry.status_code, dry.json()["posted"]) == (201, 25)
    async with rt.db.read(tenant.id) as s:
        assert await s.value("SELECT count(*) FROM app.ledger_txn") == 0


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"amount": {"minor": 1, "currency": "USD"}}, "currency_differs", "/amount/currency"),
        ({"amount": {"minor": -1, "currency": "EUR"}}, "invalid", "/amount/minor"),
        ({"amount": {"minor": 1.5, "currency": "EUR"}}, "invalid", "/amount/minor"),
        ({"amount": {"minor": "1", "currency": "EUR"}}, "invalid", "/amount/minor"),
        ({"points": 5}, "amount_missing", "/amount"),
        ({"amount": None}, "amount_missing", "/amount"),
        ({"points": 0, "amount": None}, "invalid", "/points"),
        ({"points": 2**53, "amount": None}, "invalid", "/points"),
        ({"occurredAt": "2026-11-12T10:00:00"}, "invalid", "/occurredAt"),
        ({"source": "a b"}, "invalid", "/source"),
        ({"items": [{"ref": "x", "quantity": 0, "amountMinor": 1}]}, "invalid",
         "/items/0/quantity"),
        ({"items": [{"ref": "x", "quantity": 1, "amountMinor": 9999}]}, "items_differ", "/items"),
        ({"tenantId": "x"}, "invalid", "/tenantId"),
    ],
)  # fmt: skip
async def test_a_bad_event_names_its_field(
    api: Any, member: dict[str, Any], change: dict[str, Any], code: str, pointer: str
) -> None:
    refused = await api.post("/points/earn", json=purchase(member) | change)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, code)
    assert problem["errors"][0]["pointer"] == pointer
    balance = (await api.get(f"/members/{member['id']}/balance")).json()
    assert balance["posted"] == 0


async def test_tomorrow_has_not_happened(api: Any, member: dict[str, Any]) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    refused = await api.post("/points/earn", json=purchase(member, occurredAt=later))
    assert refused.json()["code"] == "event_in_future"


async def test_a_batch_tells_each_row(api: Any, member: dict[str, Any]) -> None:
    good, nobody = purchase(member), purchase(member, memberId=str(uuid4()))
    wrong = purchase(member, amount={"minor": 1, "currency": "USD"})
    body = {"events": [good, nobody, wrong, good | {"eventId": "second"}]}
    made = (await api.post("/points/earn-batch", key="b", json=body)).json()
    assert (made["earned"], made["refused"]) == (2, 2)
    assert [row["code"] for row in made["rows"]] == [
        None, "member_not_found", "currency_differs", None,
    ]  # fmt: skip
    again = (await api.post("/points/earn-batch", key="b", json=body)).json()
    assert [row["replayed"] for row in again["rows"]] == [True, False, False, True]
    assert (await api.get(f"/members/{member['id']}/balance")).json()["posted"] == 50
    many = await api.post("/points/earn-batch", json={"events": [good] * 1001})
    assert (many.status_code, many.json()["errors"][0]["pointer"]) == (422, "/events")


async def test_an_adjustment_above_the_limit_needs_a_second_key(
    api: Any, make_api: Any, tenant: Tenant, member: dict[str, Any]
) -> None:
    small = await api.post(
        "/points/adjust", json={"memberId": member["id"], "points": 1000, "reason": "goodwill"}
    )
    assert (small.status_code, small.json()["posted"]) == (201, 1000)
    large = await api.post(
        "/points/adjust", json={"memberId": member["id"], "points": 1001, "reason": "goodwill"}
    )
    request_id = large.json()["requestId"]
    assert large.json()["transactionId"] is None
    (waiting,) = (await api.get("/points/adjustments")).json()["items"]
    assert (waiting["id"], waiting["points"]) == (request_id, 1001)
    path = f"/points/adjustments/{request_id}/decision"
    own = await api.post(path, json={"decision": "approve"})
    assert (own.status_code, own.json()["code"]) == (409, "four_eyes")
    second = await make_api(tenant)
    approved = await second.post(path, json={"decision": "approve"})
    assert approved.json()["posted"] == 2001
    twice = await second.post(path, json={"decision": "reject"})
    assert (twice.status_code, twice.json()["code"]) == (409, "adjustment_decided")
    below = await api.post(
        "/points/adjust", json={"memberId": member["id"], "points": -999, "reason": "x"}
    )
    assert below.json()["posted"] == 1002


async def test_a_return_takes_back_its_share(api: Any, member: dict[str, Any]) -> None:
    earned = (await api.post("/points/earn", json=purchase(member))).json()
    path = f"/transactions/{earned['transactionId']}/reverse"
    part = await api.post(path, json={"source": "till-1", "eventId": "r1", "amountMinor": 625})
    assert (part.status_code, part.json()["due"]) == (200, 13)
    rest = await api.post(path, json={"source": "till-1", "eventId": "r2"})
    assert rest.json()["posted"] == 0
    both = await api.post(
        path, json={"source": "t", "eventId": "r3", "points": 1, "amountMinor": 1}
    )
    assert (both.status_code, both.json()["code"]) == (422, "invalid")
    nothing = await api.post(
        f"/transactions/{uuid4()}/reverse", json={"source": "t", "eventId": "x"}
    )
    assert (nothing.status_code, nothing.json()["code"]) == (404, "transaction_not_found")


async def test_earning_is_told_by_webhook_events(
    api: Any, member: dict[str, Any], rt: Runtime, tenant: Tenant
) -> None:
    await api.post("/points/earn", json=purchase(member))
    async with rt.db.read(tenant.id) as s:
        told = await s.value(
            "SELECT payload->'data'->'points' FROM app.outbox WHERE topic = 'domain.event'"
            " AND payload->>'type' = 'points.earned'"
        )
    assert told == 25

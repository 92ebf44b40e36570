"""What members bought: what is taken in, what is refused and why, and how long it is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from tests.brand_api.shop import join
from tests.conftest import create_tenant

from guerdon.recommendations.contexts import Context, ContextInvalidError, checked, over_at
from guerdon.recommendations.kept_contexts import (
    ContextNotFoundError,
    SweepContexts,
    SweepContextsAway,
    live,
    one,
)
from guerdon.recommendations.places import Place, Places
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
PLACES = Places((Place(code="CAFE1", time_zone="Asia/Tokyo"),), ZoneInfo("America/Sao_Paulo"))


def leg(origin: str, destination: str, departs: str, arrives: str, **more: Any) -> dict[str, Any]:
    """A leg; a text with a T in it is an instant."""
    return {
        "origin": origin, "destination": destination,
        "departsAt" if "T" in departs else "departsOn": departs,
        "arrivesAt" if "T" in arrives else "arrivesOn": arrives,
    } | more  # fmt: skip


OUT = leg("GRU", "LIS", "2026-12-01T20:30:00-03:00", "2026-12-02T10:00:00Z")
BACK = leg("LIS", "GRU", "2026-12-12T12:00:00Z", "2026-12-12T18:30:00-03:00")


def ticket(*segments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"kind": "itinerary", "segments": segments, "passengers": [{}]} | more


def stay(check_in: str, check_out: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "stay", "place": "LIS", "checkIn": check_in, "checkOut": check_out,
        "passengers": [{}],
    } | more  # fmt: skip


def policy(starts: str, ends: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "policy", "line": "travel", "startsOn": starts, "endsOn": ends, "passengers": [{}]
    } | more  # fmt: skip


def read(raw: dict[str, Any]) -> Context:
    found: Context = msgspec.convert(raw, Context)
    return found


def days(n: int) -> str:
    """A day from now on; what goes over the wire is measured by the real clock."""
    return str(datetime.now(UTC).date() + timedelta(n))


def soon(**more: Any) -> dict[str, Any]:
    """A ticket for the days to come."""
    return ticket(
        leg("GRU", "LIS", f"{days(20)}T20:30:00-03:00", f"{days(21)}T10:00:00Z"),
        leg("LIS", "GRU", days(30), days(30)),
        **more,
    )


REFUSED = [
    (ticket(leg("GRU", "GRU", "2026-12-01", "2026-12-01")), "/segments/0/destination",
     "same_place"),
    (ticket(OUT | {"arrivesAt": "2026-12-01T23:00:00Z"}), "/segments/0/arrivesAt",
     "arrives_before_departure"),
    (ticket(leg("GRU", "LIS", "2026-12-10", "2026-12-08")), "/segments/0/arrivesOn",
     "arrives_before_departure"),
    (ticket(leg("GRU", "LIS", "2026-12-10", "2026-12-13")), "/segments/0/arrivesOn", "too_long"),
    (ticket(OUT | {"departsOn": "2026-12-01"}), "/segments/0/departsAt", "one_of_two"),
    (ticket({"origin": "GRU", "destination": "LIS", "departsOn": "2026-12-01"}),
     "/segments/0/arrivesAt", "one_of_two"),
    (ticket(OUT, leg("MAD", "GRU", "2026-12-12", "2026-12-12")), "/segments/1/origin",
     "not_connected"),
    (ticket(OUT, leg("LIS", "GRU", "2026-12-02T09:00:00Z", "2026-12-02T20:00:00Z")),
     "/segments/1/departsAt", "departs_before_arrival"),
    (ticket(OUT, leg("LIS", "GRU", "2026-12-01", "2026-12-02")), "/segments/1/departsOn",
     "departs_before_arrival"),
    (ticket(leg("GRU", "LIS", "2026-11-01", "2026-11-02")), "/segments/0/arrivesOn", "past"),
    (ticket(leg("GRU", "LIS", "1026-11-01", "1026-11-02")), "/segments/0/departsOn", "past"),
    (ticket(leg("GRU", "LIS", "2029-11-01", "2029-11-02")), "/segments/0/departsOn", "too_far"),
    (ticket(leg("GRU", "LIS", "2026-12-01", "9999-12-31")), "/segments/0/arrivesOn", "too_far"),
    (ticket(OUT, stayUntil="2026-12-01"), "/stayUntil", "before_arrival"),
    (ticket(OUT, stayUntil="2027-12-01"), "/stayUntil", "too_long"),
    (ticket(OUT, passengers=[{"type": "child", "age": 30}]), "/passengers/0/age", "age"),
    (ticket(OUT, passengers=[{}, {"type": "infant"}, {"type": "infant"}]), "/passengers",
     "infants"),
    (ticket(OUT, bought=["seat", "seat"]), "/bought", "duplicate"),
    (stay("2026-12-05", "2026-12-05"), "/checkOut", "empty_period"),
    (stay("2026-11-01", "2026-11-11"), "/checkOut", "past"),
    (stay("2026-12-05", "2027-08-05"), "/checkOut", "too_long"),
    (stay("2029-12-05", "2029-12-06"), "/checkIn", "too_far"),
    (policy("2026-11-01", "2026-11-12"), "/endsOn", "past"),
    (policy("2026-12-01", "2026-11-30"), "/endsOn", "empty_period"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "field", "reason"), REFUSED)
def test_what_cannot_be_is_refused(raw: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(ContextInvalidError) as refused:
        checked(read(raw), places=PLACES, now=NOW)
    assert (refused.value.field, refused.value.params["reason"]) == (f"/context{field}", reason)


@pytest.mark.parametrize("raw", [
    ticket(OUT, BACK),
    # Two airports of one city connect.
    ticket(leg("POA", "GRU", "2026-12-01", "2026-12-01"), leg("CGH", "SDU", "2026-12-02",
                                                             "2026-12-02")),
    # It lands on the day before, across the date line.
    ticket(leg("AKL", "HNL", "2026-12-02", "2026-12-01")),
    # Under way.
    ticket(leg("GRU", "LIS", "2026-11-01", "2026-11-02"), leg("LIS", "GRU", "2026-11-12",
                                                             "2026-11-12")),
    # Places that nobody described.
    ticket(leg("QQQ", "XXX", "2026-12-01", "2026-12-01")),
    stay("2026-11-11", "2026-11-12"),
    policy("2026-11-01", "2026-11-13"),
    {"kind": "basket", "items": [{"sku": "MUG", "quantity": 2}]},
])  # fmt: skip
def test_what_can_be_is_taken_in(raw: dict[str, Any]) -> None:
    checked(read(raw), places=PLACES, now=NOW)


@pytest.mark.parametrize(("raw", "problem"), [
    (ticket(), "length >= 1"),
    (ticket(OUT, passengers=[{}] * 21), "length <= 20"),
    (ticket(*[OUT] * 17), "length <= 16"),
    (ticket(OUT | {"origin": "gru"}), "matching regex"),
    (ticket(OUT | {"departsAt": "2026-12-01T20:30:00"}), "timezone component"),
    (ticket(OUT, bought=["jet"]), "Invalid enum value 'jet'"),
    ({"kind": "voyage"}, "Invalid value 'voyage'"),
    (stay("2026-12-05", "soon"), "Invalid RFC3339"),
])  # fmt: skip
def test_what_is_malformed_is_no_context(raw: dict[str, Any], problem: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=problem):
        msgspec.json.decode(msgspec.json.encode(raw), type=Context)


def test_a_journey_is_over_when_its_last_day_is_over_at_its_place() -> None:
    assert over_at(read(ticket(OUT, BACK)), PLACES) == datetime(2026, 12, 13, 3, tzinfo=UTC)
    assert over_at(read(ticket(OUT, stayUntil="2026-12-20")), PLACES) == datetime(
        2026, 12, 21, tzinfo=UTC
    )
    tokyo = stay("2026-12-01", "2026-12-02", place="CAFE1")
    assert over_at(read(tokyo), PLACES) == datetime(2026, 12, 2, 15, tzinfo=UTC)
    assert over_at(read(policy("2026-12-01", "2026-12-05")), PLACES) == datetime(
        2026, 12, 5, 3, tzinfo=UTC
    )
    assert over_at(read({"kind": "basket", "items": [{"sku": "MUG"}]}), PLACES) is None


def lasting(kept: dict[str, Any]) -> timedelta:
    """For how long it counts."""
    return datetime.fromisoformat(kept["expiresAt"]) - datetime.fromisoformat(kept["recordedAt"])


async def test_a_ticket_is_kept_and_replaced_under_its_reference(
    tenant: Tenant, make_api: Any
) -> None:
    api = await make_api(tenant)
    ana = await join(api)
    sent = {"memberId": ana["id"], "reference": "QX7RTY", "context": soon()}
    first = await api.post("/contexts", json=sent)
    assert first.status_code == 201, first.text
    assert first.json()["expiresAt"] == f"{days(31)}T03:00:00Z"
    with_bag = sent | {"context": soon(bought=["baggage"])}
    second = await api.post("/contexts", json=with_bag)
    assert second.json()["id"] == first.json()["id"]
    again = await api.get(f"/contexts/{first.json()['id']}")
    assert again.json()["context"]["bought"] == ["baggage"]
    assert again.json()["context"]["segments"][0]["departsAt"] == f"{days(20)}T20:30:00-03:00"
    gone = await api.delete(f"/contexts/{first.json()['id']}")
    assert gone.status_code == 200
    missing = await api.get(f"/contexts/{first.json()['id']}")
    assert (missing.status_code, missing.json()["code"]) == (404, "context_not_found")


async def test_the_same_key_keeps_it_once(tenant: Tenant, make_api: Any) -> None:
    api = await make_api(tenant)
    ana = await join(api)
    sent = {"memberId": ana["id"], "reference": "QX7RTY", "context": soon()}
    first = await api.post("/contexts", json=sent, key="one")
    again = await api.post("/contexts", json=sent, key="one")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await api.post("/contexts", json=sent | {"reference": "OTHER"}, key="one")
    assert other.json()["code"] == "idempotency_key_reused"


async def test_a_refusal_names_the_place_and_keeps_nothing(
    tenant: Tenant, make_api: Any, rt: Runtime
) -> None:
    api = await make_api(tenant)
    ana = await join(api)
    sent = {"memberId": ana["id"], "reference": "QX7RTY"}
    impossible = await api.post(
        "/contexts", json=sent | {"context": ticket(leg("GRU", "LIS", days(9), days(9)),
                                                leg("MAD", "GRU", days(9), days(9)))}
    )  # fmt: skip
    assert (impossible.status_code, impossible.json()["code"]) == (422, "context_invalid")
    assert impossible.json()["errors"][0]["pointer"] == "/context/segments/1/origin"
    assert impossible.json()["params"] == {"reason": "not_connected"}
    malformed = await api.post(
        "/contexts", json=sent | {"context": ticket(OUT | {"cabin": "hold"})}
    )
    assert malformed.json()["errors"][0]["pointer"] == "/context/segments/0/cabin"
    nobody = await api.post(
        "/contexts",
        json={"memberId": str(uuid4()), "reference": "R", "context": soon()},
    )
    assert (nobody.status_code, nobody.json()["code"]) == (404, "member_not_found")
    unnamed = await api.post("/contexts", json={"reference": "R", "context": soon()})
    assert unnamed.json()["errors"][0]["pointer"] == "/memberId"
    reader = await make_api(tenant, "recommendations:read")
    refused = await reader.post("/contexts", json=sent | {"context": soon()})
    assert refused.status_code == 403
    async with rt.db.read(tenant.id) as s:
        assert await s.value(
            "SELECT count(*) FROM app.recommendation_context WHERE tenant_id = %(tenant_id)s"
        ) == 0  # fmt: skip


async def test_it_counts_within_the_brands_bound_and_is_swept_away(
    rt: Runtime, worker_rt: Runtime, make_api: Any
) -> None:
    bounds = {"days_max": 10, "undated_days": 3}
    brand = await create_tenant(rt, sections={"recommendations": {"contexts": bounds}})
    api = await make_api(brand)
    ana = await join(api)
    sent = {"externalId": "crm-1", "reference": "ticket", "context": soon()}
    await api.patch(f"/members/{ana['id']}", json={"externalId": "crm-1"})
    kept = (await api.post("/contexts", json=sent)).json()
    assert lasting(kept) == timedelta(days=10)
    basket = sent | {"reference": "b", "context": {"kind": "basket", "items": [{"sku": "MUG"}]}}
    undated = (await api.post("/contexts", json=basket)).json()
    assert lasting(undated) == timedelta(days=3)
    over = datetime.fromisoformat(undated["expiresAt"])
    async with worker_rt.db.write(brand.id) as s:
        (last, *_) = await live(s, member_id=UUID(ana["id"]), now=over - timedelta(seconds=1))
        assert last.reference == "b"
        assert [k.reference for k in await live(s, member_id=UUID(ana["id"]), now=over)] == [
            "ticket"
        ]
        with pytest.raises(ContextNotFoundError):
            await one(s, context_id=UUID(undated["id"]), now=over)
        await SweepContextsAway().apply(worker_rt, s, SweepContexts(), over)
        assert await s.all(
            str, "SELECT reference FROM app.recommendation_context WHERE tenant_id = %(tenant_id)s"
        ) == ["ticket"]  # fmt: skip


async def test_a_members_purchases_are_exported_and_erased(
    tenant: Tenant, make_api: Any, rt: Runtime
) -> None:
    api = await make_api(tenant)
    ana, bea = await join(api), await join(api)
    for who in (ana, bea):
        await api.post(
            "/contexts",
            json={"memberId": who["id"], "reference": "QX7RTY", "context": soon()},
        )
    export = (await api.get(f"/members/{ana['id']}/export")).json()["files"]
    assert [(p["reference"], p["context"]["segments"][0]["destination"])
            for p in export["purchases"]] == [("QX7RTY", "LIS")]  # fmt: skip
    await api.delete(f"/members/{ana['id']}")
    async with rt.db.read(tenant.id) as s:
        assert [str(m) for m in await s.all(
            str, "SELECT member_id::text FROM app.recommendation_context"
            " WHERE tenant_id = %(tenant_id)s"
        )] == [bea["id"]]  # fmt: skip
    erased = await api.post(
        "/contexts", json={"memberId": ana["id"], "reference": "X", "context": soon()}
    )
    assert erased.status_code == 404

"""Rollouts through the console's calls: the member site and the API answer each by their side."""

from typing import Any
from uuid import UUID

from guerdon.kit.ids import uuid7
from guerdon.members.operations import join
from guerdon.parameters.rollouts import bucket
from guerdon.runtime import Runtime


async def draft(console: Any, factor: str = "3") -> dict[str, Any]:
    made = await console.post(f"{console.brand}/change-sets", json={"title": "Triple points"})
    edited = await console.patch(
        f"{console.brand}/change-sets/{made.json()['id']}/edits",
        json={"rowVersion": 1, "edits": [{"path": "points.earn_factor", "value": factor}]},
    )
    assert edited.status_code == 200, edited.text
    found: dict[str, Any] = edited.json()
    return found


async def test_one_person_rolls_out_looks_and_promotes(
    console: Any, tenant: Any, rt: Runtime
) -> None:
    owner = await console(tenant)
    made = await draft(owner)
    where = f"{owner.brand}/change-sets/{made['id']}/rollout"
    started = await owner.post(where, json={"percent": 30, "rowVersion": made["rowVersion"]})
    assert started.status_code == 200, started.text
    assert (started.json()["percent"], started.json()["version"]) == (30, 2)
    told = (await owner.get(where)).json()
    assert (told["inside"]["members"], told["earned"]) == (0, None)
    wider = await owner.patch(where, json={"percent": 60})
    assert wider.json()["percent"] == 60
    (listed,) = (await owner.get(f"{owner.brand}/change-sets?state=scheduled")).json()["items"]
    assert (listed["effectiveAt"], listed["rolloutPercent"]) == (None, 60)
    waiting, first = (await owner.get(f"{owner.brand}/versions")).json()["items"]
    assert (waiting["effectiveAt"], first["inForce"]) == (None, True)
    done = await owner.post(f"{where}/promote")
    assert [(r["outcome"], r["percent"]) for r in done.json()["items"]] == [("promoted", 60)]
    versions = (await owner.get(f"{owner.brand}/versions")).json()["items"]
    assert [v["version"] for v in versions if v["inForce"]] == [3]
    trail = (await owner.get(f"{owner.brand}/audit?action=rollout.*")).json()["items"]
    assert [e["action"] for e in trail] == [
        "rollout.promoted", "rollout.changed", "rollout.started",
    ]  # fmt: skip


async def test_the_members_app_sees_its_side(
    console: Any, http: Any, make_tenant: Any, application: Any, rt: Runtime
) -> None:
    tenant = await make_tenant(programme={"currency": "USD"})
    owner = await console(tenant)
    made = await draft(owner)
    where = f"{owner.brand}/change-sets/{made['id']}/rollout"
    assert (await owner.post(where, json={"percent": 50})).status_code == 200
    await application.litestar.state.rt.changes.catch_up()
    key = await owner.post(
        f"{owner.brand}/api-keys", json={"name": "till", "scopes": ["points:write"]}
    )
    till = await http(tenant, headers={"authorization": f"Bearer {key.json()['secret']}"})
    points: dict[bool, int] = {}
    while len(points) < 2:
        member_id = uuid7()
        async with rt.db.write(tenant.id) as s:
            await join(
                s, id=member_id, email=f"{member_id.hex}@mail.example", name="Ana",
                snapshot=await rt.snapshot(tenant.id, rt.clock.now()), now=rt.clock.now(),
                phone="", language="en", email_verified=True,
            )  # fmt: skip
        earned = await till.post(
            "/api/v1/points/earn",
            json={"memberId": str(member_id), "source": "till",
                  "eventId": str(member_id), "occurredAt": rt.clock.now().isoformat(),
                  "amount": {"minor": 10_000, "currency": "USD"}},
            headers={"idempotency-key": str(member_id)},
        )  # fmt: skip
        assert earned.status_code in (200, 201), earned.text
        inside = bucket(UUID(made["id"]), member_id) < 5000
        points[inside] = earned.json()["points"]
    assert points == {True: 300, False: 100}


async def test_bad_rollouts_are_refused_and_leave_nothing(console: Any, tenant: Any) -> None:
    owner = await console(tenant)
    made = await draft(owner)
    where = f"{owner.brand}/change-sets/{made['id']}/rollout"
    for body, pointer in (
        ({"percent": 100}, "/percent"), ({"percent": 0}, "/percent"), ({"percent": -1}, "/percent"),
        ({"percent": 10, "members": ["x"]}, "/members/0"),
    ):  # fmt: skip
        refused = await owner.post(where, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    stale = await owner.post(where, json={"percent": 10, "rowVersion": 1})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_draft")
    assert (await owner.post(f"{where}/stop")).json()["code"] == "no_rollout"
    assert (await owner.get(f"{owner.brand}/rollouts")).json()["items"] == []
    marketer = await console(tenant, roles=("marketer",))
    assert (await marketer.post(where, json={"percent": 10})).status_code == 403

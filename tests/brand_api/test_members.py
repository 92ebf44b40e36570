"""Members through the API."""

from typing import Any
from uuid import uuid4

import pytest

from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

ANA = {"email": "Ana@Example.com", "name": "Ana Lima", "externalId": "crm-7", "language": "en"}


async def test_a_member_is_added_found_changed_and_erased(api: Any) -> None:
    made = await api.post("/members", json=ANA)
    assert made.status_code == 201
    member = made.json()
    assert (member["status"], member["externalId"]) == ("active", "crm-7")
    path = f"/members/{member['id']}"
    assert (await api.get(path)).json() == member
    for query in ("email=ana@example.com", "externalId=crm-7", f"number={member['number']}"):
        assert (await api.get(f"/members?{query}")).json()["items"] == [member]
    changed = await api.patch(path, json={"name": "Ana Souza", "externalId": None})
    assert (changed.status_code, changed.json()["name"]) == (200, "Ana Souza")
    assert changed.json()["externalId"] is None
    assert changed.json()["email"] == member["email"]
    exported = (await api.get(f"{path}/export")).json()["files"]
    assert exported["profile"]["name"] == "Ana Souza"
    erased = await api.delete(path)
    assert (erased.status_code, erased.json()["status"]) == (200, "erased")
    assert erased.json()["email"] is erased.json()["name"] is None
    again = await api.patch(path, json={"name": "Back"})
    assert (again.status_code, again.json()["code"]) == (409, "member_not_active")


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"email": "nonsense"}, 422, None, "/email"),
        ({"name": ""}, 422, "invalid", "/name"),
        ({"language": "xx"}, 422, None, "/language"),
        ({"phone": "12"}, 422, None, "/phone"),
        ({"consents": {"nothing": True}}, 422, None, "/consents/nothing"),
        ({"termsVersion": "other"}, 422, "terms_not_accepted", "/terms"),
        ({"accountId": "x"}, 422, "invalid", "/accountId"),
    ],
)
async def test_a_bad_member_leaves_nothing(
    api: Any, tenant: Tenant, rt: Runtime, change: dict[str, Any], status: int, code: str | None,
    pointer: str,
) -> None:  # fmt: skip
    answer = await api.post("/members", json=ANA | change)
    problem = answer.json()
    assert answer.status_code == status, problem
    assert code in (None, problem["code"])
    assert problem["errors"][0]["pointer"] == pointer
    async with rt.db.read(tenant.id) as s:
        assert await s.value("SELECT count(*) FROM app.member") == 0


async def test_an_email_and_an_external_id_belong_to_one(api: Any) -> None:
    assert (await api.post("/members", json=ANA)).status_code == 201
    same = await api.post("/members", json=ANA | {"externalId": "crm-8"})
    assert (same.status_code, same.json()["code"]) == (409, "email_taken")
    same = await api.post("/members", json=ANA | {"email": "b@example.com"})
    assert (same.status_code, same.json()["code"]) == (409, "external_id_taken")


async def test_a_list_is_paged_without_gap_or_repeat(api: Any) -> None:
    made = []
    for n in range(5):
        body = {"email": f"m{n}@example.com", "name": f"M {n}"}
        made.append((await api.post("/members", json=body)).json()["id"])
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await api.get(f"/members?limit=2{cursor}")).json()
        seen += [m["id"] for m in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == made


async def test_blocking_keeps_out(api: Any) -> None:
    member = (await api.post("/members", json=ANA)).json()
    path = f"/members/{member['id']}"
    assert (await api.post(f"{path}/block")).json()["status"] == "blocked"
    assert (await api.post(f"{path}/unblock")).json()["status"] == "active"
    nobody = await api.post(f"/members/{uuid4()}/block")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "member_not_found")


async def test_what_happens_to_a_member_is_told(api: Any, rt: Runtime, tenant: Tenant) -> None:
    member = (await api.post("/members", json=ANA)).json()
    await api.patch(f"/members/{member['id']}", json={"name": "Ana Souza"})
    await api.delete(f"/members/{member['id']}")
    async with rt.db.read(tenant.id) as s:
        told = await s.all(
            str,
            "SELECT payload->>'type' FROM app.outbox WHERE topic = 'domain.event' ORDER BY id",
        )
        assert await s.value("SELECT count(*) FROM app.outbox WHERE payload::text ~ 'Ana'") == 0
    assert told == ["member.joined", "member.updated", "member.erased"]

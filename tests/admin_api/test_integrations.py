"""API keys, webhooks and the trail, as the console asks for them."""

from typing import Any

import msgspec

from guerdon.audit.verify import Link
from guerdon.runtime import Runtime


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(
    console: Any, http: Any, tenant: Any, rt: Runtime
) -> None:
    dev = await console(tenant, roles=("developer",), name="Dora Developer")
    body = {"name": "till", "scopes": ["points:read"]}
    headers = {"idempotency-key": "one"}
    made = await dev.post(f"{dev.brand}/api-keys", json=body, headers=headers)
    assert made.status_code == 201, made.text
    secret, key = made.json()["secret"], made.json()["key"]
    again = await dev.post(f"{dev.brand}/api-keys", json=body, headers=headers)
    assert (again.status_code, again.json()) == (201, {"key": key, "secret": None})
    async with rt.db.read(tenant.id) as s:
        kept = await s.value(
            "SELECT string_agg(response::text, '') FROM app.idempotency"
            " WHERE tenant_id = %(tenant_id)s"
        )
    assert secret not in kept
    till = await http(tenant, headers={"authorization": f"Bearer {secret}"})
    assert (await till.get("/api/v1/key")).status_code == 200
    gone = await dev.post(f"{dev.brand}/api-keys/{key['id']}/revoke")
    assert gone.status_code == 200
    assert gone.json()["items"][0]["revokedAt"] is not None
    await rt.changes.catch_up()
    told = (await dev.get(f"{dev.brand}/audit?subject=api_key:{key['id']}")).json()["items"]
    assert [(e["action"], e["actorName"], e["summary"]["name"]) for e in told] == [
        ("api_key.revoked", "Dora Developer", "till"),
        ("api_key.created", "Dora Developer", "till"),
    ]


async def test_who_may_not_manage_keys_makes_none(console: Any, tenant: Any) -> None:
    agent = await console(tenant, roles=("support_agent",))
    refused = await agent.post(
        f"{agent.brand}/api-keys", json={"name": "x", "scopes": ["points:read"]}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_missing")
    assert refused.json()["params"] == {"permission": "keys:manage"}
    owner = await console(tenant)
    assert (await owner.get(f"{owner.brand}/api-keys")).json()["items"] == []
    assert (await owner.get(f"{owner.brand}/audit")).json()["items"] == []


async def test_a_key_without_a_scope_that_exists_is_refused(console: Any, tenant: Any) -> None:
    dev = await console(tenant, roles=("developer",))
    refused = await dev.post(f"{dev.brand}/api-keys", json={"name": "x", "scopes": ["all"]})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/scopes")


async def test_the_trail_is_proved_and_taken_away(console: Any, tenant: Any) -> None:
    owner = await console(tenant)
    for name in ("a", "b"):
        made = await owner.post(
            f"{owner.brand}/api-keys", json={"name": name, "scopes": ["points:read"]}
        )
        assert made.status_code == 201
    proof = (await owner.get(f"{owner.brand}/audit/proof")).json()
    assert (proof["whole"], proof["entries"], proof["faults"]) == (True, 2, [])
    taken = await owner.get(f"{owner.brand}/audit/export")
    assert taken.headers["content-disposition"].startswith("attachment;")
    lines = [msgspec.json.decode(line) for line in taken.content.splitlines()]
    assert [line["action"] for line in lines] == [
        "api_key.created", "api_key.created", "audit.exported",
    ]  # fmt: skip
    previous = bytes(32).hex()
    for line in lines:
        told = {k: v for k, v in line.items() if k != "tenant_id"}
        told |= {"previous": bytes.fromhex(line["previous"]), "hash": bytes.fromhex(line["hash"])}
        assert line["previous"] == previous
        assert Link(**told).expected(tenant.id).hex() == line["hash"]
        previous = line["hash"]
    assert (await owner.get(f"{owner.brand}/audit/actions")).json() == {
        "items": ["api_key.created", "audit.exported"]
    }


async def test_pages_of_the_trail_follow_each_other(console: Any, tenant: Any) -> None:
    owner = await console(tenant)
    for _ in range(5):
        await owner.get(f"{owner.brand}/audit/export")
    first = (await owner.get(f"{owner.brand}/audit?limit=3")).json()
    rest = (await owner.get(f"{owner.brand}/audit?limit=3&cursor={first['nextCursor']}")).json()
    assert [e["seq"] for e in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert rest["nextCursor"] is None


async def test_a_webhook_secret_is_shown_once(console: Any, make_tenant: Any) -> None:
    tenant = await make_tenant(
        integrations={"webhooks": [{"key": "crm", "url": "https://crm.example/hook"}]}
    )
    dev = await console(tenant, roles=("developer",))
    shown = await dev.post(f"{dev.brand}/webhook-endpoints/crm/rotate-secret")
    assert shown.json()["secret"].startswith("whsec_")
    unknown = await dev.post(f"{dev.brand}/webhook-endpoints/other/rotate-secret")
    assert unknown.status_code == 404
    listed = (await dev.get(f"{dev.brand}/webhook-endpoints")).json()["items"]
    assert [(e["key"], e["secretRotatedAt"] is not None) for e in listed] == [("crm", True)]
    told = (await dev.get(f"{dev.brand}/audit")).json()["items"]
    assert [(e["action"], e["subject"], e["summary"]) for e in told] == [
        ("webhook.secret_rotated", "webhook:crm", {})
    ]

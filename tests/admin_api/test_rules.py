"""A rule tried while it is written."""

from datetime import UTC, datetime
from typing import Any

from guerdon.kit.ids import uuid7
from guerdon.members import operations
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


async def tried(client: Any, rule: str, **headers: str) -> Any:
    at = f"{client.brand}/recommendations/rule"
    answer = await client.post(at, json={"rule": rule}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_it_says_how_many_it_lets_in(console: Any, rt: Runtime, make_tenant: Any) -> None:
    tenant: Tenant = await make_tenant(
        programme={"currency": "USD", "languages": ["en", "es"]},
        tiers={"tiers": [{"key": "blue", "threshold": 0}, {"key": "gold", "threshold": 1000}]},
    )
    now = datetime.now(UTC)
    snapshot = await rt.snapshot(tenant.id, now)
    async with rt.db.write(tenant.id) as s:
        for n in range(7):
            await operations.join(
                s, id=uuid7(), email=f"m{n}@x.example", name="M",
                language="es" if n < 3 else "en", email_verified=True, snapshot=snapshot, now=now,
            )  # fmt: skip
    marketer = await console(tenant, roles=("marketer",))
    told = await tried(marketer, 'language == "es"')
    assert (told["fault"], told["sampled"], told["letIn"], told["untold"]) == (None, 7, 3, 0)
    assert (await tried(marketer, ""))["letIn"] == 7
    assert (await tried(marketer, 'tier == "blue" && balance < 1'))["letIn"] == 7
    told = await tried(marketer, "100 / balance > 1")
    assert (told["letIn"], told["untold"]) == (0, 7)
    terms = {t["name"]: t for t in told["terms"]}
    assert (terms["tier"]["type"], terms["tier"]["values"]) == ("text", ["blue", "gold"])
    assert (terms["balance"]["type"], terms["tags"]["type"]) == ("number", "texts")
    assert terms["language"]["values"] == ["en", "es"]


async def test_what_is_no_rule_says_where_and_why(console: Any, tenant: Tenant) -> None:
    owner = await console(tenant)
    fault = (await tried(owner, "balance >= 10 && tiers == 3"))["fault"]
    assert (fault["code"], fault["column"]) == ("rule_unknown_term", 18)
    fault = (await tried(owner, 'balance >= "much"'))["fault"]
    assert (fault["code"], fault["column"]) == ("rule_types", 9)
    hostile = "bought.exists(a, bought.exists(b, a == b))"
    fault = (await tried(owner, hostile))["fault"]
    assert fault["code"] == "rule_loops"
    assert (await tried(owner, "x" * 2500))["fault"]["code"] == "rule_too_long"
    developer = await console(tenant, roles=("developer",))
    refused = await developer.post(f"{developer.brand}/recommendations/rule", json={"rule": ""})
    assert refused.json()["code"] == "permission_missing"

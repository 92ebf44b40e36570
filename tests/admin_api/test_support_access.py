"""Support access: nobody gets in uninvited, and whoever is in leaves a trail until shown out."""

from datetime import timedelta
from typing import Any

import pytest
from tests.admin_api.routes import calls
from tests.admin_api.test_matrix import code_of

from guerdon.app import Application
from guerdon.identity.parameters import SecurityParameters
from guerdon.identity.support import access
from guerdon.identity.support.principals import READS, WRITES
from guerdon.runtime import Runtime

WHY = "Orders of last night stand still"


class Two:
    """A person of the platform's support, and an owner of the brand they want to look into."""

    def __init__(self, rt: Runtime, tenant: Any, vera: Any, olga: Any) -> None:
        self.rt, self.tenant, self.vera, self.olga = rt, tenant, vera, olga
        self.at = f"/api/platform/v1/tenants/{tenant.slug}/support"
        self.brand = f"/api/admin/v1/{tenant.slug}"

    async def ask(self, *, writes: bool = False, **more: Any) -> Any:
        return await self.vera.post(self.at, json={"reason": WHY, "writes": writes} | more)

    async def asked(self, *, writes: bool = False) -> str:
        """The id of an access that was asked for."""
        answer = await self.ask(writes=writes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["items"][0]["id"])

    async def consent(self, access_id: str, *, writes: bool = False) -> Any:
        return await self.olga.post(
            f"{self.brand}/support/{access_id}/consent", json={"writes": writes}
        )

    async def let_in(self, *, writes: bool = False) -> str:
        """An access in force; its id."""
        access_id = await self.asked(writes=writes)
        answer = await self.consent(access_id, writes=writes)
        assert answer.status_code == 200, answer.text
        return access_id

    async def look(self) -> tuple[int, str | None]:
        """Try to see the brand's orders."""
        answer = await self.vera.get(f"{self.brand}/orders")
        return answer.status_code, answer.json().get("code")

    async def letters(self) -> list[tuple[str, str, str]]:
        """What the brand's owners are written: kind, who asks, and why."""
        async with self.rt.db.read(self.tenant.id) as s:
            rows = await s.all(
                dict[str, Any],
                "SELECT payload FROM app.outbox WHERE tenant_id = %(tenant_id)s"
                " AND topic = 'identity.send_staff_letter' ORDER BY id",
            )
        return [(row["kind"], row["what"], row["why"]) for row in rows]

    async def trail(self, action: str = "support.*") -> list[dict[str, Any]]:
        """What the brand's own trail tells, the oldest first."""
        answer = await self.olga.get(f"{self.brand}/audit", params={"action": action, "limit": 100})
        return list(reversed(answer.json()["items"]))


MISSING = (403, "support_access_missing")


@pytest.fixture
async def make_two(rt: Runtime, console: Any, operator: Any, make_tenant: Any) -> Any:
    """`await make_two("ask")`: a brand with that rule, and both people."""

    async def make(rule: str = "ask", roles: tuple[str, ...] = ("support",)) -> Two:
        tenant = await make_tenant(security={"support_access": rule})
        vera = await console(operator, roles=roles, name="Vera Support")
        return Two(rt, tenant, vera, await console(tenant))

    return make


async def test_from_asking_to_leaving(make_two: Any) -> None:
    two = await make_two()
    assert await two.look() == MISSING
    access_id = await two.asked()
    assert await two.look() == MISSING, "asking opens nothing"
    seen = (await two.olga.get(f"{two.brand}/support")).json()
    assert seen["rule"] == "ask"
    assert [(o["staffName"], o["reason"], o["state"], o["minutes"]) for o in seen["items"]] == [
        ("Vera Support", WHY, "asked", 60)
    ]
    assert (await two.consent(access_id)).status_code == 200
    assert await two.look() == (200, None)
    me = (await two.vera.get(f"{two.brand}/me")).json()
    assert (me["brand"]["slug"], me["support"]["reason"], me["support"]["writes"]) == (
        two.tenant.slug, WHY, False,
    )  # fmt: skip
    ended = await two.olga.post(f"{two.brand}/support/{access_id}/end")
    assert [o["state"] for o in ended.json()["items"]] == ["ended"]
    assert await two.look() == MISSING, "over at once"
    again = await two.olga.post(f"{two.brand}/support/{access_id}/end")
    assert (again.status_code, again.json()["code"]) == (409, "support_state")


async def test_everything_stands_in_the_brands_own_trail(make_two: Any) -> None:
    two = await make_two()
    access_id = await two.let_in(writes=True)
    await two.look()
    await two.look()
    await two.vera.post(f"{two.brand}/change-sets", json={"title": "Mend the points"})
    left = await two.vera.post(f"{two.at}/{access_id}/leave")
    assert left.status_code == 200, left.text
    told = await two.trail()
    assert [(one["action"], one["actorName"]) for one in told] == [
        ("support.asked", "Vera Support"),
        ("support.consented", "Olga Owner"),
        ("support.looked", "Vera Support"),
        ("support.left", "Vera Support"),
    ]
    assert told[0]["summary"]["reason"] == WHY
    assert told[2]["subject"] == "operation:listOrders"
    assert told[2]["summary"]["support"] == {
        "name": "Vera Support", "reason": WHY, "access": access_id,
    }  # fmt: skip
    changes = [one for one in await two.trail("change_set.*") if one["actorName"] == "Vera Support"]
    assert [one["summary"]["support"]["reason"] for one in changes] == [WHY]
    assert (await two.olga.get(f"{two.brand}/audit/proof")).json()["whole"] is True


async def test_the_platforms_trail_tells_it_too(make_two: Any, console: Any, operator: Any) -> None:
    two = await make_two()
    await two.let_in()
    await two.ask()
    own = await console(operator)
    answer = await own.get(
        f"{own.brand}/audit", params={"subject": f"tenant:{two.tenant.slug}", "limit": 10}
    )
    told = [(o["action"], o["actorName"], o["summary"]) for o in reversed(answer.json()["items"])]
    asked = {"reason": WHY, "minutes": 60, "writes": False}
    assert told == [
        ("support.asked", "Vera Support", asked),
        ("support.asked", "Vera Support", asked),
        ("support.asked", "Vera Support", {**asked, "refused": "support_state"}),
    ]


@pytest.mark.parametrize(
    ("rule", "writes", "status", "state"),
    [
        ("ask", False, 201, "asked"), ("ask", True, 201, "asked"), ("allow", False, 201, "open"),
        ("allow", True, 201, "asked"), ("never", False, 403, None), ("never", True, 403, None),
    ],
)  # fmt: skip
async def test_the_brands_rule_decides(
    make_two: Any, rule: str, writes: bool, status: int, state: str | None
) -> None:
    two = await make_two(rule)
    answer = await two.ask(writes=writes)
    assert answer.status_code == status, answer.text
    if state is None:
        assert answer.json()["code"] == "support_not_wanted"
    else:
        assert answer.json()["items"][0]["state"] == state
    written = {"open": ["support_opened"], "asked": ["support_asked"]}.get(str(state), [])
    assert await two.letters() == [(kind, "Vera Support", WHY) for kind in written]
    assert await two.look() == ((200, None) if state == "open" else MISSING)


async def test_every_call_without_an_access(application: Application, make_two: Any) -> None:
    two = await make_two()
    await two.asked()
    wrong = []
    for call in calls(application.litestar):
        if call.permission == "public" or call.of_platform:
            continue
        code = await code_of(
            two.vera, call, two.tenant.slug, **{"x-csrf-token": two.vera.csrf_token}
        )
        if code != "support_access_missing":
            wrong.append(f"{call.operation} -> {code}")
    assert wrong == []


@pytest.mark.parametrize("writes", [False, True])
async def test_every_call_with_one(application: Application, make_two: Any, writes: bool) -> None:
    """What is let through, from what is declared of each call; and nothing else."""
    two = await make_two()
    await two.let_in(writes=writes)
    wrong, through = [], set()
    for call in calls(application.litestar):
        if call.permission == "public" or call.of_platform:
            continue
        code = await code_of(
            two.vera, call, two.tenant.slug, **{"x-csrf-token": two.vera.csrf_token}
        )
        refused = code if str(code).startswith("support_") else None
        looks = call.method == "GET" and call.permission in {"anybody"} | READS | WRITES
        changes = call.permission in WRITES and not call.fresh
        if looks or call.permission in READS:
            wanted = None
        elif changes:
            wanted = None if writes else "support_read_only"
        else:
            wanted = "support_never"
        if refused != wanted:
            wrong.append(f"{call.operation} ({call.permission}) -> {code}")
        if wanted is None and call.method != "GET":
            through.add(call.permission)
    assert wrong == []
    assert through - READS == (WRITES if writes else set())


def test_what_is_never_support_s() -> None:
    own = ("people:", "secrets:", "keys:", "connections:", "brand:", "members:", "audit:export")
    assert not [one for one in WRITES if one.startswith(own) or one.endswith(":publish")]
    assert "support:consent" not in READS | WRITES


async def test_nobody_lets_himself_in(make_two: Any, console: Any) -> None:
    two = await make_two()
    access_id = await two.asked()
    marketer = await console(two.tenant, roles=("marketer",))
    answer = await marketer.post(f"{two.brand}/support/{access_id}/consent", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    viewer = await console(await two.rt.directory.operator(), roles=("viewer",))
    answer = await viewer.post(two.at, json={"reason": WHY})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    await two.consent(access_id)
    # Another of the staff is not let in by it.
    answer = await viewer.get(f"{two.brand}/orders")
    assert (answer.status_code, answer.json()["code"]) == MISSING
    answer = await two.vera.post(f"{two.brand}/support/{access_id}/consent", json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "support_never")


async def test_more_than_was_asked_for_is_not_given(make_two: Any) -> None:
    two = await make_two()
    access_id = await two.asked()
    answer = await two.consent(access_id, writes=True)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/writes")
    assert await two.look() == MISSING


async def test_time_ends_it(make_two: Any) -> None:
    two = await make_two()
    now = two.rt.clock.now()
    before = now - timedelta(minutes=20)
    async with two.rt.db.write(two.tenant.id) as s:
        made = await access.ask(
            s, security=SecurityParameters(support_access="allow"),
            staff_id=two.vera.staff_id, staff_name="Vera Support", reason=WHY, minutes=15,
            writes=False, now=before,
        )  # fmt: skip
    assert made.state == "open"
    assert await two.look() == MISSING
    seen = (await two.olga.get(f"{two.brand}/support")).json()["items"]
    assert [(one["state"], one["endedBy"]) for one in seen] == [("ended", "time")]
    # What lapsed is not consented to, and does not stand in the way of asking again.
    access_id = await two.asked()
    async with two.rt.db.write(two.tenant.id) as s:
        with pytest.raises(Exception, match="lapsed"):
            await access.consent(
                s, access_id=access_id, writes=False, by="staff:x",
                now=now + access.ANSWER_WITHIN + timedelta(minutes=1),
            )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("reason", ""), ("reason", "   "), ("minutes", 14), ("minutes", 481), ("minutes", "soon")],
)
async def test_bad_input_names_the_field(make_two: Any, field: str, wrong: Any) -> None:
    two = await make_two("allow")
    answer = await two.ask(**{field: wrong})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"
    assert (await two.olga.get(f"{two.brand}/support")).json()["items"] == []

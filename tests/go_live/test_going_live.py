"""An owner takes the brand live, closes it and takes that back, through the console's API."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import calls
from tests.brand_api.conftest import Api, issue
from tests.brand_api.shop import SECTIONS, definition, join, stock_up
from tests.tenancy.test_states import lead, stands

from guerdon.go_live.peers import is_sandbox, key_fits
from guerdon.identity import staff_credentials, totp
from guerdon.plumbing.runner import Ran, Runner
from guerdon.runtime import Runtime
from guerdon.settings import Settings
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

PROGRAMME = {
    "name": "Copper Kettle", "currency": "USD", "languages": ["en", "es"],
    "legal_name": "Copper Kettle LLC", "support_email": "help@kettle.example",
    "terms": {"en": "Be kind.", "es": "Sé amable."},
}  # fmt: skip
READY = SECTIONS | {"programme": PROGRAMME}
REQUIRED = (
    "legal", "terms", "rules", "catalogue", "fulfilment", "payments_points_only", "second_factor",
    "clock",
)  # fmt: skip


def states(life: dict[str, Any]) -> dict[str, str]:
    return {point["code"]: point["state"] for point in life["points"]}


async def enrol(rt: Runtime, tenant: Tenant, staff_id: UUID) -> None:
    """An authenticator app for somebody."""
    now = datetime.now(UTC)
    async with rt.db.write(tenant.id) as s:
        key = await staff_credentials.begin_totp(rt, s, staff_id=staff_id)
        code = totp.code(key, now=now)
        assert await staff_credentials.confirm_totp(rt, s, staff_id=staff_id, code=code, now=now)


async def letters(
    rt: Runtime, worker: Runtime, tenant: Tenant, peer: Any, to: str
) -> list[dict[str, Any]]:
    """What a worker makes of the messages that wait, as it arrives in a mailbox, oldest first."""
    for topic in ("tenancy.state_changed", "identity.send_staff_letter"):
        async with rt.db.read(tenant.id) as s:
            due = await s.all(
                UUID,
                "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND done_at IS NULL"
                " AND topic = %(topic)s ORDER BY id",
                {"topic": topic},
            )
        for one in due:
            assert await Runner(worker, all_handlers()).run(tenant.id, one) is Ran.DONE
    found = calls.get(f"{peer.url}/api/messages", params={"to": to}).json()["items"]
    return list(reversed(found))


async def test_nothing_is_ready_at_first(console: Any, make_tenant: Any, rt: Runtime) -> None:
    tenant = await make_tenant(status="sandbox")
    owner = await console(tenant)
    life = (await owner.get(f"{owner.brand}/life")).json()
    assert (life["state"], life["ways"], life["ready"]) == ("sandbox", ["live", "closing"], False)
    assert [p["code"] for p in life["points"] if p["required"]] == list(REQUIRED)
    assert {c: s for c, s in states(life).items() if c in REQUIRED} == {
        "legal": "open", "terms": "open", "rules": "done", "catalogue": "open",
        "fulfilment": "open", "payments_points_only": "confirm", "second_factor": "open",
        "clock": "done",
    }  # fmt: skip
    by_code = {p["code"]: p for p in life["points"]}
    assert by_code["terms"]["facts"] == {"missing": ["en"]}
    assert by_code["legal"]["facts"] == {"missing": ["legal_name", "support_email"]}
    assert by_code["second_factor"]["facts"] == {"without": ["Olga Owner"]}
    refused = await owner.post(f"{owner.brand}/life/go-live", json={"pointsOnly": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert refused.json()["params"]["open"] == "legal, terms, catalogue, fulfilment, second_factor"
    assert (await stands(rt, tenant)).status is State.SANDBOX


async def test_an_owner_goes_live_closes_and_takes_it_back(
    console: Any, make_tenant: Any, http: Any, rt: Runtime, worker_rt: Runtime, mailbox_peer: Any
) -> None:
    tenant = await make_tenant(status="sandbox", **READY)
    owner = await console(tenant)
    api = Api(await http(tenant), await issue(rt, tenant))
    goods = await stock_up(api, definition("latte", price="5.00", stock=9))
    await enrol(rt, tenant, owner.staff_id)

    # Everything is there; that nobody pays money has to be meant.
    refused = await owner.post(f"{owner.brand}/life/go-live", json={})
    assert refused.json()["params"]["open"] == "payments_points_only"
    gone = await owner.post(f"{owner.brand}/life/go-live", json={"pointsOnly": True})
    assert gone.status_code == 200, gone.text
    assert (gone.json()["state"], gone.json()["ways"]) == ("live", ["closing"])
    again = await owner.post(f"{owner.brand}/life/go-live", json={"pointsOnly": True})
    assert (again.status_code, again.json()["params"]["reason"]) == (409, "no_such_way")

    member = await join(api, points=1_000)
    order = await api.post(
        "/redemptions",
        json={
            "memberId": member["id"], "expectedPoints": 500,
            "lines": [{"variantId": goods["latte"]["variants"][0]["id"], "quantity": 1}],
        },
    )  # fmt: skip
    assert order.status_code == 201, order.text
    stake = (await owner.get(f"{owner.brand}/life")).json()["atStake"]
    assert (stake["members"], stake["openOrders"]) == (1, 1)
    assert stake["points"] - stake["held"] == 500
    assert stake["liability"]["minor"] == stake["points"]  # 100 points are a dollar

    wrong = await owner.post(
        f"{owner.brand}/life/close", json={"slug": "another", "reason": "Moving on"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
    closing = await owner.post(
        f"{owner.brand}/life/close", json={"slug": tenant.slug, "reason": "Moving on"}
    )
    assert closing.status_code == 200, closing.text
    told = closing.json()
    assert (told["state"], told["ways"], told["cameFrom"]) == ("closing", ["live"], ["live"])
    assert told["endsAt"] == told["atStake"]["lastDay"]
    kept = await owner.post(f"{owner.brand}/life/keep", json={"reason": "We stay"})
    assert (kept.json()["state"], kept.json()["endsAt"]) == ("live", None)
    nothing = await owner.post(f"{owner.brand}/life/keep", json={"reason": "Again"})
    assert nothing.json()["code"] == "transition_refused"

    to = f"{owner.staff_id.hex}@staff.example"
    mails = await letters(rt, worker_rt, tenant, mailbox_peer, to)
    name = PROGRAMME["name"]
    assert [m["subject"] for m in mails] == [
        f"{name} is live", f"{name} is closing", f"{name} goes on",
    ]  # fmt: skip
    assert "Moving on" in mails[1]["text"]
    assert f"/{tenant.slug}/brand" in mails[1]["text"]
    async with rt.db.read(tenant.id) as s:
        trail = await s.all(
            str, "SELECT actor FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
            " AND action = 'tenant.state_changed' ORDER BY seq",
        )  # fmt: skip
    assert len(trail) == 3
    assert set(trail) == {f"staff:{owner.staff_id}"}


async def test_platform_words_reach_the_owners(
    console: Any, make_tenant: Any, rt: Runtime, worker_rt: Runtime, mailbox_peer: Any
) -> None:
    tenant = await make_tenant(programme={"name": "Aurora"})
    owner, colleague = await console(tenant), await console(tenant, roles=("administrator",))
    await lead(rt, tenant, State.PAST_DUE)
    await lead(rt, tenant, State.SUSPENDED, reason="Card stolen")
    mails = await letters(
        rt, worker_rt, tenant, mailbox_peer, f"{owner.staff_id.hex}@staff.example"
    )
    assert [m["subject"] for m in mails] == [
        "A payment for the plan of Aurora failed", "Aurora is suspended",
    ]  # fmt: skip
    assert "The reason given: Card stolen" in mails[1]["text"]
    nobody = f"{colleague.staff_id.hex}@staff.example"
    assert await letters(rt, worker_rt, tenant, mailbox_peer, nobody) == []
    # The console can be read; going on is not the owner's to decide.
    refused = await owner.post(f"{owner.brand}/life/close", json={"slug": "x", "reason": "x"})
    assert refused.json()["code"] == "tenant_state"
    life = (await owner.get(f"{owner.brand}/life")).json()
    assert (life["state"], life["ways"]) == ("suspended", [])


async def test_payments_ask_for_a_key_of_the_right_mode(
    console: Any, make_tenant: Any, rt: Runtime
) -> None:
    tenant = await make_tenant(status="sandbox", payments={"provider": "stripe"})
    owner = await console(tenant)

    async def point() -> dict[str, Any]:
        life = (await owner.get(f"{owner.brand}/life")).json()
        return next(p for p in life["points"] if p["code"].startswith("payments"))

    first = await point()
    assert (first["state"], first["facts"]["missing"]) == (
        "open", ["payments.stripe.api_key", "payments.stripe.webhook_secret"],
    )  # fmt: skip
    for key, state in (("sk_live_0123456789", "open"), ("sk_test_0123456789", "done")):
        async with rt.db.write(tenant.id) as s:
            await rt.secrets.put(s, "payments.stripe.api_key", key)
            await rt.secrets.put(s, "payments.stripe.webhook_secret", "whsec_0123456789")
        found = await point()
        assert (found["state"], found["facts"]["sandbox"]) == (state, 1), found
        assert found["facts"]["wrong_mode"] == int(state == "open")


@pytest.mark.parametrize(
    ("base", "sandbox", "fits"),
    [
        ("https://api.stripe.com", False, "sk_live_1"),
        ("https://api.stripe.com/", False, "rk_live_1"),
        ("http://127.0.0.1:1", True, "sk_test_1"),
        ("https://api.stripe.com.evil.example", True, "rk_test_1"),
    ],
)
def test_which_peer_is_a_sandbox(base: str, sandbox: bool, fits: str) -> None:
    settings = Settings(stripe_api_base=base)
    assert is_sandbox(settings, "stripe") is sandbox
    assert key_fits(settings, fits)
    other = fits.replace("live", "test") if "live" in fits else fits.replace("test", "live")
    assert not key_fits(settings, other)
    assert is_sandbox(settings, "counter") is False


async def test_the_last_day_follows_the_beginning(
    console: Any, make_tenant: Any, rt: Runtime
) -> None:
    tenant = await make_tenant()
    owner = await console(tenant)
    began = datetime.now(UTC) - timedelta(days=3)
    await lead(rt, tenant, State.CLOSING, now=began)
    told = (await owner.get(f"{owner.brand}/life")).json()
    assert datetime.fromisoformat(told["atStake"]["lastDay"]) == began + timedelta(days=30)

"""The till: a cashier credits a sale, takes it back, hands over, and can do nothing else."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.conftest import Console, ConsoleFactory
from tests.redemption.conftest import world as world
from tests.redemption.world import SECTIONS, World

from guerdon.audit import queries as audit
from guerdon.ledger.errors import TransactionNotFoundError
from guerdon.members import queries as members
from guerdon.members.schemas import Member
from guerdon.parameters.operations import publish
from guerdon.redemption import till, till_code


@pytest.fixture
async def cashier(console: ConsoleFactory, world: World) -> Console:
    """A cashier of the brand."""
    return await console(world.tenant, roles=("cashier",), name="Caio Cashier")


def sale(who: Member, amount_minor: int = 12_50) -> dict[str, Any]:
    return {"saleId": str(uuid4()), "code": who.number, "amountMinor": amount_minor}


async def test_a_sale_gives_points_by_the_rules_and_counts_once(
    cashier: Console, world: World
) -> None:
    ana = await world.member()
    number = ana.number or ""
    shown = f"{number[:4]} {number[4:8]}-{number[8:]}"
    found = await cashier.get(f"{cashier.brand}/till/member", params={"code": shown})
    assert found.json() == {"number": number, "firstName": "Ana", "available": 0}
    given = sale(ana)
    sold = [await cashier.post(f"{cashier.brand}/till/sales", json=given) for _ in range(2)]
    assert [one.status_code for one in sold] == [201, 201]
    assert {one.json()["points"] for one in sold} == {12}
    assert await world.available(ana) == 12
    other = await cashier.post(f"{cashier.brand}/till/sales", json=given | {"amountMinor": 99_00})
    assert other.status_code == 409
    assert (await cashier.get(f"{cashier.brand}/till/day")).json() == {
        "currency": "USD", "sales": 1, "amountMinor": 1250, "points": 12, "undone": 0,
        "handedOver": 0,
    }  # fmt: skip
    async with world.rt.db.read(world.tenant.id) as s:
        (told,) = await audit.search(s, action="till.sold")
    assert told.actor == f"staff:{cashier.staff_id}"
    assert (told.summary["amount_minor"], told.summary["points"]) == (1250, 12)


async def test_a_sale_is_taken_back_within_a_minute_by_who_made_it(
    cashier: Console, console: ConsoleFactory, world: World
) -> None:
    ana = await world.member()
    given = sale(ana)
    await cashier.post(f"{cashier.brand}/till/sales", json=given)
    undo = f"{cashier.brand}/till/sales/{given['saleId']}/undo"
    colleague = await console(world.tenant, roles=("cashier",))
    assert (await colleague.post(undo, json={})).status_code == 404
    undone = [await cashier.post(undo, json={}) for _ in range(2)]
    assert {(one.status_code, one.json()["points"]) for one in undone} == {(200, -12)}
    assert await world.available(ana) == 0
    day = (await cashier.get(f"{cashier.brand}/till/day")).json()
    assert (day["sales"], day["points"], day["undone"]) == (1, 0, 1)

    late = sale(ana)
    await cashier.post(f"{cashier.brand}/till/sales", json=late)
    over = world.now + till.UNDO + timedelta(seconds=1)
    async with world.rt.db.write(world.tenant.id) as s:
        with pytest.raises(till.TillUndoOverError):
            await till.undo(
                s, sale_id=uuid_of(late), staff_id=cashier.staff_id, now=over
            )  # fmt: skip
        with pytest.raises(TransactionNotFoundError):
            await till.undo(s, sale_id=uuid4(), staff_id=cashier.staff_id, now=over)
    assert await world.available(ana) == 12


def uuid_of(given: dict[str, Any]) -> Any:
    return type(uuid4())(given["saleId"])


async def test_two_tills_hand_over_once(
    cashier: Console, console: ConsoleFactory, world: World
) -> None:
    ana = await world.member(points=1_000)
    placed = await world.place(ana, await world.quote(ana, "coffee"))
    await world.drain()
    code = (await world.read(placed.id)).pickup_code
    assert code is not None
    second = await console(world.tenant, roles=("cashier",))
    tills = (cashier, second)
    answers = await asyncio.gather(
        *(one.post(f"{one.brand}/till/hand-over", json={"code": code.lower()}) for one in tills)
    )
    assert sorted(one.status_code for one in answers) == [200, 404]
    (done,) = [one.json() for one in answers if one.status_code == 200]
    assert [item["quantity"] for item in done["items"]] == [1]
    days = [(await one.get(f"{one.brand}/till/day")).json()["handedOver"] for one in tills]
    assert sorted(days) == [0, 1]
    await world.drain()
    assert (await world.read(placed.id)).state in {"delivered", "settled"}


async def test_a_cashier_can_do_nothing_else(cashier: Console, world: World) -> None:
    ana = await world.member()
    for path in ("members", "orders", "overview", "api-keys", "people", f"members/{ana.id}"):
        refused = await cashier.get(f"{cashier.brand}/{path}")
        assert (path, refused.status_code) == (path, 403)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"code": "123"}, 422, "invalid"),
        ({"code": "100000000008"}, 404, "member_not_found"),
        ({"amountMinor": 0}, 422, "invalid"),
        ({"amountMinor": till.AMOUNT_MINOR_MAX + 1}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_is_refused_and_credits_nothing(
    cashier: Console, world: World, change: dict[str, Any], status: int, code: str
) -> None:
    ana = await world.member()
    refused = await cashier.post(f"{cashier.brand}/till/sales", json=sale(ana) | change)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert await world.available(ana) == 0


async def limit(world: World, **fields: Any) -> None:
    """Publish limits of the till."""
    async with world.rt.db.write(world.tenant.id) as s:
        await publish(
            s, registry=world.rt.snapshots.registry, content={**SECTIONS, "security": fields},
            author="test", now=world.now,
        )  # fmt: skip
    await world.rt.snapshots.load(world.tenant.id)


async def test_what_a_till_may_do_is_the_brands_to_say(
    cashier: Console, console: ConsoleFactory, world: World
) -> None:
    await limit(
        world, till_amount_max_minor=12_50, till_sales_per_day=3, till_member_sales_per_day=2
    )
    ana, bo = await world.member(), await world.member()
    at = f"{cashier.brand}/till/sales"
    over = await cashier.post(at, json=sale(ana, 12_51))
    assert (over.status_code, over.json()["code"], over.json()["errors"][0]["pointer"]) == (
        422, "till_amount", "/amountMinor",
    )  # fmt: skip
    # At two tills at once a member is credited as often as at one.
    colleague = await console(world.tenant, roles=("cashier",))
    answers = await asyncio.gather(
        *(one.post(at, json=sale(ana)) for one in (cashier, colleague) for _ in range(2))
    )
    assert sorted(one.status_code for one in answers) == [201, 201, 409, 409]
    assert {one.json()["code"] for one in answers if one.status_code == 409} == {
        "till_member_limit"
    }
    assert await world.available(ana) == 24
    done = (await cashier.get(f"{cashier.brand}/till/day")).json()["sales"]
    more = [await cashier.post(at, json=sale(bo)) for _ in range(2)]
    more += [await cashier.post(at, json=sale(await world.member())) for _ in range(3 - done)]
    assert sum(one.status_code == 201 for one in more) == 3 - done
    assert more[-1].json()["code"] == "till_limit"


async def shown(world: World, who: Member, *, minutes: float = 0) -> str:
    """What a member's phone shows so many minutes from now."""
    async with world.rt.db.write(world.tenant.id) as s:
        key = await world.rt.secrets.ensure_data_key(s)
    at = world.rt.clock.now() + timedelta(minutes=minutes)
    return till_code.of(key, number=who.number or "", now=at).code


async def test_a_code_of_the_moment_is_good_for_minutes_and_hands_over_once(
    cashier: Console, world: World
) -> None:
    await limit(world, till_plain_number=False)
    ana, bo = await world.member(points=1_000), await world.member()
    sales, over = f"{cashier.brand}/till/sales", f"{cashier.brand}/till/hand-over"
    code = await shown(world, ana)
    grouped = " ".join(code[n : n + 4] for n in range(0, 24, 4))
    refusals = {
        "till_number": str(ana.number),
        "till_code_over": await shown(world, ana, minutes=-6),
        "till_code_wrong": code[:-1] + str((int(code[-1]) + 1) % 10),
    }
    for reason, wrong in refusals.items():
        refused = await cashier.post(sales, json=sale(ana) | {"code": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, reason)
    # A signature is of one number.
    other = f"{bo.number}{code[12:]}"
    assert (await cashier.post(sales, json=sale(bo) | {"code": other})).status_code == 422
    assert await world.available(ana) == 1_000
    sold = [await cashier.post(sales, json=sale(ana) | {"code": grouped}) for _ in range(2)]
    assert [one.status_code for one in sold] == [201, 201]
    assert await world.available(ana) == 1_024

    nothing = await cashier.post(over, json={"code": await shown(world, bo)})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "nothing_waits")
    placed = [await world.place(ana, await world.quote(ana, "coffee")) for _ in range(2)]
    await world.drain()
    several = await cashier.post(over, json={"code": code})
    assert (several.status_code, several.json()["code"]) == (409, "several_wait")
    own = (await world.read(placed[0].id)).pickup_code
    assert (await cashier.post(over, json={"code": own})).status_code == 200
    # What was refused used nothing up; what was handed over did.
    answers = await asyncio.gather(*(cashier.post(over, json={"code": code}) for _ in range(2)))
    assert sorted(one.status_code for one in answers) == [200, 409]
    again = await cashier.post(over, json={"code": code})
    assert (again.status_code, again.json()["code"]) == (409, "till_code_used")
    assert (await cashier.get(f"{cashier.brand}/till/day")).json()["handedOver"] == 2


async def test_a_customer_joins_at_the_till_and_the_first_points_wait(
    cashier: Console, world: World, peers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await limit(world, till_plain_number=False)
    at, email = f"{cashier.brand}/till/members", f"{uuid4().hex}@mail.example"
    joined = await cashier.post(at, json={"email": email, "name": "Bo Diaz"})
    assert joined.status_code == 201, joined.text
    told = joined.json()
    assert told["firstName"] == "Bo"
    sold = await cashier.post(
        f"{cashier.brand}/till/sales",
        json={"saleId": str(uuid4()), "code": told["code"], "amountMinor": 12_50},
    )
    assert (sold.status_code, sold.json()["points"], sold.json()["balance"]) == (201, 12, 12)
    await world.drain()
    box = httpx2.get(f"{peers.mailbox.url}/api/messages", params={"to": email}).json()["items"]
    assert [mail["subject"] for mail in box] == ["Welcome to Copper Kettle"]
    async with world.rt.db.read(world.tenant.id) as s:
        who = await members.find_by_email(s, email_norm=email)
        (seen,) = await audit.search(s, action="till.joined")
    assert who is not None
    # Whose mail it is they prove when they sign in.
    assert (who.number, who.email_verified_at) == (told["number"], None)
    assert await world.available(who) == 12
    assert (seen.actor, seen.subject) == (f"staff:{cashier.staff_id}", f"member:{who.id}")

    again = await cashier.post(at, json={"email": email.upper(), "name": "Bo"})
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")
    wrong = await cashier.post(at, json={"email": "nobody", "name": "Bo"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/email")
    monkeypatch.setattr(till, "JOINS_AT_ONCE", 1)
    over = await cashier.post(at, json={"email": f"{uuid4().hex}@mail.example", "name": "Cy"})
    assert over.status_code == 429

"""The desk's calls × another brand's ids: whatever belongs elsewhere is as if it did not exist."""

import re
from collections import Counter
from typing import Any

import pytest
from tests.admin_api.routes import NOWHERE, Call, calls
from tests.conftest import create_tenant
from tests.isolation.report import Report
from tests.redemption.world import SECTIONS, World, product

from guerdon.app import Application
from guerdon.runtime import Runtime

# What a path names, and a body with which the call would do something at home.
NAMED = {
    "product_id", "sku_id", "import_id", "order_id", "message_id", "member_id", "entry_id",
    "request_id", "base_id", "file_id",
}  # fmt: skip
DESK = re.compile(r"/(catalogue|orders|members|adjustments|recommendations)(/|$)")
BODIES: dict[str, Any] = {
    "editProduct": {"rowVersion": 1},
    "countStock": {"onHand": 1},
    "cancelOrder": {"reason": "because"},
    "refundOrder": {"reason": "because"},
    "activateCardBase": {"complete": False},
    "adjustMember": {"points": 5, "reason": "because"},
}


class Brand(World):
    """A brand with an order, a member with a history, a product, a file, a request."""

    ids: dict[str, str]
    definition: dict[str, Any]

    async def furnish(self, console: Any) -> None:
        await self.connect(api_key="x", webhook_secret="x", amazon_client="x")
        await self.stock_up(product("coffee", price="5.00", stock=10))
        who = await self.member(10_000)
        placed = await self.place(who, await self.quote(who, "coffee"))
        await self.drain()
        desk = await console(self.tenant)
        row = (await desk.get(f"{desk.brand}/catalogue/products")).json()["items"][0]
        one = (await desk.get(f"{desk.brand}/catalogue/products/{row['id']}")).json()
        sent = await desk.post(f"{desk.brand}/catalogue/imports?name=a.csv", content=b"slug\n")
        people = await desk.post(
            f"{desk.brand}/members/imports?name=m.csv", content=b"email,name\n"
        )
        history = (await desk.get(f"{desk.brand}/members/{who.id}/history")).json()["items"]
        order = (await desk.get(f"{desk.brand}/orders/{placed.id}")).json()
        asked = await desk.post(
            f"{desk.brand}/members/{who.id}/adjustments",
            json={"points": 1_000_000, "reason": "because"},
        )
        base = await desk.post(
            f"{desk.brand}/recommendations/card-bases?name=crm",
            content=b"email,bank,variant,valid_until,consent\n",
        )
        self.definition = one["product"]
        self.ids = {
            "product_id": row["id"], "sku_id": one["skus"][0]["id"],
            "import_id": sent.json()["id"], "order_id": str(placed.id),
            "message_id": order["messages"][0]["id"], "member_id": str(who.id),
            "entry_id": history[0]["id"], "request_id": asked.json()["requestId"],
            "base_id": base.json()["base"]["id"], "file_id": people.json()["id"],
        }  # fmt: skip

    async def fingerprint(self) -> str:
        """A hash over the rows that the desk can change, and the trail."""
        tables = (
            "product", "product_variant", "product_stock", "catalogue_import", "redemption",
            "message_log", "ledger_txn", "ledger_adjustment", "audit_entry", "outbox", "card_base",
            "member_import",
        )  # fmt: skip
        parts = " UNION ALL ".join(
            f"SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) AS h FROM app.{name} t"
            for name in tables
        )
        async with self.rt.db.read(self.tenant.id) as s:
            return str(await s.value(f"SELECT md5(string_agg(h, '')) FROM ({parts}) x"))


@pytest.fixture
async def brands(rt: Runtime, worker_rt: Runtime, console: Any) -> list[Brand]:
    made = []
    for _ in range(2):
        brand = Brand(rt, worker_rt, await create_tenant(rt, sections=SECTIONS))
        await brand.furnish(console)
        made.append(brand)
    return made


def address(call: Call, slug: str, ids: dict[str, str]) -> str:
    path = call.path.replace("{brand:str}", slug).replace("{brand}", slug)
    return "/api/admin/v1" + re.sub(r"{(\w+):uuid}", lambda m: ids[m[1]], path)


async def attempt(desk: Any, call: Call, brand: Brand, ids: dict[str, str]) -> tuple[int, Any]:
    body = BODIES.get(call.operation)
    if call.operation == "editProduct":
        body = body | {"product": brand.definition}
    query = {"piece": "1:1"} if call.operation == "previewRefund" else None
    answer = await desk.request(
        call.method, address(call, brand.tenant.slug, ids), json=body, params=query
    )
    told = answer.json() if "json" in answer.headers["content-type"] else {}
    return answer.status_code, {k: v for k, v in told.items() if k != "requestId"}


async def test_another_brands_ids_are_as_if_they_did_not_exist(
    application: Application, brands: list[Brand], console: Any, report: Report
) -> None:
    me, other = brands
    desk = await console(me.tenant)
    with_ids = [
        call
        for call in calls(application.litestar)
        if DESK.search(call.path) and "uuid}" in call.path
    ]
    unknown = {n for c in with_ids for n in re.findall(r"{(\w+):uuid}", c.path)} - NAMED
    assert unknown == set(), "add the new id to NAMED and to Brand.ids"
    before = await other.fingerprint()
    differing = []
    found = {call.operation: Counter(ids=0, crossed=0) for call in with_ids}
    for call in with_ids:
        for name in re.findall(r"{(\w+):uuid}", call.path):
            foreign = await attempt(desk, call, me, me.ids | {name: other.ids[name]})
            nobody = await attempt(desk, call, me, me.ids | {name: NOWHERE})
            found[call.operation]["ids"] += 1
            if foreign != nobody or foreign[0] < 400:
                found[call.operation]["crossed"] += 1
                differing.append(f"{call.operation} {name}: {foreign} != {nobody}")
    report.cover("console", found)
    assert differing == []
    assert await other.fingerprint() == before
    assert len(with_ids) >= 20
    # The same calls with one's own ids get further, so that the comparison means something.
    for call in with_ids:
        if call.method == "GET":
            assert (await attempt(desk, call, me, me.ids))[0] == 200, call.operation


async def test_names_of_another_brand_find_nobody(brands: list[Brand], console: Any) -> None:
    me, other = brands
    desk = await console(me.tenant)
    theirs = other.ids
    listed = await desk.get(f"{desk.brand}/orders?memberId={theirs['member_id']}")
    assert listed.json()["items"] == []
    bulk = {"act": "withdraw", "ids": [theirs["product_id"]]}
    done = await desk.post(f"{desk.brand}/catalogue/bulk", json=bulk)
    assert (done.json()["products"], done.json()["changed"]) == (0, 0)

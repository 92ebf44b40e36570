"""Bases of approved cards in the console: a file, its faults, one switch, and what members see."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from guerdon.kit.ids import uuid7
from guerdon.members import operations
from guerdon.recommendations.card_bases import approved_cards
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

HEAD = "email,bank,variant,limit,valid_until,consent"
LATER = date.today() + timedelta(days=90)  # noqa: DTZ011 - far enough in any zone


@pytest.fixture
async def members(rt: Runtime, tenant: Tenant) -> dict[str, UUID]:
    now = datetime.now(UTC)
    snapshot = await rt.snapshot(tenant.id, now)
    made = {}
    async with rt.db.write(tenant.id) as s:
        for name in ("ana", "bea"):
            made[name] = uuid7()
            await operations.join(
                s, id=made[name], email=f"{name}@x.example", name=name.title(), language="en",
                email_verified=True, snapshot=snapshot, now=now,
            )  # fmt: skip
    return made


async def send(client: Any, *lines: str, name: str = "crm", head: str = HEAD) -> Any:
    return await client.post(
        f"{client.brand}/recommendations/card-bases?name={name}",
        content="\n".join([head, *lines, ""]).encode(),
    )


async def act(client: Any, base: Any, what: str, **body: Any) -> Any:
    at = f"{client.brand}/recommendations/card-bases/{base['id']}/{what}"
    return await client.post(at, json=body) if body else await client.post(at)


async def cards(rt: Runtime, tenant: Tenant, member_id: UUID) -> list[str]:
    async with rt.db.read(tenant.id) as s:
        today = datetime.now(UTC).date()
        return [c.variant for c in await approved_cards(s, member_id=member_id, today=today)]


async def test_a_file_is_tried_and_put_in_force_as_one_switch(
    console: Any, rt: Runtime, tenant: Tenant, members: dict[str, UUID]
) -> None:
    owner = await console(tenant)
    sent = await send(
        owner,
        f"ana@x.example,Meridiano,Gold,500000,{LATER},yes",
        f"bea@x.example,Meridiano,Platinum,,{LATER},no",
        f"nobody@x.example,Meridiano,Gold,,{LATER},yes",
        "ana@x.example,Other,Gold,,2020-01-01,yes",
    )
    assert sent.status_code == 201, sent.text
    base = sent.json()["base"]
    assert (base["state"], base["rows"], base["rejected"], base["offered"]) == ("loading", 2, 2, 1)
    assert [(e["line"], e["column"], e["code"]) for e in sent.json()["errors"]] == [
        (4, "email", "unknown_member"), (5, "valid_until", "past"),
    ]  # fmt: skip
    assert await cards(rt, tenant, members["ana"]) == []
    refused = await act(owner, base, "activate", complete=True)
    assert (refused.status_code, refused.json()["code"]) == (422, "card_base_incomplete")
    live = await act(owner, base, "activate", complete=False)
    assert (live.status_code, live.json()["state"]) == (200, "in_force")
    assert await cards(rt, tenant, members["ana"]) == ["gold"]
    # No consent, no card.
    assert await cards(rt, tenant, members["bea"]) == []

    second = (await send(owner, f"ana@x.example,Meridiano,Infinite,,{LATER},yes")).json()["base"]
    assert await cards(rt, tenant, members["ana"]) == ["gold"]
    assert (await act(owner, second, "activate", complete=True)).json()["state"] == "in_force"
    assert await cards(rt, tenant, members["ana"]) == ["infinite"]
    listed = (await owner.get(f"{owner.brand}/recommendations/card-bases")).json()["items"]
    assert [(b["state"], b["offered"]) for b in listed] == [("in_force", 1), ("replaced", None)]

    gone = await act(owner, second, "discard")
    assert gone.json()["state"] == "discarded"
    assert await cards(rt, tenant, members["ana"]) == []
    refused = await act(owner, second, "discard")
    assert (refused.status_code, refused.json()["code"]) == (409, "card_base_state")
    trail = (await owner.get(f"{owner.brand}/audit")).json()["items"]
    assert [t["action"] for t in trail[:3]] == [
        "card_base.discarded", "card_base.activated", "card_base.file_sent",
    ]  # fmt: skip


async def test_a_file_that_is_none_leaves_nothing(console: Any, tenant: Tenant) -> None:
    owner = await console(tenant)
    answer = await send(owner, "x", head="who,what")
    assert (answer.status_code, answer.json()["code"]) == (422, "import_file")
    answer = await send(owner, head="")
    assert answer.status_code == 422
    answer = await send(owner, *[f"a@x.example,B,Gold,,{LATER},yes"] * 20_001)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/file")
    assert "20,000 lines" in answer.json()["detail"]
    answer = await send(owner, "a" * 2_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    answer = await send(owner, name="No Name")
    assert answer.status_code in (400, 422)
    listed = await owner.get(f"{owner.brand}/recommendations/card-bases")
    assert listed.json()["items"] == []


async def test_who_does_not_publish_looks_only(console: Any, tenant: Tenant) -> None:
    marketer = await console(tenant, roles=("marketer",))
    assert (await send(marketer)).json()["code"] == "permission_missing"
    listed = await marketer.get(f"{marketer.brand}/recommendations/card-bases")
    assert listed.status_code == 200

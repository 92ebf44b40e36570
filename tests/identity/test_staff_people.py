"""Who may do what to whom: owners, oneself, the last owner; all in one transaction, at once too."""

import asyncio
from typing import Any

import pytest

from guerdon.identity import staff, staff_people
from guerdon.identity.staff_errors import LastOwnerError
from guerdon.identity.staff_people import Invitation
from guerdon.kit.ids import uuid7
from guerdon.plumbing.db import WriteSession
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


def mail() -> str:
    """An address that nobody has."""
    return f"{uuid7().hex}@staff.example"


async def state(rt: Runtime, tenant: Tenant, staff_id: Any) -> tuple[str, tuple[str, ...]]:
    async with rt.db.read(tenant.id) as s:
        found = await staff.find(s, staff_id)
    assert found is not None
    return found.status, found.roles


async def test_inviting_one_or_many_or_none(rt: Runtime, tenant: Tenant, console: Any) -> None:
    olga = await console(tenant)
    first, second = mail(), mail()
    made = await olga.post(
        f"{olga.brand}/people",
        json={"people": [
            {"email": first.upper(), "roles": ["marketer", "approver"], "name": " Ana  Lima "},
            {"email": second, "roles": ["analyst"], "language": "es"},
        ]},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    ana, other = made.json()["items"]
    assert (ana["email"], ana["name"], ana["state"]) == (first, "Ana Lima", "invited")
    assert ana["roles"] == ["approver", "marketer"]
    assert ana["invitedUntil"] is not None
    assert other["name"] == second.partition("@")[0]
    third = mail()
    for bad, field, code in (
        ({"email": first, "roles": ["analyst"]}, "/people/1/email", "already_among_people"),
        ({"email": "no e-mail", "roles": ["analyst"]}, "/people/1/email", "invalid"),
        ({"email": mail(), "roles": ["king"]}, "/people/1/roles", "invalid"),
    ):
        refused = await olga.post(
            f"{olga.brand}/people", json={"people": [{"email": third, "roles": ["analyst"]}, bad]}
        )
        assert refused.status_code in (409, 422)
        assert refused.json()["code"] == code
        assert field in refused.text
    async with rt.db.read(tenant.id) as s:
        assert await staff.by_email(s, third) is None, "all of them, or none"
        sent = await s.value(
            "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND payload->>'kind' = 'invitation'"
        )
    assert sent == 2


async def test_owners_are_the_business_of_owners(rt: Runtime, tenant: Tenant, console: Any) -> None:
    olga = await console(tenant)
    adam = await console(tenant, roles=("administrator",))
    mia = await console(tenant, roles=("marketer",))
    people = f"{adam.brand}/people"
    tries = {
        "invite an owner": adam.post(
            people, json={"people": [{"email": mail(), "roles": ["owner"]}]}
        ),
        "invite an emergency account": adam.post(
            people, json={"people": [{"email": mail(), "roles": ["analyst"], "breakGlass": True}]}
        ),
        "make an owner": adam.patch(f"{people}/{mia.staff_id}/roles", json={"roles": ["owner"]}),
        "unmake an owner": adam.patch(
            f"{people}/{olga.staff_id}/roles", json={"roles": ["analyst"]}
        ),
        "suspend an owner": adam.post(f"{people}/{olga.staff_id}/suspend"),
        "remove an owner": adam.post(f"{people}/{olga.staff_id}/remove"),
        "reset an owner": adam.post(f"{people}/{olga.staff_id}/reset"),
        "end an owner's sessions": adam.post(f"{people}/{olga.staff_id}/end-sessions"),
        "flag an account": adam.patch(
            f"{people}/{mia.staff_id}/break-glass", json={"breakGlass": True}
        ),
    }
    for name, call in tries.items():
        answer = await call
        assert (answer.status_code, answer.json()["code"]) == (403, "owners_only"), name
    assert await state(rt, tenant, olga.staff_id) == ("active", ("owner",))
    assert (await olga.get(f"{olga.brand}/me")).status_code == 200
    done = await adam.patch(f"{people}/{mia.staff_id}/roles", json={"roles": ["approver"]})
    assert done.json()["roles"] == ["approver"]


async def test_nobody_changes_their_own_access(rt: Runtime, tenant: Tenant, console: Any) -> None:
    olga = await console(tenant)
    await console(tenant)
    adam = await console(tenant, roles=("administrator",))
    for who in (olga, adam):
        own = f"{who.brand}/people/{who.staff_id}"
        before = await state(rt, tenant, who.staff_id)
        for call in (
            who.patch(f"{own}/roles", json={"roles": ["analyst"]}),
            who.post(f"{own}/suspend"), who.post(f"{own}/remove"), who.post(f"{own}/reset"),
        ):  # fmt: skip
            answer = await call
            assert (answer.status_code, answer.json()["code"]) == (403, "own_roles")
        assert await state(rt, tenant, who.staff_id) == before


async def test_a_brand_keeps_an_owner(rt: Runtime, tenant: Tenant, console: Any) -> None:
    """Also against the operator's command, and an invited owner is none yet."""
    olga = await console(tenant)
    now = rt.clock.now()
    async with rt.db.write(tenant.id) as s:
        await staff_people.invite(
            s, people=[Invitation(mail(), ("owner",))], by=None, actor="cli", now=now
        )

    async def demote(s: WriteSession) -> None:
        await staff_people.set_roles(
            rt, s, staff_id=olga.staff_id, roles=["analyst"], by=None, now=now
        )

    async def suspend(s: WriteSession) -> None:
        await staff_people.suspend(rt, s, staff_id=olga.staff_id, by=None, now=now)

    async def remove(s: WriteSession) -> None:
        await staff_people.remove(rt, s, staff_id=olga.staff_id, by=None, now=now)

    for attempt in (demote, suspend, remove):
        with pytest.raises(LastOwnerError):
            async with rt.db.write(tenant.id) as s:
                await attempt(s)
    assert await state(rt, tenant, olga.staff_id) == ("active", ("owner",))


async def test_two_owners_cannot_unmake_each_other(
    rt: Runtime, make_tenant: Any, console: Any
) -> None:
    for _ in range(5):
        tenant = await make_tenant()
        olga, otto = await console(tenant), await console(tenant)
        answers = await asyncio.gather(
            olga.post(f"{olga.brand}/people/{otto.staff_id}/suspend"),
            otto.post(f"{otto.brand}/people/{olga.staff_id}/suspend"),
        )
        async with rt.db.read(tenant.id) as s:
            assert len(await staff.active_owners(s)) == 1
        assert sorted(a.status_code for a in answers)[0] == 200


async def test_the_states_of_a_person(rt: Runtime, tenant: Tenant, console: Any) -> None:
    olga = await console(tenant)
    mia = await console(tenant, roles=("marketer",))
    own = f"{olga.brand}/people/{mia.staff_id}"
    assert (await olga.post(f"{own}/restore")).json()["code"] == "person_state"
    assert (await olga.post(f"{own}/invitation")).json()["code"] == "person_state"
    assert (await olga.post(f"{own}/suspend")).json()["state"] == "suspended"
    assert (await mia.get(f"{mia.brand}/me")).status_code == 401
    assert (await olga.post(f"{own}/suspend")).json()["code"] == "person_state"
    assert (await olga.post(f"{own}/restore")).json()["state"] == "active"
    assert (await mia.get(f"{mia.brand}/me")).status_code == 401, "the old session stays over"
    assert (await olga.post(f"{own}/reset")).json()["state"] == "invited"
    left = await olga.post(f"{own}/remove")
    assert str(mia.staff_id) not in left.text
    assert (await olga.get(own)).status_code == 404
    assert (await olga.post(f"{own}/restore")).status_code == 404
    async with rt.db.read(tenant.id) as s:
        names = await staff.names(s, {mia.staff_id})
        email = await s.value(
            "SELECT email_norm FROM app.staff WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": mia.staff_id},
        )
    assert names == {mia.staff_id: "Olga Owner"}, "history reads on"
    assert email == f"removed-{mia.staff_id}"


async def test_an_emergency_account_needs_a_way_in(tenant: Tenant, console: Any) -> None:
    olga = await console(tenant)
    answer = await olga.patch(
        f"{olga.brand}/people/{olga.staff_id}/break-glass", json={"breakGlass": True}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "person_state")
    assert "passkey" in answer.json()["detail"]


async def test_the_trail_tells_what_was_done_to_whom(
    rt: Runtime, tenant: Tenant, console: Any
) -> None:
    olga = await console(tenant)
    mia = await console(tenant, roles=("marketer",), name="Mia Marketer")
    own = f"{olga.brand}/people/{mia.staff_id}"
    await olga.patch(f"{own}/roles", json={"roles": ["analyst"]})
    await olga.patch(f"{own}/roles", json={"roles": ["analyst"]})
    async with rt.db.read(tenant.id) as s:
        (summary,) = await s.all(
            str,
            "SELECT summary::text FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
            " AND action = 'staff.roles' AND actor = %(actor)s AND subject = %(subject)s",
            {"actor": f"staff:{olga.staff_id}", "subject": f"staff:{mia.staff_id}"},
        )
    assert "Mia Marketer" in summary
    assert '"before": ["marketer"]' in summary
    assert '"after": ["analyst"]' in summary


async def test_another_brands_people_do_not_exist(
    tenant: Tenant, make_tenant: Any, console: Any
) -> None:
    olga = await console(tenant)
    foreign = await console(await make_tenant())
    for path in ("suspend", "restore", "remove", "reset", "invitation", "end-sessions"):
        for staff_id in (foreign.staff_id, uuid7()):
            answer = await olga.post(f"{olga.brand}/people/{staff_id}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    assert (await foreign.get(f"{foreign.brand}/me")).status_code == 200

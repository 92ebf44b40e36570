"""Sessions at the console: made here, bound to brand and host, over when they are over, at once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.identity.people import PASSWORD, Browser, join

from guerdon.identity import staff_sessions
from guerdon.identity.keyring import digest
from guerdon.identity.staff_sessions import cookie_name
from guerdon.kit.ids import secret_token, uuid7
from guerdon.plumbing.cache import key
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

HOST = "admin.localhost"


async def test_an_id_that_we_did_not_make_is_never_adopted(tenant: Tenant, browser_at: Any) -> None:
    nora = await join(browser_at(tenant))
    planted = secret_token(32)
    victim: Browser = browser_at(tenant)
    victim.jar[cookie_name(tenant.slug)] = planted
    assert (await victim.me()).status_code == 401
    assert (await victim.sign_in(nora)).status_code == 200
    assert victim.session_cookie != planted
    thief: Browser = browser_at(tenant)
    thief.jar[cookie_name(tenant.slug)] = planted
    assert (await thief.me()).status_code == 401


async def test_a_sign_in_and_a_step_up_get_new_ids(tenant: Tenant, browser_at: Any) -> None:
    browser: Browser = browser_at(tenant)
    nora = await join(browser)
    seen = [browser.session_cookie]
    await browser.sign_in(nora)
    seen.append(browser.session_cookie)
    before = (await browser.me()).json()
    assert (
        await browser.act("POST", "/me/confirm/password", {"password": PASSWORD})
    ).status_code == 200
    seen.append(browser.session_cookie)
    after = (await browser.me()).json()
    assert before["authenticatedAt"] < after["authenticatedAt"]
    assert before["csrfToken"] != after["csrfToken"]
    assert len(set(seen)) == 3
    for old in seen[:2]:
        thief: Browser = browser_at(tenant)
        thief.jar[cookie_name(tenant.slug)] = old
        assert (await thief.me()).status_code == 401
    sessions = (await browser.call("GET", f"{browser.own}/sessions")).json()["items"]
    assert [one["current"] for one in sessions] == [True]


async def test_a_step_up_does_not_prolong(rt: Runtime, tenant: Tenant) -> None:
    now = rt.clock.now()
    _, first = await staff_sessions.start(
        rt.valkey, tenant_id=tenant.id, staff_id=uuid7(), host=HOST, method="totp",
        idle=timedelta(minutes=30), absolute=timedelta(hours=8), now=now,
    )  # fmt: skip
    later = now + timedelta(hours=5)
    token, renewed = await staff_sessions.renew(
        rt.valkey, tenant_id=tenant.id, session=first, now=later
    )
    assert (renewed.ends_at, renewed.started_at) == (first.ends_at, first.started_at)
    assert renewed.authenticated_at == later
    asked = {"tenant_id": tenant.id, "token": token, "host": HOST, "idle": timedelta(minutes=30)}
    end = first.ends_at
    assert await staff_sessions.read(rt.valkey, **asked, now=end - timedelta(seconds=1)) is not None
    assert await staff_sessions.read(rt.valkey, **asked, now=end) is None
    assert await rt.valkey.exists(key(tenant.id, "console-session", renewed.id)) == 0


async def test_limits_come_from_the_brands_parameters(
    rt: Runtime, make_tenant: Any, browser_at: Any
) -> None:
    tenant = await make_tenant(security={"console_session_length_h": 3, "console_idle_minutes": 7})
    browser: Browser = browser_at(tenant)
    await join(browser)
    (one,) = (await browser.call("GET", f"{browser.own}/sessions")).json()["items"]
    record = key(tenant.id, "console-session", digest(browser.session_cookie))
    assert 6 * 60 < await rt.valkey.ttl(record) <= 7 * 60
    started, ends = one["startedAt"], one["endsAt"]
    assert (int(ends[11:13]) - int(started[11:13])) % 24 == 3
    # Not used for seven minutes: Valkey forgets it, which is what its time to live is for.
    await rt.valkey.pexpire(record, 1)
    await asyncio.sleep(0.02)
    assert (await browser.me()).status_code == 401


async def test_a_session_of_one_brand_is_nothing_to_another(
    tenant: Tenant, make_tenant: Any, browser_at: Any
) -> None:
    other = await make_tenant()
    browser: Browser = browser_at(tenant)
    await join(browser)
    secret = browser.session_cookie
    abroad: Browser = browser_at(other)
    for jar in (
        {cookie_name(tenant.slug): secret},
        {cookie_name(other.slug): secret},
        {"__Host-session": secret},
    ):
        abroad.jar = dict(jar)
        assert (await abroad.me()).status_code == 401, jar
    assert (await browser.me()).status_code == 200


async def test_a_tossed_cookie_wins_nothing(
    tenant: Tenant, make_tenant: Any, browser_at: Any
) -> None:
    """What a sibling host can set carries no `__Host-` prefix; a second value under it is dead."""
    browser: Browser = browser_at(tenant)
    nora = await join(browser)
    attacker: Browser = browser_at(tenant)
    mallory = await join(attacker, roles=("analyst",))
    name = cookie_name(tenant.slug)
    plain = name.removeprefix("__Host-")
    for tossed in (f"{plain}={attacker.session_cookie}", f"console={attacker.session_cookie}"):
        line = f"{tossed}; {name}={browser.session_cookie}"
        answer = await browser.call("GET", f"{browser.own}/me", cookie=line)
        assert answer.json()["id"] == str(nora.id)
        answer = await browser.call("GET", f"{browser.own}/me", cookie=tossed)
        assert answer.status_code == 401
    assert mallory.id != nora.id


async def test_revoking_works_at_once(tenant: Tenant, browser_at: Any) -> None:
    here, there, third = browser_at(tenant), browser_at(tenant), browser_at(tenant)
    nora = await join(here)
    await there.sign_in(nora)
    await third.sign_in(nora, nora.recovery[0])
    listed = (await here.call("GET", f"{here.own}/sessions")).json()["items"]
    assert len(listed) == 3
    ended = await here.act("DELETE", f"/sessions/{digest(there.session_cookie)}")
    assert [one["id"] for one in ended.json()["items"]].count(digest(there.session_cookie)) == 0
    assert (await there.me()).status_code == 401
    assert (await here.act("DELETE", "/sessions")).status_code == 200
    assert (await third.me()).status_code == 401
    assert (await here.me()).status_code == 200
    assert (await here.act("POST", "/sign-out")).status_code == 200
    assert here.session_cookie == ""


async def test_nobody_ends_a_colleagues_session_by_its_name(
    tenant: Tenant, browser_at: Any
) -> None:
    here, there = browser_at(tenant), browser_at(tenant)
    await join(here)
    await join(there, roles=("analyst",))
    answer = await here.act("DELETE", f"/sessions/{digest(there.session_cookie)}")
    assert answer.status_code == 404
    assert (await there.me()).status_code == 200


@pytest.mark.parametrize("by", ["end-sessions", "suspend", "roles", "remove", "reset"])
async def test_an_owner_ends_anybodys_sessions_at_once(
    rt: Runtime, tenant: Tenant, browser_at: Any, by: str
) -> None:
    owner, colleague = browser_at(tenant), browser_at(tenant)
    await join(owner)
    nora = await join(colleague, roles=("marketer",))
    secret = colleague.session_cookie
    record = await rt.valkey.get(key(tenant.id, "console-session", digest(secret)))
    assert record is not None
    body = {"roles": ["analyst"]} if by == "roles" else None
    method = "PATCH" if by == "roles" else "POST"
    answer = await owner.act(method, f"/people/{nora.id}/{by}", body)
    assert answer.status_code == 200, answer.text
    assert (await colleague.me()).status_code == 401
    # A record that comes back (a restored Valkey, a process that was slow) opens nothing either.
    await rt.valkey.set(key(tenant.id, "console-session", digest(secret)), record)
    assert (await colleague.me()).status_code == 401
    if by in {"end-sessions", "roles"}:
        assert (await colleague.sign_in(nora)).status_code == 200
    else:
        assert (await colleague.sign_in(nora)).status_code == 401


async def test_a_new_password_leaves_this_session_only(tenant: Tenant, browser_at: Any) -> None:
    here, there = browser_at(tenant), browser_at(tenant)
    nora = await join(here)
    await there.sign_in(nora)
    old = here.session_cookie
    changed = await here.act("POST", "/me/password", {"password": "Slow-Orchard-Bridge-71"})
    assert changed.status_code == 200, changed.text
    assert here.session_cookie != old
    assert (await here.me()).status_code == 200
    assert (await there.me()).status_code == 401


async def test_a_risky_step_asks_for_a_fresh_proof(
    rt: Runtime, make_tenant: Any, browser_at: Any
) -> None:
    tenant = await make_tenant(security={"step_up_minutes": 1, "tries_per_account_h": 100})
    browser: Browser = browser_at(tenant)
    nora = await join(browser)

    async def age() -> None:
        token = browser.session_cookie
        session = await staff_sessions.peek(rt.valkey, tenant_id=tenant.id, token=token, host=HOST)
        assert session is not None
        browser.jar[cookie_name(tenant.slug)], _ = await staff_sessions.renew(
            rt.valkey, tenant_id=tenant.id, session=session,
            now=session.authenticated_at - timedelta(minutes=2),
        )  # fmt: skip
        await browser.me()

    async with rt.db.write(tenant.id) as s:
        await s.execute("UPDATE app.staff SET sessions_from = NULL WHERE tenant_id = %(tenant_id)s")
    for path, proof in (
        ("code", {"code": nora.code}), ("code", {"code": lambda: nora.recovery[0]}),
        ("password", {"password": lambda: PASSWORD}),
    ):  # fmt: skip
        await age()
        refused = await browser.act("POST", "/me/recovery-codes")
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
        wrong = dict.fromkeys(proof, "000000")
        assert (await browser.act("POST", f"/me/confirm/{path}", wrong)).status_code in (401, 422)
        assert (await browser.act("POST", "/me/recovery-codes")).status_code == 403
        given = {name: make() for name, make in proof.items()}
        confirmed = await browser.act("POST", f"/me/confirm/{path}", given)
        assert confirmed.status_code == 200, confirmed.text
        allowed = await browser.act("POST", "/me/recovery-codes")
        assert allowed.status_code == 200
        nora.recovery = allowed.json()["recoveryCodes"]


async def test_secrets_stand_nowhere_as_they_are(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    """Neither the database nor Valkey holds a password, a session, an app's key or a code."""
    browser: Browser = browser_at(tenant)
    nora = await join(browser)
    await browser.sign_in(nora)
    codes = (await browser.act("POST", "/me/recovery-codes")).json()["recoveryCodes"]
    planted = [PASSWORD, nora.key, browser.session_cookie, *codes, *nora.recovery]
    async with rt.db.read(tenant.id) as s:
        for table in (
            "staff", "staff_password", "staff_totp", "staff_recovery_code", "staff_passkey",
            "staff_link", "outbox", "audit_entry", "idempotency",
        ):  # fmt: skip
            rows = await s.all(
                str, f"SELECT t::text FROM app.{table} t WHERE tenant_id = %(tenant_id)s"
            )
            for row in rows:
                assert not [one for one in planted if one in row], table
    kept = [k async for k in rt.valkey.scan_iter(f"g:{tenant.id}:*")]
    for name in kept:
        kind = await rt.valkey.type(name)
        value = await rt.valkey.get(name) if kind == b"string" else b""
        assert not [one for one in planted if one.encode() in name + (value or b"")], name


async def test_roles_are_read_with_each_request(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    browser: Browser = browser_at(tenant)
    await join(browser_at(tenant))
    nora = await join(browser, roles=("administrator",))
    assert (await browser.call("GET", f"{browser.own}/people")).status_code == 200
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.staff SET roles = '{analyst}'"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": nora.id},
        )
    assert (await browser.call("GET", f"{browser.own}/people")).status_code == 403

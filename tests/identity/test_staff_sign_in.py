"""Signing in to the console by password and code: every step proves, nothing tells who is known."""

import time
from typing import Any

import pytest
from tests.identity.people import PASSWORD, Browser, account, invite, join

from guerdon.audit import queries as audit
from guerdon.identity import passwords, staff_people, staff_sessions, totp
from guerdon.identity.errors import SignInRefusedError
from guerdon.identity.staff_sign_in import Caller, admit
from guerdon.plumbing import db
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


async def test_password_and_code_let_in(rt: Runtime, tenant: Tenant, browser_at: Any) -> None:
    nora = await join(browser_at(tenant), roles=("marketer",))
    browser: Browser = browser_at(tenant)
    first = await browser.step("password", {"email": nora.email, "password": PASSWORD})
    assert first.status_code == 200
    assert browser.session_cookie == "", "a password alone opens nothing"
    assert (await browser.me()).status_code == 401
    body = {"ticket": first.json()["ticket"], "code": nora.code()}
    second = await browser.step("code", body)
    assert second.status_code == 200, second.text
    me = (await browser.me()).json()
    assert (me["id"], me["roles"]) == (str(nora.id), ["marketer"])
    again = await browser.step("code", body | {"code": nora.code()})
    assert (again.status_code, again.json()["code"]) == (401, "sign_in_expired")
    found = await account(rt, tenant, nora.id)
    assert found.last_sign_in_method == "totp"


async def test_a_code_is_good_once_and_near_its_time(make_tenant: Any, browser_at: Any) -> None:
    tenant = await make_tenant(security={"tries_per_account_h": 100})
    for _ in range(5):
        began = _step()
        tries = await _tries_around_now(browser_at, tenant)
        # Codes are of the real time: once more if the minute hand moved on between them.
        if _step() == began:
            break
    assert tries == {
        "far ahead": 422,
        "far behind": 422,
        "ahead": 200,
        "replayed": 422,
        # In sight when the later one was given, so it is used up, too.
        "earlier": 422,
    }


def _step() -> int:
    return int(time.time()) // totp.STEP_S


async def _tries_around_now(browser_at: Any, tenant: Tenant) -> dict[str, int]:
    nora = await join(browser_at(tenant))
    steps = {"far ahead": 2, "far behind": -2, "ahead": 1, "replayed": 1, "earlier": 0}
    codes = {name: nora.code(steps=away) for name, away in steps.items()}
    tries: dict[str, int] = {}
    for name, code in codes.items():
        answer = await browser_at(tenant).sign_in(nora, code)
        tries[name] = answer.status_code
        if answer.status_code != 200:
            assert answer.json()["code"] == "code_refused"
    return tries


async def test_a_recovery_code_opens_once(tenant: Tenant, browser_at: Any) -> None:
    nora = await join(browser_at(tenant))
    assert len(nora.recovery) == 10
    browser = browser_at(tenant)
    assert (await browser.sign_in(nora, nora.recovery[0].lower())).status_code == 200
    security = (await browser.call("GET", f"{browser.own}/me/security")).json()
    assert security["recoveryCodesLeft"] == 9
    again = await browser_at(tenant).sign_in(nora, nora.recovery[0])
    assert (again.status_code, again.json()["code"]) == (422, "code_refused")
    assert (await browser_at(tenant).sign_in(nora, nora.recovery[1])).status_code == 200


async def test_nobody_learns_who_works_here(rt: Runtime, tenant: Tenant, browser_at: Any) -> None:
    nora = await join(browser_at(tenant))
    _, waiting, _ = await invite(rt, tenant)
    gone = await join(browser_at(tenant), roles=("analyst",))
    async with rt.db.write(tenant.id) as s:
        await staff_people.suspend(rt, s, staff_id=gone.id, by=None, now=rt.clock.now())
    wrong = ("nobody@staff.example", waiting, gone.email, nora.email, "no e-mail")
    answers = []
    for email in wrong:
        answer = await browser_at(tenant).step(
            "password",
            {"email": email, "password": PASSWORD + ("x" if email == nora.email else "")},
        )
        body = answer.json()
        answers.append((answer.status_code, body["code"], body["detail"], body["title"]))
    assert len(set(answers)) == 1, answers
    assert answers[0][:2] == (401, "sign_in_refused")
    async with rt.db.read(tenant.id) as s:
        told = await s.all(
            str,
            "SELECT subject FROM app.audit_entry"
            " WHERE tenant_id = %(tenant_id)s AND action = 'sign_in.refused'",
        )
    assert len(told) == 4, "known or not, a try is told; what is no e-mail is none"


async def test_unknown_and_known_cost_the_same_work(
    tenant: Tenant, browser_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statements and argon2 runs are counted: clocks on a shared machine prove little."""
    nora = await join(browser_at(tenant))
    counted: list[str] = []
    verify, run = passwords.verify, db.ReadSession._run

    async def counting_verify(stored: str | None, password: str) -> bool:
        counted.append("argon2")
        return await verify(stored, password)

    async def counting_run(self: Any, sql: str, params: Any) -> Any:
        counted.append(" ".join(sql.split())[:60])
        return await run(self, sql, params)

    monkeypatch.setattr(passwords, "verify", counting_verify)
    monkeypatch.setattr(db.ReadSession, "_run", counting_run)
    work = []
    for email in (nora.email, "nobody@staff.example"):
        counted.clear()
        await browser_at(tenant).step("password", {"email": email, "password": "wrong-password-1"})
        work.append(list(counted))
    assert "argon2" in work[0]
    assert work[0] == work[1]


async def test_tries_end_for_strangers_and_not_for_the_person(
    make_tenant: Any, browser_at: Any
) -> None:
    tenant = await make_tenant(security={"tries_per_account_h": 6, "tries_per_address_h": 1000})
    home: Browser = browser_at(tenant)
    nora = await join(home)
    stranger = browser_at(tenant)
    wrong = {"email": nora.email, "password": "guess-guess-guess"}
    codes = [(await stranger.step("password", wrong)).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    assert (await browser_at(tenant).step("password", wrong)).status_code == 429
    right = {"email": nora.email, "password": PASSWORD}
    assert (await home.step("password", right)).status_code == 200
    other = {"email": "somebody.else@staff.example", "password": "guess-guess-guess"}
    assert (await stranger.step("password", other)).status_code == 401


async def test_tries_end_for_an_address(make_tenant: Any, browser_at: Any) -> None:
    tenant = await make_tenant(security={"tries_per_account_h": 1000, "tries_per_address_h": 6})
    stranger = browser_at(tenant)
    codes = [
        (
            await stranger.step(
                "password", {"email": f"p{i}@staff.example", "password": "guess-guess-guess"}
            )
        ).status_code
        for i in range(5)
    ]
    assert codes == [401, 401, 401, 429, 429]


async def test_codes_are_counted_too(make_tenant: Any, browser_at: Any) -> None:
    tenant = await make_tenant(security={"tries_per_account_h": 6, "tries_per_address_h": 1000})
    nora = await join(browser_at(tenant))
    browser = browser_at(tenant)
    first = await browser.step("password", {"email": nora.email, "password": PASSWORD})
    ticket = first.json()["ticket"]
    codes = [
        (await browser.step("code", {"ticket": ticket, "code": f"{i:06d}"})).status_code
        for i in range(5)
    ]
    assert codes[-1] == 429
    assert 422 in codes


async def test_a_ticket_belongs_to_its_browser_and_brand(
    tenant: Tenant, make_tenant: Any, browser_at: Any
) -> None:
    nora = await join(browser_at(tenant))
    browser: Browser = browser_at(tenant)
    first = await browser.step("password", {"email": nora.email, "password": PASSWORD})
    body = {"ticket": first.json()["ticket"], "code": nora.code()}
    thief = browser_at(tenant)
    assert (await thief.step("code", body)).json()["code"] == "sign_in_expired"
    abroad = browser_at(await make_tenant())
    abroad.jar = dict(browser.jar)
    assert (await abroad.step("code", body)).json()["code"] == "sign_in_expired"
    assert (await browser.step("code", body)).status_code == 200


async def test_what_ended_access_ends_a_sign_in_under_way(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    nora = await join(browser_at(tenant))
    browser: Browser = browser_at(tenant)
    first = await browser.step("password", {"email": nora.email, "password": PASSWORD})
    somebody = await join(browser_at(tenant))
    async with rt.db.write(tenant.id) as s:
        await staff_people.set_roles(
            rt, s, staff_id=somebody.id, roles=["analyst"], by=None,
            now=rt.clock.now(),
        )  # fmt: skip
        await s.execute(
            "UPDATE app.staff SET sessions_from = %(now)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": nora.id, "now": rt.clock.now()},
        )
    late = await browser.step("code", {"ticket": first.json()["ticket"], "code": nora.code()})
    assert (late.status_code, late.json()["code"]) == (401, "sign_in_expired")
    assert browser.session_cookie == ""


async def test_the_emergency_account_tells_every_owner(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    owners = {(await join(browser_at(tenant))).id for _ in range(2)}
    glass = await join(browser_at(tenant), roles=("administrator",), break_glass=True)
    assert (await browser_at(tenant).sign_in(glass)).status_code == 200
    async with rt.db.read(tenant.id) as s:
        letters = await s.all(
            str,
            "SELECT payload->>'staff_id' FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND topic = 'identity.send_staff_letter' AND payload->>'kind' = 'break_glass'",
        )
        told = await audit.search(s, action="sign_in.break_glass")
    # Once for the first sign-in by invitation, once for this one.
    assert sorted(letters) == sorted([str(owner) for owner in owners] * 2)
    assert [one.subject for one in told] == [f"staff:{glass.id}"] * 2


async def test_only_an_active_account_is_admitted(rt: Runtime, tenant: Tenant) -> None:
    staff_id, _, _ = await invite(rt, tenant)
    caller = Caller("browser", "admin.localhost", "198.51.100.7")
    now = rt.clock.now()
    snapshot = await rt.snapshot(tenant.id, now)
    async with rt.db.write(tenant.id) as s:
        with pytest.raises(SignInRefusedError):
            await admit(
                rt, s, snapshot=snapshot, staff_id=staff_id, method="sso", caller=caller, now=now
            )
    listed = await staff_sessions.listing(
        rt.valkey, tenant_id=tenant.id, staff_id=staff_id, now=now
    )
    assert listed == []

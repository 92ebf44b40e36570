"""Invitations and links for a new password: by mail, once, in time, and nobody learns whose."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests import calls
from tests.identity.authenticator import Authenticator
from tests.identity.people import PASSWORD, Browser, Somebody, account, invite, join

from guerdon.identity import staff_links, staff_people
from guerdon.identity.errors import WeakPasswordError
from guerdon.identity.staff_arrival import behind
from guerdon.identity.staff_errors import LinkRefusedError
from guerdon.plumbing.runner import Runner
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

NEW = "Slow-Orchard-Bridge-71"


async def deliver(worker_rt: Runtime, tenant: Tenant) -> None:
    """Work off what the tenant's outbox holds."""
    runner = Runner(worker_rt, all_handlers())
    async with worker_rt.db.read(tenant.id) as s:
        waiting = await s.all(
            UUID,
            "SELECT id FROM app.outbox WHERE tenant_id = %(tenant_id)s AND done_at IS NULL",
        )
    for message in waiting:
        await runner.run(tenant.id, message)


def letters_to(mailbox: Any, email: str) -> list[dict[str, Any]]:
    """What the mailbox has for somebody."""
    found = calls.get(f"{mailbox.url}/api/messages").json()["items"]
    return [one for one in found if email in str(one["to"])]


async def test_an_invitation_comes_by_mail_and_opens_once(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant, browser_at: Any, mailbox_peer: Any
) -> None:
    staff_id, email, token = await invite(rt, tenant, language="pt-BR")
    await deliver(worker_rt, tenant)
    (letter,) = letters_to(mailbox_peer, email)
    assert "console" in letter["subject"]
    (link,) = set(re.findall(rf"http://admin\.localhost/{tenant.slug}/sign-in/link#(\S+?)[\s\"<]",
                             letter["text"] + " "))  # fmt: skip
    assert link == token
    browser: Browser = browser_at(tenant)
    looked = (await browser.step("link", {"token": token})).json()
    assert (looked["purpose"], looked["email"]) == ("invitation", email)
    body = {"token": token, "password": PASSWORD}
    first = (await browser.step("link/password", body)).json()
    assert first["key"] in first["address"]
    assert first["picture"]["path"].startswith("M")
    nora = Somebody(staff_id, email, first["key"], [])
    wrong = await browser.step("link/code", {"token": token, "code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "code_refused")
    assert (await account(rt, tenant, staff_id)).status == "invited"
    opened = await browser.step("link/code", {"token": token, "code": nora.code()})
    assert len(opened.json()["recoveryCodes"]) == 10
    assert (await account(rt, tenant, staff_id)).status == "active"
    for path, more in (
        ("link", {}), ("link/password", {"password": NEW}), ("link/code", {"code": "123456"}),
        ("link/reset", {"password": NEW}), ("link/passkey/options", {}),
    ):  # fmt: skip
        used = await browser_at(tenant).step(path, {"token": token} | more)
        assert (used.status_code, used.json()["code"]) == (422, "link_refused"), path


async def test_two_at_once_use_a_link_once(rt: Runtime, tenant: Tenant, browser_at: Any) -> None:
    _, _, token = await invite(rt, tenant)

    async def arrive() -> int:
        browser = browser_at(tenant)
        asked = (await browser.step("link/passkey/options", {"token": token})).json()
        made = Authenticator("http://admin.localhost").create(asked["options"])
        body = {"token": token, "ticket": asked["ticket"], "credential": made, "name": ""}
        return int((await browser.step("link/passkey", body)).status_code)

    codes = await asyncio.gather(*[arrive() for _ in range(5)])
    assert sorted(codes) == [200, 422, 422, 422, 422]


async def test_a_link_ends_by_time_by_a_new_one_and_by_taking_it_back(
    rt: Runtime, tenant: Tenant
) -> None:
    staff_id, _, token = await invite(rt, tenant)
    now = rt.clock.now()
    async with rt.db.read(tenant.id) as s:
        last = now + timedelta(days=7) - timedelta(minutes=1)
        assert (await behind(s, rt, token=token, now=last)).staff.id == staff_id
        with pytest.raises(LinkRefusedError):
            await behind(s, rt, token=token, now=now + timedelta(days=7))
    async with rt.db.write(tenant.id) as s:
        await staff_people.resend(s, staff_id=staff_id, by=None, actor="cli", now=now)
        with pytest.raises(LinkRefusedError):
            await behind(s, rt, token=token, now=now)
    other, _, second = await invite(rt, tenant)
    async with rt.db.write(tenant.id) as s:
        await staff_people.remove(rt, s, staff_id=other, by=None, now=now)
        with pytest.raises(LinkRefusedError):
            await behind(s, rt, token=second, now=now)


async def test_a_link_cannot_be_made_up_or_carried_over(
    rt: Runtime, tenant: Tenant, make_tenant: Any
) -> None:
    _, _, token = await invite(rt, tenant)
    link, _, code = token.partition(".")
    other = await make_tenant()
    _, _, foreign = await invite(rt, other)
    made_up = [
        f"{link}.{'A' * 43}", f"{link}.{foreign.partition('.')[2]}", f"{link}.", code, "", "." * 76,
        f"{foreign.partition('.')[0]}.{code}", token.upper(), token + "A", foreign,
    ]  # fmt: skip
    async with rt.db.read(tenant.id) as s:
        for one in made_up:
            with pytest.raises(LinkRefusedError):
                await staff_links.find(s, rt.settings, token=one, now=rt.clock.now())


async def test_a_weak_password_is_named_and_costs_nothing(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    _, _, token = await invite(rt, tenant)
    browser = browser_at(tenant)
    for weak in ("short", "password123456", "aaaaaaaaaaaa", "Nora-Novak-1", "qwertyuiop12"):
        answer = await browser.step("link/password", {"token": token, "password": weak})
        assert (answer.status_code, answer.json()["code"]) == (422, WeakPasswordError.code), weak
        assert "password" in answer.text
    good = await browser.step("link/password", {"token": token, "password": PASSWORD})
    assert good.status_code == 200


async def test_a_forgotten_password_is_replaced_and_the_code_still_asked(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    home: Browser = browser_at(tenant)
    nora = await join(home)
    browser: Browser = browser_at(tenant)
    _, waiting, _ = await invite(rt, tenant)
    answers = [
        await browser.step("forgotten", {"email": email})
        for email in (nora.email, waiting, "nobody@staff.example", "no e-mail")
    ]
    assert len({(a.status_code, a.text) for a in answers}) == 1
    async with rt.db.read(tenant.id) as s:
        (link,) = await s.all(
            UUID,
            "SELECT id FROM app.staff_link WHERE tenant_id = %(tenant_id)s AND purpose = 'reset'",
        )
    token = staff_links.token(rt.settings, tenant.id, link)
    asked = await browser.step("link/reset", {"token": token, "password": NEW})
    assert asked.status_code == 200, asked.text
    assert browser.session_cookie == "", "the second step is asked all the same"
    assert (await home.me()).status_code == 401, "every session ended"
    old = await browser_at(tenant).sign_in(nora)
    assert old.json()["code"] == "sign_in_refused"
    body = {"ticket": asked.json()["ticket"], "code": nora.code()}
    assert (await browser.step("code", body)).status_code == 200
    again = await browser.step("link/reset", {"token": token, "password": PASSWORD})
    assert again.json()["code"] == "link_refused"


async def test_a_link_for_one_purpose_serves_no_other(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    browser: Browser = browser_at(tenant)
    nora = await join(browser)
    async with rt.db.write(tenant.id) as s:
        reset = await staff_links.create(
            s, staff_id=nora.id, purpose=staff_links.RESET, created_by="self", now=rt.clock.now()
        )
    token = staff_links.token(rt.settings, tenant.id, reset)
    for path, more in (
        ("link/password", {"password": NEW}), ("link/passkey/options", {}),
    ):  # fmt: skip
        answer = await browser_at(tenant).step(path, {"token": token} | more)
        assert answer.json()["code"] == "link_refused", path

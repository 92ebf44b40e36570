"""Passkeys: two factors in one, for this host alone; copies, strangers and old answers are out."""

from typing import Any

import pytest
from tests.identity.authenticator import Authenticator
from tests.identity.people import Browser, invite, join

from guerdon.audit import queries as audit
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

ORIGIN = "http://admin.localhost"


async def enrol(browser: Browser, device: Authenticator, **lies: Any) -> Any:
    """Add a passkey to whoever is signed in here."""
    asked = (await browser.act("POST", "/me/passkeys/options")).json()
    made = device.create(asked["options"], **lies)
    return await browser.act(
        "POST", "/me/passkeys", {"ticket": asked["ticket"], "credential": made, "name": "Phone"}
    )


async def enter(browser: Browser, device: Authenticator, **lies: Any) -> Any:
    """Sign in by passkey."""
    asked = (await browser.step("passkey/options")).json()
    answered = device.get(asked["options"], **lies)
    body = {"ticket": asked["ticket"], "credential": answered}
    answer = await browser.step("passkey", body)
    if answer.status_code == 200:
        await browser.me()
    return answer


@pytest.fixture
async def holder(tenant: Tenant, browser_at: Any) -> tuple[Any, Authenticator]:
    """Somebody with a passkey, and the device that holds it."""
    home = browser_at(tenant)
    nora = await join(home)
    device = Authenticator(ORIGIN)
    added = await enrol(home, device)
    assert added.status_code == 201, added.text
    return nora, device


async def test_a_passkey_alone_lets_in(tenant: Tenant, browser_at: Any, holder: Any) -> None:
    nora, device = holder
    browser = browser_at(tenant)
    asked = (await browser.step("passkey/options")).json()
    assert asked["options"]["allowCredentials"] == [], "it names nobody's keys"
    assert asked["options"]["userVerification"] == "required"
    assert asked["options"]["rpId"] == "admin.localhost"
    assert (await enter(browser, device)).status_code == 200
    assert (await browser.me()).json()["id"] == str(nora.id)
    assert (await enter(browser_at(tenant), device)).status_code == 200


async def test_an_invitation_is_taken_up_by_passkey(
    rt: Runtime, tenant: Tenant, browser_at: Any
) -> None:
    _, _, token = await invite(rt, tenant)
    browser, device = browser_at(tenant), Authenticator(ORIGIN)
    asked = (await browser.step("link/passkey/options", {"token": token})).json()
    assert asked["options"]["authenticatorSelection"]["residentKey"] == "required"
    body = {
        "token": token, "ticket": asked["ticket"], "name": "Laptop",
        "credential": device.create(asked["options"]),
    }  # fmt: skip
    assert (await browser.step("link/passkey", body)).status_code == 200
    assert (await browser.me()).status_code == 200
    again = await browser_at(tenant).step("link", {"token": token})
    assert again.json()["code"] == "link_refused"
    assert (await enter(browser_at(tenant), device)).status_code == 200


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "http://admin.localhost.evil.example"},
        {"origin": "https://admin.localhost"},
        {"rp_id": "localhost"},
        {"rp_id": "evil.example"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"type": "webauthn.create"},
        {"signature": b"\x30\x06\x02\x01\x01\x02\x01\x01"},
    ],
    ids=str,
)
async def test_an_answer_for_elsewhere_is_refused(
    tenant: Tenant, browser_at: Any, holder: Any, lie: dict[str, Any]
) -> None:
    _, device = holder
    browser = browser_at(tenant)
    answer = await enter(browser, device, **lie)
    assert (answer.status_code, answer.json()["code"]) == (401, "passkey_refused")
    assert browser.session_cookie == ""


@pytest.mark.parametrize("lie", [{"origin": "http://evil.example"}, {"rp_id": "evil.example"}])
async def test_a_key_made_for_elsewhere_is_not_taken(
    tenant: Tenant, browser_at: Any, lie: dict[str, Any]
) -> None:
    browser = browser_at(tenant)
    await join(browser)
    answer = await enrol(browser, Authenticator(ORIGIN), **lie)
    assert answer.json()["code"] == "passkey_refused"
    listed = (await browser.call("GET", f"{browser.own}/me/security")).json()
    assert listed["passkeys"] == []


async def test_the_person_is_verified(tenant: Tenant, browser_at: Any, holder: Any) -> None:
    _, device = holder
    device.verifies_user = False
    assert (await enter(browser_at(tenant), device)).json()["code"] == "passkey_refused"
    browser = browser_at(tenant)
    await join(browser)
    answer = await enrol(browser, Authenticator(ORIGIN, verifies_user=False))
    assert answer.json()["code"] == "passkey_refused"


async def test_a_copied_key_is_blocked_and_told(
    rt: Runtime, tenant: Tenant, browser_at: Any, holder: Any
) -> None:
    nora, device = holder
    assert (await enter(browser_at(tenant), device, count=5)).status_code == 200
    copy = await enter(browser_at(tenant), device, count=5)
    assert copy.json()["code"] == "passkey_refused"
    original = await enter(browser_at(tenant), device, count=9)
    assert original.json()["code"] == "passkey_refused", "which of the two is the copy?"
    async with rt.db.read(tenant.id) as s:
        told = await audit.search(s, action="sign_in.refused")
        letters = await s.value(
            "SELECT count(*) FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND payload->>'kind' = 'passkey_blocked' AND payload->>'staff_id' = %(id)s",
            {"id": str(nora.id)},
        )
    assert [one.summary.get("reason") for one in told] == [None, "copied"]
    assert letters == 1


async def test_a_synchronised_key_counts_nothing(tenant: Tenant, browser_at: Any) -> None:
    home = browser_at(tenant)
    await join(home)
    device = Authenticator(ORIGIN, counts=False)
    await enrol(home, device)
    for _ in range(3):
        assert (await enter(browser_at(tenant), device)).status_code == 200


async def test_an_answer_is_good_once_and_in_its_browser(
    tenant: Tenant, make_tenant: Any, browser_at: Any, holder: Any
) -> None:
    _, device = holder
    browser = browser_at(tenant)
    asked = (await browser.step("passkey/options")).json()
    body = {"ticket": asked["ticket"], "credential": device.get(asked["options"])}
    assert (await browser_at(tenant).step("passkey", body)).json()["code"] == "passkey_refused"
    # Whoever shows a ticket uses it up.
    assert (await browser.step("passkey", body)).json()["code"] == "passkey_refused"
    assert (await enter(browser, device)).status_code == 200
    assert (await enter(browser_at(await make_tenant()), device)).json()["code"] == (
        "passkey_refused"
    )


async def test_a_question_of_one_kind_answers_no_other(
    tenant: Tenant, browser_at: Any, holder: Any
) -> None:
    _, device = holder
    browser = browser_at(tenant)
    await enter(browser, device)
    asked = (await browser.step("passkey/options")).json()
    body = {"ticket": asked["ticket"], "credential": device.get(asked["options"])}
    step_up = await browser.act("POST", "/me/confirm/passkey", body)
    assert step_up.json()["code"] == "passkey_refused"
    asked = (await browser.act("POST", "/me/confirm/passkey/options")).json()
    body = {"ticket": asked["ticket"], "credential": device.get(asked["options"])}
    assert (await browser.step("passkey", body)).json()["code"] == "passkey_refused"


async def test_a_colleagues_key_confirms_nothing(
    tenant: Tenant, browser_at: Any, holder: Any
) -> None:
    _, device = holder
    browser = browser_at(tenant)
    await join(browser, roles=("analyst",))
    asked = (await browser.act("POST", "/me/confirm/passkey/options")).json()
    body = {"ticket": asked["ticket"], "credential": device.get(asked["options"])}
    answer = await browser.act("POST", "/me/confirm/passkey", body)
    assert answer.json()["code"] == "passkey_refused"


async def test_the_last_way_in_stays(tenant: Tenant, browser_at: Any, holder: Any) -> None:
    nora, device = holder
    browser = browser_at(tenant)
    await browser.sign_in(nora)
    (key,) = (await browser.call("GET", f"{browser.own}/me/security")).json()["passkeys"]
    assert (await browser.act("DELETE", "/me/totp")).status_code == 200
    refused = await browser.act("DELETE", f"/me/passkeys/{key['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_way_in")
    security = (await browser.call("GET", f"{browser.own}/me/security")).json()
    assert len(security["passkeys"]) == 1
    assert (await enter(browser_at(tenant), device)).status_code == 200
    # A password without its second factor opens nothing.
    assert (await browser_at(tenant).sign_in(nora)).json()["code"] == "sign_in_refused"

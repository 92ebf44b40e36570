"""Every changing call × every way in which another site could try to make it: none is accepted."""

from typing import Any

import pytest
from tests.admin_api.routes import calls

from guerdon.app import Application
from guerdon.kit.ids import uuid7
from guerdon.runtime import Runtime

OWN = "http://admin.localhost"
EVIL = "https://evil.example"
# As browsers send them; the last three are of browsers without fetch metadata.
ATTACKS: dict[str, dict[str, str]] = {
    "no token": {"sec-fetch-site": "same-origin", "x-csrf-token": ""},
    "another session's token": {"sec-fetch-site": "same-origin", "x-csrf-token": "OTHER"},
    "cross-site": {"sec-fetch-site": "cross-site", "origin": EVIL},
    "cross-site, no cors": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
    "same-site sibling": {"sec-fetch-site": "same-site", "origin": "http://aurora.localhost"},
    "typed address": {"sec-fetch-site": "none"},
    "form as text": {
        "sec-fetch-site": "cross-site", "origin": EVIL, "content-type": "text/plain",
    },
    "form as text, same site": {
        "sec-fetch-site": "same-site", "origin": "http://aurora.localhost",
        "content-type": "text/plain",
    },
    "null origin": {"origin": "null"},
    "another origin": {"origin": EVIL},
    "nothing told": {},
}  # fmt: skip


async def entries(rt: Runtime, tenant: Any) -> int:
    """How long the house's trail is."""
    async with rt.db.read(tenant.id) as s:
        sql = "SELECT count(*) FROM app.audit_entry WHERE tenant_id = %(tenant_id)s"
        return int(await s.value(sql))


@pytest.mark.parametrize("house", ["brand", "platform"])
async def test_no_other_site_changes_anything(
    application: Application, console: Any, make_tenant: Any, operator: Any, rt: Runtime,
    house: str,
) -> None:  # fmt: skip
    of_platform = house == "platform"
    tenant = operator if of_platform else await make_tenant()
    before = await entries(rt, tenant)
    client = await console(tenant)
    colleague = await console(tenant)
    changing = [
        c for c in calls(application.litestar)
        if c.method != "GET" and c.of_platform == of_platform
    ]  # fmt: skip
    assert len(changing) > (8 if of_platform else 30)
    accepted = []
    for call in changing:
        for name, headers in ATTACKS.items():
            by_token = "token" in name
            if call.permission == "public" and by_token:
                continue
            # Cross-site attempts even hold a good token: metadata alone has to stop them.
            sent = {
                "content-type": "application/json", "idempotency-key": str(uuid7()),
                "x-csrf-token": client.csrf_token, **headers,
            }  # fmt: skip
            if sent["x-csrf-token"] == "OTHER":
                sent["x-csrf-token"] = colleague.csrf_token
            answer = await super(type(client), client).request(
                call.method, call.address(tenant.slug), content=b"{}", headers=sent
            )
            if (answer.status_code, answer.json().get("code")) != (403, "cross_site"):
                accepted.append(f"{name}: {call.operation} -> {answer.status_code}")
    assert accepted == []
    assert (await client.get(f"{client.brand}/me")).status_code == 200
    assert await entries(rt, tenant) == before


async def test_a_form_of_another_site_does_not_sign_anybody_in(
    application: Application, console: Any, tenant: Any
) -> None:
    """A page that could sign a victim in to the attacker's account would read what they enter."""
    client = await console(tenant)
    for call in calls(application.litestar):
        if call.permission != "public" or call.method == "GET":
            continue
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = await super(type(client), client).request(
                call.method, call.address(tenant.slug), content=b'{"email": "a@b.example"}',
                headers={"sec-fetch-site": "same-origin", "content-type": kind},
            )  # fmt: skip
            assert answer.json().get("code") == "cross_site", (call.operation, kind)


async def test_our_own_page_is_let_through(console: Any, tenant: Any) -> None:
    client = await console(tenant)
    for headers in (
        {"sec-fetch-site": "same-origin", "origin": OWN},
        {"sec-fetch-site": "same-origin"},
    ):
        answer = await client.request(
            "PATCH", f"{client.brand}/me/preferences", json={"appearance": "dark"}, headers=headers
        )
        assert answer.status_code == 200, answer.text

"""The console's door: whose session counts, and for what."""

from typing import Any

import pytest

from guerdon.identity import staff_sessions
from guerdon.runtime import Runtime


async def test_me_tells_who_is_signed_in(console: Any, tenant: Any) -> None:
    olga = await console(tenant, roles=("marketer",))
    answer = await olga.get(f"{olga.brand}/me")
    assert answer.status_code == 200, answer.text
    me = answer.json()
    assert (me["id"], me["roles"]) == (str(olga.staff_id), ["marketer"])
    assert me["areas"] == ["brand", "commercial"]
    assert "parameters:publish" not in me["permissions"]
    assert me["brand"]["slug"] == tenant.slug
    assert me["csrfToken"] != ""


async def test_a_session_of_one_brand_is_nothing_to_another(
    console: Any, tenant: Any, make_tenant: Any
) -> None:
    other = await make_tenant()
    olga = await console(tenant)
    own = olga.headers["cookie"].partition("=")[2]
    answers = []
    for cookie in (f"{staff_sessions.cookie_name(other.slug)}={own}", olga.headers["cookie"]):
        answer = await olga.get(f"/api/admin/v1/{other.slug}/me", headers={"cookie": cookie})
        answers.append((answer.status_code, answer.json()["code"]))
    unknown = await olga.get("/api/admin/v1/nobody/me")
    assert [*answers, (unknown.status_code, unknown.json()["code"])] == [
        (401, "unauthenticated")
    ] * 3


async def test_the_admin_api_lives_at_the_console_only(http: Any, tenant: Any) -> None:
    for host in (tenant.canonical_host, "localhost", "hooks.localhost"):
        client = await http(host)
        for path in (f"/api/admin/v1/{tenant.slug}/me", f"/_console/api/admin/v1/{tenant.slug}/me"):
            assert (await client.get(path)).status_code in (404, 421), (host, path)


@pytest.mark.parametrize("status", ["suspended", "invited", "removed"])
async def test_who_is_not_active_is_out_at_once(
    console: Any, tenant: Any, rt: Runtime, status: str
) -> None:
    olga = await console(tenant)
    assert (await olga.get(f"{olga.brand}/me")).status_code == 200
    async with rt.db.write(tenant.id) as s:
        await s.execute(
            "UPDATE app.staff SET status = %(status)s"
            " WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"status": status, "id": olga.staff_id},
        )
    assert (await olga.get(f"{olga.brand}/me")).status_code == 401

"""The staff host: the platform's own people, and nobody else's; and they nowhere else."""

from typing import Any

import pytest
from tests.admin_api.routes import calls
from tests.admin_api.test_matrix import PLATFORM_MAY, code_of, expected, outcome
from tests.identity import people

from guerdon.app import Application
from guerdon.identity import staff_sessions
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State, Who
from guerdon.tenancy.operations import save_tenant
from guerdon.tenancy.operator import OPERATOR_ID, OPERATOR_SLUG
from guerdon.tenancy.transitions import change_state

STAFF, BRANDS = "staff.localhost", "admin.localhost"


async def test_every_call_for_every_role_of_the_staff(
    application: Application, console: Any, operator: Any
) -> None:
    """As the brands' matrix, at the staff host: what a role of the platform opens of its own house
    and of the platform, and nothing else."""
    wrong, let_in = [], 0
    for role, may in PLATFORM_MAY.items():
        client = await console(operator, roles=(role,))
        for call in calls(application.litestar):
            got = await outcome(client, call, OPERATOR_SLUG, **{"x-csrf-token": client.csrf_token})
            let_in += got is None
            if got != expected(call, may):
                wrong.append(f"{role}: {call.operation} ({call.permission}) -> {got}")
    assert wrong == []
    assert let_in > 100


async def test_a_brands_session_is_worth_nothing_at_the_staff_host(
    application: Application, console: Any, operator: Any, tenant: Any
) -> None:
    olga = await console(tenant)
    secret = olga.headers["cookie"].partition("=")[2]
    cookies = {
        "its own": olga.headers["cookie"],
        "its secret as the staff's": f"{staff_sessions.cookie_name(OPERATOR_SLUG)}={secret}",
    }
    wrong = []
    for name, cookie in cookies.items():
        for call in calls(application.litestar):
            for slug in (tenant.slug, OPERATOR_SLUG):
                got = await outcome(
                    olga, call, slug, host=STAFF, cookie=cookie,
                    **{"x-csrf-token": olga.csrf_token},
                )  # fmt: skip
                if call.permission != "public" and got != "unauthenticated":
                    wrong.append(f"{name}: {call.operation} at {slug} -> {got}")
    assert wrong == []


async def test_a_session_of_the_staff_is_worth_nothing_at_the_consoles(
    application: Application, console: Any, operator: Any, tenant: Any
) -> None:
    vera = await console(operator)
    secret = vera.headers["cookie"].partition("=")[2]
    cookies = {
        "its own": vera.headers["cookie"],
        "its secret as a brand's": f"{staff_sessions.cookie_name(tenant.slug)}={secret}",
    }
    wrong = []
    for name, cookie in cookies.items():
        for call in calls(application.litestar):
            for slug in (tenant.slug, OPERATOR_SLUG):
                code = await code_of(
                    vera, call, slug, host=BRANDS, cookie=cookie,
                    **{"x-csrf-token": vera.csrf_token},
                )  # fmt: skip
                # What is the platform's own does not exist at the brands' host.
                wanted = "not_found" if call.of_platform else "unauthenticated"
                if call.permission != "public" and code != wanted:
                    wrong.append(f"{name}: {call.operation} at {slug} -> {code}")
    assert wrong == []


async def test_the_staff_sign_in_with_two_factors_at_their_own_host(
    application: Application, rt: Runtime, operator: Any
) -> None:
    browser = people.Browser(application, rt, operator)
    person = await people.join(browser, roles=("support",))
    again = people.Browser(application, rt, operator)
    password = {"email": person.email, "password": people.PASSWORD}
    first = await again.step("password", password)
    assert (first.status_code, "ticket" in first.json()) == (200, True)
    assert (await again.me()).status_code == 401, "a password alone opens nothing"
    assert (await again.sign_in(person)).status_code == 200
    me = (await again.me()).json()
    assert (me["roles"], me["permissions"]) == (["support"], ["support:ask", "tenants:read"])
    assert me["brand"]["slug"] == OPERATOR_SLUG
    # The same door stands nowhere else, nor a brand's here.
    elsewhere = people.Browser(application, rt, operator)
    elsewhere.client.base_url = rt.settings.console_url
    refused = await elsewhere.step("password", password)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_no_brands_door_stands_at_the_staff_host(http: Any, tenant: Any) -> None:
    client = await http(STAFF)
    answer = await client.get(f"/api/admin/v1/sign-in/{tenant.slug}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_roles_of_one_house_are_nothing_in_the_other(
    console: Any, operator: Any, tenant: Any
) -> None:
    olga = await console(tenant)
    answer = await olga.post(
        f"{olga.brand}/people", json={"people": [{"email": "x@a.example", "roles": ["operator"]}]}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    vera = await console(operator)
    answer = await vera.post(
        f"{vera.brand}/people", json={"people": [{"email": "x@a.example", "roles": ["analyst"]}]}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    roles = (await vera.get(f"{vera.brand}/people/roles")).json()
    assert {one["key"] for one in roles["roles"]} == set(PLATFORM_MAY)


async def test_the_operator_is_no_brand(rt: Runtime, operator: Any, tenant: Any) -> None:
    with pytest.raises(NotFoundError):
        await rt.directory.by_slug(OPERATOR_SLUG)
    for host in ("", OPERATOR_SLUG, f"{OPERATOR_SLUG}.localhost", STAFF):
        assert await rt.directory.by_host(host) is None
    async with rt.db.control() as s:
        slugs = await s.all(str, "SELECT slug FROM ctl.list_tenants('', 1000)")
    assert tenant.slug in slugs
    assert OPERATOR_SLUG not in slugs
    with pytest.raises(Exception, match="the operator is no brand"):
        async with rt.db.write(OPERATOR_ID) as w:
            await change_state(
                w, to=State.SUSPENDED, by=Who.PLATFORM, actor="cli", reason="x",
                now=rt.clock.now(),
            )  # fmt: skip
    with pytest.raises(InvalidError, match="reserved"):
        async with rt.db.write(OPERATOR_ID) as w:
            await save_tenant(
                w, tenant_id=OPERATOR_ID, slug=OPERATOR_SLUG, name="x", begins_as=State.LIVE,
                canonical_host="a.localhost", hosts=[],
            )  # fmt: skip


async def test_staff_read_one_tenant(console: Any, operator: Any, make_tenant: Any) -> None:
    brand = await make_tenant(status="sandbox")
    vera = await console(operator, roles=("viewer",))
    found = (await vera.get(f"/api/platform/v1/tenants/{brand.slug}")).json()
    assert (found["slug"], found["status"], found["hosts"]) == (
        brand.slug, "sandbox", list(brand.hosts),
    )  # fmt: skip
    assert [way["target"] for way in found["ways"]] == ["live", "suspended", "closing"]
    nobody = await vera.get(f"/api/platform/v1/tenants/{OPERATOR_SLUG}")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/", "/platform"), ("/sign-in", "/platform/sign-in"),
        ("/kettle/sign-in?next=%2Fkettle", "/platform/sign-in?next=%2Fkettle"),
    ],
)  # fmt: skip
async def test_the_staff_host_has_one_door(http: Any, path: str, to: str) -> None:
    answer = await (await http(STAFF)).get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    elsewhere = await (await http(BRANDS)).get(path)
    assert elsewhere.status_code != 303

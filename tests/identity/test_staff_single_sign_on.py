"""The platform's own staff come in by a provider that nobody here wrote, and by a second factor."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.conftest import Console, ConsoleFactory
from tests.identity import people
from tests.identity.canaille import Canaille, Person
from tests.identity.corporate import Corporate, reason
from tests.identity.names import NameServer
from tests.identity.people import PASSWORD, Browser, Somebody
from tests.identity.provider import Provider
from tests.identity.test_real_provider import go_through, local

from guerdon.audit import queries as audit
from guerdon.kit.ids import secret_token
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

BrowserAt = Callable[[Tenant], Browser]
OPERATORS = [
    {"group": "loyalty-admins", "role": "operator"},
    {"group": "finance", "role": "owner"},
    {"group": "marketing", "role": "viewer"},
]
MARKETERS = [{"group": "marketing", "role": "marketer"}]


class House:
    """A house with a connection to canaille, in use."""

    def __init__(self, owner: Console, tenant: Tenant, canaille: Canaille) -> None:
        self.owner, self.tenant, self.canaille = owner, tenant, canaille
        self.path = self.start = self.callback = self.id = ""

    async def connect(
        self, names: NameServer, browser: Browser, roles: list[dict[str, str]], tester: str
    ) -> None:
        """Through the console's own API, from a draft to in use."""
        settings = {
            "type": "oidc", "issuer": self.canaille.url, "clientId": "to come", "roles": roles,
            "scopes": ["openid", "email", "profile", "groups"],
        }  # fmt: skip
        made = (
            await self.owner.post(
                f"{self.owner.brand}/connections", json={"title": "Us", "settings": settings}
            )
        ).json()
        self.id, self.path = made["id"], f"{self.owner.brand}/connections/{made['id']}"
        self.start, self.callback = local(made["addresses"]["start"]), made["addresses"]["callback"]
        client_id, secret = self.canaille.register(self.callback)
        edited = await self.owner.put(
            self.path,
            json={
                "rowVersion": made["rowVersion"], "title": "Us",
                "settings": made["settings"] | {"clientId": client_id},
            },
        )  # fmt: skip
        assert edited.status_code == 200, edited.text
        await self.act("secret", value=secret)
        domains = f"{self.owner.brand}/email-domains"
        claimed = (await self.owner.post(domains, json={"domain": "brand.example"})).json()
        names.texts[claimed["recordName"]] = [claimed["recordValue"]]
        await self.owner.post(f"{domains}/brand.example/check", json={})
        test = (await self.owner.post(f"{self.path}/tests", json={})).json()
        await go_through(browser, Person(tester), local(test["url"]), self.callback)
        await self.act("enable")

    async def act(self, what: str, **body: Any) -> Any:
        answer = await self.owner.post(f"{self.path}/{what}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def comes(self, browser: Browser, name: str) -> httpx2.Response:
        """Somebody goes to canaille and comes back."""
        return await go_through(browser, Person(name), self.start, self.callback)


@pytest.fixture
async def house(
    operator: Tenant, console: ConsoleFactory, canaille: Canaille, names: NameServer,
    browser_at: BrowserAt,
) -> AsyncIterator[House]:  # fmt: skip
    """The operator's house: all tests have the same one, so the connection goes when it is done."""
    made = House(await console(operator), operator, canaille)
    # Somebody can come in without the provider: else it could be neither enforced nor disabled.
    await people.join(browser_at(operator), break_glass=True)
    await made.connect(names, browser_at(operator), OPERATORS, "zelda")
    yield made
    shown = (await made.owner.get(made.path)).json()
    if shown["state"] == "enforced":
        await made.act("relax")
    await made.act("disable")
    for path in (made.path, f"{made.owner.brand}/email-domains/brand.example"):
        assert (await made.owner.delete(path)).status_code == 200


def ticket_of(answer: httpx2.Response) -> str:
    """What the second step carries."""
    location = answer.headers["location"]
    assert location.startswith("/platform/sign-in?next=%2Fplatform#ticket="), location
    return parse_qs(urlsplit(location).fragment)["ticket"][0]


async def set_up(browser: Browser, token: str) -> tuple[Somebody, httpx2.Response]:
    """Take up a link: a password, and the authenticator's first code."""
    key = (await browser.step("link/password", {"token": token, "password": PASSWORD})).json()
    person = Somebody(browser.tenant.id, "", key["key"], [])
    code = person.code(steps=-1)
    return person, await browser.step("link/code", {"token": token, "code": code})


async def test_staff_come_in_by_the_provider_and_a_second_factor(
    house: House, rt: Runtime, operator: Tenant, browser_at: BrowserAt
) -> None:
    assert house.callback.startswith(f"{rt.settings.base_scheme}://staff.localhost")
    # Whoever the provider knows and the operator does not: no account is made.
    assert reason(await house.comes(browser_at(operator), "zelda")) == "not_invited"
    by_connection = await house.owner.post(
        f"{house.owner.brand}/people",
        json={"people": [{"email": "zelda@brand.example"}], "connectionId": house.id},
    )
    assert (by_connection.status_code, by_connection.json()["code"]) == (422, "invalid")

    staff_id, email, token = await people.invite(
        rt, operator, roles=("viewer",), email="zelda@brand.example"
    )
    await house.act("invitations", staffId=str(staff_id))
    early = browser_at(operator)
    assert reason(await house.comes(early, "zelda")) == "second_factor"
    assert (await early.me()).status_code == 401
    # The refusal used nothing up: neither the link nor the connection's invitation.
    zelda, joined = await set_up(browser_at(operator), token)
    assert joined.status_code == 200, joined.text

    browser, other = browser_at(operator), browser_at(operator)
    ticket = ticket_of(await house.comes(browser, "zelda"))
    assert (await browser.me()).status_code == 401, "the provider's word alone opens nothing"
    code = zelda.code()
    for who, given, expected in (
        (browser, "000000", "code_refused"), (other, code, "sign_in_expired"),
    ):  # fmt: skip
        refused = await who.step("code", {"ticket": ticket, "code": given})
        assert refused.json()["code"] == expected
        assert (await who.me()).status_code == 401
    entered = await browser.step("code", {"ticket": ticket, "code": code})
    assert (entered.status_code, entered.json()["staffId"]) == (200, str(staff_id))
    me = (await browser.me()).json()
    assert (me["email"], me["roles"]) == (email, ["operator", "owner"])
    again = await browser.step("code", {"ticket": ticket, "code": zelda.code()})
    assert again.json()["code"] == "sign_in_expired"
    async with rt.db.read(operator.id) as s:
        told = await audit.search(s, action="sign_in.succeeded", limit=1)
    assert (told[0].summary["method"], told[0].summary["connection"]) == ("totp", house.id)
    # Proving oneself anew asks for both once more.
    ticket_of(await go_through(browser, Person("zelda"), f"{house.start}?again=1", house.callback))
    out = (await browser.act("POST", "/sign-out")).json()["providerUrl"]
    there = (await browser.call("GET", local(out))).headers["location"]
    assert there.startswith(house.canaille.url)

    # Who is removed is out at once: with a session, half way, and at the door.
    await browser.sign_in(Somebody(staff_id, email, zelda.key, []), code=zelda.code(steps=1))
    half = ticket_of(await house.comes(other, "zelda"))
    assert (await browser.me()).status_code == 200
    removed = await house.owner.post(f"{house.owner.brand}/people/{staff_id}/remove", json={})
    assert removed.status_code == 200, removed.text
    assert (await browser.me()).status_code == 401
    late = await other.step("code", {"ticket": half, "code": zelda.code(steps=1)})
    assert (late.status_code, late.json()["code"]) == (422, "code_refused")
    assert (await other.me()).status_code == 401
    assert reason(await house.comes(other, "zelda")) == "suspended"


async def test_an_enforced_connection_keeps_the_second_factor(
    house: House, rt: Runtime, operator: Tenant, browser_at: BrowserAt
) -> None:
    await house.act("enforce")
    staff_id, _, token = await people.invite(
        rt, operator, roles=("viewer",), email="marta@brand.example"
    )
    await house.act("invitations", staffId=str(staff_id))
    browser = browser_at(operator)
    marta, joined = await set_up(browser, token)
    # What she set up is kept and lets nobody in by itself.
    assert (joined.json()["code"], (await browser.me()).status_code) == ("sso_enforced", 401)
    ticket = ticket_of(await house.comes(browser, "marta"))
    entered = await browser.step("code", {"ticket": ticket, "code": marta.code()})
    assert entered.status_code == 200, entered.text
    assert (await browser.me()).json()["roles"] == ["viewer"]


async def test_what_a_provider_says_of_factors_counts_for_nothing(
    rt: Runtime, operator: Tenant, console: ConsoleFactory, provider: Provider,
    browser_at: BrowserAt,
) -> None:  # fmt: skip
    provider.reset()
    made = Corporate(rt, operator, await console(operator), provider)
    await made.create(roles=OPERATORS)
    await made.enable(browser_at(operator))
    email = f"{secret_token(6).lower()}@brand.example"
    own = await people.join(browser_at(operator), email=email)
    await made.prove()
    await made.act("invitations", {"staffId": str(own.id)})
    browser = browser_at(operator)
    back = await made.travel(
        browser, subject=email.partition("@")[0], email=email,
        amr=["pwd", "otp", "hwk", "mfa"], acr="urn:example:loa:4",
    )  # fmt: skip
    ticket = ticket_of(back)
    assert (await browser.me()).status_code == 401
    assert (await browser.step("code", {"ticket": ticket, "code": own.code()})).status_code == 200
    assert (await browser.me()).json()["roles"] == ["operator"]
    assert (await made.act("disable")).status_code == 200
    # Who came in by it is out, and the door is shut.
    assert (await browser.me()).status_code == 401
    for path in (made.path, f"{made.owner.brand}/email-domains/brand.example"):
        assert (await made.owner.delete(path)).status_code == 200


async def test_a_brands_provider_makes_no_staff(
    house: House, tenant: Tenant, operator: Tenant, console: ConsoleFactory, canaille: Canaille,
    names: NameServer, browser_at: BrowserAt,
) -> None:  # fmt: skip
    brand = House(await console(tenant), tenant, canaille)
    await brand.connect(names, browser_at(tenant), MARKETERS, "marta")
    at_brand, at_staff = browser_at(tenant), browser_at(operator)
    # The brand's own door asks for what the brand's provider asks for.
    assert (await brand.comes(at_brand, "marta")).headers["location"] == f"/{tenant.slug}"
    assert (await at_brand.me()).json()["roles"] == ["marketer"]

    assert (await at_staff.call("GET", brand.start)).status_code == 404
    assert (await at_brand.call("GET", house.start)).status_code == 404
    away = (await browser_at(tenant).call("GET", brand.start)).headers["location"]
    query = httpx2.QueryParams(await Person("marta").go(away, brand.callback))
    answer = await at_staff.call("GET", f"{local(brand.callback)}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (404, "connection_not_found")
    assert reason(await at_staff.call("GET", f"{local(house.callback)}?{query}")) == "state"
    assert (await at_staff.me()).status_code == 401

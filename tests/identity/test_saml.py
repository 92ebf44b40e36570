"""SAML with a provider that nobody here wrote, and forgeries made from its answers."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.conftest import create_tenant, signed_in_console
from tests.identity.corporate import GROUPS, Corporate, reason
from tests.identity.people import Browser
from tests.identity.saml_forgery import (
    DS,
    NS,
    SAML,
    WRAPPINGS,
    Tree,
    assertion_of,
    become_owner,
    one,
    read,
    sign,
    write,
)
from tests.identity.simplesamlphp import SimpleSaml, pair

from guerdon.app import Application
from guerdon.identity import staff_sessions
from guerdon.runtime import Runtime


class Scene(NamedTuple):
    """A brand with a SAML connection in force."""

    application: Application
    brand: Corporate
    idp: SimpleSaml

    def browser(self) -> Browser:
        return Browser(self.application, self.brand.rt, self.brand.tenant)

    @property
    def acs(self) -> str:
        found: str = self.brand.shown["addresses"]["assertionConsumer"]
        return found

    async def answer(self, browser: Browser, path: str = "", user: str = "zelda") -> str:
        """To the provider, and what its page would post."""
        url = await self.brand.begin(browser, path)
        return await self.idp.sign_in(url, self.acs, user)

    async def post(self, browser: Browser, answer: str) -> httpx2.Response:
        """The provider's page posts to us: another site's form, so no cookies come along."""
        posted = await browser.client.post(
            urlsplit(self.acs).path, data={"SAMLResponse": answer},
            headers={"origin": self.idp.url, "sec-fetch-site": "cross-site"},
        )  # fmt: skip
        assert posted.status_code == 303, posted.text
        if "/finish" not in posted.headers["location"]:
            return posted
        return await browser.call("GET", posted.headers["location"])


async def connect(
    application: Application, rt: Runtime, idp: SimpleSaml, stack: AsyncExitStack
) -> Scene:
    tenant = await create_tenant(rt, sections={"security": {"tries_per_address_h": 10_000}})
    owner = await stack.enter_async_context(signed_in_console(application, rt, tenant))
    brand = Corporate(rt, tenant, owner, None)  # type: ignore[arg-type]
    made = await owner.post(
        f"{owner.brand}/connections",
        json={
            "title": "SAML",
            "settings": {
                "type": "saml", "entityId": idp.entity_id, "signOnUrl": idp.sign_on_url,
                "certificates": [idp.certificate], "roles": GROUPS,
            },
        },
    )  # fmt: skip
    assert made.status_code == 201, made.text
    brand.shown = made.json()
    await brand.prove()
    scene = Scene(application, brand, idp)
    idp.register(brand.shown["addresses"]["metadata"], scene.acs, sign_response=True)
    started = (await owner.post(f"{brand.path}/tests", json={})).json()
    browser = scene.browser()
    path = started["url"].removeprefix(rt.settings.console_url)
    seen = await scene.post(browser, await scene.answer(browser, path))
    assert seen.headers["location"].endswith(f"?test={started['id']}")
    test = (await owner.get(f"{brand.path}/tests/{started['id']}")).json()
    assert (test["outcome"], test["roles"]) == ("passed", ["administrator"]), test
    assert test["claims"]["groups"] == ["loyalty-admins", "finance"]
    assert (await brand.act("enable")).json()["state"] == "enabled"
    return scene


@pytest.fixture(scope="module")
async def scenes(
    application: Application, shared_rt: Runtime, simplesaml: SimpleSaml
) -> AsyncIterator[list[Scene]]:
    """Two brands at the same provider."""
    async with AsyncExitStack() as stack:
        yield [await connect(application, shared_rt, simplesaml, stack) for _ in range(2)]


@pytest.fixture
def scene(scenes: list[Scene]) -> Scene:
    return scenes[0]


async def test_sign_in_at_a_real_provider(scene: Scene) -> None:
    browser = scene.browser()
    back = await scene.post(browser, await scene.answer(browser))
    assert back.headers["location"] == f"/{scene.brand.tenant.slug}"
    me = (await browser.me()).json()
    assert (me["name"], me["email"]) == ("Zelda Quill", "zelda@brand.example")
    assert me["roles"] == ["administrator"]
    first = me["id"]
    again = scene.browser()
    await scene.post(again, await scene.answer(again))
    assert (await again.me()).json()["id"] == first
    marta = scene.browser()
    await scene.post(marta, await scene.answer(marta, user="marta"))
    assert (await marta.me()).json()["roles"] == ["marketer"]
    otto = scene.browser()
    assert reason(await scene.post(otto, await scene.answer(otto, user="otto"))) == "no_role"
    # Signing out here is all that is offered.
    assert (await browser.act("POST", "/sign-out")).json()["providerUrl"] is None


async def test_the_request_asks_for_what_it_should(scene: Scene) -> None:
    import zlib

    url = await scene.brand.begin(
        scene.browser(), f"{scene.brand.address('start')}?again=1&next=/x"
    )
    (sent,) = parse_qs(urlsplit(url).query)["SAMLRequest"]
    root = read(base64.b64encode(zlib.decompress(base64.b64decode(sent), -15)).decode())
    assert root.get("ForceAuthn") == "true"
    assert root.get("AssertionConsumerServiceURL") == scene.acs
    assert root.get("Destination") == scene.idp.sign_on_url
    issuer = root.find("saml:Issuer", NS)
    assert issuer.text == scene.brand.shown["addresses"]["metadata"]


async def test_metadata(scene: Scene) -> None:
    answer = await scene.browser().client.get(scene.brand.address("metadata"))
    assert answer.headers["content-type"].startswith("application/samlmetadata+xml")
    described = read(base64.b64encode(answer.content).decode())
    assert described.get("entityID") == scene.brand.shown["addresses"]["metadata"]
    assert scene.acs in answer.text
    assert 'WantAssertionsSigned="true"' in answer.text


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("certificates", {"certificates": []}),
        ("certificates", {"certificates": ["nonsense"]}),
        ("entityId", {"entityId": ""}),
        ("signOnUrl", {"signOnUrl": "http://id.brand.example/sso"}),
    ],
)
async def test_settings_that_cannot_be_used(scene: Scene, field: str, more: dict[str, Any]) -> None:
    settings = {
        "type": "saml", "entityId": "x", "signOnUrl": "https://id.brand.example/sso",
        "certificates": [scene.idp.certificate], **more,
    }  # fmt: skip
    refused = await scene.brand.owner.post(
        f"{scene.brand.owner.brand}/connections", json={"title": "S", "settings": settings}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "connection_settings")
    assert field in str(refused.json()["errors"])


Attack = Callable[[Scene, Browser], Awaitable[httpx2.Response]]


def forged(change: Callable[[Tree], Tree | None]) -> Attack:
    """The real answer, changed after it was signed."""

    async def attack(scene: Scene, browser: Browser) -> httpx2.Response:
        root = read(await scene.answer(browser))
        made = change(root)
        return await scene.post(browser, write(root if made is None else made))

    return attack


def signed(change: Callable[[Tree], None], **how: bool) -> Attack:
    """The real answer, changed and signed again by the provider's own key."""

    async def attack(scene: Scene, browser: Browser) -> httpx2.Response:
        root = read(await scene.answer(browser))
        change(root)
        sign(root, scene.idp.key, **how)
        return await scene.post(browser, write(root))

    return attack


def text_of(change: Callable[[bytes], bytes]) -> Attack:
    """The real answer, changed as text."""

    async def attack(scene: Scene, browser: Browser) -> httpx2.Response:
        text = base64.b64decode(await scene.answer(browser))
        return await scene.post(browser, base64.b64encode(change(text)).decode())

    return attack


def at(path: str, name: str, value: str | None) -> Callable[[Tree], None]:
    def change(root: Tree) -> None:
        element = one(assertion_of(root), path)
        if value is None:
            del element.attrib[name]
        else:
            element.set(name, value)

    return change


def says(path: str, value: str) -> Callable[[Tree], None]:
    def change(root: Tree) -> None:
        one(assertion_of(root), path).text = value

    return change


def without(path: str) -> Callable[[Tree], None]:
    def change(root: Tree) -> None:
        for element in root.xpath(path, namespaces=NS):
            element.getparent().remove(element)

    return change


def comment(root: Tree) -> None:
    """`zelda<!-- -->.mallory`: a reader of the first text would see somebody else."""
    from lxml import etree

    name = one(assertion_of(root), ".//saml:NameID")
    text = name.text
    name.text = text[:2]
    name.insert(0, etree.Comment(" "))
    name[0].tail = text[2:]


def doctype(inside: bytes) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        _, _, rest = text.rpartition(b"?>") if text.startswith(b"<?") else (b"", b"", text)
        return b"<!DOCTYPE r [" + inside + b"]>" + rest

    return change


async def another_key(scene: Scene, browser: Browser) -> httpx2.Response:
    """Signed by a key of the forger's, whose certificate stands in the answer."""
    folder = scene.idp.folder / "forger"
    folder.mkdir(exist_ok=True)
    key, certificate = pair(folder)
    root = read(await scene.answer(browser))
    become_owner(root)
    sign(root, key, name_key=certificate)
    return await scene.post(browser, write(root))


async def replayed(scene: Scene, browser: Browser) -> httpx2.Response:
    """The same answer again."""
    answer = await scene.answer(browser)
    first = await scene.post(browser, answer)
    assert first.headers["location"] == f"/{scene.brand.tenant.slug}"
    browser.jar.pop(staff_sessions.cookie_name(scene.brand.tenant.slug))
    return await scene.post(browser, answer)


async def replayed_for_another_request(scene: Scene, browser: Browser) -> httpx2.Response:
    """An assertion that was used, made to answer another request."""
    root = read(await scene.answer(browser))
    used = assertion_of(root).get("ID")
    sign(root, scene.idp.key)
    first = await scene.post(browser, write(root))
    assert first.headers["location"] == f"/{scene.brand.tenant.slug}"
    browser.jar.pop(staff_sessions.cookie_name(scene.brand.tenant.slug))
    fresh = read(await scene.answer(browser))
    assertion_of(fresh).set("ID", used)
    sign(fresh, scene.idp.key)
    return await scene.post(browser, write(fresh))


async def from_the_provider(scene: Scene, browser: Browser) -> httpx2.Response:
    """A sign-in that the provider began: a real answer to no request."""
    metadata = scene.brand.shown["addresses"]["metadata"]
    url = f"{scene.idp.sign_on_url}?{httpx2.QueryParams({'spentityid': metadata})}"
    return await scene.post(browser, await scene.idp.sign_in(url, scene.acs))


async def in_another_browser(scene: Scene, browser: Browser) -> httpx2.Response:
    """The answer goes on in a browser that did not ask (login CSRF)."""
    return await scene.post(browser, await scene.answer(scene.browser()))


async def ticket_again(scene: Scene, browser: Browser) -> httpx2.Response:
    """A ticket that nobody was given."""
    endpoint = urlsplit(scene.acs).path.removesuffix("/acs")
    return await browser.call("GET", f"{endpoint}/finish?ticket=guessed")


async def large(scene: Scene, browser: Browser) -> httpx2.Response:
    """More than anybody has to say."""
    return await scene.post(browser, base64.b64encode(b"<x>" + b" " * 240_000).decode())


def status(root: Tree) -> None:
    one(root, "//samlp:StatusCode").set("Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")


def second_audience(root: Tree) -> None:
    restriction = one(assertion_of(root), ".//saml:AudienceRestriction")
    more = restriction.makeelement(f"{{{SAML}}}AudienceRestriction")
    more.append(more.makeelement(f"{{{SAML}}}Audience"))
    more[0].text = "https://other.example"
    restriction.addnext(more)


DATA = ".//saml:SubjectConfirmationData"
CONDITIONS = ".//saml:Conditions"
ATTACKS: dict[str, Attack] = {
    **{name: forged(change) for name, change in WRAPPINGS.items()},
    "changed after signing": forged(become_owner),
    "a comment in the name": forged(comment),
    "a comment in the name, signed": signed(comment),
    "unsigned": forged(without("//ds:Signature")),
    "only the message is signed": forged(without("//saml:Assertion/ds:Signature")),
    "signed by another key": another_key,
    "signed with SHA-1": signed(lambda root: None, sha1=True),
    "recipient elsewhere": signed(at(DATA, "Recipient", "https://other.example/acs")),
    "recipient that only begins alike": signed(
        lambda root: one(root, DATA).set("Recipient", one(root, DATA).get("Recipient") + "/x")
    ),
    "no recipient": signed(at(DATA, "Recipient", None)),
    "audience elsewhere": signed(says(".//saml:Audience", "https://other.example")),
    "no audience": signed(without("//saml:AudienceRestriction")),
    "a second audience elsewhere": signed(second_audience),
    "issuer elsewhere": signed(says("./saml:Issuer", "https://evil.example")),
    "destination elsewhere": signed(lambda root: root.set("Destination", "https://x.example")),
    "expired": signed(at(CONDITIONS, "NotOnOrAfter", "2020-01-01T00:00:00Z")),
    "confirmation expired": signed(at(DATA, "NotOnOrAfter", "2020-01-01T00:00:00Z")),
    "confirmation without end": signed(at(DATA, "NotOnOrAfter", None)),
    "not yet": signed(at(CONDITIONS, "NotBefore", "2099-01-01T00:00:00Z")),
    "good for years": signed(at(CONDITIONS, "NotOnOrAfter", "2099-01-01T00:00:00Z")),
    "answer to another request": signed(at(DATA, "InResponseTo", "_other")),
    "assertion without its request": signed(at(DATA, "InResponseTo", None)),
    "a name that is new each time": signed(
        at(".//saml:NameID", "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient")
    ),
    "nobody": signed(says(".//saml:NameID", "")),
    "a failure": signed(status),
    "begun by the provider": from_the_provider,
    "no request named": forged(lambda root: root.attrib.pop("InResponseTo") and None),
    "replayed": replayed,
    "replayed for another request": replayed_for_another_request,
    "in another browser": in_another_browser,
    "a guessed ticket": ticket_again,
    "DOCTYPE": text_of(doctype(b"")),
    "XXE": text_of(doctype(b'<!ENTITY x SYSTEM "file:///etc/passwd">')),
    "entities without end": text_of(
        doctype(b'<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">')
    ),
    "another encoding": text_of(lambda text: text.decode().encode("utf-16")),
    "no XML": text_of(lambda text: b"hello"),
    "nothing": text_of(lambda text: b""),
    "too large": large,
}
HONEST_FIRST = {"replayed", "replayed for another request"}


async def sessions_of(scene: Scene) -> set[str]:
    found = await scene.brand.rt.valkey.keys(f"*{scene.brand.tenant.id}:console-session:*")
    return {key.decode() for key in found}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_forgery_signs_nobody_in(scene: Scene, attack: str) -> None:
    browser = scene.browser()
    if attack in HONEST_FIRST:
        await scene.post(browser, await scene.answer(browser))
        browser = scene.browser()
    told = len(await scene.brand.told("sign_in.refused"))
    before = await sessions_of(scene)
    answer = await ATTACKS[attack](scene, browser)
    assert reason(answer)
    assert browser.session_cookie == ""
    assert (await browser.me()).status_code == 401
    assert len(await sessions_of(scene) - before) == (1 if attack in HONEST_FIRST else 0)
    assert len(await scene.brand.told("sign_in.refused")) == told + 1


async def test_an_answer_for_another_brand(scenes: list[Scene]) -> None:
    mine, other = scenes
    browser = mine.browser()
    answer = await mine.answer(browser)
    assert reason(await other.post(browser, answer)) == "in_response_to"
    assert (await browser.me()).status_code == 401


async def test_what_is_signed_again_rightly_is_good(scene: Scene) -> None:
    """The forgeries above fail by what they change, not by how they are signed."""
    browser = scene.browser()
    root = read(await scene.answer(browser))
    sign(root, scene.idp.key)
    assert root.xpath("//ds:Signature", namespaces={"ds": DS})
    back = await scene.post(browser, write(root))
    assert back.headers["location"] == f"/{scene.brand.tenant.slug}"

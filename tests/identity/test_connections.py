"""The brand's own identity: a provider that plays every trick, and the brand's app.

The provider is ours and speaks HTTP; a real one (canaille) is in `test_real_provider.py`.
"""

import dataclasses
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from joserfc.jwk import ECKey, RSAKey
from tests.identity.provider import EC, LIES, RSA, Pem, Provider, sign

from guerdon.identity import codes, connections, external, providers
from guerdon.identity.errors import (
    AlreadyLinkedError,
    ConnectionRefusedByPolicyError,
    UnknownConnectionError,
)
from guerdon.identity.parameters import SecurityParameters
from guerdon.kit.ids import secret_token, uuid7
from guerdon.members import arrivals, linking, operations, sign_in
from guerdon.members.arrivals import Arrival
from guerdon.members.linking import Visitor
from guerdon.members.schemas import Member
from guerdon.plumbing.egress import Egress
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


@pytest.fixture
async def sso_rt(rt: Runtime, provider: Provider) -> AsyncIterator[Runtime]:
    """The runtime of a deployment whose operator lets the provider's origin be called."""
    provider.reset()
    egress = Egress([provider.issuer])
    yield with_egress(rt, egress)
    await egress.close()


def with_egress(rt: Runtime, egress: Egress) -> Runtime:
    return dataclasses.replace(rt, egress=egress)


class World:
    def __init__(self, rt: Runtime, tenant: Tenant, provider: Provider) -> None:
        self.rt, self.tenant, self.provider = rt, tenant, provider
        self.who = Visitor(secret_token(16), "198.51.100.7")

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def security(self) -> SecurityParameters:
        return (await self.rt.snapshot(self.tenant.id, self.now))[SecurityParameters]

    async def begin(self, **more: Any) -> str:
        connection = connections.connection_of(await self.security(), "own")
        return await connections.begin(
            self.rt, tenant=self.tenant, connection=connection, browser_id=self.who.browser_id,
            **{"return_to": "/catalogue", **more},
        )  # fmt: skip

    async def come_back(self, query: dict[str, str], **more: Any) -> Arrival:
        asked = {"tenant": self.tenant, "connection_key": "own", "visitor": self.who, **more}
        snapshot = await self.rt.snapshot(asked["tenant"].id, self.now)
        return await arrivals.from_connection(
            self.rt, snapshot=snapshot, query=query, now=self.now, **asked
        )

    async def member(self, email: str = "ana@example.com", **more: Any) -> Member:
        async with self.rt.db.write(self.tenant.id) as s:
            return await operations.join(
                s, id=uuid7(), email=email, name="Ana", now=self.now,
                snapshot=await self.rt.snapshot(self.tenant.id, self.now), **more,
            )  # fmt: skip


def sections(provider: Provider, key: str = "own") -> dict[str, Any]:
    pem = EC.as_pem(private=False).decode()
    return {
        "connections": [
            {"key": key, "issuer": provider.issuer, "client_id": "guerdon", "secret": "sso"},
            {"key": "second", "issuer": provider.issuer, "client_id": "guerdon", "secret": "sso"},
        ],
        "hand_off": [
            {"kid": "app-1", "issuer": "brand-app", "algorithm": "ES256", "public_key": pem}
        ],
    }


@pytest.fixture
async def world(sso_rt: Runtime, make_tenant: Any, provider: Provider) -> World:
    tenant = await make_tenant(security=sections(provider))
    async with sso_rt.db.write(tenant.id) as s:
        await sso_rt.secrets.put(s, "sso", "the secret")
    return World(sso_rt, tenant, provider)


async def test_the_request_carries_pkce_state_and_nonce(world: World) -> None:
    asked = {k: v[0] for k, v in parse_qs(urlsplit(await world.begin()).query).items()}
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "guerdon"
    assert asked["scope"] == "openid email profile"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) == len(asked["nonce"]) == 43
    host = world.tenant.canonical_host
    assert asked["redirect_uri"] == f"http://{host}/sso/own/cb"


async def test_a_stranger_joins_once_and_is_known_from_then_on(world: World) -> None:
    first = await world.come_back(world.provider.consent(await world.begin()))
    assert (first.member, first.email, first.return_to) == (None, "ana@example.com", "/catalogue")
    assert first.ticket is not None
    ana = await world.member("ana@example.com")
    # A name and an e-mail from outside choose nobody: the same person is a stranger still.
    again = await world.come_back(world.provider.consent(await world.begin()))
    assert again.member is None
    snapshot = await world.rt.snapshot(world.tenant.id, world.now)
    shared = {"tenant_id": world.tenant.id, "snapshot": snapshot, "visitor": world.who}
    challenge = await sign_in.request_code(
        world.rt, purpose=codes.SIGN_IN, email="ana@example.com", language="en", now=world.now,
        **shared,
    )  # fmt: skip
    async with world.rt.db.read(world.tenant.id) as s:
        letter = await codes.letter(s, world.rt.settings, code_id=challenge, now=world.now)
    assert letter is not None
    signed = await sign_in.with_code(
        world.rt, challenge_id=challenge, code=letter.code, ticket=again.ticket, now=world.now,
        **shared,
    )  # fmt: skip
    assert signed.id == ana.id
    known = await world.come_back(world.provider.consent(await world.begin()))
    assert known.member is not None
    assert known.member.id == ana.id
    world.provider.claims = {"email": "somebody.else@example.com"}
    renamed = await world.come_back(world.provider.consent(await world.begin()))
    assert renamed.member is not None
    assert renamed.member.id == ana.id
    other = await world.come_back(world.provider.consent(await world.begin(), "sub-2"))
    assert other.member is None


async def test_a_signed_in_member_adds_a_way_in(world: World) -> None:
    ana, bia = await world.member(), await world.member("bia@example.com")
    linked = await world.come_back(world.provider.consent(await world.begin(link_to=ana.id)))
    assert linked.member is not None
    assert linked.member.id == ana.id
    async with world.rt.db.read(world.tenant.id) as s:
        ways = await external.linked(s, member_id=ana.id)
    assert [(w.connection, w.issuer, w.subject) for w in ways] == [
        ("own", world.provider.issuer, "sub-1")
    ]
    url = await world.begin(link_to=bia.id)
    with pytest.raises(AlreadyLinkedError):
        await world.come_back(world.provider.consent(url))


async def test_a_blocked_member_does_not_come_in_from_outside(world: World) -> None:
    ana = await world.member()
    await world.come_back(world.provider.consent(await world.begin(link_to=ana.id)))
    async with world.rt.db.write(world.tenant.id) as s:
        await operations.block(s, member_id=ana.id, now=world.now)
    with pytest.raises(ConnectionRefusedByPolicyError):
        await world.come_back(world.provider.consent(await world.begin()))


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_provider_signs_nobody_in(world: World, lie: str) -> None:
    ana = await world.member()
    await world.come_back(world.provider.consent(await world.begin(link_to=ana.id)))
    query = world.provider.consent(await world.begin())
    LIES[lie](world.provider)
    with pytest.raises(ConnectionRefusedByPolicyError):
        await world.come_back(query)


async def test_state_works_once_in_one_browser_for_one_connection(world: World) -> None:
    query = world.provider.consent(await world.begin())
    await world.come_back(query)
    again = world.provider.consent(await world.begin())
    replays: list[tuple[dict[str, str], dict[str, Any]]] = [
        (query, {}),
        ({**again, "state": secret_token(32)}, {}),
        ({"code": again["code"]}, {}),
        ({}, {}),
    ]
    for sent, more in replays:
        with pytest.raises(ConnectionRefusedByPolicyError):
            await world.come_back(sent, **more)
    stranger = Visitor(secret_token(16), "203.0.113.5")
    for more in ({"visitor": stranger}, {"connection_key": "second"}):
        fresh = world.provider.consent(await world.begin())
        with pytest.raises(ConnectionRefusedByPolicyError):
            await world.come_back(fresh, **more)
        with pytest.raises(ConnectionRefusedByPolicyError):
            await world.come_back(fresh)


async def test_state_of_another_brand_is_worth_nothing(
    world: World, make_tenant: Any, provider: Provider
) -> None:
    other = await make_tenant(security=sections(provider))
    query = provider.consent(await world.begin())
    with pytest.raises(ConnectionRefusedByPolicyError):
        await world.come_back(query, tenant=other)


async def test_a_mix_up_is_noticed(world: World) -> None:
    for more in ({"iss": "https://evil.example"}, {"error": "access_denied"}, {"code": ""}):
        query = {**world.provider.consent(await world.begin()), **more}
        with pytest.raises(ConnectionRefusedByPolicyError):
            await world.come_back(query)
    query = {**world.provider.consent(await world.begin()), "iss": world.provider.issuer}
    assert (await world.come_back(query)).ticket is not None


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"jwks_uri": "http://169.254.169.254/keys"},
        {"token_endpoint": "http://169.254.169.254/token"},
        {"authorization_response_iss_parameter_supported": True},
    ],
)
async def test_a_lying_discovery_document(world: World, metadata: dict[str, Any]) -> None:
    world.provider.metadata = metadata
    with pytest.raises(ConnectionRefusedByPolicyError):
        await world.come_back(world.provider.consent(await world.begin()))


async def test_an_inner_address_is_never_called(rt: Runtime, make_tenant: Any) -> None:
    for issuer in ("http://127.0.0.1:9", "https://169.254.169.254", "https://localhost"):
        connection = {"key": "own", "issuer": issuer, "client_id": "x"}
        tenant = await make_tenant(security={"connections": [connection]})
        world = World(rt, tenant, None)  # type: ignore[arg-type]
        with pytest.raises(ConnectionRefusedByPolicyError):
            await world.begin()


async def test_keys_may_rotate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.come_back(world.provider.consent(await world.begin()))
    new = RSAKey.generate_key(2048, {"kid": "k2"}, private=True)
    world.provider.key, world.provider.keys = new, [RSA, new]
    world.provider.header = {"kid": "k2"}
    with pytest.raises(ConnectionRefusedByPolicyError):
        await world.come_back(world.provider.consent(await world.begin()))
    assert world.provider.asked.count("/keys") == 1
    monkeypatch.setattr(providers, "_KEYS_AGAIN_S", 0.0)
    assert (await world.come_back(world.provider.consent(await world.begin()))).ticket
    assert world.provider.asked.count("/keys") == 2


async def test_return_addresses_stay_on_the_site(world: World) -> None:
    for asked, kept in (
        ("/orders/1", "/orders/1"), ("https://evil.example", "/"), ("//evil.example", "/"),
        ("/\\evil.example", "/"), ("/\t/evil.example", "/"), ("javascript:x", "/"), ("", "/"),
    ):  # fmt: skip
        url = await world.begin(return_to=asked)
        assert (await world.come_back(world.provider.consent(url))).return_to == kept


async def test_an_unknown_connection(world: World) -> None:
    with pytest.raises(UnknownConnectionError):
        await world.come_back({"state": "x"}, connection_key="nothing")


class App:
    """The brand's app, which signs hand-offs."""

    def __init__(self, world: World) -> None:
        self.world = world

    def token(self, *, key: Any = EC, header: dict[str, Any] | None = None, **more: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": "brand-app", "sub": "crm-1", "iat": now, "exp": now + 60,
            "aud": f"http://{self.world.tenant.canonical_host}", "jti": secret_token(16), **more,
        }  # fmt: skip
        kept = {k: v for k, v in claims.items() if v is not None}
        return sign({"alg": "ES256", "kid": "app-1", **(header or {})}, kept, key)

    async def hand_over(self, token: str) -> Arrival:
        world = self.world
        return await arrivals.from_hand_off(
            world.rt, tenant=world.tenant, token=token, visitor=world.who, now=world.now,
            snapshot=await world.rt.snapshot(world.tenant.id, world.now),
        )  # fmt: skip


async def test_the_brands_app_hands_its_member_over(world: World) -> None:
    ana, app = await world.member(external_id="crm-1"), App(world)
    arrived = await app.hand_over(app.token())
    assert arrived.member is not None
    assert arrived.member.id == ana.id
    stranger = await app.hand_over(app.token(sub="crm-2", email="new@example.com", name="Nia"))
    assert (stranger.member, stranger.email, stranger.name) == (None, "new@example.com", "Nia")
    assert stranger.ticket is not None


async def test_a_hand_off_works_once(world: World) -> None:
    await world.member(external_id="crm-1")
    app = App(world)
    token = app.token()
    await app.hand_over(token)
    with pytest.raises(ConnectionRefusedByPolicyError):
        await app.hand_over(token)


NOW_S = int(time.time())
BAD_HAND_OFFS: dict[str, dict[str, Any]] = {
    "other audience": {"aud": "https://other.example"},
    "two audiences": {"aud": "BOTH"},
    "no audience": {"aud": None},
    "other issuer": {"iss": "someone"},
    "expired": {"iat": NOW_S - 400, "exp": NOW_S - 300},
    "lives too long": {"exp": NOW_S + 10_000},
    "no expiry": {"exp": None},
    "no jti": {"jti": None},
    "short jti": {"jti": "x"},
    "no subject": {"sub": None},
    "expiry as text": {"exp": "soon"},
    "unknown key": {"header": {"kid": "app-2"}},
    "other key": {"key": ECKey.generate_key("P-256", {"kid": "app-1"}, private=True)},
    "HS256": {"key": Pem(EC), "header": {"alg": "HS256"}},
    "RS256": {"key": RSA, "header": {"alg": "RS256"}},
}


@pytest.mark.parametrize("bad", BAD_HAND_OFFS)
async def test_a_bad_hand_off_is_refused(world: World, bad: str) -> None:
    await world.member(external_id="crm-1")
    app, more = App(world), dict(BAD_HAND_OFFS[bad])
    if more.get("aud") == "BOTH":
        more["aud"] = [f"http://{world.tenant.canonical_host}", "https://other.example"]
    with pytest.raises(ConnectionRefusedByPolicyError):
        await app.hand_over(app.token(**more))


async def test_a_hand_off_to_another_brand_is_refused(
    world: World, make_tenant: Any, provider: Provider
) -> None:
    token = App(world).token()
    other = World(world.rt, await make_tenant(security=sections(provider)), provider)
    await other.member(external_id="crm-1")
    with pytest.raises(ConnectionRefusedByPolicyError):
        await App(other).hand_over(token)


def test_a_private_key_or_a_symmetric_algorithm_is_no_parameter() -> None:
    bad = SecurityParameters(
        connections=msgspec.convert(
            [{"key": "own", "issuer": "https://x.example?y", "client_id": "x",
              "algorithms": ["HS256"], "scopes": ["email"]}] * 2,
            tuple[connections.Connection, ...],
        ),
    )  # fmt: skip
    assert sorted({f.code for f in bad.check()}) == [
        "bad_algorithm", "bad_issuer", "duplicate_key", "scope_missing",
    ]  # fmt: skip


async def test_a_ticket_belongs_to_one_browser(world: World) -> None:
    arrived = await world.come_back(world.provider.consent(await world.begin()))
    stranger = Visitor(secret_token(16), "203.0.113.5")
    found = await linking.behind(world.rt, world.tenant.id, arrived.ticket, world.who)
    assert found is not None
    assert found.subject == "sub-1"
    assert await linking.behind(world.rt, world.tenant.id, arrived.ticket, stranger) is None

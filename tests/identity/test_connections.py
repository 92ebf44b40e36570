"""The brand's own identity: a provider that plays every trick, and the brand's app.

The provider is ours and speaks HTTP; a real one (canaille) is in `test_real_provider.py`.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

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

RSA = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
OTHER = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
EC = ECKey.generate_key("P-256", {"kid": "app-1"}, private=True)


class Pem:
    """A public key's text, abused as the secret of an HMAC (joserfc would not do it)."""

    def __init__(self, key: Any) -> None:
        self.secret: bytes = key.as_pem(private=False)


def sign(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    if not isinstance(key, Pem):
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])
    parts = [
        base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=") for p in (header, claims)
    ]
    code = hmac.new(key.secret, b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(code).rstrip(b"=")]).decode()


class Provider(ThreadingHTTPServer):
    """An OpenID Connect provider that can be told to lie."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"
        self.reset()

    def reset(self) -> None:
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.drop: set[str] = set()
        self.header: dict[str, Any] = {}
        self.key: Any = RSA
        self.keys: list[Any] = [RSA]
        self.metadata: dict[str, Any] = {}
        self.raw_token: str | None = None
        self.asked: list[str] = []

    def consent(self, url: str, subject: str = "sub-1") -> dict[str, str]:
        """What a person's browser brings back after signing in here."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = {**asked, "sub": subject}
        return {"code": code, "state": asked["state"]}

    def id_token(self, asked: dict[str, str]) -> str:
        if self.raw_token is not None:
            return self.raw_token
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": asked["sub"], "aud": "guerdon", "nonce": asked["nonce"],
            "iat": now, "exp": now + 300, "email": "ana@example.com", "email_verified": True,
            "name": "Ana", **self.claims,
        }  # fmt: skip
        kept = {k: v for k, v in claims.items() if k not in self.drop}
        return sign({"alg": "RS256", "kid": "k1", **self.header}, kept, self.key)


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        me = self.server
        me.asked.append(self.path)
        if self.path == "/.well-known/openid-configuration":
            self._json({
                "issuer": me.issuer, "authorization_endpoint": f"{me.issuer}/authorize",
                "token_endpoint": f"{me.issuer}/token", "jwks_uri": f"{me.issuer}/keys",
                **me.metadata,
            })  # fmt: skip
        elif self.path == "/keys":
            self._json({"keys": [k.as_dict(private=False) for k in me.keys]})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        me = self.server
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = {k: v[0] for k, v in parse_qs(body).items()}
        basic = base64.b64encode(b"guerdon:the secret").decode()
        asked = me.codes.pop(form.get("code", ""), None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        fits = asked is not None and (
            self.headers.get("authorization") == f"Basic {basic}"
            and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
        )
        if not fits or asked is None:
            self._json({"error": "invalid_grant"}, 400)
            return
        self._json({"access_token": "x", "token_type": "Bearer", "id_token": me.id_token(asked)})

    def _json(self, content: Any, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


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


def _none_alg(world: World) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    now = int(time.time())
    claims = {"iss": world.provider.issuer, "sub": "x", "aud": "guerdon", "iat": now,
              "exp": now + 60}  # fmt: skip
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    world.provider.raw_token = f"{head}.{body}."


def _hs256(world: World) -> None:
    world.provider.header = {"alg": "HS256"}
    world.provider.key = Pem(RSA)


def _set(**what: Any) -> Any:
    def lie(world: World) -> None:
        for name, value in what.items():
            setattr(world.provider, name, value)

    return lie


LIES: dict[str, Any] = {
    "wrong issuer": _set(claims={"iss": "https://evil.example"}),
    "issuer with a slash": lambda w: _set(claims={"iss": w.provider.issuer + "/"})(w),
    "no issuer": _set(drop={"iss"}),
    "wrong audience": _set(claims={"aud": "another-client"}),
    "no audience": _set(drop={"aud"}),
    "two audiences without azp": _set(claims={"aud": ["guerdon", "other"]}),
    "azp of another": _set(claims={"aud": ["guerdon", "other"], "azp": "other"}),
    "lone azp of another": _set(claims={"azp": "other"}),
    "wrong nonce": _set(claims={"nonce": "replayed"}),
    "no nonce": _set(drop={"nonce"}),
    "expired": _set(claims={"exp": 1_700_000_000}),
    "no expiry": _set(drop={"exp"}),
    "from the future": _set(claims={"iat": 4_000_000_000}),
    "not yet": _set(claims={"nbf": 4_000_000_000}),
    "no subject": _set(drop={"sub"}),
    "empty subject": _set(claims={"sub": ""}),
    "subject of another type": _set(claims={"sub": 5}),
    "long subject": _set(claims={"sub": "x" * 256}),
    "alg none": _none_alg,
    "alg HS256 with the public key": _hs256,
    "alg not pinned": _set(header={"alg": "PS256"}),
    "another key, same kid": _set(key=OTHER),
    "unknown kid": _set(header={"kid": "k9"}),
    "own jwk in the header": _set(key=OTHER, header={"jwk": OTHER.as_dict(private=False)}),
    "own jku in the header": _set(header={"jku": "https://evil.example/keys"}),
    "not a token": _set(raw_token="x.y.z"),
    "no token": _set(raw_token=""),
    "a huge token": _set(raw_token="x" * 40_000),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_provider_signs_nobody_in(world: World, lie: str) -> None:
    ana = await world.member()
    await world.come_back(world.provider.consent(await world.begin(link_to=ana.id)))
    query = world.provider.consent(await world.begin())
    LIES[lie](world)
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

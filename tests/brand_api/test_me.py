"""A mobile app: sign in with PKCE, see, redeem, leave; and nothing of anybody else."""

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx2
import pytest
from tests.brand_api.conftest import Api
from tests.brand_api.shop import SECTIONS, definition, join, stock_up

from guerdon.identity import sessions
from guerdon.identity.visit import SESSION_COOKIE
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

BACK = "com.kettle.app:/signed-in"
APP = {"client_id": "kettle-app", "name": "Kettle", "redirect_uris": [BACK]}


@pytest.fixture
async def tenant(make_tenant: Any) -> Tenant:
    return await make_tenant(**SECTIONS, security={"apps": [APP]})


class Phone:
    """The brand's app on a member's phone."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.verifier = secrets.token_urlsafe(48)

    async def authorize(self, **change: str) -> httpx2.Response:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": "kettle-app", "redirect_uri": BACK, "response_type": "code",
            "scope": "me:read me:redeem me:write", "state": "s1",
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | change  # fmt: skip
        return await self.client.get("/oauth/authorize", params=query)

    async def token(self, **form: str) -> httpx2.Response:
        return await self.client.post("/oauth/token", data={"client_id": "kettle-app"} | form)

    async def exchange(self, code: str, **change: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
            "code_verifier": self.verifier,
        } | change  # fmt: skip
        return await self.token(**form)


async def signed_in(rt: Runtime, http: Any, tenant: Tenant, member_id: str) -> httpx2.AsyncClient:
    """A browser of the brand's site with the member's session."""
    client: httpx2.AsyncClient = await http(tenant)
    started = await sessions.start(
        rt.valkey, tenant_id=tenant.id, member_id=UUID(member_id), host=tenant.canonical_host,
        method="code", now=datetime.now(UTC), idle=timedelta(hours=1),
        absolute=timedelta(hours=2),
    )  # fmt: skip
    client.headers["Cookie"] = f"{SESSION_COOKIE}={started[0]}"
    return client


def code_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["s1"]
    return query["code"][0]


@pytest.fixture
async def member(api: Api) -> dict[str, Any]:
    return await join(api, points=2000)


@pytest.fixture
async def phone(rt: Runtime, http: Any, tenant: Tenant, member: dict[str, Any]) -> Phone:
    return Phone(await signed_in(rt, http, tenant, member["id"]))


@pytest.fixture
async def app(phone: Phone, http: Any, tenant: Tenant) -> Api:
    made = await phone.exchange(code_of(await phone.authorize()))
    assert made.status_code == 200, made.text
    return Api(await http(tenant), made.json()["access_token"])


async def test_a_member_sees_and_redeems(api: Api, app: Api, member: dict[str, Any]) -> None:
    goods = await stock_up(api, definition("latte", price="5.00", stock=3))
    assert (await app.get("/me")).json()["id"] == member["id"]
    assert (await app.get("/me/balance")).json()["available"] == 2000
    (line,) = (await app.get("/me/transactions")).json()["items"]
    assert (await app.get(f"/me/transactions/{line['id']}")).json()["undoneBy"] == []
    (card,) = (await app.get("/me/products?q=latte")).json()["items"]
    assert card["points"] == 500
    variant = (await app.get("/me/products/latte")).json()["variants"][0]
    assert variant["id"] == goods["latte"]["variants"][0]["id"]
    wanted = {"lines": [{"variantId": variant["id"], "quantity": 2}]}
    quote = (await app.post("/me/quotes", json=wanted)).json()
    assert (await app.get(f"/me/quotes/{quote['id']}")).json()["points"] == 1000
    placed = await app.post("/me/redemptions", json={"quoteId": quote["id"]})
    assert placed.status_code == 201
    path = f"/me/redemptions/{placed.json()['id']}"
    assert (await app.get(path)).json()["points"] == 1000
    assert (await app.get(f"{path}/timeline")).json()["items"][0]["kind"] == "placed"
    assert len((await app.get("/me/redemptions")).json()["items"]) == 1
    assert (await app.post(f"{path}/cancel")).json()["state"] == "cancelled"


async def test_profile_addresses_consents(app: Api) -> None:
    assert (await app.patch("/me", json={"name": "Ana Souza"})).json()["name"] == "Ana Souza"
    address = {
        "recipient": "Ana Souza", "line1": "1 Market Street", "city": "San Francisco",
        "region": "CA", "postalCode": "94103", "country": "US",
    }  # fmt: skip
    added = await app.post("/me/addresses", json=address)
    assert (added.status_code, added.json()["isDefault"]) == (201, True)
    bad = await app.post("/me/addresses", json=address | {"postalCode": "x"})
    assert (bad.status_code, bad.json()["code"]) == (422, "address_invalid")
    assert bad.json()["errors"][0]["pointer"] == "/postalCode"
    path = f"/me/addresses/{added.json()['id']}"
    moved = await app.put(path, json=address | {"line1": "2 Market Street"})
    assert moved.json()["line1"] == "2 Market Street"
    assert (await app.delete(path)).json() == {"items": []}
    gone = await app.delete(path)
    assert gone.status_code == 404
    assert (await app.get("/me/consents")).json() == {"items": []}
    unknown = await app.put("/me/consents", json={"choices": {"nothing": True}})
    assert unknown.status_code == 422
    assert "profile" in (await app.get("/me/export")).json()["files"]


async def test_a_member_reaches_nobody_elses(
    api: Api, app: Api, tenant: Tenant, http: Any, make_tenant: Any
) -> None:
    goods = await stock_up(api, definition("latte", price="5.00", stock=3))
    other = await join(api, points=2000)
    body = {
        "memberId": other["id"],
        "lines": [{"variantId": goods["latte"]["variants"][0]["id"], "quantity": 1}],
        "expectedPoints": 500,
    }
    theirs = (await api.post("/redemptions", json=body)).json()["id"]
    (line,) = (await api.get(f"/members/{other['id']}/transactions")).json()["items"]
    for path in (
        f"/me/redemptions/{theirs}", f"/me/redemptions/{theirs}/timeline",
        f"/me/transactions/{line['id']}",
    ):  # fmt: skip
        unknown = path.replace(theirs, str(uuid4())).replace(line["id"], str(uuid4()))
        refused, missing = await app.get(path), await app.get(unknown)
        assert refused.status_code == missing.status_code == 404
        assert refused.json()["code"] == missing.json()["code"]
    assert (await app.post(f"/me/redemptions/{theirs}/cancel")).status_code == 404
    assert (await app.get(f"/members/{other['id']}")).status_code == 401
    assert (await api.get("/me")).status_code == 401
    elsewhere = Api(await http(await make_tenant()), "x")
    elsewhere.headers = app.headers
    assert (await elsewhere.get("/me")).status_code == 401


async def test_sign_ins_are_seen_and_ended(app: Api, phone: Phone) -> None:
    seen = (await app.get("/me/sign-ins")).json()
    assert [(a["clientId"], a["name"]) for a in seen["apps"]] == [("kettle-app", "Kettle")]
    assert seen["browserSessions"] == 1
    assert (await app.post("/me/sign-ins/end-browsers")).json() == {"ended": 1}
    assert (await app.post("/me/sign-ins/end-browsers")).json() == {"ended": 0}
    assert (await app.delete(f"/me/sign-ins/{uuid4()}")).status_code == 404
    assert (await app.delete(f"/me/sign-ins/{seen['apps'][0]['id']}")).json() == {"ended": 1}
    assert (await app.get("/me")).status_code == 401


async def test_a_scope_is_a_limit(phone: Phone, http: Any, tenant: Tenant) -> None:
    made = await phone.exchange(code_of(await phone.authorize(scope="me:read")))
    reader = Api(await http(tenant), made.json()["access_token"])
    assert (await reader.get("/me")).status_code == 200
    denied = await reader.patch("/me", json={"name": "X"})
    assert (denied.status_code, denied.json()["code"]) == (403, "scope_missing")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"redirect_uri": "com.kettle.app:/other"}, "invalid_grant"),
        ({"client_id": "other"}, "invalid_client"),
        ({"code": "nonsense"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
async def test_a_bad_exchange_is_refused(phone: Phone, change: dict[str, str], error: str) -> None:
    code = code_of(await phone.authorize())
    refused = await phone.exchange(**{"code": code} | change)
    assert refused.status_code in (400, 401)
    assert refused.json()["error"] == error
    assert refused.headers["cache-control"] == "no-store"


async def test_refresh_rotates_and_revoke_ends(phone: Phone, http: Any, tenant: Tenant) -> None:
    first = (await phone.exchange(code_of(await phone.authorize()))).json()
    second = await phone.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    app = Api(await http(tenant), second.json()["access_token"])
    assert (await app.get("/me")).status_code == 200
    ended = await phone.client.post("/oauth/revoke", data={"token": second.json()["refresh_token"]})
    assert ended.status_code == 200
    assert (await app.get("/me")).status_code == 401


async def test_nobody_is_sent_where_nobody_registered(phone: Phone, http: Any, tenant: Any) -> None:
    for change in ({"redirect_uri": "https://evil.example"}, {"client_id": "other"}):
        refused = await phone.authorize(**change)
        assert refused.status_code in (400, 401)
        assert "location" not in refused.headers
    plain = await phone.authorize(code_challenge_method="plain")
    assert plain.headers["location"].startswith(f"{BACK}?error=invalid_request")
    stranger = Phone(await http(tenant))
    asked = await stranger.authorize()
    assert asked.headers["location"].startswith("/sign-in?next=%2Foauth%2Fauthorize%3F")


async def test_the_metadata_says_where(http: Any, tenant: Tenant) -> None:
    told = (await (await http(tenant)).get("/.well-known/oauth-authorization-server")).json()
    assert told["issuer"] == f"http://{tenant.canonical_host}"
    assert told["code_challenge_methods_supported"] == ["S256"]

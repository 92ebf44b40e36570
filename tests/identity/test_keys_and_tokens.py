"""API keys and the app's tokens: scoped, rotated, ended, and never accepted twice."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guerdon.identity import api_keys, tokens
from guerdon.identity.errors import TokenRefusedError
from guerdon.identity.keyring import encode
from guerdon.identity.parameters import SecurityParameters
from guerdon.kit.errors import InvalidError, UnavailableError
from guerdon.kit.ids import secret_token, uuid7
from guerdon.members import operations
from guerdon.members.schemas import Member
from guerdon.plumbing.cache import open_valkey
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
BACK = "com.brand.app:/signed-in"
APP = {"client_id": "brand-app", "name": "Brand", "redirect_uris": [BACK]}


@pytest.fixture
async def brand(make_tenant: Any) -> Tenant:
    made: Tenant = await make_tenant(security={"apps": [APP, {**APP, "client_id": "other-app"}]})
    return made


@pytest.fixture
async def ana(rt: Runtime, brand: Tenant) -> Member:
    snapshot = await rt.snapshot(brand.id, NOW)
    async with rt.db.write(brand.id) as s:
        return await operations.join(
            s, id=uuid7(), email="ana@example.com", name="Ana", snapshot=snapshot, now=NOW
        )


class Pkce:
    def __init__(self) -> None:
        self.verifier = secret_token(48)
        self.challenge = encode(hashlib.sha256(self.verifier.encode()).digest())


async def code_for(rt: Runtime, brand: Tenant, ana: Member, pkce: Pkce, **more: Any) -> str:
    security = (await rt.snapshot(brand.id, NOW))[SecurityParameters]
    app = tokens.app_of(security, client_id="brand-app", redirect_uri=BACK)
    asked = {"redirect_uri": BACK, "response_type": "code", "scope": "me:read me:redeem",
             "code_challenge": pkce.challenge, "code_challenge_method": "S256", **more}  # fmt: skip
    return await tokens.authorize(rt, tenant_id=brand.id, app=app, member_id=ana.id, **asked)


async def exchange(rt: Runtime, brand: Tenant, code: str, pkce: Pkce, **more: Any) -> Any:
    asked = {"client_id": "brand-app", "redirect_uri": BACK, "code_verifier": pkce.verifier,
             "now": NOW, **more}  # fmt: skip
    return await tokens.exchange(rt, tenant_id=brand.id, code=code, **asked)


async def who(rt: Runtime, brand: Tenant, access_token: str, now: datetime = NOW) -> Any:
    return await tokens.introspect(rt, tenant_id=brand.id, access_token=access_token, now=now)


async def refresh(rt: Runtime, brand: Tenant, token: str, now: datetime = NOW, **more: Any) -> Any:
    asked = {"client_id": "brand-app", **more}
    return await tokens.refresh(rt, tenant_id=brand.id, refresh_token=token, now=now, **asked)


async def test_code_to_tokens_to_principal(
    rt: Runtime, brand: Tenant, ana: Member, make_tenant: Any
) -> None:
    pkce = Pkce()
    got = await exchange(rt, brand, await code_for(rt, brand, ana, pkce), pkce)
    principal = await who(rt, brand, got.access_token)
    assert principal.member_id == ana.id
    assert principal.scopes == {"me:read", "me:redeem"}
    assert principal.audience == "member_app"
    assert (got.token_type, got.expires_in, got.scope) == ("Bearer", 900, "me:read me:redeem")
    assert await who(rt, await make_tenant(), got.access_token) is None
    assert await who(rt, brand, got.access_token, NOW + timedelta(seconds=900)) is None
    assert await who(rt, brand, got.access_token + "x") is None


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "me:read points:write"}, "invalid_scope"),
        ({"redirect_uri": BACK + "/x"}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/cb"}, "invalid_request"),
    ],
)
async def test_authorize_refuses(
    rt: Runtime, brand: Tenant, ana: Member, more: dict[str, str], error: str
) -> None:
    with pytest.raises(TokenRefusedError) as refused:
        await code_for(rt, brand, ana, Pkce(), **more)
    assert refused.value.params["error"] == error


async def test_an_unknown_app_or_address_goes_nowhere(rt: Runtime, brand: Tenant) -> None:
    security = (await rt.snapshot(brand.id, NOW))[SecurityParameters]
    for client_id, uri in (("nobody", BACK), ("brand-app", "https://evil.example/cb")):
        with pytest.raises(TokenRefusedError):
            tokens.app_of(security, client_id=client_id, redirect_uri=uri)


@pytest.mark.parametrize(
    "more",
    [
        {"code_verifier": secret_token(48)},
        {"code_verifier": "short"},
        {"client_id": "other-app"},
        {"redirect_uri": BACK + "x"},
    ],
)
async def test_a_stolen_code_is_worth_nothing(
    rt: Runtime, brand: Tenant, ana: Member, more: dict[str, str]
) -> None:
    pkce = Pkce()
    code = await code_for(rt, brand, ana, pkce)
    with pytest.raises(TokenRefusedError):
        await exchange(rt, brand, code, pkce, **more)
    with pytest.raises(TokenRefusedError):
        await exchange(rt, brand, code, pkce)
    async with rt.db.read(brand.id) as s:
        assert await tokens.grants(s, member_id=ana.id, now=NOW) == []


async def test_a_code_given_back_twice_ends_its_grant(
    rt: Runtime, brand: Tenant, ana: Member
) -> None:
    pkce = Pkce()
    code = await code_for(rt, brand, ana, pkce)
    got = await exchange(rt, brand, code, pkce)
    with pytest.raises(TokenRefusedError):
        await exchange(rt, brand, code, pkce)
    assert await who(rt, brand, got.access_token) is None
    with pytest.raises(TokenRefusedError):
        await refresh(rt, brand, got.refresh_token)


async def test_refresh_rotates_and_reuse_ends_the_grant(
    rt: Runtime, brand: Tenant, ana: Member
) -> None:
    pkce = Pkce()
    first = await exchange(rt, brand, await code_for(rt, brand, ana, pkce), pkce)
    second = await refresh(rt, brand, first.refresh_token)
    assert second.refresh_token != first.refresh_token
    # The answer was lost on a bad line: the same successor again, for half a minute.
    again = await refresh(rt, brand, first.refresh_token, NOW + timedelta(seconds=30))
    assert again.refresh_token == second.refresh_token
    third = await refresh(rt, brand, second.refresh_token, NOW + timedelta(minutes=1))
    assert await who(rt, brand, third.access_token) is not None
    with pytest.raises(TokenRefusedError):
        await refresh(rt, brand, first.refresh_token, NOW + timedelta(minutes=2))
    for token in (first, second, again, third):
        assert await who(rt, brand, token.access_token) is None
        with pytest.raises(TokenRefusedError):
            await refresh(rt, brand, token.refresh_token, NOW + timedelta(minutes=2))


async def test_a_refresh_token_cannot_be_made_up(
    rt: Runtime, brand: Tenant, ana: Member, make_tenant: Any
) -> None:
    pkce = Pkce()
    got = await exchange(rt, brand, await code_for(rt, brand, ana, pkce), pkce)
    head, grant, generation, code = got.refresh_token.split("_", 3)
    assert generation == "1"
    for forged in (
        f"{head}_{grant}_2_{code}",
        f"{head}_{uuid7().hex}_1_{code}",
        f"{head}_{grant}_1_{secret_token(32)}",
        f"{head}_{grant}_1_",
        "",
    ):
        with pytest.raises(TokenRefusedError):
            await refresh(rt, brand, forged)
    with pytest.raises(TokenRefusedError):
        await refresh(rt, await make_tenant(), got.refresh_token)
    # None of these ended the real one.
    assert (await refresh(rt, brand, got.refresh_token)).scope == "me:read me:redeem"


async def test_revoking_either_token_ends_both(rt: Runtime, brand: Tenant, ana: Member) -> None:
    for part in ("access_token", "refresh_token"):
        pkce = Pkce()
        got = await exchange(rt, brand, await code_for(rt, brand, ana, pkce), pkce)
        await tokens.revoke(rt, tenant_id=brand.id, token=getattr(got, part), now=NOW)
        assert await who(rt, brand, got.access_token) is None
        with pytest.raises(TokenRefusedError):
            await refresh(rt, brand, got.refresh_token)
    await tokens.revoke(rt, tenant_id=brand.id, token="unknown", now=NOW)


async def test_keys_rotate_with_an_overlap(rt: Runtime, tenant: Tenant) -> None:
    async with rt.db.write(tenant.id) as s:
        old = await api_keys.create(
            s, name="ERP", scopes=("points:write", "points:read"), mode="live", now=NOW,
            requests_per_minute=90,
        )  # fmt: skip
        new = await api_keys.rotate(s, key_id=old.key.id, overlap=timedelta(hours=2), now=NOW)
    assert new.key.scopes == ("points:read", "points:write")
    later = NOW + timedelta(hours=2)
    for at, old_works in ((NOW, True), (later - timedelta(seconds=1), True), (later, False)):
        principal = await api_keys.authenticate(rt, tenant.id, old.secret, now=at)
        assert (principal is not None) is old_works
        successor = await api_keys.authenticate(rt, tenant.id, new.secret, now=at)
        assert successor is not None
        assert (successor.key_id, successor.requests_per_minute) == (new.key.id, 90)


async def test_a_key_is_not_in_the_database(rt: Runtime, tenant: Tenant) -> None:
    async with rt.db.write(tenant.id) as s:
        made = await api_keys.create(s, name="x", scopes=("points:read",), mode="live", now=NOW)
        row = await s.value(
            "SELECT k::text FROM app.api_key k WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": made.key.id},
        )
    assert made.secret not in row
    assert made.secret[8:40] not in row


@pytest.mark.parametrize(
    "bad",
    [
        {"scopes": ()},
        {"scopes": ("everything",)},
        {"scopes": ("me:read",)},
        {"name": " "},
        {"expires_at": NOW},
    ],
)
async def test_a_key_needs_sense(rt: Runtime, tenant: Tenant, bad: dict[str, Any]) -> None:
    good = {"name": "x", "scopes": ("points:read",), "mode": "live", "now": NOW}
    with pytest.raises(InvalidError):
        async with rt.db.write(tenant.id) as s:
            await api_keys.create(s, **(good | bad))


async def test_a_known_key_costs_no_statement(
    rt: Runtime, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rt.db.write(tenant.id) as s:
        made = await api_keys.create(s, name="x", scopes=("points:read",), mode="live", now=NOW)
    assert await api_keys.authenticate(rt, tenant.id, made.secret, now=NOW) is not None
    asked = 0
    fetch = type(rt.db).fetch

    async def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal asked
        asked += 1
        return await fetch(*args, **kwargs)

    monkeypatch.setattr(type(rt.db), "fetch", counted)
    for _ in range(100):
        assert await api_keys.authenticate(rt, tenant.id, made.secret, now=NOW) is not None
    assert asked == 0


async def test_without_valkey_nobody_gets_in_and_nothing_crashes(
    rt: Runtime, brand: Tenant, ana: Member
) -> None:
    nobody = replace(rt, valkey=open_valkey("redis://127.0.0.1:1/0"))
    for work in (
        lambda: code_for(nobody, brand, ana, Pkce()),
        lambda: exchange(nobody, brand, "x", Pkce()),
        lambda: who(nobody, brand, "x"),
    ):
        with pytest.raises(UnavailableError):
            await work()
    await nobody.valkey.aclose()

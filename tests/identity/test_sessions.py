"""Sessions: made here and nowhere else, bound to where they were made, over when they are over."""

from datetime import UTC, datetime, timedelta

from guerdon.identity import csrf, sessions
from guerdon.identity.keyring import digest
from guerdon.identity.visit import Visit
from guerdon.kit.ids import secret_token, uuid7
from guerdon.plumbing.cache import key
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def visit(rt: Runtime, tenant: Tenant, cookies: dict[str, str] | None = None) -> Visit:
    return Visit(
        rt, tenant, authority=tenant.canonical_host, cookies=cookies or {},
        agent="Firefox on a phone", address="198.51.100.7",
    )  # fmt: skip


def cookie(made: Visit, name: str) -> str:
    """The value of a cookie that this visit sets, and proof that its attributes are right."""
    (line,) = [c for c in made.set_cookies if c.startswith(f"{name}=")]
    pair, *attributes = line.split("; ")
    assert name.startswith("__Host-")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} < set(attributes)
    assert not any(a.startswith("Domain") for a in attributes)
    return pair.partition("=")[2]


async def read(rt: Runtime, tenant: Tenant, token: str, **more: object) -> sessions.Session | None:
    asked = {"host": tenant.canonical_host, "idle": HOUR, "now": NOW, **more}
    return await sessions.read(rt.valkey, tenant_id=tenant.id, token=token, **asked)  # type: ignore[arg-type]


async def test_a_sign_in_gets_a_new_id_and_the_old_one_dies(rt: Runtime, tenant: Tenant) -> None:
    first = visit(rt, tenant)
    member_id = uuid7()
    await first.sign_in(member_id=member_id, method="code", now=NOW)
    old = cookie(first, "__Host-session")
    second = visit(rt, tenant, {"__Host-session": old})
    await second.load_session(NOW)
    assert second.session is not None
    assert second.session.member_id == member_id
    await second.sign_in(member_id=member_id, method="password", now=NOW + HOUR)
    new = cookie(second, "__Host-session")
    assert new != old
    assert await read(rt, tenant, old) is None
    session = await read(rt, tenant, new)
    assert session is not None
    assert (session.started_at, session.authenticated_at) == (NOW, NOW + HOUR)


async def test_an_id_that_we_did_not_make_is_never_adopted(rt: Runtime, tenant: Tenant) -> None:
    planted = secret_token(32)
    victim = visit(rt, tenant, {"__Host-session": planted})
    await victim.load_session(NOW)
    assert victim.session is None
    await victim.sign_in(member_id=uuid7(), method="code", now=NOW)
    assert cookie(victim, "__Host-session") != planted
    assert await read(rt, tenant, planted) is None


async def test_a_session_is_bound_to_host_and_tenant(
    rt: Runtime, tenant: Tenant, make_tenant: object
) -> None:
    made = visit(rt, tenant)
    await made.sign_in(member_id=uuid7(), method="code", now=NOW)
    token = cookie(made, "__Host-session")
    other = await make_tenant()  # type: ignore[operator]
    assert await read(rt, tenant, token) is not None
    assert await read(rt, tenant, token, host="elsewhere.localhost") is None
    assert await read(rt, other, token, host=tenant.canonical_host) is None


async def test_the_secret_is_stored_hashed(rt: Runtime, tenant: Tenant) -> None:
    made = visit(rt, tenant)
    session = await made.sign_in(member_id=uuid7(), method="code", now=NOW)
    token = cookie(made, "__Host-session")
    assert session.id == digest(token)
    stored = [k async for k in rt.valkey.scan_iter(f"g:{tenant.id}:*")]
    values = [await rt.valkey.get(k) or b"" for k in stored if b":session:" in k]
    assert values
    assert not any(token.encode() in blob for blob in (*stored, *values))


async def test_limits_idle_and_absolute(rt: Runtime, tenant: Tenant) -> None:
    made = visit(rt, tenant)
    session = await made.sign_in(member_id=uuid7(), method="code", now=NOW)
    token = cookie(made, "__Host-session")
    record = key(tenant.id, "session", session.id)
    assert await rt.valkey.ttl(record) == 1440 * 60
    await rt.valkey.expire(record, 5)
    assert await read(rt, tenant, token, idle=timedelta(minutes=30)) is not None
    assert await rt.valkey.ttl(record) == 1800
    last = NOW + timedelta(hours=720)
    assert await read(rt, tenant, token, now=last - timedelta(seconds=1)) is not None
    assert await read(rt, tenant, token, now=last) is None
    assert await rt.valkey.exists(record) == 0


async def test_sessions_are_listed_and_revoked_one_by_one_or_all(
    rt: Runtime, tenant: Tenant
) -> None:
    member_id, other_id = uuid7(), uuid7()
    tokens = []
    for whose in (member_id, member_id, member_id, other_id):
        made = visit(rt, tenant)
        await made.sign_in(member_id=whose, method="code", now=NOW)
        tokens.append(cookie(made, "__Host-session"))
    listed = await sessions.listing(rt.valkey, tenant_id=tenant.id, member_id=member_id, now=NOW)
    assert {one.session.id for one in listed} == {digest(t) for t in tokens[:3]}
    assert listed[0].session.agent == "Firefox on a phone"
    gone = {"tenant_id": tenant.id, "member_id": other_id, "session_id": digest(tokens[0])}
    assert await sessions.revoke(rt.valkey, **gone) is False
    assert await sessions.revoke(rt.valkey, **(gone | {"member_id": member_id})) is True
    assert await read(rt, tenant, tokens[0]) is None
    ended = await sessions.revoke_all(
        rt.valkey, tenant_id=tenant.id, member_id=member_id, keep=digest(tokens[1])
    )
    assert ended == 1
    alive = [await read(rt, tenant, t) is not None for t in tokens]
    assert alive == [False, True, False, True]


async def test_a_form_token_belongs_to_one_session_or_browser(rt: Runtime, tenant: Tenant) -> None:
    anonymous = visit(rt, tenant)
    token = anonymous.csrf_token()
    assert anonymous.csrf_holds(token)
    back = visit(rt, tenant, {"__Host-browser": cookie(anonymous, "__Host-browser")})
    assert back.csrf_holds(token)
    assert back.set_cookies == []
    assert not visit(rt, tenant).csrf_holds(token)
    forged = visit(rt, tenant, {"__Host-browser": f"{secret_token(16)}.{secret_token(32)}"})
    assert not forged.csrf_holds(token)
    assert forged.set_cookies != []
    await back.sign_in(member_id=uuid7(), method="code", now=NOW)
    assert not back.csrf_holds(token)
    mine = back.csrf_token()
    assert back.csrf_holds(mine)
    assert not back.csrf_holds(mine[:-1] + ("A" if mine[-1] != "A" else "B"))
    assert not back.csrf_holds("")
    assert len({back.csrf_token() for _ in range(5)}) == 5


def test_only_our_own_pages_pass() -> None:
    own = "https://aurora.example"
    passing = [
        ("same-origin", None), ("same-origin", own), ("same-origin", "null"), (None, own),
    ]  # fmt: skip
    refused = [
        (None, None), (None, "null"), (None, "https://evil.example"), (None, own + ".evil"),
        (None, "http://aurora.example"), ("cross-site", own), ("same-site", own), ("none", own),
        ("same-origin", "https://evil.example"), ("", own),
    ]  # fmt: skip
    assert [csrf.same_origin(site=s, origin=o, own=own) for s, o in passing] == [True] * 4
    assert [csrf.same_origin(site=s, origin=o, own=own) for s, o in refused] == [False] * 10

"""Bad input and refusals: a stable code, the field at fault, and never a 500."""

from typing import Any

import pytest

from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

REPLAY = "/webhook-endpoints/till/replay"


@pytest.fixture
async def api(make_api: Any, make_tenant: Any) -> Any:
    tenant = await make_tenant(
        integrations={"webhooks": [{"key": "till", "url": "https://example.com/hook"}]}
    )
    return await make_api(tenant)


@pytest.mark.parametrize(
    ("content", "status", "code", "pointer"),
    [
        (b"", 400, "malformed_json", None),
        (b"{", 400, "malformed_json", None),
        (b'{"since":"\xff"}', 422, "invalid", "/since"),
        (b'{"since":"\\ud800"}', 400, "malformed_json", None),
        (b"[" * 100_000, 422, "invalid", ""),
        (b"null", 422, "invalid", ""),
        (b"[]", 422, "invalid", ""),
        (b"{}", 422, "invalid", "/since"),
        (b'{"since":1}', 422, "invalid", "/since"),
        (b'{"since":"2026-01-01T00:00:00"}', 422, "invalid", "/since"),
        (b'{"since":"2026-13-01T00:00:00Z"}', 422, "invalid", "/since"),
        (b'{"since":"2026-01-01T00:00:00Z","tenantId":"x"}', 422, "invalid", "/tenantId"),
        (b'{"since":"2026-01-01T00:00:00Z\\u0000"}', 422, "invalid", ""),
        (b"x" * 1_100_000, 413, "body_too_large", None),
    ],
)
async def test_a_bad_body_names_the_place(
    api: Any, content: bytes, status: int, code: str, pointer: str | None
) -> None:
    answer = await api.post(REPLAY, content=content)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].endswith(f"/docs/errors#{code}")
    assert problem["requestId"] == answer.headers["x-request-id"]
    if pointer is not None:
        assert problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
async def test_only_json_is_taken(api: Any, kind: str) -> None:
    answer = await api.post(
        REPLAY, content=b'{"since":"2026-01-01T00:00:00Z"}', headers={"Content-Type": kind}
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=WyJ4IiwieSJd", "cursor"),
        ("memberId=7", "memberId"),
    ],
)
async def test_a_bad_parameter_is_named(api: Any, query: str, parameter: str) -> None:
    answer = await api.get(f"/events?{query}")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid")
    assert problem["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "route_not_found"),
        ("GET", "/webhook-deliveries/7", 404, "route_not_found"),
        ("PUT", "/events", 405, "method_not_allowed"),
        ("GET", "/webhook-endpoints/other/deliveries", 404, "webhook_endpoint_not_found"),
        ("GET", "/events?cursor=%00", 400, "bad_request"),
        (
            "GET",
            "/webhook-deliveries/019a7f00-0000-7000-8000-000000000000",
            404,
            "webhook_delivery_not_found",
        ),
    ],
)
async def test_what_is_not_there(api: Any, method: str, path: str, status: int, code: str) -> None:
    answer = await api.call(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("key", [None, b"", b"a b", b"\xc3\xa9", b"x" * 256, b"a\tb"])
async def test_a_write_needs_a_good_key(api: Any, key: bytes | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = await api.post(REPLAY, key="", json={"since": "2026-01-01T00:00:00Z"}, headers=headers)
    problem = answer.json()
    assert answer.status_code == 400
    assert problem["code"] in ("idempotency_key_missing", "idempotency_key_invalid")
    assert problem["errors"][0]["header"] == "Idempotency-Key"


async def test_a_repeated_write_is_answered_as_before(api: Any) -> None:
    body = {"since": "2026-01-01T00:00:00Z"}
    first = await api.post(REPLAY, key="k-1", json=body)
    again = await api.post(REPLAY, key="k-1", content=b'{ "since" : "2026-01-01T00:00:00Z" }')
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = await api.post(REPLAY, key="k-1", json={"since": "2026-01-02T00:00:00Z"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = await api.post("/webhook-endpoints/till/enable", key="k-1")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_is_its_principals_own(make_api: Any, tenant: Tenant) -> None:
    """Another key of the brand with the same Idempotency-Key is another write."""
    one, two = await make_api(tenant), await make_api(tenant)
    for caller in (one, two):
        answer = await caller.post("/webhook-endpoints/none/enable", key="same")
        assert answer.json()["code"] == "webhook_endpoint_not_found"


async def test_a_refusal_is_evaluated_again(
    api: Any, rt: Runtime, make_api: Any, make_tenant: Any
) -> None:
    tenant = await make_tenant()
    caller = await make_api(tenant)
    refused = await caller.post("/webhook-endpoints/late/enable", key="k")
    assert refused.json()["code"] == "webhook_endpoint_not_found"
    async with rt.db.read(tenant.id) as s:
        assert await s.value("SELECT count(*) FROM app.idempotency") == 0


async def test_in_flight_is_a_conflict(
    api: Any, rt: Runtime, tenant: Tenant, make_api: Any
) -> None:
    caller = await make_api(tenant)
    principal = None
    async with rt.db.read(tenant.id) as s:
        principal = f"key:{await s.value('SELECT id FROM app.api_key')}"
    async with rt.db.write(tenant.id) as s:
        await s.value(
            "SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0))",
            {"lock": f"{tenant.id}/{principal}/busy"},
        )
        answer = await caller.post("/webhook-endpoints/till/enable", key="busy")
    assert (answer.status_code, answer.json()["code"]) == (409, "request_in_flight")
    assert answer.headers["retry-after"] == "1"


async def test_who_may_call(api: Any, make_api: Any, make_tenant: Any, http: Any) -> None:
    tenant = await make_tenant()
    reader = await make_api(tenant, "webhooks:read")
    denied = await reader.post("/webhook-endpoints/till/enable")
    assert (denied.status_code, denied.json()["code"]) == (403, "scope_missing")
    assert (await reader.get("/webhook-endpoints")).status_code == 200
    for headers in ({}, {"Authorization": "Bearer gk_live_wrong"}, {"Authorization": "Basic x"}):
        nobody = await (await http(tenant)).get("/api/v1/webhook-endpoints", headers=headers)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
        assert nobody.headers["www-authenticate"] == "Bearer"
    foreign = await (await http(tenant)).get("/api/v1/webhook-endpoints", headers=api.headers)
    assert foreign.status_code in (401, 404)
    in_url = await (await http(tenant)).get(
        f"/api/v1/webhook-endpoints?api_key={api.headers['Authorization'][7:]}"
    )
    assert in_url.status_code == 401


async def test_limits_are_told_and_kept(make_api: Any, make_tenant: Any) -> None:
    tenant = await make_tenant()
    caller = await make_api(tenant, requests_per_minute=5)
    answers = [await caller.get("/webhook-endpoints") for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert [a.headers["ratelimit-remaining"] for a in answers] == ["4", "3", "2", "1", "0", "0"]
    assert {a.headers["ratelimit-limit"] for a in answers} == {"5"}
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 12
    other = await make_api(tenant, requests_per_minute=5)
    assert (await other.get("/webhook-endpoints")).status_code == 200


async def test_a_crash_tells_nothing(
    api: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours: a 500 with the request id, no text of the database."""
    from guerdon.webhooks_out import queries

    monkeypatch.setattr(queries, "_DELIVERY", "SELECT secret_column FROM app.webhook_delivery d")
    answer = await api.get("/webhook-deliveries/019a7f00-0000-7000-8000-000000000000")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret_column" not in answer.text

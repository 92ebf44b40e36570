"""A brand's system with a key, calling the real application."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from guerdon.identity import api_keys
from guerdon.identity.policy import API_SCOPES
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant


class Api:
    """A client of one brand's API; every write gets a fresh key unless one is given."""

    def __init__(self, client: httpx2.AsyncClient, secret: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {secret}"}

    async def call(
        self, method: str, path: str, *, key: str | None = None, **kwargs: Any
    ) -> httpx2.Response:
        headers = self.headers | kwargs.pop("headers", {})
        if method != "GET" and key != "":
            headers.setdefault("Idempotency-Key", key or str(uuid4()))
        if "json" in kwargs or "content" in kwargs:
            headers.setdefault("Content-Type", "application/json")
        return await self.client.request(method, f"/api/v1{path}", headers=headers, **kwargs)

    async def get(self, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.call("GET", path, **kwargs)

    async def post(self, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.call("POST", path, **kwargs)

    async def patch(self, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.call("PATCH", path, **kwargs)

    async def put(self, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.call("PUT", path, **kwargs)

    async def delete(self, path: str, **kwargs: Any) -> httpx2.Response:
        return await self.call("DELETE", path, **kwargs)


async def issue(rt: Runtime, tenant: Tenant, *scopes: str, **options: Any) -> str:
    """The secret of a new key."""
    async with rt.db.write(tenant.id) as s:
        issued = await api_keys.create(
            s, name="till", scopes=scopes or tuple(API_SCOPES), mode="live",
            now=datetime.now(UTC), **options,
        )  # fmt: skip
    return issued.secret


MakeApi = Callable[..., Awaitable[Api]]


@pytest.fixture
async def make_api(rt: Runtime, http: Any) -> MakeApi:
    """`await make_api(tenant, "points:write")`: a client whose key has these scopes (none: all)."""

    async def make(tenant: Tenant, *scopes: str, **options: Any) -> Api:
        return Api(await http(tenant), await issue(rt, tenant, *scopes, **options))

    return make


@pytest.fixture
async def api(make_api: MakeApi, tenant: Tenant) -> Api:
    """A client with every scope."""
    return await make_api(tenant)

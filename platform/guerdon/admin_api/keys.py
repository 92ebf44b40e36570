"""API keys of the brand's systems."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity import api_keys
from guerdon.identity.policy import API_SCOPES, staff
from guerdon.plumbing.db import WriteSession
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Integrations"]
MANAGE = {"policy": staff("keys:manage", fresh=True)}
SHUT_OUT = {"policy": staff("keys:manage", fresh=True, terms=False)}


class ApiKey(Out, frozen=True):
    """A key as its owner sees it: the last four characters, never the rest."""

    id: UUID
    name: str
    mode: str
    hint: str
    scopes: list[str]
    requests_per_minute: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: api_keys.ApiKey) -> "ApiKey":
        """As the domain has it."""
        return msgspec.convert(key, cls, from_attributes=True)


class ApiKeys(Out, frozen=True):
    """All keys, and what a key can be allowed, with the words for it."""

    items: list[ApiKey]
    scopes: dict[str, str]


class IssuedApiKey(Out, frozen=True):
    """A new key. Its secret is shown once: null when the call is repeated."""

    key: ApiKey
    secret: str | None


class ApiKeyIn(In, frozen=True):
    """A key to make."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    scopes: Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]
    mode: Literal["live", "test"] = "live"
    days: Annotated[int, Meta(ge=1, le=3650, description="Until it expires")] | None = None
    requests_per_minute: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class ApiKeyRotateIn(In, frozen=True):
    """How long the old key still works."""

    overlap_hours: Annotated[int, Meta(ge=0, le=720)] = 24


@get("/{brand:str}/api-keys", operation_id="listApiKeys", operation_class=Read,
     opt={"policy": staff("keys:read")}, tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[ApiKeys]:
    """List the API keys, newest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await api_keys.listing(s)
    return answer(ApiKeys([ApiKey.of(key) for key in found], dict(API_SCOPES)))


@post("/{brand:str}/api-keys", operation_id="createApiKey", operation_class=Write, opt=MANAGE,
      tags=TAGS)  # fmt: skip
async def create(request: AdminRequest, data: JSONBody[ApiKeyIn]) -> Response[IssuedApiKey]:
    """Make a key and show its secret once."""

    async def work(s: WriteSession, now: datetime) -> Done:
        issued = await api_keys.create(
            s, name=data.name, scopes=data.scopes, mode=data.mode, now=now,
            expires_at=now + timedelta(days=data.days) if data.days else None,
            requests_per_minute=data.requests_per_minute,
        )  # fmt: skip
        return _issued(issued)

    return await act(request, action="api_key.created", subject="api_key", work=work, given=data,
                     status=201)  # fmt: skip


@post("/{brand:str}/api-keys/{key_id:uuid}/rotate", operation_id="rotateApiKey",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=201)  # fmt: skip
async def rotate(
    request: AdminRequest, key_id: PathId, data: JSONBody[ApiKeyRotateIn]
) -> Response[IssuedApiKey]:
    """Make a successor with the same name and scopes; the old key works on for the overlap."""

    async def work(s: WriteSession, now: datetime) -> Done:
        issued = await api_keys.rotate(
            s, key_id=key_id, overlap=timedelta(hours=data.overlap_hours), now=now
        )
        return _issued(issued, replaces=str(key_id))

    return await act(request, action="api_key.rotated", subject=f"api_key:{key_id}", work=work,
                     given=data, status=201)  # fmt: skip


@post("/{brand:str}/api-keys/{key_id:uuid}/revoke", operation_id="revokeApiKey",
      operation_class=Write, opt=SHUT_OUT, tags=TAGS, status_code=200)  # fmt: skip
async def revoke(request: AdminRequest, key_id: PathId) -> Response[ApiKeys]:
    """End a key now, everywhere within a second."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await api_keys.revoke(s, key_id=key_id, now=now)
        found = await api_keys.listing(s)
        gone = next(key for key in found if key.id == key_id)
        return Done(
            ApiKeys([ApiKey.of(key) for key in found], dict(API_SCOPES)),
            {"name": gone.name, "hint": gone.hint},
        )

    return await act(request, action="api_key.revoked", subject=f"api_key:{key_id}", work=work)


def _issued(issued: api_keys.IssuedKey, **more: str) -> Done:
    key = ApiKey.of(issued.key)
    return Done(
        IssuedApiKey(key, issued.secret),
        {"name": key.name, "hint": key.hint, "scopes": key.scopes, "mode": key.mode} | more,
        subject=f"api_key:{key.id}",
        kept=IssuedApiKey(key, None),
    )


HANDLERS = [listing, create, rotate, revoke]

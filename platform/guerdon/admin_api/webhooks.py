"""Webhooks out, as the brand's developers watch them. Endpoints themselves are parameters."""

from datetime import datetime

from litestar import Response, get, post
from litestar.params import JSONBody

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity.policy import staff
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.plumbing.db import WriteSession
from guerdon.webhooks_out import operations, queries
from guerdon.webhooks_out.parameters import IntegrationParameters
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, PathId
from guerdon.wire.webhooks import (
    Attempt,
    Attempts,
    Delivery,
    Endpoint,
    EndpointKey,
    Endpoints,
    Replayed,
    ReplayIn,
    Secret,
    Status,
)

TAGS = ["Integrations"]
READ = {"policy": staff("webhooks:read")}
MANAGE = {"policy": staff("webhooks:manage")}


def _parameters(request: AdminRequest) -> IntegrationParameters:
    return request.snapshot[IntegrationParameters]


@get("/{brand:str}/webhook-endpoints", operation_id="listWebhookEndpoints", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[Endpoints]:
    """List the endpoints in force and their state."""
    async with request.rt.db.read(request.tenant.id) as s:
        rows = await queries.endpoints(s, _parameters(request))
    return answer(Endpoints([Endpoint.of(row) for row in rows]))


@post("/{brand:str}/webhook-endpoints/{key:str}/rotate-secret", status_code=200,
      operation_id="rotateWebhookSecret", operation_class=Write,
      opt={"policy": staff("webhooks:manage", fresh=True)}, tags=TAGS)  # fmt: skip
async def rotate_secret(request: AdminRequest, key: EndpointKey) -> Response[Secret]:
    """Make a new signing secret and show it once. Deliveries carry both signatures for a day."""

    async def work(s: WriteSession, now: datetime) -> Done:
        queries.endpoint(_parameters(request), key)
        secret = await operations.rotate_secret(request.rt, s, key=key, now=now)
        return Done(Secret(secret), kept=Secret(None))

    return await act(request, action="webhook.secret_rotated", subject=f"webhook:{key}", work=work)


@post("/{brand:str}/webhook-endpoints/{key:str}/enable", operation_id="enableWebhookEndpoint",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def enable(request: AdminRequest, key: EndpointKey) -> Response[Endpoint]:
    """Switch an endpoint on again after it answered 410."""

    async def work(s: WriteSession, now: datetime) -> Done:
        parameters = _parameters(request)
        await operations.enable(s, key=key, parameters=parameters)
        rows = await queries.endpoints(s, parameters)
        return Done(Endpoint.of(next(row for row in rows if row.key == key)))

    return await act(request, action="webhook.enabled", subject=f"webhook:{key}", work=work)


@post("/{brand:str}/webhook-endpoints/{key:str}/replay", operation_id="replayWebhooks",
      operation_class=Write, opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def replay(
    request: AdminRequest, key: EndpointKey, data: JSONBody[ReplayIn]
) -> Response[Replayed]:
    """Post again every event since an instant that the endpoint has not taken yet."""

    async def work(s: WriteSession, now: datetime) -> Done:
        queued = await operations.replay_since(
            s, key=key, since=data.since, parameters=_parameters(request)
        )
        return Done(Replayed(queued), {"since": data.since, "queued": queued})

    return await act(request, action="webhook.replayed", subject=f"webhook:{key}", work=work,
                     given=data)  # fmt: skip


@get("/{brand:str}/webhook-endpoints/{key:str}/deliveries", operation_id="listWebhookDeliveries",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def deliveries(
    request: AdminRequest,
    key: EndpointKey,
    status: Status = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[Delivery]]:
    """Read the log of an endpoint, newest first."""
    async with request.rt.db.read(request.tenant.id) as s:
        queries.endpoint(_parameters(request), key)
        page = await queries.deliveries(
            s, endpoint_key=key, status=status, cursor=cursor, limit=limit
        )
    return answer(Page([Delivery.of(row) for row in page.items], page.next_cursor))


@get("/{brand:str}/webhook-deliveries/{delivery_id:uuid}/attempts", operation_class=Read,
     operation_id="listWebhookAttempts", opt=READ, tags=TAGS)  # fmt: skip
async def attempts(request: AdminRequest, delivery_id: PathId) -> Response[Attempts]:
    """Read every try of one delivery."""
    async with request.rt.db.read(request.tenant.id) as s:
        await queries.delivery(s, delivery_id)
        rows = await queries.attempts(s, delivery_id)
    return answer(Attempts([Attempt.of(row) for row in rows]))


@post("/{brand:str}/webhook-deliveries/{delivery_id:uuid}/replay", operation_class=Write,
      operation_id="replayWebhookDelivery", opt=MANAGE, tags=TAGS, status_code=200)  # fmt: skip
async def replay_delivery(request: AdminRequest, delivery_id: PathId) -> Response[Delivery]:
    """Post one event again, whatever became of it before."""

    async def work(s: WriteSession, now: datetime) -> Done:
        row = await operations.replay_delivery(
            s, delivery_id=delivery_id, parameters=_parameters(request)
        )
        return Done(Delivery.of(row), {"endpoint": row.endpoint_key})

    return await act(request, action="webhook.replayed", subject=f"delivery:{delivery_id}",
                     work=work)  # fmt: skip


HANDLERS = [listing, rotate_secret, enable, replay, deliveries, attempts, replay_delivery]

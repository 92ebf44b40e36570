"""Webhooks out: endpoints, their secrets, the log, replay; and the same events to pull."""

from datetime import datetime

from litestar import Response, get, post
from litestar.params import JSONBody

from guerdon.identity.policy import api_key
from guerdon.kit.paging import PAGE_SIZE_DEFAULT, Page
from guerdon.plumbing.db import WriteSession
from guerdon.webhooks_out import operations, queries
from guerdon.webhooks_out.parameters import IntegrationParameters
from guerdon.webhooks_out.schemas import EventEnvelope
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import Cursor, Limit, MemberFilter, PathId
from guerdon.wire.requests import ApiRequest, ShownOnce, answer, once
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

TAGS = ["Webhooks"]
READ = {"policy": api_key("webhooks:read")}
WRITE = {"policy": api_key("webhooks:write")}


def _parameters(request: ApiRequest) -> IntegrationParameters:
    return request.snapshot[IntegrationParameters]


@get("/webhook-endpoints", operation_id="listWebhookEndpoints", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def list_endpoints(request: ApiRequest) -> Response[Endpoints]:
    """List the endpoints in force. They are changed through the programme's parameters."""
    async with request.rt.db.read(request.tenant.id) as s:
        rows = await queries.endpoints(s, _parameters(request))
    return answer(Endpoints([Endpoint.of(row) for row in rows]))


@post("/webhook-endpoints/{key:str}/rotate-secret", operation_id="rotateWebhookSecret",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def rotate_secret(request: ApiRequest, key: EndpointKey) -> Response[Secret]:
    """Make a new signing secret and show it once. Deliveries carry both signatures for a day.

    An endpoint takes no delivery before its first secret.
    """

    async def work(s: WriteSession, now: datetime) -> ShownOnce:
        secret = await operations.rotate_secret(request.rt, s, key=key, now=now)
        return ShownOnce(Secret(secret), again=Secret(None))

    return await once(request, work, given={"key": key})


@post("/webhook-endpoints/{key:str}/enable", operation_id="enableWebhookEndpoint",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def enable_endpoint(request: ApiRequest, key: EndpointKey) -> Response[Endpoint]:
    """Switch an endpoint on again after it answered 410."""

    async def work(s: WriteSession, now: datetime) -> Endpoint:
        parameters = _parameters(request)
        await operations.enable(s, key=key, parameters=parameters)
        rows = await queries.endpoints(s, parameters)
        return Endpoint.of(next(row for row in rows if row.key == key))

    return await once(request, work, given={"key": key})


@post("/webhook-endpoints/{key:str}/replay", operation_id="replayWebhooks",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def replay_endpoint(
    request: ApiRequest, key: EndpointKey, data: JSONBody[ReplayIn]
) -> Response[Replayed]:
    """Post again every event since an instant that the endpoint has not taken yet."""

    async def work(s: WriteSession, now: datetime) -> Replayed:
        queued = await operations.replay_since(
            s, key=key, since=data.since, parameters=_parameters(request)
        )
        return Replayed(queued)

    return await once(request, work, given=data)


@get("/webhook-endpoints/{key:str}/deliveries", operation_id="listWebhookDeliveries",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def list_deliveries(
    request: ApiRequest,
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


@get("/webhook-deliveries/{delivery_id:uuid}", operation_id="getWebhookDelivery",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def get_delivery(request: ApiRequest, delivery_id: PathId) -> Response[Delivery]:
    """Read one delivery."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(Delivery.of(await queries.delivery(s, delivery_id)))


@get("/webhook-deliveries/{delivery_id:uuid}/attempts", operation_id="listWebhookAttempts",
     operation_class=Read, opt=READ, tags=TAGS)  # fmt: skip
async def list_attempts(request: ApiRequest, delivery_id: PathId) -> Response[Attempts]:
    """Read every try of one delivery."""
    async with request.rt.db.read(request.tenant.id) as s:
        await queries.delivery(s, delivery_id)
        rows = await queries.attempts(s, delivery_id)
    return answer(Attempts([Attempt.of(row) for row in rows]))


@post("/webhook-deliveries/{delivery_id:uuid}/replay", operation_id="replayWebhookDelivery",
      operation_class=Write, opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def replay_delivery(request: ApiRequest, delivery_id: PathId) -> Response[Delivery]:
    """Post one event again, whatever became of it before."""

    async def work(s: WriteSession, now: datetime) -> Delivery:
        row = await operations.replay_delivery(
            s, delivery_id=delivery_id, parameters=_parameters(request)
        )
        return Delivery.of(row)

    return await once(request, work, given={"deliveryId": delivery_id})


@get("/events", operation_id="listEvents", operation_class=Read, opt=READ, tags=TAGS)
async def list_events(
    request: ApiRequest,
    member_id: MemberFilter = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
) -> Response[Page[EventEnvelope]]:
    """Pull events in the order of recording: what the webhooks carry, with the same ids.

    Keep the last `nextCursor` and ask again: an empty page has none, and means that you have
    caught up. Events appear two seconds after they are recorded.
    """
    async with request.rt.db.read(request.tenant.id) as s:
        page = await queries.events(s, member_id=member_id, cursor=cursor, limit=limit)
    return answer(Page([row.envelope() for row in page.items], page.next_cursor))


HANDLERS = [
    list_endpoints, rotate_secret, enable_endpoint, replay_endpoint, list_deliveries,
    get_delivery, list_attempts, replay_delivery, list_events,
]  # fmt: skip

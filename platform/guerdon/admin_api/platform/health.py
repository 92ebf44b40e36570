"""How the deployment is doing: queues, the health of tenants, answers and delays, and messages
that were given up and are put back to work."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from guerdon.admin_api.platform.requests import act_on, label, tenant_of, words
from guerdon.admin_api.requests import AdminRequest, Done, answer
from guerdon.identity.policy import platform
from guerdon.plumbing.db import WriteSession
from guerdon.support import pulse, queues, replays, traffic
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.wire.openapi import Read, Write
from guerdon.wire.parameters import PathId
from guerdon.wire.values import In, Out

TAGS = ["Deployment"]
READ = {"policy": platform("tenants:read")}
CHANGE = {"policy": platform("tenants:change")}
Slug = FromPath[str]
Topic = Annotated[str | None, QueryParameter(max_length=80, description="Of this topic only")]
Hours = Annotated[int, QueryParameter(ge=1, le=24, description="How many hours back")]
# A relay counts every few seconds; after a minute without, none runs.
_LATE: Final = timedelta(minutes=1)
_BUSIEST: Final = timedelta(hours=3)


class QueueState(Out, frozen=True):
    """One tenant's messages of one topic.

    `ready` wait for a worker since `readySince`; `leased` are in hand; `retrying` failed before;
    `parked` were given up.
    """

    slug: str
    name: str
    status: str
    topic: str
    queue: str
    waiting: int
    ready: int
    leased: int
    retrying: int
    parked: int
    ready_since: datetime | None
    oldest_at: datetime | None
    parked_since: datetime | None


class UnwellTenant(Out, frozen=True):
    """What does not work for a tenant, as its own job found it."""

    slug: str
    name: str
    status: str
    found_at: datetime
    webhooks_failing: int
    endpoints_off: int
    mails_failed: int
    texts_failed: int
    orders_waiting: int
    providers_failing: list[str]


class DeploymentQueues(Out, frozen=True):
    """What lies in queues (at most 500, the worst first) and who is not well.

    `seenAt` is when a relay counted last; `late`: so long ago that no relay runs.
    """

    items: list[QueueState]
    unwell: list[UnwellTenant]
    seen_at: datetime | None
    late: bool


class TenantHealth(Out, frozen=True):
    """What lies in a tenant's queues as a relay counted it at `seenAt`, and what its own job found
    last (null before the first time)."""

    queues: list[QueueState]
    seen_at: datetime | None
    found: UnwellTenant | None


class ParkedMessage(Out, frozen=True):
    """A message that was given up; `error` without addresses and long numbers, `about` the ids and
    numbers in it."""

    id: UUID
    topic: str
    queue: str
    attempts: int
    created_at: datetime
    parked_at: datetime
    error: str
    about: dict[str, str]


class ParkedMessages(Out, frozen=True):
    """A tenant's parked messages, the one parked first at the top."""

    items: list[ParkedMessage]


class ReplayMessagesIn(In, frozen=True):
    """Which messages: those of one topic, or all that are parked."""

    topic: Annotated[str, Meta(min_length=1, max_length=80)] | None = None


class MessagesReplayed(Out, frozen=True):
    """How many are put back to work, and how many are parked still."""

    replayed: int
    left: int


class TrafficMinute(Out, frozen=True):
    """One minute of a face. Times are upper bounds in milliseconds, null without an answer."""

    minute: datetime
    face: str
    requests: int
    refused: int
    failed: int
    p50_ms: int | None
    p95_ms: int | None


class BusyTenant(Out, frozen=True):
    """A tenant's sums of the last three hours at most."""

    slug: str
    name: str
    requests: int
    refused: int
    failed: int


class QueueDelay(Out, frozen=True):
    """How long a tenant's messages waited for a worker in one minute, at worst."""

    minute: datetime
    slug: str
    ready: int
    delay_s: int


class DeploymentOverview(Out, frozen=True):
    """Answers by face and minute, the tenants with most failures, and the delays of the five
    tenants whose messages waited longest."""

    since: datetime
    until: datetime
    minutes: list[TrafficMinute]
    busiest: list[BusyTenant]
    delays: list[QueueDelay]


@get("/overview", operation_id="readDeployment", operation_class=Read, opt=READ, tags=TAGS)
async def overview(request: AdminRequest, hours: Hours = 3) -> Response[DeploymentOverview]:
    """How the deployment answered and how long messages waited, minute by minute."""
    now = request.now
    since = now - timedelta(hours=hours)
    async with request.rt.db.read(OPERATOR_ID) as s:
        minutes = await traffic.minutes(s, since=since)
        busiest = await traffic.busiest(s, since=max(since, now - _BUSIEST))
        delays = await queues.delays(s, since=since)
    return answer(
        DeploymentOverview(
            since=since,
            until=now,
            minutes=[
                TrafficMinute(
                    minute=one.minute,
                    face=one.face,
                    requests=one.requests,
                    refused=one.refused,
                    failed=one.failed,
                    p50_ms=traffic.percentile_ms(one.buckets, 0.5),
                    p95_ms=traffic.percentile_ms(one.buckets, 0.95),
                )
                for one in minutes
            ],
            busiest=[BusyTenant(b.slug, b.name, b.requests, b.refused, b.failed) for b in busiest],
            delays=[QueueDelay(d.minute, d.slug, d.ready, d.delay_s) for d in delays],
        )
    )


@get("/queues", operation_id="listQueues", operation_class=Read, opt=READ, tags=TAGS)
async def listing(request: AdminRequest) -> Response[DeploymentQueues]:
    """List what lies in the queues of all tenants, and who is not well."""
    async with request.rt.db.read(OPERATOR_ID) as s:
        rows, unwell = await queues.states(s), await pulse.unwell(s)
        seen = await queues.seen_at(s)
    return answer(
        DeploymentQueues(
            items=[_queue(row) for row in rows],
            unwell=[_unwell(one) for one in unwell],
            seen_at=seen,
            late=seen is None or request.now - seen > _LATE,
        )
    )


def _queue(row: queues.Queue) -> QueueState:
    return QueueState(
        row.slug, row.name, row.status, row.topic, row.queue, row.waiting, row.ready, row.leased,
        row.retrying, row.parked, row.ready_since, row.oldest_at, row.parked_since,
    )  # fmt: skip


def _unwell(one: pulse.Pulse) -> UnwellTenant:
    found = one.found
    return UnwellTenant(
        one.slug, one.name, one.status, one.at, found.webhooks_failing, found.endpoints_off,
        found.mails_failed, found.texts_failed, found.orders_waiting,
        list(found.providers_failing),
    )  # fmt: skip


@get("/tenants/{slug:str}/health", operation_id="readTenantHealth", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def health(request: AdminRequest, slug: Slug) -> Response[TenantHealth]:
    """What waits and fails for one tenant, and what of its connections does not work."""
    tenant = await request.rt.directory.by_slug(slug)
    async with request.rt.db.read(OPERATOR_ID) as s:
        rows = await queues.states(s, tenant_id=tenant.id)
        seen = await queues.seen_at(s)
        found = await pulse.of(s, tenant_id=tenant.id)
    return answer(
        TenantHealth(
            queues=[_queue(row) for row in rows],
            seen_at=seen,
            found=None if found is None else _unwell(found),
        )
    )


@get("/tenants/{slug:str}/messages", operation_id="listParkedMessages", operation_class=Read,
     opt=READ, tags=TAGS)  # fmt: skip
async def parked(
    request: AdminRequest, slug: Slug, topic: Topic = None
) -> Response[ParkedMessages]:
    """List a tenant's parked messages and why they were given up; at most a hundred."""
    tenant = await tenant_of(request, slug)
    async with request.rt.db.read(tenant.id) as s:
        rows = await replays.parked(s, topic=topic)
    return answer(
        ParkedMessages(
            [
                ParkedMessage(
                    r.id,
                    r.topic,
                    r.queue,
                    r.attempts,
                    r.created_at,
                    r.parked_at,
                    r.error,
                    r.about,
                )
                for r in rows
            ]
        )
    )


@post("/tenants/{slug:str}/messages/{message_id:uuid}/replay", operation_id="replayMessage",
      operation_class=Write, opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def replay(
    request: AdminRequest, slug: Slug, message_id: PathId
) -> Response[MessagesReplayed]:
    """Put a parked message back to work; one that is at work already, or done, is left alone."""

    async def work(s: WriteSession, now: datetime) -> Done:
        done = await replays.replay(
            s, tenant=request.tenant, maintenance=request.rt.maintenance, message_id=message_id,
            actor=label(request), now=now, address=request.address,
            request_id=request.request_id, words=words(request),
        )  # fmt: skip
        return Done(MessagesReplayed(int(done), 0), changed=False)

    return await act_on(request, slug, action="message.replayed", work=work,
                        told={"message": message_id})  # fmt: skip


@post("/tenants/{slug:str}/messages/replay", operation_id="replayMessages", operation_class=Write,
      opt=CHANGE, tags=TAGS, status_code=200)  # fmt: skip
async def replay_all(
    request: AdminRequest, slug: Slug, data: JSONBody[ReplayMessagesIn]
) -> Response[MessagesReplayed]:
    """Put a tenant's parked messages back to work, of one topic or all; at most 500 at once."""

    async def work(s: WriteSession, now: datetime) -> Done:
        done = await replays.replay_all(
            s, tenant=request.tenant, maintenance=request.rt.maintenance, topic=data.topic,
            actor=label(request), now=now, address=request.address,
            request_id=request.request_id, words=words(request),
        )  # fmt: skip
        return Done(MessagesReplayed(done.replayed, done.left), changed=False)

    return await act_on(request, slug, action="messages.replayed", work=work,
                        told={"topic": data.topic or "*"}, given=data)  # fmt: skip


HANDLERS = [overview, listing, health, parked, replay, replay_all]

"""The doorbell: dramatiq on Valkey. A ring says "look at this outbox row" and nothing else."""

import dramatiq
import psycopg
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, Middleware, ShutdownNotifications
from redis import Redis
from redis.exceptions import RedisError

from guerdon.kit.errors import UnavailableError
from guerdon.plumbing.outbox import QUEUES

# What passes: the database or Valkey being restarted.
TRANSIENT = (psycopg.Error, RedisError, UnavailableError, OSError, TimeoutError)

# A dead worker's rings come back after the time-out; maintenance runs on a share of the commands
# (out of a million). The defaults, 60 s and 0.1 %, leave them lying for minutes on a quiet queue.
HEARTBEAT_TIMEOUT_MS = 5_000
MAINTENANCE_CHANCE = 50_000
RING_TTL_MS = 600_000


def open_broker(url: str, *middleware: Middleware) -> RedisBroker:
    """A broker without dramatiq's retries, results and delays: the outbox row does all that."""
    client = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2)
    broker: RedisBroker = RedisBroker(  # type: ignore[no-untyped-call]
        client=client,
        middleware=[AsyncIO(), ShutdownNotifications(), *middleware],
        heartbeat_timeout=HEARTBEAT_TIMEOUT_MS,
        maintenance_chance=MAINTENANCE_CHANCE,
        dead_message_ttl=RING_TTL_MS,
    )
    dramatiq.set_broker(broker)
    return broker


def actor_name(queue: str) -> str:
    """The one actor of a queue."""
    return f"run_{queue}"


def ring(queue: str, tenant_id: str, outbox_id: str) -> "dramatiq.Message[None]":
    """The message that makes a worker look at an outbox row."""
    return dramatiq.Message(
        queue_name=queue,
        actor_name=actor_name(queue),
        args=(tenant_id, outbox_id),
        kwargs={},
        options={},
    )


def waiting(broker: RedisBroker) -> dict[str, int]:
    """How many rings lie in each queue."""
    pipeline = broker.client.pipeline(transaction=False)
    for queue in QUEUES:
        pipeline.llen(f"{broker.namespace}:{queue}")
    return dict(zip(QUEUES, pipeline.execute(), strict=True))

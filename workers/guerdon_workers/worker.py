"""The worker process: takes rings, runs outbox rows, drains on SIGTERM."""

import asyncio
import threading
from concurrent.futures import Future
from typing import Any, Final
from uuid import UUID

import dramatiq
import structlog
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import Middleware
from redis.exceptions import RedisError

from guerdon.plans.recording import Recorder, recording
from guerdon.plumbing.cache import WORKER_ALIVE
from guerdon.plumbing.outbox import QUEUES
from guerdon.plumbing.process import settle
from guerdon.plumbing.runner import Runner
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import Settings
from guerdon_workers.actors import all_handlers
from guerdon_workers.broker import actor_name, open_broker

log = structlog.get_logger(__name__)

# More than the relay rings of one brand and queue: one whose supplier hangs leaves some to others.
THREADS: Final = 24
ALIVE_EVERY_S: Final = 2.0
ALIVE_FOR_S: Final = 10


class _Keeper(Middleware):
    """Holds the runtime open on the event loop that runs the actors."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._leave: asyncio.Event | None = None
        self._gone: Future[None] | None = None
        self.runner: Runner | None = None

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        loop_thread = get_event_loop_thread()
        if loop_thread is None:
            raise RuntimeError("the AsyncIO middleware comes first")
        ready: Future[None] = Future()
        self._gone = asyncio.run_coroutine_threadsafe(self._keep(ready), loop_thread.loop)

        def failed(gone: "Future[None]") -> None:
            if not ready.done():
                ready.set_exception(_error(gone))

        self._gone.add_done_callback(failed)
        ready.result(timeout=60)

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        loop_thread = get_event_loop_thread()
        if self._leave is not None and self._gone is not None and loop_thread is not None:
            loop_thread.loop.call_soon_threadsafe(self._leave.set)
            self._gone.result(timeout=10)

    async def _keep(self, ready: "Future[None]") -> None:
        self._leave = asyncio.Event()
        recorder = Recorder()
        async with (
            open_runtime(self._settings, role="worker", sections=SECTIONS) as rt,
            recording(recorder, rt.db),
        ):
            self.runner = Runner(
                rt,
                all_handlers(),
                lease_s=self._settings.job_lease_s,
                attempts_max=self._settings.job_attempts_max,
                observe=recorder.job,
            )
            ready.set_result(None)
            while not self._leave.is_set():
                await _say_alive(rt)
                try:
                    await asyncio.wait_for(self._leave.wait(), timeout=ALIVE_EVERY_S)
                except TimeoutError:
                    continue


def _error(gone: "Future[Any]") -> BaseException:
    return gone.exception() or RuntimeError("the runtime closed early")


async def _say_alive(rt: Runtime) -> None:
    try:
        await rt.valkey.set(WORKER_ALIVE, "1", ex=ALIVE_FOR_S)
    except (RedisError, OSError) as error:
        log.warning("worker.heartbeat_failed", error=str(error))


def _declare_actors(broker: dramatiq.Broker, keeper: _Keeper) -> None:
    async def run(tenant_id: str, outbox_id: str) -> None:
        if keeper.runner is None:
            raise RuntimeError("the worker has not started")
        await keeper.runner.run(UUID(tenant_id), UUID(outbox_id))

    for queue in QUEUES:
        dramatiq.actor(actor_name=actor_name(queue), queue_name=queue, broker=broker)(run)


def run_worker(settings: Settings, stop: threading.Event, *, threads: int = THREADS) -> None:
    """Work until `stop` is set, then finish what is in hand and give the rest back."""
    keeper = _Keeper(settings)
    broker = open_broker(settings.broker_url, keeper)
    _declare_actors(broker, keeper)
    worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=threads)
    settle()
    worker.start()
    log.info("worker.ready", queues=list(QUEUES), threads=threads)
    stop.wait()
    log.info("worker.draining")
    worker.stop(timeout=settings.drain_s * 1000)
    broker.close()
    log.info("worker.stopped")

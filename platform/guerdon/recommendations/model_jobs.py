"""Training every night, in the queue of what takes long; one at a time in each worker process."""

import asyncio
from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

import msgspec
import structlog

from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Job, PostponeError
from guerdon.recommendations import training_progress
from guerdon.recommendations.learning.plan import Knobs, Outcome, Progress
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.recommendations.training import keep, learn
from guerdon.runtime import Runtime

LOOK_AGAIN_S: Final = 20.0
LONGEST: Final = timedelta(hours=2)
KNOBS: Final = Knobs()
log = structlog.get_logger(__name__)


class TrainNightly(outbox.Message, frozen=True):
    """Train, if the brand recommends products."""

    topic: ClassVar[str] = "recommendations.train_nightly"
    queue: ClassVar[str] = "bulk"


class TrainModel(outbox.Message, frozen=True):
    """Train now, for whoever asked."""

    topic: ClassVar[str] = "recommendations.train"
    queue: ClassVar[str] = "bulk"
    attempts_max: ClassVar[int] = 3
    made_by: str


class NightlyTraining(Effect[TrainNightly]):
    """Asks for a training where the brand's parameters in force want one."""

    message = TrainNightly

    async def apply(self, rt: Runtime, s: WriteSession, m: TrainNightly, now: datetime) -> None:
        wanted = (await rt.snapshot(s.tenant_id, now))[RecommendationParameters]
        if wanted.enabled and wanted.kinds.catalogue.enabled:
            await outbox.put(s, TrainModel(made_by="schedule"))


class Asked(msgspec.Struct, frozen=True):
    """A training to be done."""

    tenant_id: UUID
    now: datetime


class ModelTraining(Job[TrainModel, Asked, Outcome]):
    """Exports, trains, and keeps what came of it."""

    message = TrainModel
    long: ClassVar[bool] = True
    perform_timeout_s: ClassVar[float] = LONGEST.total_seconds()

    def __init__(self) -> None:
        self._alone = asyncio.Lock()

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: TrainModel, now: datetime
    ) -> Asked | None:
        # A training takes the memory of the machine: the next one waits outside.
        if self._alone.locked():
            raise PostponeError(LOOK_AGAIN_S, "another training comes first")
        return Asked(s.tenant_id, now)

    async def perform(self, rt: Runtime, call: Asked) -> Outcome:
        async def tell(progress: Progress) -> None:
            await training_progress.tell(rt, call.tenant_id, progress)
            if not progress.done:
                log.info(
                    "recommendations.training", tenant_id=str(call.tenant_id), step=progress.step
                )

        async with self._alone:
            try:
                return await learn(
                    rt, tenant_id=call.tenant_id, now=call.now, knobs=KNOBS, tell=tell
                )
            finally:
                await training_progress.forget(rt, call.tenant_id)

    async def record(
        self, rt: Runtime, s: WriteSession, m: TrainModel, outcome: Outcome, now: datetime
    ) -> None:
        made = await keep(s, outcome, engine="one_machine", knobs=KNOBS, made_by=m.made_by, now=now)
        log.info(
            "recommendations.trained",
            tenant_id=str(s.tenant_id),
            versions=[(v.version, v.state) for v in made],
            refusal=outcome.refusal,
        )


HANDLERS: Final[tuple[Handler, ...]] = (NightlyTraining(), ModelTraining())

"""A brand's training for whoever waits for it: asked for, queued, at work, failed."""

from typing import Literal

import msgspec

from guerdon.kit.errors import ConflictError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.recommendations import training_progress
from guerdon.recommendations.model_jobs import TrainModel
from guerdon.recommendations.training import versions
from guerdon.runtime import Runtime


class TrainingUnderWayError(ConflictError):
    """A training waits or is at work already."""

    code = "training_under_way"
    title = "A training is under way already"


class Training(msgspec.Struct, frozen=True):
    """`failed` until a later one comes to an end; `error` is what it said."""

    state: Literal["none", "queued", "running", "failed"]
    step: str = ""
    done: int = 0
    total: int = 0
    error: str = ""


async def training(rt: Runtime, s: ReadSession) -> Training:
    """The tenant's training."""
    mine = [one for one in await outbox.waiting(s) if one.topic == TrainModel.topic]
    if any(one.leased for one in mine):
        told = await training_progress.told(rt, s.tenant_id)
        return Training("running", told.step, told.done, told.total)
    if mine:
        return Training("queued")
    failed = [one for one in await outbox.parked(s) if one.topic == TrainModel.topic]
    latest = await versions(s, limit=1)
    if failed and not (latest and latest[0].made_at > failed[-1].parked_at):
        return Training("failed", error=failed[-1].last_error or "")
    return Training("none")


async def ask(rt: Runtime, s: WriteSession, *, made_by: str) -> None:
    """Have a model trained; TrainingUnderWayError while another one is."""
    await s.value(
        "SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0))",
        {"lock": f"training/{s.tenant_id}"},
    )
    if (await training(rt, s)).state in ("queued", "running"):
        raise TrainingUnderWayError
    await outbox.put(s, TrainModel(made_by=made_by))

"""What the engine learnt: versions with what they are worth, training now, an earlier one again."""

from datetime import datetime

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.identity import staff as people
from guerdon.identity.policy import staff
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.recommendations import training, training_state
from guerdon.recommendations.learning.plan import Evaluation
from guerdon.recommendations.model_store import KEPT, ModelStore
from guerdon.recommendations.training import ModelVersion
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import Out

TAGS = ["Recommendations"]
READ = {"policy": staff("parameters:read")}
WRITE = {"policy": staff("parameters:publish")}
ALL = "/{brand:str}/recommendations/models"


class ModelWorth(Out, frozen=True):
    """How well a method foretold what members redeemed, with standard errors."""

    method: str
    hit_rate: float
    hit_rate_error: float
    ndcg: float
    ndcg_error: float
    coverage: float


class ModelEvaluation(Out, frozen=True):
    """Every method on the same split. `gain` is the best personal method's NDCG over that of the
    better list that everybody sees alike."""

    split_at: datetime
    tested_members: int
    gain: float
    gain_error: float
    methods: list[ModelWorth]


class LearntModel(Out, frozen=True):
    """A version: what it learnt from and whether it serves. `reason` is why it was refused.

    `restorable`: it served before and can again.
    """

    version: int
    state: str
    method: str
    engine: str
    reason: str | None
    members: int
    products: int
    events: int
    size_bytes: int
    made_by: str
    made_at: datetime
    seconds: float
    evaluation: ModelEvaluation | None
    restorable: bool


class TrainingNow(Out, frozen=True):
    """A training: `none`, `queued`, `running` with its step, or `failed` with what it said."""

    state: str
    step: str
    done: int
    total: int
    error: str


class LearntModels(Out, frozen=True):
    """The versions, newest first, and the training under way."""

    training: TrainingNow
    items: list[LearntModel]


@get(ALL, operation_id="listModels", operation_class=Read, opt=READ, tags=TAGS)
async def listing(request: AdminRequest) -> Response[LearntModels]:
    """List the models with their evaluation, and how far a training is."""
    async with request.rt.db.read(request.tenant.id) as s:
        return answer(await _told(request, s))


@post(f"{ALL}/train", operation_id="trainModel", operation_class=Write, opt=WRITE, tags=TAGS,
      status_code=202)  # fmt: skip
async def train(request: AdminRequest) -> Response[LearntModels]:
    """Train now; a model that is better than what everybody sees alike is put in force."""

    async def work(s: WriteSession, now: datetime) -> Done:
        await training_state.ask(request.rt, s, made_by=request.staff.label)
        return Done(await _told(request, s))

    return await act(
        request, action="model.training_asked", subject="model", work=work, status=202
    )  # fmt: skip


@post(f"{ALL}/{{version:int}}/restore", operation_id="restoreModel", operation_class=Write,
      opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def restore(request: AdminRequest, version: FromPath[int]) -> Response[LearntModels]:
    """Put an earlier model back in force."""

    async def work(s: WriteSession, now: datetime) -> Done:
        store = ModelStore(request.rt.settings.files_dir)
        made = await training.restore(s, store, version=version)
        return Done(await _told(request, s), {"version": version, "method": made.method})

    return await act(request, action="model.restored", subject=f"model:{version}", work=work)


async def _told(request: AdminRequest, s: ReadSession) -> LearntModels:
    found = await training.versions(s)
    called = await people.names_by_actor(s, [one.made_by for one in found])
    files = [one.file_hash for one in found if one.file_hash is not None][:KEPT]
    state = await training_state.training(request.rt, s)
    return LearntModels(
        TrainingNow(state.state, state.step, state.done, state.total, state.error),
        [_model(one, called, files) for one in found],
    )


def _model(one: ModelVersion, called: dict[str, str], files: list[str]) -> LearntModel:
    told = one.metrics.get("evaluation")
    seconds = one.metrics.get("seconds") or {}
    return LearntModel(
        version=one.version,
        state=one.state,
        method=one.method,
        engine=one.engine,
        reason=one.reason,
        members=one.members,
        products=one.products,
        events=one.events,
        size_bytes=one.size_bytes,
        made_by=called.get(one.made_by, one.made_by),
        made_at=one.made_at,
        seconds=round(sum(seconds.values()), 1),
        evaluation=_evaluation(msgspec.convert(told, Evaluation)) if told else None,
        restorable=one.state == "superseded" and one.file_hash in files,
    )


def _evaluation(told: Evaluation) -> ModelEvaluation:
    return ModelEvaluation(
        told.split_at,
        told.tested_members,
        told.gain,
        told.gain_error,
        [
            ModelWorth(
                name, one.hit_rate, one.hit_rate_error, one.ndcg, one.ndcg_error, one.coverage
            )
            for name, one in told.methods.items()
        ],
    )


HANDLERS = [listing, train, restore]

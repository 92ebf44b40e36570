"""What a training process is told, and what it tells. No numeric library is needed for these."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from guerdon.recommendations.model_file import Method

Engine = Literal["one_machine", "spark"]
# `trending` is popularity times the latest trend: the same for everybody, as popularity is.
Tested = Method | Literal["trending"]


class Knobs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to learn. Weights count events; a view is worth a part of a redemption."""

    factors: Annotated[int, Meta(ge=2, le=512)] = 32
    iterations: Annotated[int, Meta(ge=1, le=100)] = 12
    regularization: Annotated[float, Meta(ge=0, le=1000)] = 1.0
    confidence: Annotated[float, Meta(gt=0, le=1000)] = 3.0
    view_weight: Annotated[float, Meta(gt=0, le=1)] = 0.5
    half_life_days: Annotated[float, Meta(gt=0, le=36_500)] = 365.0
    trend_days: Annotated[float, Meta(gt=0, le=3650)] = 30.0
    trend_power: Annotated[float, Meta(ge=0, le=2)] = 0.5
    neighbours: Annotated[int, Meta(ge=20, le=1000)] = 200
    # Share of the redemptions, the latest ones, that have to be foretold.
    tested_share: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    tested_members_max: Annotated[int, Meta(ge=100)] = 20_000
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    memory_mb: Annotated[int, Meta(ge=200)] = 3000
    seed: int = 1


class Plan(msgspec.Struct, frozen=True):
    """One training: a folder with Parquet files, and where the model goes."""

    tenant_id: UUID
    folder: str
    made_at: datetime
    engine: Engine = "one_machine"
    knobs: Knobs = Knobs()
    # The instant that parts what is known from what is foretold; None: by `tested_share`.
    split_at: datetime | None = None


class Worth(msgspec.Struct, frozen=True):
    """How well a method foretells, over the tested members. Standard errors beside the means."""

    hit_rate: float
    hit_rate_error: float
    ndcg: float
    ndcg_error: float
    coverage: float


class Evaluation(msgspec.Struct, frozen=True):
    """Every method on the same split. `gain` is the best personal method's NDCG over that of the
    better list that is the same for everybody."""

    split_at: datetime
    tested_members: int
    methods: dict[Tested, Worth]
    gain: float
    gain_error: float


Refusal = Literal["too_little_data", "no_better_than_popularity"]


class Outcome(msgspec.Struct, frozen=True, tag="outcome"):
    """What a training came to. Without a personal model the file has the baseline alone."""

    # What the file is by, and the best personal method that was tried.
    method: Method
    tried: Method
    refusal: Refusal | None
    evaluation: Evaluation | None
    members: int
    products: int
    events: int
    file: str
    file_hash: str
    size_bytes: int
    seconds: dict[str, float]
    cpu_seconds: float
    peak_mb: int


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far it is: a line of the process' output."""

    step: str
    done: int = 0
    total: int = 0

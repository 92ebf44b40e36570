"""Learning: a training of generated events, and finding a member among few and among many.

`make bench` takes a tenth of a million members with 10,000 products and 20 events each, and
`make bench-full` all of them. Time is the training process's own, from the files to the model.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from uuid import UUID

import msgspec
import numpy as np
from tests.bench import slates
from tests.bench.rows import Row, at_most
from tests.recommendations import lake, structured

from guerdon.kit.ids import uuid7
from guerdon.recommendations.learning.model_writer import Writer
from guerdon.recommendations.learning.plan import Outcome, Plan
from guerdon.recommendations.model_file import LISTED, Model, read_model

MEMBERS, PRODUCTS, EACH = 1_000_000, 10_000, 20
TRAINING_S, LISTS_S = 600.0, 300.0
MEMORY_MB, FIXED_MB = 8192.0, 1024.0
FEW, MANY = 50_000, 5_000_000
# Of either model so many members are looked up, no member twice in a round.
LOOK_UPS, SLATES = 20_000, 1_000
ROUNDS = 9


def rows(*, full: bool) -> list[Row]:
    """The rows of this part."""
    share = 1.0 if full else 0.1
    members = int(MEMBERS * share)
    with tempfile.TemporaryDirectory() as folder:
        outcome = train(Path(folder), members)
    lists = outcome.seconds["lists"]
    training = sum(outcome.seconds.values()) - lists
    memory = MEMORY_MB if full else FIXED_MB + share * (MEMORY_MB - FIXED_MB)
    many = MANY if full else MANY // 10
    with tempfile.TemporaryDirectory() as folder:
        models = [made(Path(folder), size) for size in (FEW, many)]
        found = ratio("a list", models, lambda model: model.top)
        slated = ratio("a slate of 20 with it", [(m, some[:SLATES]) for m, some in models], slate)
    size = f"{members:,} members"
    return [
        at_most(f"learning: training, {size}", "s", TRAINING_S * share, [training]),
        at_most(f"learning: top {LISTED} of all, {size}", "s", LISTS_S * share, [lists]),
        at_most(f"learning: peak memory, {size}", "MiB", memory, [float(outcome.peak_mb)]),
        at_most(f"learning: look-up, {many:,} ÷ {FEW:,} members", "×", 1.1, [found]),
        at_most(f"learning: slate, {many:,} ÷ {FEW:,} members", "×", 1.1, [slated]),
    ]


def train(folder: Path, members: int) -> Outcome:
    """One training in a process of its own, as a worker starts it."""
    world = structured.world(members=members, products=PRODUCTS)
    events = structured.events(world, each=EACH)
    lake.write(folder, events, members=members, products=PRODUCTS)
    del world, events
    plan = Plan(
        tenant_id=uuid7(),
        folder=str(folder),
        made_at=structured.END,
        split_at=structured.SPLIT,
    )
    done = subprocess.run(
        [sys.executable, "-m", "guerdon.recommendations.learning"],
        input=msgspec.json.encode(plan),
        stdout=subprocess.PIPE,
        check=True,
    )
    outcome = msgspec.json.decode(done.stdout.splitlines()[-1], type=Outcome)
    assert outcome.method == "als"
    assert outcome.refusal is None
    print(f"· learning: {outcome.seconds}, {outcome.cpu_seconds:.0f} s of CPU", flush=True)
    return outcome


def made(folder: Path, members: int) -> tuple[Model, list[UUID]]:
    """A model of so many members, and some of them in no order."""
    dice = np.random.default_rng(members)
    tenant_id = uuid7()
    products = dice.integers(0, 256, (PRODUCTS, 16), dtype=np.uint8)
    keys = dice.integers(0, 256, (members, 16), dtype=np.uint8)
    writer = Writer(tenant_id, method="als", made_at=structured.END, products=products)
    writer.members(keys)
    scores = np.linspace(1, 0.1, LISTED, dtype=np.float32)
    for start in range(0, members, 100_000):
        places = np.arange(start, min(start + 100_000, members))
        found = dice.integers(0, PRODUCTS, (len(places), LISTED), dtype=np.int32)
        writer.lists(places, (found, np.tile(scores, (len(places), 1))))
    for name in ("popular", "trending"):
        writer.ranked(name, np.arange(PRODUCTS, dtype=np.float64), count=200)
    path = folder / f"{members}.model"
    file_hash, _ = writer.write(path)
    chosen = dice.choice(members, LOOK_UPS, replace=False)
    asked = [UUID(bytes=keys[n].tobytes()) for n in chosen]
    return read_model(path, tenant_id=tenant_id, file_hash=file_hash, version=1), asked


Ask = Callable[[UUID], object]


def slate(model: Model) -> Ask:
    """The slate of a member, with the list of the model in it."""
    bench = slates.Bench(model.products)
    seeds = count()

    def made(member: UUID) -> object:
        drawn = bench.slate(next(seeds), 9_000, model.top(member))
        assert len(drawn.places) == slates.SLOTS
        return drawn

    return made


def ratio(
    what: str, models: list[tuple[Model, list[UUID]]], asking: Callable[[Model], Ask]
) -> float:
    """How much longer it takes with the second model: the median of rounds, in each of which both
    answer for as many members. The first round maps what the others read."""
    (few, some), (many, others) = models
    assert all(len(few.top(member)) == LISTED for member in some[:100])
    pairs = [(asking(few), some), (asking(many), others)]
    taken: list[list[float]] = [[], []]
    for n in range(ROUNDS + 1):
        for which in (0, 1) if n % 2 else (1, 0):
            taken[which].append(_seconds(*pairs[which]))
    print(
        f"· learning: {what} in {statistics.median(taken[0][1:]) / len(some) * 1e6:.1f} µs of CPU",
        flush=True,
    )
    return statistics.median(b / a for a, b in zip(taken[0][1:], taken[1][1:], strict=True))


def _seconds(ask: Ask, asked: list[UUID]) -> float:
    began = time.process_time()
    for member in asked:
        ask(member)
    return time.process_time() - began

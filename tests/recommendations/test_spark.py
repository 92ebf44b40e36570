"""One machine and Spark learn the same from the same files, and write the same kind of model."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import msgspec
import numpy as np
import pytest
from tests.recommendations import lake, structured

from guerdon.recommendations.learning.plan import Engine, Knobs, Outcome, Plan
from guerdon.recommendations.model_file import Model, read_model

TENANT = UUID("01920000-0000-7000-8000-00000000000a")
MEMBERS, PRODUCTS, EACH = 3_000, 300, 30
# The least that shows it: each iteration is a handful of Spark's jobs.
KNOBS = Knobs(factors=16, iterations=8)
TOP = 20


def trained(folder: Path, engine: Engine) -> tuple[Outcome, Model]:
    """Run the training process as a worker runs it."""
    plan = Plan(
        tenant_id=TENANT,
        folder=str(folder),
        made_at=structured.END,
        engine=engine,
        knobs=KNOBS,
        split_at=structured.SPLIT,
    )
    done = subprocess.run(
        [sys.executable, "-m", "guerdon.recommendations.learning"],
        input=msgspec.json.encode(plan),
        capture_output=True,
        check=False,
        # What runs for seconds is not worth the second compiler; no Java of the machine's own.
        env={n: v for n, v in os.environ.items() if n != "JAVA_HOME"}
        | {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"},
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    outcome = msgspec.json.decode(done.stdout.splitlines()[-1], type=Outcome)
    path = Path(outcome.file).rename(folder / f"{engine}.model")
    return outcome, read_model(path, tenant_id=TENANT, file_hash=outcome.file_hash, version=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = structured.world(members=MEMBERS, products=PRODUCTS)
    events = structured.events(world, each=EACH)
    return lake.write(tmp_path_factory.mktemp("lake"), events, members=MEMBERS, products=PRODUCTS)


def test_spark_gives_equivalent_recommendations(folder: Path) -> None:
    here, mine = trained(folder, "one_machine")
    there, theirs = trained(folder, "spark")
    assert here.evaluation is not None
    assert there.evaluation is not None
    assert there.evaluation.split_at == here.evaluation.split_at
    assert there.evaluation.tested_members == here.evaluation.tested_members
    # Everything but the factorisation is the same code on the same data.
    for method in ("popularity", "trending", "item_item"):
        assert there.evaluation.methods[method] == here.evaluation.methods[method]
    ratio = there.evaluation.methods["als"].hit_rate / here.evaluation.methods["als"].hit_rate
    assert abs(ratio - 1) <= 0.03, ratio
    assert (here.method, there.method) == ("als", "als")
    overlaps = []
    for n in range(MEMBERS):
        lists = [{product for product, _ in m.top(lake.member_id(n))[:TOP]} for m in (mine, theirs)]
        if lists[0]:
            overlaps.append(len(lists[0] & lists[1]) / TOP)
    assert len(overlaps) > 0.99 * MEMBERS
    assert np.mean(overlaps) >= 0.7, np.mean(overlaps)
    assert not (folder / "spark").exists()

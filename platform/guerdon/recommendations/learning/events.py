"""The events of a brand as Parquet, and what is computed from them by SQL.

DuckDB reads the same files as Spark does, and both run the statement of `weighing`. What does not
fit into memory goes to the disk.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from guerdon.recommendations.learning.plan import Knobs

Keys = NDArray[np.uint8]
Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
DAY = 86_400.0

EVENTS = "events.parquet"
MEMBERS = "members.parquet"
PRODUCTS = "products.parquet"
# What the export writes: redemptions and views as they lie in the database, products with state.
RAW_EVENTS = "events.csv"
RAW_PRODUCTS = "products.csv"
_CSV = "auto_detect = false, header = false, delim = ','"


def connect(folder: Path, knobs: Knobs) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills into `folder` and reaches nothing else."""
    return duckdb.connect(
        config={
            "memory_limit": f"{knobs.memory_mb}MB",
            "threads": knobs.threads,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
        }
    )


def take_in(folder: Path, knobs: Knobs) -> None:
    """Make Parquet of the exported CSV files: small numbers for members and products."""
    with connect(folder, knobs) as base:
        base.execute(
            f"CREATE TABLE raw AS SELECT * FROM read_csv(?, {_CSV}, columns ="
            " {'member': 'UUID', 'product': 'UUID', 'instant': 'BIGINT', 'redeemed': 'BOOLEAN'})",
            [str(folder / RAW_EVENTS)],
        )
        base.execute(
            "CREATE TABLE members AS SELECT (row_number() OVER (ORDER BY member) - 1)::INTEGER AS"
            " member, member::VARCHAR AS id FROM (SELECT DISTINCT member FROM raw)"
        )
        base.execute(
            "CREATE TABLE products AS SELECT (row_number() OVER (ORDER BY id) - 1)::INTEGER AS"
            f" product, id::VARCHAR AS id, live FROM read_csv(?, {_CSV}, columns ="
            " {'id': 'UUID', 'live': 'BOOLEAN'})",
            [str(folder / RAW_PRODUCTS)],
        )
        _write(base, "SELECT * FROM members ORDER BY member", folder / MEMBERS)
        _write(base, "SELECT * FROM products ORDER BY product", folder / PRODUCTS)
        _write(
            base,
            "SELECT m.member, p.product, r.instant, r.redeemed FROM raw r"
            " JOIN members m ON m.id::UUID = r.member JOIN products p ON p.id::UUID = r.product"
            " ORDER BY r.instant",
            folder / EVENTS,
        )


def _write(base: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    base.execute(f"COPY ({query}) TO '{_quoted(path)}' (FORMAT parquet, COMPRESSION zstd)")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def weighing(events: str, knobs: Knobs, *, until: int) -> str:
    """What each member's dealings with each product weigh, before `until`. Plain SQL: it runs in
    DuckDB and in Spark."""
    return f"""
        SELECT member, product,
               CAST(sum((CASE WHEN redeemed THEN 1.0 ELSE {knobs.view_weight} END)
                        * power(0.5, ({until} - instant) / {DAY * knobs.half_life_days}))
                    AS FLOAT) AS weight,
               max(CASE WHEN redeemed THEN 1 ELSE 0 END) AS owned
          FROM {events} WHERE instant < {until}
         GROUP BY member, product
    """


@dataclass(frozen=True)
class Known:
    """What was known at an instant: weights, what members own, and what sells."""

    weights: sparse.csr_matrix
    owned: sparse.csr_matrix
    popular: Floats
    recent: Floats


class Dataset:
    """The files of one brand."""

    def __init__(self, folder: Path, knobs: Knobs) -> None:
        self.folder = folder
        self.knobs = knobs
        self._base = connect(folder, knobs)
        self._events = f"'{_quoted(folder / EVENTS)}'"
        self.member_keys = self._keys(MEMBERS, "member")
        self.product_keys = self._keys(PRODUCTS, "product")
        live = self._ask(f"SELECT live FROM '{_quoted(folder / PRODUCTS)}' ORDER BY product")
        self.live: NDArray[np.bool_] = np.asarray(live["live"], dtype=bool)
        counted = self._ask(f"SELECT count(*) AS n, max(instant) AS latest FROM {self._events}")
        self.events = int(counted["n"][0])
        self.latest = int(counted["latest"][0]) if self.events else 0

    @property
    def shape(self) -> tuple[int, int]:
        """Members and products."""
        return len(self.member_keys), len(self.product_keys)

    def _ask(self, query: str) -> dict[str, Any]:
        found: dict[str, Any] = self._base.execute(query).fetchnumpy()
        return found

    def _keys(self, file: str, order: str) -> Keys:
        path = _quoted(self.folder / file)
        ids = self._ask(f"SELECT id FROM '{path}' ORDER BY {order}")["id"]
        packed = bytes.fromhex("".join(ids).replace("-", ""))
        return np.frombuffer(packed, dtype=np.uint8).reshape(-1, 16)

    def split(self) -> int:
        """The instant from which on the latest redemptions are to be foretold."""
        share = 1 - self.knobs.tested_share
        found = self._ask(
            f"SELECT quantile_disc(instant, {share}) AS edge FROM {self._events} WHERE redeemed"
        )["edge"]
        return 0 if np.ma.is_masked(found[0]) else int(found[0])

    def known(self, until: int) -> Known:
        """Everything before `until`."""
        cells = self._ask(weighing(self._events, self.knobs, until=until))
        rows, columns = cells["member"], cells["product"]
        weights = sparse.csr_matrix((cells["weight"], (rows, columns)), shape=self.shape)
        mine = cells["owned"] == 1
        owned = sparse.csr_matrix(
            (np.ones(int(mine.sum()), np.float32), (rows[mine], columns[mine])), shape=self.shape
        )
        sold = self._ask(
            f"""
            SELECT product,
                   sum(CASE WHEN redeemed THEN 1.0 ELSE {self.knobs.view_weight} END) AS popular,
                   sum((CASE WHEN redeemed THEN 1.0 ELSE {self.knobs.view_weight} END)
                       * power(0.5, ({until} - instant) / {DAY * self.knobs.trend_days})) AS recent
              FROM {self._events} WHERE instant < {until} GROUP BY product
            """
        )
        popular, recent = np.zeros(self.shape[1]), np.zeros(self.shape[1])
        popular[sold["product"]] = sold["popular"]
        recent[sold["product"]] = sold["recent"]
        return Known(weights, owned, popular, recent)

    def redeemed_from(self, split: int) -> sparse.csr_matrix:
        """What members redeemed from `split` on and had not redeemed before."""
        cells = self._ask(
            f"SELECT member, product FROM {self._events} WHERE redeemed GROUP BY member, product"
            f" HAVING min(instant) >= {split}"
        )
        ones = np.ones(len(cells["member"]), np.float32)
        return sparse.csr_matrix((ones, (cells["member"], cells["product"])), shape=self.shape)


def instant(seconds: int) -> datetime:
    """Seconds since the epoch as an instant."""
    return datetime.fromtimestamp(seconds, tz=UTC)

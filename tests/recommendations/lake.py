"""Generated events as the Parquet files that training reads."""

from pathlib import Path
from uuid import UUID, uuid5

import duckdb
from tests.recommendations.structured import Events

from guerdon.recommendations.learning.events import EVENTS, MEMBERS, PRODUCTS

MEMBER_SPACE = UUID("6d9f2c1e-8b0a-4c57-9f0e-4b6a5d3c2b1a")
PRODUCT_SPACE = UUID("0f1e2d3c-4b5a-4697-8878-695a4b3c2d1e")


def member_id(n: int) -> UUID:
    """The id of member number `n`."""
    return uuid5(MEMBER_SPACE, str(n))


def product_id(n: int) -> UUID:
    """The id of product number `n`."""
    return uuid5(PRODUCT_SPACE, str(n))


def write(folder: Path, events: Events, *, members: int, products: int) -> Path:
    """Write the files of so many members and products; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as base:
        made = {"member": events.member, "product": events.product, "instant": events.at,
                "redeemed": events.redeemed}  # fmt: skip
        base.register("made", made)
        base.execute(
            "COPY (SELECT member::INTEGER AS member, product::INTEGER AS product, instant, redeemed"
            f" FROM made) TO '{folder / EVENTS}' (FORMAT parquet)"
        )
        for file, name, ids in (
            (MEMBERS, "member", [str(member_id(n)) for n in range(members)]),
            (PRODUCTS, "product", [str(product_id(n)) for n in range(products)]),
        ):
            live = ", true AS live" if name == "product" else ""
            base.execute(
                f"COPY (SELECT (generate_subscripts(?, 1) - 1)::INTEGER AS {name}, unnest(?) AS id"
                f"{live}) TO '{folder / file}' (FORMAT parquet)",
                [ids, ids],
            )
    return folder

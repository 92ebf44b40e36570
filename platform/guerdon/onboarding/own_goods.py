"""The owner's own catalogue file, looked through before there is a brand to take it in."""

import csv
import io
from typing import Final

import msgspec

from guerdon.catalogue.import_rows import Products, RowError, checked, repeated
from guerdon.onboarding.blueprints import RATES, Blueprint
from guerdon.onboarding.errors import FileRefusedError

# What a brand of the first day brings; more is sent in the console, where a file may be longer.
FILE_BYTES_MAX: Final = 2_000_000
PRODUCTS_MAX: Final = 5_000
REFUSALS_SHOWN: Final = 20
SUPPLIER: Final = "counter"


class Seen(msgspec.Struct, frozen=True):
    """What a file holds: products that can be taken, refused lines, the first of these; and a
    file of what can be taken, which is the one to keep."""

    content: bytes
    products: int
    refused: int
    refusals: tuple[RowError, ...]


class NothingToTakeError(FileRefusedError):
    """As FileRefusedError, with the lines."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(field="file", refused=seen.refused)
        self.seen = seen


def look_through(content: bytes, blueprint: Blueprint) -> Seen:
    """Read the whole file as it will be read. Takes processor time: call it in a thread.

    Raises ImportFileError for a file that is none, NothingToTakeError.
    """
    refusals: list[RowError] = []
    refused = 0

    def refuse(error: RowError) -> None:
        nonlocal refused
        refused += 1
        if len(refusals) < REFUSALS_SHOWN:
            refusals.append(error)

    products = 0
    seen: set[str] = set()
    categories = dict.fromkeys(blueprint.categories)
    table = Products(io.BytesIO(content), refuse)
    kept = io.StringIO()
    writer = csv.DictWriter(kept, table.columns, lineterminator="\n")
    writer.writeheader()
    for rows in table:
        first = rows[0]
        if first.cells["slug"] in seen:
            refuse(repeated(first))
            continue
        seen.add(first.cells["slug"])
        if first.cells["supplier"] != SUPPLIER:
            refuse(
                RowError(
                    first.line,
                    "supplier",
                    f"There is no such supplier yet; write {SUPPLIER}.",
                    first.cells["supplier"][:60],
                )
            )
        elif checked(rows, categories, list(RATES), refuse) is not None:
            products += 1
            writer.writerows(row.cells for row in rows)
        if len(seen) > PRODUCTS_MAX:
            refuse(RowError(first.line, "", f"At most {PRODUCTS_MAX:,} products are read here."))
            break
    # Lines are read ahead of the products that they end.
    shown = tuple(sorted(refusals, key=lambda one: one.line))
    found = Seen(kept.getvalue().encode(), products, refused, shown)
    if not products:
        raise NothingToTakeError(found)
    return found


def sample(blueprint: Blueprint, currency: str) -> str:
    """A file of one product to begin with."""
    category = blueprint.categories[0]
    return (
        "slug,category,supplier,currency,sku,price,stock,delivery,name_en,name_pt-BR,name_es\n"
        f"house-mug,{category},{SUPPLIER},{currency},MUG-1,12.50,40,counter,House mug,"
        "Caneca da casa,Taza de la casa\n"
    )

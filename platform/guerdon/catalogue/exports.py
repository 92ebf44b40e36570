"""The catalogue as a table that an import takes back, product by product."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from guerdon.catalogue.definitions import Managed
from guerdon.parameters.sections import Language

_PLAIN: Final = (
    "slug", "status", "category", "supplier", "currency", "sku", "price", "stock", "external_id",
    "delivery", "days_min", "days_max", "return_days", "featured",
)  # fmt: skip
_SPOKEN: Final = ("name", "summary", "description", "label")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def heading(languages: Sequence[Language]) -> bytes:
    """The first line, with columns for `languages`; a mark so that spreadsheets read UTF-8."""
    spoken = [f"{name}_{language}" for language in languages for name in _SPOKEN]
    return b"\xef\xbb\xbf" + _line([*_PLAIN, *spoken])


def lines(product: Managed, languages: Sequence[Language]) -> bytes:
    """One line for each SKU."""
    d = product.definition
    made = []
    for variant in d.variants:
        plain = {
            "slug": d.slug, "status": d.status, "category": d.category, "supplier": d.supplier,
            "currency": d.currency, "sku": variant.sku, "price": variant.price,
            "stock": "" if variant.stock is None else str(variant.stock),
            "external_id": variant.external_id or "", "delivery": d.delivery,
            "days_min": str(d.delivery_days[0]), "days_max": str(d.delivery_days[1]),
            "return_days": str(d.return_days), "featured": str(d.featured),
        }  # fmt: skip
        cells = [plain[name] for name in _PLAIN]
        for language in languages:
            text = d.texts.get(language)
            for name in _SPOKEN:
                told = (
                    variant.label.get(language, "") if name == "label" else getattr(text, name, "")
                )
                cells.append(_inert(told))
        made.append(_line(cells))
    return b"".join(made)


def _line(cells: Sequence[str]) -> bytes:
    table = io.StringIO()
    csv.writer(table, lineterminator="\r\n").writerow(cells)
    return table.getvalue().encode()


def _inert(text: str) -> str:
    """One line that no spreadsheet takes for a formula."""
    one = text.replace("\r\n", "\n").replace("\n", "\\n")
    return f"'{one}" if one.startswith(_FORMULA) else one

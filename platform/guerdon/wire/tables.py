"""A table that is taken away as a file."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

# A spreadsheet takes what begins so for something to compute.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(
    heading: Sequence[str], lines: Iterable[Sequence[object]], *, name: str
) -> Response[bytes]:
    """CSV that a spreadsheet reads as UTF-8, saved under `name` and kept by no cache.

    A text that would be a formula there is led by an apostrophe: lines may hold what anybody wrote.
    """
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(heading)
    writer.writerows([_inert(cell) for cell in line] for line in lines)
    return Response(
        b"\xef\xbb\xbf" + table.getvalue().encode(),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell

"""A table that is taken away as a file."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response


def csv_file(
    heading: Sequence[str], lines: Iterable[Sequence[object]], *, name: str
) -> Response[bytes]:
    """CSV that a spreadsheet reads as UTF-8, saved under `name` and kept by no cache."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(heading)
    writer.writerows(lines)
    return Response(
        b"\xef\xbb\xbf" + table.getvalue().encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )

"""Reading stored versions."""

from typing import TypeVar

import msgspec

from guerdon.parameters.sections import Section
from guerdon.plumbing.db import ReadSession

S1 = TypeVar("S1", bound=Section)
S2 = TypeVar("S2", bound=Section)


async def two_sections(
    s: ReadSession, first: type[S1], second: type[S2], *, version: int
) -> tuple[S1, S2]:
    """Two sections of the version told, as they were in force that day.

    Works inside a transaction and needs no snapshot. Raises NotFoundError.
    """
    contents = await s.one(
        _Two,
        """
        SELECT coalesce(content -> %(first)s, '{}') AS first,
               coalesce(content -> %(second)s, '{}') AS second
          FROM app.parameter_version
         WHERE tenant_id = %(tenant_id)s AND version = %(version)s
        """,
        {"first": first.section, "second": second.section, "version": version},
    )
    return msgspec.convert(contents.first, first), msgspec.convert(contents.second, second)


class _Two(msgspec.Struct):
    first: dict[str, object]
    second: dict[str, object]

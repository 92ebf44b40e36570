"""Path and query parameters that several operations share."""

from typing import Annotated
from uuid import UUID

from litestar.params import FromPath, QueryParameter

from guerdon.kit.paging import PAGE_SIZE_MAX

PathId = FromPath[UUID]
Limit = Annotated[int, QueryParameter(ge=1, le=PAGE_SIZE_MAX, description="Items a page")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=500, description="`nextCursor` of the page before")
]
MemberFilter = Annotated[
    UUID | None, QueryParameter(name="memberId", description="This member's only")
]

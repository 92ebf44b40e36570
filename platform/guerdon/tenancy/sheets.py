"""The list of all tenants: one row each, sorted by any column, a page at a time.

Only the operator's own context may list; a tenant's own context fills its row.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from guerdon.kit.paging import check_page_size, decode_cursor, encode_cursor
from guerdon.plumbing.db import ReadSession, WriteSession

Sort = Literal[
    "name", "status", "plan", "created", "usage", "members", "held", "orders", "parked", "failed",
    "health",
]  # fmt: skip
_COLUMN: Final[dict[str, str]] = {
    "name": "sort_name",
    "created": "created_at",
    "usage": "usage_percent",
    "held": "points_held",
    "orders": "open_orders",
}


class Sheet(msgspec.Struct, frozen=True):
    """A tenant in the list. `place` is what the list is sorted by, as text."""

    tenant_id: UUID
    slug: str
    name: str
    status: str
    status_since: datetime
    created_at: datetime
    plan: str
    usage_percent: int
    members: int
    points_outstanding: int
    points_held: int
    open_orders: int
    parked: int
    late_s: int
    requests: int
    failed: int
    health: int
    problems: tuple[str, ...]
    refreshed_at: datetime | None
    place: str


class SheetPage(msgspec.Struct, frozen=True):
    """One page; `next_cursor` is absent on the last."""

    items: list[Sheet]
    next_cursor: str | None


async def page(
    s: ReadSession,
    *,
    sort: Sort = "name",
    down: bool = False,
    states: Collection[str] = (),
    health: Collection[int] = (),
    search: str = "",
    cursor: str | None = None,
    limit: int,
) -> SheetPage:
    """A page of all tenants, in the operator's own context. `search`: beginnings of words of the
    name or the short name. Raises InvalidError for a cursor of another order."""
    size = check_page_size(limit)
    told, place, last = (sort, None, None) if cursor is None else _place(cursor, sort)
    rows = await s.all(
        Sheet,
        "SELECT * FROM ctl.list_tenant_sheets_v2(%(sort)s, %(down)s, %(states)s, %(health)s,"
        " %(search)s, %(place)s, %(last)s, %(limit)s)",
        {
            "sort": _COLUMN.get(told, told),
            "down": down,
            "states": list(states) or None,
            "health": list(health) or None,
            "search": search,
            "place": place,
            "last": last,
            "limit": size + 1,
        },
    )
    items = rows[:size]
    more = len(rows) > size
    after = encode_cursor(sort, items[-1].place, items[-1].tenant_id) if more else None
    return SheetPage(items, after)


def _place(cursor: str, sort: Sort) -> tuple[str, str, UUID]:
    told, place, last = decode_cursor(cursor, Literal[sort], str, UUID)
    return told, place, last


async def save(s: WriteSession, *, figures: Mapping[str, Any], now: datetime) -> None:
    """Fill the row of the tenant in context."""
    await s.execute(
        "SELECT ctl.save_tenant_sheet_v2(%(tenant_id)s, %(members)s, %(points_outstanding)s,"
        " %(points_held)s, %(open_orders)s, %(parked)s, %(late_s)s, %(requests)s, %(failed)s,"
        " %(health)s, %(problems)s, %(now)s)",
        {**figures, "problems": list(figures["problems"]), "now": now},
    )


async def save_plan(s: WriteSession, *, plan: str, usage_percent: int) -> None:
    """What the tenant in context pays for, and how much of its fullest quota is used."""
    await s.execute(
        "SELECT ctl.save_tenant_plan_v1(%(tenant_id)s, %(plan)s, %(usage)s)",
        {"plan": plan, "usage": usage_percent},
    )

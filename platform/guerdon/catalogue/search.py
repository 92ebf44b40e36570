"""Search with filters, sorts and cursors: one statement, whatever is asked for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from guerdon.catalogue import pricing
from guerdon.catalogue.cards import CARD, GROUPS, IN_STOCK, OFFERED, CardRow, Reader, Reads, card
from guerdon.catalogue.schemas import Card, Search, Sort
from guerdon.catalogue.words import tokens
from guerdon.kit.errors import InvalidError
from guerdon.kit.money import POINTS_MAX
from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor

_FACTS_MAX = 200

# Exact words first, then words that begin so, then, only where neither is known, words that share
# a form with what was typed. Each step is a fence (MATERIALIZED, OFFSET 0): it is walked word by
# word through the primary keys, also where the tables have no statistics yet.
MATCHES = """
t AS (SELECT token, no - 1 AS no
        FROM unnest(%(tokens)s::text[]) WITH ORDINALITY AS u(token, no)),
known AS MATERIALIZED (
  SELECT t.no, f.word, CASE WHEN f.word = t.token THEN 8 ELSE 4 END AS score
    FROM t CROSS JOIN LATERAL (
         SELECT f.word FROM app.search_form f
          WHERE f.tenant_id = %(tenant_id)s AND f.form >= t.token AND f.form < t.token || '~'
            AND f.form = f.word
          ORDER BY f.form LIMIT 50) f),
near AS MATERIALIZED (
  SELECT DISTINCT x.no, f.word, 2 AS score
    FROM unnest(%(form_positions)s::int[], %(forms)s::text[]) AS x(no, form)
   CROSS JOIN LATERAL (
         SELECT f.word FROM app.search_form f
          WHERE f.tenant_id = %(tenant_id)s AND f.form = x.form OFFSET 0) f
   WHERE x.no NOT IN (SELECT k.no FROM known k)),
m AS MATERIALIZED (
  SELECT b.product_id, sum(b.best) AS rank
    FROM (SELECT w.product_id, c.no, max(w.weight * c.score) AS best
            FROM (SELECT * FROM known UNION ALL SELECT * FROM near) c
           CROSS JOIN LATERAL (
                 SELECT w.product_id, w.weight FROM app.product_word w
                  WHERE w.tenant_id = %(tenant_id)s AND w.word = c.word OFFSET 0) w
           GROUP BY w.product_id, c.no) b
   GROUP BY b.product_id
  HAVING count(*) = %(token_count)s)"""

# Sort keys, the direction, and the comparison with a cursor's key.
_ORDER: dict[Sort, tuple[tuple[str, ...], str]] = {
    "featured": (("featured", "id"), "DESC"),
    "newest": (("published_at", "id"), "DESC"),
    "points_up": (("value_minor", "cost_minor", "id"), "ASC"),
    "points_down": (("value_minor", "cost_minor", "id"), "DESC"),
    "relevance": (("rank", "featured", "id"), "DESC"),
}
_TYPES: dict[str, Any] = {
    "featured": int, "id": UUID, "published_at": datetime, "value_minor": int,
    "cost_minor": int, "rank": int,
}  # fmt: skip


class _HitRow(CardRow):
    featured: int
    published_at: datetime
    value_minor: int
    rank: int


async def search(
    s: Reads, *, find: Search, reader: Reader, cursor: str | None = None, limit: int = 24
) -> Page[Card]:
    """A page of what members can have now, priced for the reader.

    Bounds in points become bounds on the value, which grows with the points; so filters and sorts
    agree with the price that is shown, to the last point. InvalidError for a bad cursor or filter.
    """
    check_page_size(limit)
    built = _build(find, reader, cursor, limit)
    if built is None:
        return Page([])
    rows = await s.all(_HitRow, *built)
    more = rows[limit:]
    rows = rows[:limit]
    next_cursor = None
    if more:
        keys, _ = _ORDER[_sort(find)]
        next_cursor = encode_cursor(_sort(find), *(getattr(rows[-1], k) for k in keys))
    return Page([card(row, reader) for row in rows], next_cursor)


def _sort(find: Search) -> Sort:
    if find.sort == "relevance" and not find.text.strip():
        return "featured"
    return find.sort


def _build(
    find: Search, reader: Reader, cursor: str | None, limit: int
) -> tuple[str, dict[str, Any]] | None:
    if len(find.text) > _FACTS_MAX:
        raise InvalidError(f"At most {_FACTS_MAX} characters are searched for.", field="text")
    params: dict[str, Any] = reader.params() | reader.groups(find.categories)
    params["limit"] = limit + 1
    ctes, source, rank = [GROUPS], "app.product p", "0"
    where = [OFFERED]
    if find.text.strip():
        typed = tokens(find.text)
        if not typed.tokens:
            return None
        params |= {
            "tokens": list(typed.tokens),
            "form_positions": list(typed.positions),
            "forms": list(typed.forms),
            "token_count": len(typed.tokens),
        }
        ctes.append(MATCHES)
        source = "m JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = m.product_id"
        rank = "m.rank"
    if find.categories:
        where.append("p.category = ANY (%(group_categories)s)")
    if find.delivery:
        where.append("p.delivery = ANY (%(delivery)s)")
        params["delivery"] = list(find.delivery)
    if find.in_stock:
        where.append(IN_STOCK)
    low, high = _value_bounds(find, reader)
    if high < low:
        return None
    sort = _sort(find)
    keys, direction = _ORDER[sort]
    after = _after(sort, keys, direction, cursor, params)
    params |= {"value_low": low, "value_high": high}
    if sort in ("points_up", "points_down") and not find.text.strip():
        hits = _by_points(where, direction, after)
        if cursor:
            edge = "value_low" if direction == "ASC" else "value_high"
            params[edge] = params["after_0"]
    else:
        hits = _by_any(source, rank, where, keys, direction, after)
    ctes.append(f"hits AS ({hits})")
    order = ", ".join(f"h.{k} {direction}" for k in keys)
    sql = (
        f"WITH {', '.join(ctes)} SELECT {CARD}, h.featured, h.published_at, h.value_minor, h.rank"
        f" FROM hits h JOIN app.product p ON p.tenant_id = %(tenant_id)s AND p.id = h.id"
        f" ORDER BY {order}"
    )
    return sql, params


def _value_bounds(find: Search, reader: Reader) -> tuple[int, int]:
    low, high = 0, POINTS_MAX
    if find.points_max is not None:
        high = pricing.affordable_value(find.points_max, reader.rules, reader.tier)
    if find.points_min is not None and find.points_min > 0:
        low = pricing.affordable_value(find.points_min - 1, reader.rules, reader.tier) + 1
    return low, high


def _after(
    sort: Sort, keys: tuple[str, ...], direction: str, cursor: str | None, params: dict[str, Any]
) -> str:
    """The condition that starts after the cursor's row, or nothing."""
    if not cursor:
        return ""
    named, *values = decode_cursor(cursor, str, *(_TYPES[k] for k in keys))
    if named != sort:
        raise InvalidError("This cursor belongs to another order.", field="cursor")
    params |= {f"after_{i}": value for i, value in enumerate(values)}
    marks = ", ".join(f"%(after_{i})s" for i in range(len(values)))
    return f"({', '.join(keys)}) {'>' if direction == 'ASC' else '<'} ({marks})"


# Every group answers from its own index in the order of supplier prices; the bounds on the value
# are turned into bounds on that price, a little wide, and then held exactly.
def _by_points(where: list[str], direction: str, after: str) -> str:
    keep = "value_minor BETWEEN %(value_low)s AND %(value_high)s"
    keep += f" AND {after}" if after else ""
    return f"""
SELECT o.* FROM g CROSS JOIN LATERAL (
  SELECT * FROM (
    SELECT p.id, p.cost_minor, p.featured, p.published_at, 0 AS rank,
           round(p.cost_minor * g.multiplier)::bigint AS value_minor
      FROM app.product p
     WHERE {" AND ".join(where)} AND p.category = g.category AND p.cost_currency = g.currency
       AND p.cost_minor >= least(9007199254740991, (%(value_low)s - 1) / g.multiplier)::bigint
       AND p.cost_minor <= least(9007199254740991, (%(value_high)s + 1) / g.multiplier)::bigint
     ORDER BY p.cost_minor {direction}, p.id {direction}) v
   WHERE {keep}
   ORDER BY cost_minor {direction}, id {direction}
   LIMIT %(limit)s) o
 ORDER BY o.value_minor {direction}, o.cost_minor {direction}, o.id {direction}
 LIMIT %(limit)s"""


def _by_any(
    source: str, rank: str, where: list[str], keys: tuple[str, ...], direction: str, after: str
) -> str:
    order = ", ".join(f"{k} {direction}" for k in keys)
    # The multiplier is fetched by a scalar sub-query, so that the planner may walk the sort's
    # index and stop at the limit.
    return f"""
SELECT * FROM (
  SELECT p.id, p.cost_minor, p.featured, p.published_at, {rank} AS rank,
         round(p.cost_minor * (SELECT g.multiplier FROM g
                                WHERE g.category = p.category AND g.currency = p.cost_currency)
              )::bigint AS value_minor
    FROM {source}
   WHERE {" AND ".join(where)}) v
 WHERE value_minor BETWEEN %(value_low)s AND %(value_high)s{" AND " + after if after else ""}
 ORDER BY {order}
 LIMIT %(limit)s"""

"""Finding a member as a person asks: by number, e-mail, phone, the brand's own id, or name.

Words are kept by triggers of `member` (`member_word`): looked for by equality and range alone, a
search walks indexes, however many members there are.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from guerdon.kit.errors import InvalidError
from guerdon.kit.paging import Page, check_page_size, decode_cursor, encode_cursor
from guerdon.members.queries import COLUMNS
from guerdon.members.schemas import Member
from guerdon.plumbing.db import ReadSession

FOUND_MAX: Final = 50
TEXT_MAX: Final = 200
_WORDS_MAX: Final = 5
# How many entries of a word's list are looked at before a search is called too wide.
_LOOKED_AT: Final = 2_000
_DIGITS: Final = re.compile(r"[\d\s()+./-]+")
_PHONE_WORD: Final = 8

_EXACT = f"""
SELECT {COLUMNS} FROM app.member WHERE tenant_id = %(tenant_id)s AND number = %(text)s
UNION
SELECT {COLUMNS} FROM app.member WHERE tenant_id = %(tenant_id)s AND email_norm = %(folded)s
UNION
SELECT {COLUMNS} FROM app.member WHERE tenant_id = %(tenant_id)s AND external_id = %(text)s"""  # noqa: S608

# One word leads; the others are looked up by member. Each step is a fence (OFFSET 0), so that it
# is walked through its index also where the table has no statistics yet.
_LEAD = """
SELECT w.member_id AS id, min(w.place) AS place FROM (
  SELECT x.member_id, row_number() OVER () AS place FROM (
    SELECT w.member_id FROM app.member_word w
     WHERE w.tenant_id = %(tenant_id)s AND w.word >= %(lead)s AND w.word < %(lead_end)s
     ORDER BY w.word, w.member_id LIMIT %(looked_at)s) x) w
 WHERE {others}
 GROUP BY w.member_id ORDER BY 2 LIMIT %(limit)s"""
_OTHER = """(SELECT true FROM app.member_word o
              WHERE o.tenant_id = %(tenant_id)s AND o.member_id = w.member_id
                AND o.word >= %(word_{n})s AND o.word < %(end_{n})s LIMIT 1)"""
_LAST = chr(0x10FFFF)


async def find(s: ReadSession, *, text: str, limit: int = FOUND_MAX) -> list[Member]:
    """Members whom `text` names, the best first; nobody for an empty text.

    A number, an e-mail or an own id in full finds its owner alone; digits find a phone by its last
    eight; words find names and mailboxes that begin so, all of them in one member.
    """
    check_page_size(limit)
    text = text.strip()
    if len(text) > TEXT_MAX:
        raise InvalidError(f"At most {TEXT_MAX} characters are searched for.", field="text")
    if not text:
        return []
    compact = re.sub(r"\s", "", text)
    exact = await s.all(Member, _EXACT, {"text": compact, "folded": compact.casefold()})
    if exact:
        return exact[:limit]
    digits = re.sub(r"\D", "", text)
    if _DIGITS.fullmatch(text) and len(digits) >= _PHONE_WORD:
        found = await _by_words(s, [digits[-_PHONE_WORD:]], limit)
        return [m for m in found if m.phone is not None and m.phone.endswith(digits[-10:])] or found
    sought = text.partition("@")[0] if "@" in text else text
    words = await s.all(str, "SELECT app.member_words_v1(%(text)s)", {"text": sought})
    # The longest word is the rarest, as a rule.
    return await _by_words(s, sorted(words, key=len, reverse=True)[:_WORDS_MAX], limit)


async def _by_words(s: ReadSession, words: list[str], limit: int) -> list[Member]:
    if not words:
        return []
    lead, *others = words
    params = {
        "lead": lead,
        "lead_end": lead + _LAST,
        "looked_at": _LOOKED_AT if others else limit * 4,
        "limit": limit,
    }
    for n, word in enumerate(others):
        params |= {f"word_{n}": word, f"end_{n}": word + _LAST}
    conditions = " AND ".join(_OTHER.format(n=n) for n in range(len(others))) or "true"
    columns = ", ".join(f"m.{c.strip()}" for c in COLUMNS.split(","))
    return await s.all(
        Member,
        f"SELECT {columns} FROM ({_LEAD.format(others=conditions)} OFFSET 0) h"  # noqa: S608
        " JOIN app.member m ON m.tenant_id = %(tenant_id)s AND m.id = h.id ORDER BY h.place",
        params,
    )


async def recent(s: ReadSession, *, cursor: str | None = None, limit: int = 25) -> Page[Member]:
    """Members who were not erased, who joined last first."""
    check_page_size(limit)
    before = decode_cursor(cursor, datetime, UUID) if cursor else (None, None)
    condition = "AND (joined_at, id) < (%(at)s, %(id)s)" if cursor else ""
    rows = await s.all(
        Member,
        f"SELECT {COLUMNS} FROM app.member"  # noqa: S608
        f" WHERE tenant_id = %(tenant_id)s AND status <> 'erased' {condition}"
        " ORDER BY joined_at DESC, id DESC LIMIT %(limit)s",
        {"at": before[0], "id": before[1], "limit": limit + 1},
    )
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(rows[:limit], encode_cursor(last.joined_at, last.id) if last else None)


async def by_ids(s: ReadSession, *, ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Those of `ids` that exist."""
    rows = await s.all(
        Member,
        f"SELECT {COLUMNS} FROM app.member"  # noqa: S608
        " WHERE tenant_id = %(tenant_id)s AND id = ANY (%(ids)s::uuid[])",
        {"ids": list(ids)},
    )
    return {row.id: row for row in rows}

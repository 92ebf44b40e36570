"""What a balance buys now, and what comes next: cards rendered once, chosen per member.

Cards change when the catalogue, the parameters, the language or the tier does; stock is looked at
again after a few seconds. Choosing among them is a binary search and joining bytes.
"""

import asyncio
import time
from bisect import bisect_right
from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID

from guerdon.catalogue import schemas
from guerdon.catalogue.schemas import Search
from guerdon.catalogue.search import search
from guerdon.member_web.composed import Composed, Joined, mark
from guerdon.member_web.shelves import card_view, catalogue_reader, category_names
from guerdon.member_web.web import Web

WITHIN, SHOWN = 15, 30
_CARDS_MAX = 400
_STOCK_KEPT_S = 20.0
_KEPT = 400


class _Card(NamedTuple):
    points: int
    category: str
    plain: bytes
    ahead: Composed


class Shelf:
    """The cards of one tenant, version, language and tier, by points."""

    def __init__(self, cards: list[_Card], revision: int) -> None:
        self.cards = cards
        self.revision = revision
        self.read_at = time.monotonic()
        self._points = [card.points for card in cards]
        self._chosen: dict[int, tuple[bytes, list[int], Joined]] = {}

    def chosen(self, balance: int, web: Web) -> tuple[bytes, bytes]:
        """The cards within `balance`, dearest first, and the ones just above, cheapest first."""
        edge = bisect_right(self._points, balance)
        chosen = self._chosen.get(edge)
        if chosen is None:
            ahead = min(SHOWN - WITHIN, len(self.cards) - edge)
            below = min(edge, SHOWN - ahead)
            ahead = min(SHOWN - below, len(self.cards) - edge)
            above = _mixed(self.cards[edge : edge + 2 * ahead], ahead)
            chosen = self._chosen[edge] = (
                b"".join(c.plain for c in _mixed(self.cards[:edge][::-1], below)),
                [card.points for card in above],
                Joined([card.ahead for card in above]),
            )
        within, prices, joined = chosen
        points = web.formats.points_html
        return within, joined.fill([points(price - balance) for price in prices])


def _mixed(cards: list[_Card], count: int) -> list[_Card]:
    """The first `count`, but no shelf takes more than its turn while another has something."""
    queues: OrderedDict[str, list[_Card]] = OrderedDict()
    for card in cards:
        queues.setdefault(card.category, []).append(card)
    chosen: list[_Card] = []
    turn = 0
    while len(chosen) < count and any(len(q) > turn for q in queues.values()):
        chosen.extend(q[turn] for q in queues.values() if len(q) > turn)
        turn += 1
    return chosen[:count]


class Shelves:
    """The shelves of this process."""

    def __init__(self) -> None:
        self._shelves: OrderedDict[tuple[UUID, int, str, str | None], Shelf] = OrderedDict()
        self._locks: dict[tuple[UUID, int, str, str | None], asyncio.Lock] = {}

    async def of(self, web: Web, tier: str | None, revision: int) -> Shelf:
        """The shelf for this reader; made anew when the catalogue has changed."""
        key = (web.tenant.id, web.snapshot.version, web.language, tier)
        found = self._shelves.get(key)
        if found is not None and _fresh(found, revision):
            return found
        lock = self._locks.setdefault(key, asyncio.Lock())
        if found is not None and found.revision == revision and lock.locked():
            return found
        async with lock:
            found = self._shelves.get(key)
            if found is None or not _fresh(found, revision):
                found = self._shelves[key] = Shelf(await _cards(web, tier), revision)
                self._shelves.move_to_end(key)
                if len(self._shelves) > _KEPT:
                    old, _ = self._shelves.popitem(last=False)
                    self._locks.pop(old, None)
        return found


def _fresh(shelf: Shelf, revision: int) -> bool:
    return shelf.revision == revision and time.monotonic() - shelf.read_at < _STOCK_KEPT_S


async def _cards(web: Web, tier: str | None) -> list[_Card]:
    names, reader = category_names(web), catalogue_reader(web, tier)
    found: list[schemas.Card] = []
    cursor: str | None = None
    async with web.rt.db.read(web.tenant.id) as s:
        while len(found) < _CARDS_MAX:
            page = await search(
                s, find=Search(in_stock=True, sort="points_up"), reader=reader,
                cursor=cursor, limit=100,
            )  # fmt: skip
            found.extend(page.items)
            cursor = page.next_cursor
            if cursor is None:
                break
    themes, theme = web.pages.looks.themes, web.look.theme.key
    context = web.pages.context(web.reader(), "home", None)
    cards = []
    for item in found:
        view = card_view(item, web, names, None)
        drawn = {**context, "item": view, "eager": False}
        plain = themes.render(theme, "components/card_item.html", {**drawn, "missing": ""})
        ahead = themes.render(
            theme, "components/card_item.html", {**drawn, "missing": mark("missing")}
        )
        cards.append(_Card(item.points, item.category, plain.encode(), Composed(ahead)))
    return sorted(cards, key=lambda card: card.points)

"""The catalogue: search, chips, sort, a list without end; every state has its own address."""

from typing import cast, get_args
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency

from guerdon.catalogue.schemas import Delivery, Search, Sort
from guerdon.catalogue.search import search
from guerdon.identity.policy import public
from guerdon.member_web.shelves import card_view, catalogue_reader, category_names
from guerdon.member_web.slots import CATALOGUE, slot_of
from guerdon.member_web.views.shop import Catalogue, Chip
from guerdon.member_web.wallet import Wallet, wallet_of
from guerdon.member_web.web import Web

PAGE = 24
_BOUNDS = (1_000, 5_000, 10_000, 25_000, 50_000)
_SORTS: tuple[Sort, ...] = ("featured", "points_up", "points_down", "newest")


class State:
    """The state that an address stands for; a chip is a link to a neighbouring state."""

    def __init__(self, web: Web) -> None:
        query = web.request.query_params
        self.text = (query.get("q") or "").replace("\x00", "").strip()[:100]
        self.category = query.get("category") or ""
        self.within = query.get("within") == "1"
        most = query.get("max") or ""
        self.most = int(most) if most.isascii() and most.isdigit() and len(most) < 13 else None
        delivery = query.get("delivery") or ""
        self.delivery = delivery if delivery in get_args(Delivery) else ""
        sort = query.get("sort") or ""
        self.sort: Sort = cast(Sort, sort) if sort in _SORTS else "featured"

    def values(self) -> dict[str, str]:
        """The state's parameters, without those at rest."""
        found = {
            "q": self.text,
            "category": self.category,
            "within": "1" if self.within else "",
            "max": str(self.most) if self.most is not None else "",
            "delivery": self.delivery,
            "sort": "" if self.sort == "featured" else self.sort,
        }
        return {name: value for name, value in found.items() if value}

    def url(self, **changes: str) -> str:
        """The address of this state with some parameters changed; an empty one is dropped."""
        values = {n: v for n, v in {**self.values(), **changes}.items() if v}
        return f"/catalogue?{urlencode(values)}" if values else "/catalogue"


@get("/catalogue", opt={"policy": public()})
async def catalogue(web: NamedDependency[Web]) -> Response[str]:
    """A page of the catalogue."""
    state = State(web)
    names = category_names(web)
    async with web.rt.db.read(web.tenant.id) as s:
        wallet = await wallet_of(s, web) if web.signed_in else None
        found = await search(
            s,
            find=_search(state, wallet, names),
            reader=catalogue_reader(web, wallet.tier if wallet else None),
            cursor=web.request.query_params.get("cursor") or None,
            limit=PAGE,
        )
    balance = wallet.available if wallet else None
    cards = tuple(card_view(card, web, names, balance) for card in found.items)
    first = "cursor" not in web.request.query_params
    slot = await slot_of(web, CATALOGUE) if first and not state.values() else None
    view = Catalogue(
        query=state.text,
        hidden=tuple((n, v) for n, v in state.values().items() if n != "q"),
        categories=_categories(state, web, names),
        filters=_filters(state, web, wallet),
        sorts=_sorts(state, web),
        cards=cards,
        total=len(cards) if first and found.next_cursor is None else None,
        next_url=state.url(cursor=found.next_cursor) if found.next_cursor else None,
        clear_url="/catalogue",
        filtered=bool(state.values()),
        balance=balance,
        slot=slot,
    )
    return web.page("catalogue", "catalogue", view)


def _search(state: State, wallet: Wallet | None, names: dict[str, str]) -> Search:
    bounds = [
        b
        for b in (state.most, wallet.available if wallet and state.within else None)
        if b is not None
    ]
    return Search(
        text=state.text,
        categories=(state.category,) if state.category in names else (),
        delivery=(cast(Delivery, state.delivery),) if state.delivery else (),
        points_max=min(bounds) if bounds else None,
        in_stock=state.within,
        sort="relevance" if state.text and state.sort == "featured" else state.sort,
    )


def _categories(state: State, web: Web, names: dict[str, str]) -> tuple[Chip, ...]:
    _ = web.words.text
    return (
        Chip(_("Everything"), state.url(category=""), state.category not in names),
        *(
            Chip(name, state.url(category=key), state.category == key)
            for key, name in names.items()
        ),
    )


def _filters(state: State, web: Web, wallet: Wallet | None) -> tuple[Chip, ...]:
    _, fmt = web.words.text, web.formats
    chips = []
    if wallet is not None:
        label = _("Within my %(points)s", points=fmt.points(wallet.available))
        chips.append(Chip(label, state.url(within="" if state.within else "1"), state.within))
    for key, label in (
        ("parcel", _("Delivered")),
        ("counter", _("At the counter")),
        ("digital", _("By mail")),
    ):
        chosen = state.delivery == key
        chips.append(Chip(label, state.url(delivery="" if chosen else key), chosen))
    for bound in _BOUNDS:
        chosen = state.most == bound
        label = _("Up to %(points)s", points=fmt.number(bound))
        chips.append(Chip(label, state.url(max="" if chosen else str(bound)), chosen))
    return tuple(sorted(chips, key=lambda chip: not chip.selected))


def _sorts(state: State, web: Web) -> tuple[Chip, ...]:
    _ = web.words.text
    labels = {
        "featured": _("Best match") if state.text else _("Popular"),
        "points_up": _("Fewest points first"),
        "points_down": _("Most points first"),
        "newest": _("Newest first"),
    }
    return tuple(
        Chip(labels[s], state.url(sort="" if s == "featured" else s), state.sort == s)
        for s in _SORTS
    )


HANDLERS = [catalogue]

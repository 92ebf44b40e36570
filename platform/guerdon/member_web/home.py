"""The first page. For a member it is a page of the brand, rendered once, with their few values
placed in it; for a guest it is the brand's promise and a look at the shelves."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from litestar import Response, get
from markupsafe import Markup

from guerdon.catalogue.schemas import Search
from guerdon.catalogue.search import search
from guerdon.identity.policy import public
from guerdon.kit.errors import UnauthenticatedError
from guerdon.member_web.composed import Composed, as_text, mark, plain
from guerdon.member_web.home_data import HomeData, OrderRow, home_data
from guerdon.member_web.notices import notice_named
from guerdon.member_web.order_views import title_of
from guerdon.member_web.reach import Shelves
from guerdon.member_web.rendering import Reader
from guerdon.member_web.shelves import card_view, catalogue_reader, category_names, picture_view
from guerdon.member_web.slots import HOME, slot_here
from guerdon.member_web.views.shop import Expiring, Home, Landing, OpenOrder, TierStanding
from guerdon.member_web.wallet import tier_name, tier_named
from guerdon.member_web.web import PAGE_HEADERS, Web, WebRequest
from guerdon.wire.ready import Ready

_KEPT = 2000
_HTML = b"text/html; charset=utf-8"
_HEADERS = tuple((name.encode(), value.encode()) for name, value in PAGE_HEADERS.items())


class HomePages:
    """The rendered first pages of this process, and the shelves they show."""

    def __init__(self) -> None:
        self.shelves = Shelves()
        self._pages: OrderedDict[tuple[Any, ...], Composed] = OrderedDict()
        self._rows: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()

    def page(self, key: tuple[Any, ...], web: Web, view: Callable[[], Home]) -> Composed:
        """The page of this shape; `view` is asked when it is rendered."""
        found = self._pages.get(key)
        if found is None:
            reader = Reader(
                web.look, web.language, web.now, True, mark("csrf"), "/", preview=web.preview,
                moved=web.tenant.clock.moved,
            )  # fmt: skip
            notice = notice_named(web.request.query_params.get("done"), web.words)
            html = web.pages.render(reader, "pages/home.html", "home", view(), notice)
            found = self._pages[key] = Composed(html)
            _trim(self._pages)
        return found

    def row(self, order: OrderRow, web: Web) -> bytes:
        """An order under way, as a line of the list."""
        key = (web.look.tenant_id, web.look.version, web.language, order.id, order.state, order.at)
        found = self._rows.get(key)
        if found is None:
            context = web.pages.context(web.reader(), "home", None)
            html = web.pages.looks.themes.render(
                web.look.theme.key,
                "components/order_item.html",
                {**context, "item": _order(order, web)},
            )
            found = self._rows[key] = html.encode()
            _trim(self._rows)
        return found


def _trim(kept: OrderedDict[Any, Any]) -> None:
    if len(kept) > _KEPT:
        kept.popitem(last=False)


@get("/", opt={"policy": public()})
async def home(request: WebRequest) -> Response[Any]:
    """The member's page, or the brand's."""
    web = Web.of(request)
    if web.signed_in:
        try:
            data = await home_data(web)
        except UnauthenticatedError:
            await web.visit.sign_out()
        else:
            pages: HomePages = request.app.state.home_pages
            return await _members_page(web, data, pages)
    return await _landing(web)


async def _landing(web: Web) -> Response[str]:
    async with web.rt.db.read(web.tenant.id) as s:
        found = await search(
            s, find=Search(in_stock=True), reader=catalogue_reader(web, None), limit=12
        )
    names = category_names(web)
    view = Landing(tuple(card_view(card, web, names, None) for card in found.items))
    return web.page("landing", "home", view)


async def _members_page(web: Web, data: HomeData, pages: HomePages) -> Response[Any]:
    row, fmt, standing = data.row, web.formats, data.standing
    balance = max(0, row.balance.available)
    shelf = await pages.shelves.of(web, standing.tier, row.revision)
    within, above = shelf.chosen(balance, web)
    orders = b"".join(pages.row(order, web) for order in row.orders)
    expiring = row.balance.next_expiry if row.balance.next_expiry_points else None
    stamps = 10 if standing.next_tier is None else data.percent // 10
    part = _part_of_day(web)
    slot = slot_here(web, HOME)
    key = (
        web.tenant.id, web.look.version, web.language, part, standing.tier, stamps,
        row.balance.held > 0, expiring is not None, bool(within), bool(above), bool(orders), slot,
        web.request.query_params.get("done", "")[:20],
        web.formats.long_date(web.now) if web.tenant.clock.moved else None,
    )  # fmt: skip

    def view() -> Home:
        return Home(
            first_name=mark("first_name"),
            part_of_day=part,
            balance=mark("balance"),
            points_word=mark("points_word"),
            held=mark("held") if row.balance.held > 0 else None,
            expiring=Expiring(mark("expiring"), mark("last_day")) if expiring else None,
            tier=_tier(web, data, stamps),
            within=_html("within") if within else None,
            above=_html("above") if above else None,
            orders=_html("orders") if orders else None,
            slot=slot,
        )

    values = {
        "csrf": web.visit.csrf_token().encode(),
        "first_name": as_text(plain((row.name or "").split(" ")[0])),
        "balance": fmt.number(balance).encode(),
        "points_word": as_text(fmt.points_word(balance)),
        "held": fmt.points_html(row.balance.held),
        "expiring": fmt.points_html(row.balance.next_expiry_points),
        "last_day": fmt.long_date(expiring).encode() if expiring else b"",
        "qualifying": fmt.points_html(standing.qualifying),
        "missing": fmt.points_html(standing.missing or 0),
        "percent": str(data.percent).encode(),
        "within": within,
        "above": above,
        "orders": orders,
    }
    return Ready(pages.page(key, web, view).fill(values), kind=_HTML, headers=_HEADERS)


def _tier(web: Web, data: HomeData, stamps: int) -> TierStanding | None:
    tier = tier_named(web, data.standing.tier)
    if tier is None:
        return None
    return TierStanding(
        name=plain(tier_name(web, tier.key) or tier.key),
        qualifying=mark("qualifying"),
        percent=mark("percent"),
        stamps=stamps,
        next_name=tier_name(web, data.standing.next_tier),
        missing=mark("missing") if data.standing.next_tier else None,
        multiplier=web.formats.decimal(tier.earn_multiplier)
        if tier.earn_multiplier != "1"
        else None,
    )


def _order(order: OrderRow, web: Web) -> OpenOrder:
    ready = order.code and order.state in {"confirmed", "shipped"}
    shown = "ready" if ready else order.state
    return OpenOrder(
        url=f"/orders/{order.id}",
        number=order.number,
        name=plain(title_of(order.title, web)),
        state=shown,
        picture=picture_view(order.picture, ""),
        changed_at=order.at,
        points=order.points,
        action={"awaiting_payment": "pay", "ready": "collect"}.get(shown),
    )


def _html(name: str) -> Markup:
    return Markup(mark(name))  # noqa: S704


def _part_of_day(web: Web) -> str:
    hour = web.formats.local(web.now).hour
    return "morning" if 5 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"


HANDLERS = [home]

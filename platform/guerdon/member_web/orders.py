"""Orders: the list, and one order's timeline, parcels, code, and cancelling."""

from datetime import timedelta
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.identity.policy import member
from guerdon.member_web.order_views import OPEN, order_view, row_view
from guerdon.member_web.slots import CHECKOUT, slot_here
from guerdon.member_web.views.journey import Orders
from guerdon.member_web.web import Web
from guerdon.plumbing.db import ReadSession
from guerdon.redemption import operations, queries

PAGE = 25
# So long an order is just placed, and its page has what stands after a checkout.
FRESH = timedelta(days=1)


async def open_count(s: ReadSession, member_id: UUID) -> int:
    """How many of the member's latest orders are under way."""
    found = await queries.orders(s, member_id=member_id, limit=100)
    return sum(1 for one in found.items if one.state in OPEN)


@get("/orders", opt={"policy": member()})
async def listing(web: NamedDependency[Web]) -> Response[str]:
    """The member's orders, those under way first."""
    cursor = web.request.query_params.get("cursor") or None
    async with web.rt.db.read(web.tenant.id) as s:
        found = await queries.orders(s, member_id=web.member_id, cursor=cursor, limit=PAGE)
    rows = [(one, row_view(one, web)) for one in found.items]
    view = Orders(
        tuple(row for one, row in rows if one.state in OPEN),
        tuple(row for one, row in rows if one.state not in OPEN),
        f"/orders?cursor={found.next_cursor}" if found.next_cursor else None,
    )
    return web.page("orders", "orders", view)


@get("/orders/{order_id:uuid}", opt={"policy": member()})
async def order(order_id: FromPath[UUID], web: NamedDependency[Web]) -> Response[str]:
    """One order."""
    async with web.rt.db.read(web.tenant.id) as s:
        found = await queries.redemption(s, order_id, member_id=web.member_id)
        steps = await queries.timeline(s, order_id)
    fresh = web.now - found.placed_at < FRESH
    slot = slot_here(web, CHECKOUT) if fresh else None
    return web.page("order", "orders", order_view(found, steps, web, slot=slot))


@get("/orders/{order_id:uuid}/pay", opt={"policy": member()})
async def pay(order_id: FromPath[UUID], web: NamedDependency[Web]) -> Redirect:
    """Go on to the provider's page of an order that waits for its payment."""
    async with web.rt.db.read(web.tenant.id) as s:
        found = await queries.redemption(s, order_id, member_id=web.member_id)
    if found.state == "awaiting_payment" and found.payment_url:
        return web.leave(found.payment_url)
    return web.redirect(f"/orders/{order_id}")


@post("/orders/{order_id:uuid}/cancel", opt={"policy": member()})
async def cancel(order_id: FromPath[UUID], web: NamedDependency[Web]) -> Redirect:
    """Give everything back, as long as the order was not sent."""
    async with web.rt.db.write(web.tenant.id) as s:
        await operations.cancel(
            s, redemption_id=order_id, member_id=web.member_id, reason="member", now=web.now
        )
    return web.redirect(f"/orders/{order_id}?done=cancelled")


HANDLERS = [listing, order, pay, cancel]

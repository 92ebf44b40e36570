"""From a chosen position of the slider to a placed order."""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from guerdon.catalogue import queries as catalogue
from guerdon.fulfilment.port import ShipTo
from guerdon.identity.policy import member
from guerdon.kit.errors import GuerdonError
from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.member_web import places
from guerdon.member_web.errors import form_errors
from guerdon.member_web.forms import Form, read_form
from guerdon.member_web.order_views import title_of
from guerdon.member_web.shelves import picture_view
from guerdon.member_web.views.frame import FieldError
from guerdon.member_web.views.journey import Checkout
from guerdon.member_web.wallet import wallet_of
from guerdon.member_web.web import Web
from guerdon.members import addresses
from guerdon.members.errors import AddressInvalidError
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.redemption import operations, queries
from guerdon.redemption.errors import AddressMissingError
from guerdon.redemption.quotes import Wanted
from guerdon.redemption.schemas import Quote
from guerdon.settings import Settings
from guerdon.theming.headers import content_security_policy

_NOTHING: tuple[FieldError, ...] = ()


@post("/checkout", opt={"policy": member()})
async def begin(web: NamedDependency[Web]) -> Redirect:
    """Hold a price: a quote for one piece at the chosen position."""
    form = await read_form(web.request)
    async with web.rt.db.write(web.tenant.id) as s:
        quote = await operations.quote(
            web.rt,
            s,
            member_id=web.member_id,
            wanted=[Wanted(form.id("variant"))],
            points=form.number("points"),
            language=web.language,
            now=web.now,
        )
    return web.redirect(f"/checkout/{quote.id}")


@get("/checkout/{quote_id:uuid}", opt={"policy": member()})
async def page(quote_id: FromPath[UUID], web: NamedDependency[Web]) -> Response[str] | Redirect:
    """The quote, an address, and one button."""
    async with web.rt.db.read(web.tenant.id) as s:
        quote = await queries.quote(s, quote_id=quote_id, member_id=web.member_id)
        if quote.redemption_id is not None:
            return web.redirect(f"/orders/{quote.redemption_id}")
        view = await _view(s, web, quote)
    return web.page("checkout", "catalogue", view, headers=_page_headers(web))


async def _view(
    s: ReadSession,
    web: Web,
    quote: Quote,
    *,
    form: Form | None = None,
    errors: tuple[FieldError, ...] = _NOTHING,
) -> Checkout:
    wallet = await wallet_of(s, web)
    line = quote.lines[0]
    found = await catalogue.offered(
        s,
        variant_ids=[line.variant_id],
        language=web.language,
        fallback=web.look.programme.languages[0],
        now=web.now,
    )
    offer = found[line.variant_id]
    book = await addresses.listing(s, member_id=web.member_id) if quote.ships else []
    seconds = int((quote.expires_at - web.now) / timedelta(seconds=1))
    return Checkout(
        quote_id=str(quote.id),
        product_name=title_of(line.title, web),
        product_url=f"/products/{offer.slug}",
        variant_name=None,
        picture=picture_view(line.picture, ""),
        points=quote.points,
        money=Money(quote.money_minor, quote.currency),
        fee=Money(quote.fee_minor, quote.currency),
        due=Money(quote.due_minor, quote.currency),
        balance=wallet.available,
        remaining=wallet.available - quote.points,
        delivery=offer.delivery,
        addresses=places.choices(book, web.language),
        address_form=places.form_of(web, form, errors, wallet.member.name or "")
        if quote.ships
        else None,
        expires_at=quote.expires_at,
        seconds_left=max(0, seconds),
        changed=False,
        idempotency_key=str(uuid7()),
    )


@post("/checkout/{quote_id:uuid}/renew", opt={"policy": member()})
async def renew(quote_id: FromPath[UUID], web: NamedDependency[Web]) -> Redirect:
    """Hold the price again; when it has changed, say so."""
    return await _renewed(web, quote_id)


async def _renewed(web: Web, quote_id: UUID) -> Redirect:
    async with web.rt.db.write(web.tenant.id) as s:
        old = await queries.quote(s, quote_id=quote_id, member_id=web.member_id)
        if old.redemption_id is not None:
            return web.redirect(f"/orders/{old.redemption_id}")
        new = await _again(s, web, old)
    same = (new.points, new.money_minor, new.fee_minor) == (
        old.points,
        old.money_minor,
        old.fee_minor,
    )
    return web.redirect(f"/checkout/{new.id}?done={'renewed' if same else 'price_changed'}")


async def _again(s: WriteSession, web: Web, old: Quote) -> Quote:
    """The same choice at today's price; all in points if the position no longer exists."""
    wanted = [Wanted(line.variant_id, line.quantity) for line in old.lines]
    points = old.points if old.money_minor else None
    return await operations.quote(
        web.rt,
        s,
        member_id=web.member_id,
        wanted=wanted,
        points=points,
        language=web.language,
        now=web.now,
    )


@post("/checkout/{quote_id:uuid}", opt={"policy": member()})
async def place(quote_id: FromPath[UUID], web: NamedDependency[Web]) -> Response[str] | Redirect:
    """Redeem what was quoted, once, however often the button is pressed."""
    form = await read_form(web.request)
    try:
        to = await _destination(web, quote_id, form)
        placed = await operations.place(
            web.rt,
            tenant_id=web.tenant.id,
            member_id=web.member_id,
            quote_id=quote_id,
            ship_to=to,
            language=web.language,
            return_url=_own_url(web, f"/checkout/{quote_id}/return"),
            principal=f"member:{web.member_id}",
            key=str(form.id("key")),
            now=web.now,
        )
    except (AddressInvalidError, AddressMissingError) as error:
        errors = form_errors(error, web.words)
        async with web.rt.db.read(web.tenant.id) as s:
            quote = await queries.quote(s, quote_id=quote_id, member_id=web.member_id)
            view = await _view(s, web, quote, form=form, errors=errors)
        return web.page(
            "checkout", "catalogue", view, status=error.status, headers=_page_headers(web)
        )
    except GuerdonError as error:
        if error.code == "quote_expired":
            return await _renewed(web, quote_id)
        raise
    async with web.rt.db.read(web.tenant.id) as s:
        found = await queries.redemption(s, placed.id, member_id=web.member_id)
    if found.state == "awaiting_payment" and found.payment_url:
        return web.leave(found.payment_url)
    return web.redirect(f"/orders/{placed.id}")


@get("/checkout/{quote_id:uuid}/return", opt={"policy": member()})
async def back(quote_id: FromPath[UUID], web: NamedDependency[Web]) -> Redirect:
    """The member is back from the payment page; what was paid is asked, not believed."""
    async with web.rt.db.read(web.tenant.id) as s:
        quote = await queries.quote(s, quote_id=quote_id, member_id=web.member_id)
    if quote.redemption_id is None:
        return web.redirect(f"/checkout/{quote_id}")
    await operations.came_back(
        web.rt, tenant_id=web.tenant.id, redemption_id=quote.redemption_id, now=web.now
    )
    return web.redirect(f"/orders/{quote.redemption_id}")


def _own_url(web: Web, path: str) -> str:
    return web.rt.settings.tenant_url(web.tenant.canonical_host) + path


def _page_headers(web: Web) -> dict[str, str]:
    """The button's form may lead on to the payment page."""
    return {"content-security-policy": content_security_policy(payment_origins(web.rt.settings))}


# Where each provider's hosted page lives, by the address of its API.
_HOSTED_PAGES: Final = {
    "api.stripe.com": ("https://checkout.stripe.com",),
    "pay-api.amazon.com": ("https://payments.amazon.com",),
    "pay-api.amazon.eu": ("https://payments.amazon.co.uk", "https://payments.amazon.de"),
    "pay-api.amazon.jp": ("https://payments.amazon.co.jp",),
}


def payment_origins(settings: Settings) -> tuple[str, ...]:
    """Hosted pages, or their sandboxes: of every provider, since a payment keeps its own."""
    origins: list[str] = []
    for base in (settings.stripe_api_base, settings.amazon_pay_base):
        parts = urlsplit(base)
        origins += _HOSTED_PAGES.get(parts.netloc) or (f"{parts.scheme}://{parts.netloc}",)
    return tuple(origins)


async def _destination(web: Web, quote_id: UUID, form: Form) -> ShipTo | None:
    """Where the parcel goes: an address of the book, or a new one, which joins the book."""
    async with web.rt.db.read(web.tenant.id) as s:
        quote = await queries.quote(s, quote_id=quote_id, member_id=web.member_id)
        if not quote.ships:
            return None
        if form.text("address") not in {"new", ""}:
            saved = await addresses.one(s, member_id=web.member_id, address_id=form.id("address"))
            return places.ship_to(saved)
    async with web.rt.db.write(web.tenant.id) as w:
        saved = await addresses.save(
            w, member_id=web.member_id, address=places.typed_address(form), now=web.now
        )
    return places.ship_to(saved)


HANDLERS = [begin, page, renew, place, back]

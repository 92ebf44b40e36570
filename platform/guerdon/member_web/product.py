"""A product's page, and the exact split behind the slider."""

from uuid import UUID

from litestar import Response, get
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from guerdon.catalogue import pricing, queries, schemas
from guerdon.identity.policy import public
from guerdon.kit.errors import InvalidError, NotFoundError
from guerdon.kit.money import Money
from guerdon.member_web.offers import note_view
from guerdon.member_web.shelves import (
    card_view,
    catalogue_reader,
    category_names,
    picture_view,
    rules_of,
    takes_money,
)
from guerdon.member_web.slots import PRODUCT, recommends, slot_here
from guerdon.member_web.views.shop import Product, Stop, Variant
from guerdon.member_web.wallet import Wallet, wallet_of
from guerdon.member_web.web import Web
from guerdon.payments.minimums import chargeable
from guerdon.payments.parameters import PaymentParameters
from guerdon.theming.formats import unbroken


@get("/products/{slug:str}", opt={"policy": public()})
async def product(slug: FromPath[str], web: NamedDependency[Web]) -> Response[str]:
    """A product with its price, its slider and its neighbours."""
    async with web.rt.db.read(web.tenant.id) as s:
        wallet = await wallet_of(s, web) if web.signed_in else None
        reader = catalogue_reader(web, wallet.tier if wallet else None)
        found = await queries.product(s, slug=slug, reader=reader)
    answer = web.page("product", "catalogue", _view(found, web, wallet))
    if web.signed_in and web.preview is None and recommends(web):
        # The reader does not wait for it.
        answer.background = BackgroundTask(note_view, web, found.variants[0].sku)
    return answer


@get("/products/{slug:str}/split", opt={"policy": public()})
async def split(slug: FromPath[str], web: NamedDependency[Web]) -> Response[str]:
    """The worked position at so many points, as a part of the product's page."""
    query = web.request.query_params
    points = query.get("points") or ""
    if not points.isascii() or not points.isdigit() or len(points) > 15:
        raise InvalidError("This is no whole number.", field="points")
    async with web.rt.db.read(web.tenant.id) as s:
        wallet = await wallet_of(s, web) if web.signed_in else None
        reader = catalogue_reader(web, wallet.tier if wallet else None)
        found = await queries.product(s, slug=slug, reader=reader)
    variant = _chosen(found, query.get("variant"))
    worked = pricing.split(variant.price, points=int(points), rules=rules_of(web.snapshot))
    return web.fragment("pages/split.html", _stop(worked, wallet, _provider(web), selected=True))


def _chosen(found: schemas.Product, wanted: str | None) -> schemas.Variant:
    """The variant asked for, else the first that can be had, else the first."""
    if wanted:
        for variant in found.variants:
            if str(variant.id) == wanted:
                return variant
        try:
            UUID(wanted)
        except ValueError as error:
            raise NotFoundError(field="variant") from error
    if not found.variants:
        raise NotFoundError(field="variant")
    return next((v for v in found.variants if v.stock != 0), found.variants[0])


def _provider(web: Web) -> str:
    return web.snapshot[PaymentParameters].provider


def _stop(worked: pricing.Split, wallet: Wallet | None, provider: str, *, selected: bool) -> Stop:
    left = None if wallet is None else wallet.available - worked.points
    due = worked.due if worked.money.minor else Money.zero(worked.money.currency)
    return Stop(
        points=worked.points,
        money=worked.money,
        fee=worked.fee,
        due=due,
        selected=selected,
        too_small=not chargeable(due, provider),
        remaining=left if left is not None and left >= 0 else None,
        missing=-left if left is not None and left < 0 else None,
    )


def _stops(variant: schemas.Variant, web: Web, wallet: Wallet | None) -> tuple[list[Stop], int]:
    """Worked positions, most points first, and the fewest points that are taken.

    The slider goes as far as the member's points do; without enough of them it shows the price.
    """
    rules = rules_of(web.snapshot)
    provider = _provider(web)
    full = variant.price.points
    minimum = pricing.minimum_points(variant.price, rules) if takes_money(web.snapshot) else full
    available = full if wallet is None else wallet.available
    slider = pricing.slider(variant.price, available=available, rules=rules)
    if slider is None or not takes_money(web.snapshot):
        whole = pricing.split(variant.price, points=full, rules=rules)
        return [_stop(whole, wallet, provider, selected=True)], minimum
    worked = [
        s
        for s in slider.stops
        if s.points > 0 and (not s.money.minor or chargeable(s.due, provider))
    ]
    if not worked:
        worked = [pricing.split(variant.price, points=full, rules=rules)]
    stops = [_stop(s, wallet, provider, selected=i == 0) for i, s in enumerate(worked)]
    return stops, max(1, minimum)


def _view(found: schemas.Product, web: Web, wallet: Wallet | None) -> Product:
    names = category_names(web)
    chosen = _chosen(found, web.request.query_params.get("variant"))
    stops, minimum = _stops(chosen, web, wallet)
    url = f"/products/{found.slug}"
    left = chosen.stock
    balance = wallet.available if wallet else None
    return Product(
        id=str(found.id),
        url=url,
        name=unbroken(found.name),
        brand=None,
        category_name=names.get(found.category, ""),
        category_url=f"/catalogue?category={found.category}",
        description=found.description or found.summary,
        pictures=tuple(p for p in (picture_view(x.file, x.alt) for x in found.pictures) if p),
        variant_id=str(chosen.id),
        variants=tuple(
            Variant(
                str(v.id),
                v.label or v.sku,
                f"{url}?variant={v.id}",
                v.id == chosen.id,
                v.stock != 0,
            )
            for v in found.variants
        ),
        price=chosen.price.points,
        stops=tuple(stops),
        minimum_points=minimum,
        maximum_points=stops[0].points,
        step=rules_of(web.snapshot).step,
        stock="out" if left == 0 else "in",
        left=left if left is not None and 0 < left <= 5 else None,
        delivery=found.delivery,
        delivery_days=found.delivery_days if found.delivery_days[1] else None,
        returnable_days=found.return_days,
        signed_in=web.signed_in,
        balance=balance,
        similar=tuple(card_view(c, web, names, balance) for c in found.similar),
        facts=(),
        until=found.valid_to.date() if found.valid_to else None,
        slot=slot_here(web, PRODUCT),
        sku=found.variants[0].sku,
    )


HANDLERS = [product, split]

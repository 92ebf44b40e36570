"""The Product Search API's answers from the assortment."""

from decimal import Decimal

from guerdon.sandbox.amazon.answers import ENCODER, ApiError
from guerdon.sandbox.amazon.assortment import Item, search
from guerdon.sandbox.amazon.contract import LOCALES, REGIONS
from guerdon.sandbox.amazon.orders import Obj
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.web import Request, Response


class Shelf:
    """What is sold, as the API shows it."""

    def __init__(self, items: dict[str, Item], knobs: KnobBox) -> None:
        self._items = items
        self._knobs = knobs

    def _checked_region(self, request: Request) -> None:
        for name in ("productRegion", "locale"):
            if not request.arg(name):
                raise ApiError(400, "InvalidInput", f"Query parameter {name} is required.")
        if request.arg("productRegion") not in REGIONS:
            raise ApiError(400, "InvalidInput", "productRegion is not supported.")
        if request.arg("locale") not in LOCALES:
            raise ApiError(400, "InvalidInput", "locale is not supported.")

    def search(self, application: str, request: Request) -> Response:
        """searchProductsRequest: words, 24 a page at most."""
        self._checked_region(request)
        try:
            page, size = int(request.arg("pageNumber", "0")), int(request.arg("pageSize", "24"))
        except ValueError as error:
            raise ApiError(400, "InvalidInput", "pageNumber and pageSize are numbers.") from error
        if page < 0 or not 1 <= size <= 24:
            raise ApiError(400, "InvalidInput", "pageSize is 1 to 24, pageNumber from 0.")
        hits = search(self._items, request.arg("keywords"))
        body = {
            "matchingProductCount": len(hits),
            "numberOfPages": -(-len(hits) // size),
            "products": [self._shown(item, 1) for item in hits[page * size : (page + 1) * size]],
            "searchRefinements": [],
        }
        return Response(200, ENCODER.encode(body))

    def _item(self, request: Request) -> tuple[Item, int]:
        self._checked_region(request)
        item = self._items.get(request.parts["id"])
        if item is None:
            raise ApiError(404, "NotFound", "No such product.")
        quantity = request.arg("quantity", "1")
        if not quantity.isdigit() or not 1 <= int(quantity) <= 999:
            raise ApiError(400, "InvalidInput", "quantity is 1 to 999.")
        return item, int(quantity)

    def product(self, application: str, request: Request) -> Response:
        """productsRequest: one product with its featured offer."""
        item, quantity = self._item(request)
        return Response(200, ENCODER.encode(self._shown(item, quantity)))

    def offers(self, application: str, request: Request) -> Response:
        """searchOffersRequest: every offer of a product; here there is one."""
        item, quantity = self._item(request)
        body = {
            "offers": [self._offer(item, quantity)], "offerCount": 1, "numberOfPages": 1,
            "featuredOffer": self._offer(item, quantity), "filterGroups": [],
        }  # fmt: skip
        return Response(200, ENCODER.encode(body))

    def _shown(self, item: Item, quantity: int) -> Obj:
        return {
            "asin": item.asin,
            "asinType": "STANDARD",
            "title": item.title,
            "url": f"https://www.amazon.com/dp/{item.asin}",
            "features": item.features,
            "productDescription": item.description,
            "productOverview": {"Brand": item.brand},
            "taxonomies": [{"taxonomyCode": "CATEGORY", "title": item.category}],
            "includedDataTypes": {
                "OFFERS": [self._offer(item, quantity)],
                "IMAGES": [{"large": {"url": item.image_url}}] if item.image_url else [],
            },
            "productVariations": {
                "dimensions": [
                    {"index": n, "displayString": name,
                     "dimensionValues": [{"displayString": value}]}
                    for n, (name, value) in enumerate(item.variation.items())
                ],
                "variations": [],
            },
        }  # fmt: skip

    def _offer(self, item: Item, quantity: int) -> Obj:
        def price(amount: Decimal) -> Obj:
            return {"value": {"amount": amount, "currencyCode": item.currency}}

        factor = self._knobs.now.price_factor
        unit = item.unit_price(quantity, factor)
        tiers = [
            {"quantityDisplay": f"{least}+", "minimumQuantity": least,
             "price": price(item.unit_price(least, factor))}
            for least, _ in sorted(item.quantity_prices)
        ]  # fmt: skip
        first, last = item.delivery_days
        return {
            "availability": "IN_STOCK" if item.stock else "OUT_OF_STOCK",
            "stockQuantity": item.stock,
            "buyingGuidance": "BLOCKED" if item.restrictions else "NONE",
            "buyingRestrictions": [{"message": r} for r in item.restrictions],
            "fulfillmentType": "AMAZON_FULFILLMENT",
            "merchant": {"name": "Amazon.com", "merchantId": "A1SANDBOX"},
            "offerId": item.offer_id,
            "price": {
                **price(unit), "formattedPrice": f"{unit} {item.currency}", "priceType": "BUSINESS",
            },
            "listPrice": None if item.list_price is None else price(item.list_price),
            "productCondition": "NEW",
            "condition": {"conditionValue": "NEW", "subCondition": "NEW"},
            "quantityLimits": {
                "minQuantity": item.quantity_min, "maxQuantity": item.quantity_max,
            },
            "quantityPrice": {"quantityPriceTiers": tiers},
            "deliveryInformation": f"{first} to {last} days",
        }  # fmt: skip

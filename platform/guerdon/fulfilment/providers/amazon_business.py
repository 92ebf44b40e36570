"""Amazon Business: Ordering API 2022-10-30, product search, package tracking and its pushes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode
from uuid import UUID

from guerdon.fulfilment.errors import SupplierNotConfiguredError
from guerdon.fulfilment.parameters import SupplierParameters
from guerdon.fulfilment.port import (
    Capabilities,
    Order,
    OrderStatus,
    Package,
    Placed,
    Push,
    Refused,
    SupplierProduct,
    SupplierProducts,
    Trial,
)
from guerdon.fulfilment.providers import amazon_products, amazon_push, amazon_wire
from guerdon.fulfilment.providers.amazon_client import AmazonClient, Credentials
from guerdon.plumbing.db import ReadSession
from guerdon.runtime import Runtime

_ORDERS: Final = "/ordering/2022-10-30/orders"
_PRODUCTS: Final = "/products/2020-08-26/products"
_PAGE_SIZE_MAX: Final = 24
CAPABILITIES: Final = Capabilities(search=True, trial=True, push=True)
_SECRETS: Final = ("client_id", "client_secret", "refresh_token")


async def connect(
    rt: Runtime, s: ReadSession, parameters: SupplierParameters, now: datetime
) -> "AmazonBusiness":
    """The tenant's account; secrets `fulfilment.<key>.client_id`, `.client_secret`,
    `.refresh_token`.
    """
    found = [await rt.secrets.get(s, f"fulfilment.{parameters.key}.{name}") for name in _SECRETS]
    client_id, client_secret, refresh_token = found
    if client_id is None or client_secret is None or refresh_token is None:
        raise SupplierNotConfiguredError(f"Secrets of {parameters.key} are missing.")
    client = AmazonClient(
        rt,
        tenant_id=s.tenant_id,
        supplier=parameters.key,
        user_email=parameters.buyer_email,
        credentials=Credentials(client_id, client_secret, refresh_token),
    )
    return AmazonBusiness(client, parameters, rt)


@dataclass(frozen=True, slots=True)
class AmazonBusiness:
    """One tenant's account at Amazon Business."""

    _client: AmazonClient
    _parameters: SupplierParameters
    _rt: Runtime = field(repr=False)

    @property
    def capabilities(self) -> Capabilities:
        """Search, trial orders, tracking pushes."""
        return CAPABILITIES

    async def search(self, *, text: str, page: int = 1, page_size: int = 24) -> SupplierProducts:
        """searchProductsRequest; at most 24 a page."""
        query = self._region() | {
            "keywords": text,
            "pageNumber": str(page - 1),
            "pageSize": str(min(page_size, _PAGE_SIZE_MAX)),
        }
        found = await self._client.call(
            "searchProductsRequest", "GET", f"{_PRODUCTS}?{urlencode(query)}"
        )
        return amazon_products.read_products(found.expect(200).body, page)

    async def offer(self, *, sku: str, quantity: int = 1) -> SupplierProduct | None:
        """productsRequest: the product with its featured offer at this quantity."""
        query = urlencode(self._region() | {"quantity": str(quantity)})
        found = await self._client.call(
            "productsRequest", "GET", f"{_PRODUCTS}/{quote(sku, safe='')}?{query}"
        )
        if found.status == 404:
            return None
        return amazon_products.read_product(found.expect(200).body)

    async def trial(self, order: Order) -> Trial | Refused:
        """placeOrder in trial mode."""
        body = amazon_wire.write_order(order, self._parameters, trial=True)
        answer = await self._client.call("placeOrder", "POST", _ORDERS, body=body)
        if answer.status == 400:
            return Refused(reason="invalid_order", detail=answer.message)
        return amazon_wire.read_trial(answer.expect(200).body, order)

    async def place(self, order: Order) -> Placed | Refused:
        """placeOrder. An id that the supplier knows already was placed by an earlier attempt."""
        body = amazon_wire.write_order(order, self._parameters, trial=False)
        answer = await self._client.call("placeOrder", "POST", _ORDERS, body=body, mutates=True)
        if answer.status == 400:
            known = await self._details(order.id)
            if known is None:
                return Refused(reason="invalid_order", detail=answer.message)
            return amazon_wire.read_answer(known, already=True)
        return amazon_wire.read_answer(answer.expect(200).body, already=False)

    async def status(self, external_id: UUID) -> OrderStatus | None:
        """orderDetails, and the tracking of every parcel that it names."""
        body = await self._details(external_id)
        if body is None:
            return None
        answer = amazon_wire.read_answer(body, already=True)
        order_id = next(iter(answer.supplier_references), "") if isinstance(answer, Placed) else ""
        told = [self._tracked(order_id, package) for package in amazon_wire.read_packages(body)]
        return OrderStatus(answer=answer, packages=await asyncio.gather(*told))

    async def verify_push(self, raw: bytes, headers: Mapping[str, str], *, now: datetime) -> Push:
        """A push as Amazon SNS signs it, of the topic that the parameters name."""
        return await amazon_push.verify(
            raw,
            topic=self._parameters.push_topic,
            egress=self._rt.egress,
            api_base=self._rt.settings.amazon_business_base,
            now=now,
        )

    def _region(self) -> dict[str, str]:
        return {"productRegion": self._parameters.region, "locale": self._parameters.locale}

    async def _details(self, external_id: UUID) -> bytes | None:
        found = await self._client.call("orderDetails", "GET", f"{_ORDERS}/{external_id}")
        return None if found.status == 404 else found.expect(200).body

    async def _tracked(self, order_id: str, package: Package) -> Package:
        """The package with its present state; as shipped where tracking knows nothing yet."""
        shipment, _, number = package.reference.partition("/")
        parts = [quote(p, safe="") for p in (order_id, shipment, number)]
        path = "/ab-tracking/2025-07-02/orders/{}/shipments/{}/packages/{}".format(*parts)
        query = urlencode({"region": self._parameters.region})
        found = await self._client.call("getPackageTrackingDetails", "GET", f"{path}?{query}")
        if found.status == 404:
            return package
        return amazon_wire.read_tracking(found.expect(200).body, package)

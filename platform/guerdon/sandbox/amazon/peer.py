"""The Amazon Business peer's HTTP face: tokens, ordering, search, tracking, pushes, control."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from guerdon.kit.ids import uuid7
from guerdon.sandbox.amazon import contract
from guerdon.sandbox.amazon.answers import ENCODER, ApiError
from guerdon.sandbox.amazon.assortment import Item, read
from guerdon.sandbox.amazon.life import Life
from guerdon.sandbox.amazon.limits import Buckets
from guerdon.sandbox.amazon.orders import Decision, PlacedOrder, details, instant
from guerdon.sandbox.amazon.shelf import Shelf
from guerdon.sandbox.amazon.sns import Signer
from guerdon.sandbox.delivery import Endpoint, Postman
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.store import Store
from guerdon.sandbox.web import Request, Response, Routes, Server, html_response, json_response

TOKEN_LIFETIME_S = 3600
_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
)
Work = Callable[[str, Request], Response]


class Application(msgspec.Struct):
    """An application that has asked for a token; its first secret is its secret."""

    client_id: str
    secret_hash: str
    refresh_hash: str = ""


class Token(msgspec.Struct):
    """An access token."""

    application: str
    expires_at: float


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class AmazonPeer:
    """Applications open when they first ask for a token; nothing is shared between them."""

    def __init__(
        self,
        state: Path,
        *,
        port: int = 0,
        assortment: Iterable[Path] = (),
        rate: float = 0.5,
        burst: int = 10,
        pace_s: float = 6.0,
    ) -> None:
        self._port = port
        self._store = Store(state)
        self.items = read(assortment)
        self.knobs = KnobBox()
        self._shelf = Shelf(self.items, self.knobs)
        self.buckets = Buckets(rate, burst)
        self._signer = Signer(state)
        self._postman = Postman(self._store, self.knobs, _push_headers, _forge)
        self.life = Life(self._store, pace_s, self._push)
        routes = Routes()
        self._server = Server(routes)
        add, api = routes.add, self._api
        add("POST", "/auth/o2/token", self._token)
        add("POST", "/ordering/2022-10-30/orders", api("placeOrder", self._place))
        add("GET", "/ordering/2022-10-30/orders/{id}", api("orderDetails", self._details))
        add(
            "GET", "/products/2020-08-26/products", api("searchProductsRequest", self._shelf.search)
        )
        add(
            "GET", "/products/2020-08-26/products/{id}", api("productsRequest", self._shelf.product)
        )
        add("GET", "/products/2020-08-26/products/{id}/offers",
            api("searchOffersRequest", self._shelf.offers))  # fmt: skip
        add("GET", "/ab-tracking/2025-07-02/orders/{order}/shipments/{shipment}/packages/{package}",
            api("getPackageTrackingDetails", self._tracking))  # fmt: skip
        add("GET", "/SimpleNotificationService-{key}.pem", self._certificate)
        add("GET", "/", self._index)
        add("GET", "/_control/knobs", self.knobs.show)
        add("PUT", "/_control/knobs", self.knobs.change)
        add("PUT", "/_control/endpoints", self._listen)
        add("GET", "/_control/endpoints", self._listeners)
        add("PUT", "/_control/plan", self._plan)
        add("PUT", "/_control/items", self._change_items)
        add("GET", "/_control/orders", self._orders)
        add("POST", "/_control/orders/{id}/advance", self._advance)

    async def start(self) -> str:
        """Serve; returns the base address."""
        await self._server.start(self._port)
        self._postman.resume()
        self.life.start()
        return self._server.base_url

    async def stop(self) -> None:
        """Stop serving; state stays on disk."""
        self._server.close()
        await self.life.stop()
        await self._postman.close()
        self._store.close()

    # tokens (Login with Amazon)
    async def _token(self, request: Request) -> Response:
        await self.knobs.now.pause()
        if self.knobs.now.fault(request.path) is not None:
            return Response(drop=True)
        form = dict(request.form)
        grant, client, secret = (
            form.get(k, "") for k in ("grant_type", "client_id", "client_secret")
        )
        if grant not in ("refresh_token", "client_credentials"):
            return _oauth_error(400, "unsupported_grant_type", "Unknown grant_type")
        if not client.startswith("amzn1.application-oa2-client.") or not secret:
            return _oauth_error(401, "invalid_client", "Client authentication failed")
        refresh = form.get("refresh_token", "")
        if grant == "refresh_token" and not refresh.startswith("Atzr|"):
            return _oauth_error(400, "invalid_grant", "The refresh token is not valid")
        if grant == "client_credentials" and not form.get("scope"):
            return _oauth_error(400, "invalid_scope", "A scope is required")
        known = self._store.get("application", client, Application)
        if known is None:
            known = Application(client, _hash(secret))
        if not hmac.compare_digest(known.secret_hash, _hash(secret)):
            return _oauth_error(401, "invalid_client", "Client authentication failed")
        if grant == "refresh_token":
            known.refresh_hash = known.refresh_hash or _hash(refresh)
            if not hmac.compare_digest(known.refresh_hash, _hash(refresh)):
                return _oauth_error(400, "invalid_grant", "The refresh token is not valid")
        self._store.put("application", client, known)
        token = f"Atza|{secrets.token_urlsafe(48)}"
        self._store.put("token", _hash(token), Token(client, time.time() + TOKEN_LIFETIME_S))
        body = {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_LIFETIME_S}
        if grant == "refresh_token":
            body["refresh_token"] = refresh
        return json_response(body)

    def _application(self, request: Request) -> str:
        token = request.headers.get("x-amz-access-token", "")
        if not token:
            raise ApiError(403, "Unauthorized", "Access token is missing in the request header.")
        found = self._store.get("token", _hash(token), Token)
        if found is None:
            raise ApiError(403, "Unauthorized", "The access token you provided is not valid.")
        if found.expires_at <= time.time():
            raise ApiError(403, "Unauthorized", "The access token you provided has expired.")
        return found.application

    # plumbing of the API
    def _api(self, operation: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def handler(request: Request) -> Response:
            headers = {**self.buckets.header, "x-amzn-RequestId": str(uuid7())}
            try:
                response = await self._call(operation, request, work)
            except ApiError as error:
                return json_response(error.body, error.status, headers)
            return msgspec.structs.replace(response, headers=headers)

        return handler

    async def _call(self, operation: str, request: Request, work: Work) -> Response:
        application = self._application(request)
        if not self.buckets.take(application, operation):
            raise ApiError(429, "QuotaExceeded", "You exceeded your quota for this operation.")
        if "@" not in request.headers.get("x-amz-user-email", ""):
            raise ApiError(400, "InvalidInput", "Header x-amz-user-email is required.")
        await self.knobs.now.pause()
        fault = self.knobs.now.fault(request.path)
        if fault == "drop_before":
            return Response(drop=True)
        if fault == "fail":
            raise ApiError(503, "ServiceUnavailable", "Service is temporarily unavailable.")
        response = work(application, request)
        return Response(drop=True) if fault == "drop_after" else response

    # ordering
    def _place(self, application: str, request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/json"):
            raise ApiError(400, "InvalidInput", "The content type must be application/json.")
        try:
            order = contract.parse(request.body)
        except contract.BrokenContractError as error:
            raise ApiError(400, "InvalidInput", str(error)) from error
        if order.buyer != request.headers["x-amz-user-email"]:
            raise ApiError(400, "InvalidInput", "BuyerReference and x-amz-user-email differ.")
        key = f"{application}/{order.external_id}"
        if not order.trial and self._store.get("order", key, PlacedOrder) is not None:
            raise ApiError(
                400, "InvalidInput", f"externalId {order.external_id} was used for another order."
            )
        decision = Decision(order, self.items, self.knobs.now)
        if order.trial:
            return Response(200, ENCODER.encode(decision.result(None)))
        stamp = uuid7().int
        order_id = f"114-{stamp % 10**7:07d}-{stamp // 10**7 % 10**7:07d}"
        body = ENCODER.encode(decision.result(order_id))
        for line in order.line_items:
            taken = decision.accepted.get(line.external_id, 0)
            if taken:
                self.items[line.asin].stock -= taken
        placed = PlacedOrder(
            external_id=order.external_id,
            application=application,
            order_id=order_id,
            purchase_order=order.purchase_order,
            placed_at=time.time(),
            result=msgspec.json.decode(body),
            fingerprint=hashlib.sha256(request.body).hexdigest(),
            asked=msgspec.json.decode(request.body),
            packages=decision.packages(),
        )
        self._store.put("order", key, placed)
        self.life.begin(key, placed)
        return Response(200, body)

    def _found(self, application: str, key: str) -> PlacedOrder:
        order = self._store.get("order", f"{application}/{key}", PlacedOrder)
        if order is None:
            raise ApiError(404, "NotFound", "No order has this externalId.")
        return order

    def _details(self, application: str, request: Request) -> Response:
        return json_response(details(self._found(application, request.parts["id"])))

    def _tracking(self, application: str, request: Request) -> Response:
        if request.arg("region") not in contract.REGIONS:
            raise ApiError(400, "InvalidInput", "Query parameter region is required.")
        parts = request.parts
        found = self.life.package(application, parts["order"], parts["shipment"], parts["package"])
        if found is None:
            raise ApiError(404, "NotFound", "No such package.")
        return json_response({
            "packageTrackingDetails": {
                "trackingStatus": found.status,
                "trackingNumber": found.tracking_id,
                "carrier": {"name": "Amazon Logistics"},
                "trackingEvents": [
                    {"eventCode": name, "eventTime": instant(at)}
                    for name, at in found.events
                ],
            }
        })  # fmt: skip

    # pushes
    def _push(self, order: PlacedOrder, package: Any, status: str, at: float) -> None:
        message = {
            "orderId": order.order_id,
            "trackingId": package.tracking_id,
            "shipmentId": package.shipment_id,
            "packageId": package.package_id,
            "poNumber": order.purchase_order,
            "eventTimeStampInEpochMillis": int(at * 1000),
            "deliveryStatus": status,
            "detailedTrackingStatus": status,
        }
        certificate = f"{self._server.base_url}/SimpleNotificationService-sandbox.pem"
        signed = self._signer.signed(
            {
                "Type": "Notification",
                "MessageId": str(uuid7()),
                "TopicArn": topic(order.application),
                "Message": msgspec.json.encode(message).decode(),
                "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            },
            certificate,
        )
        self._postman.send(order.application, "PackageTracking", msgspec.json.encode(signed))

    async def _certificate(self, request: Request) -> Response:
        return Response(200, self._signer.certificate, "application/x-pem-file")

    # control
    async def _listeners(self, request: Request) -> Response:
        """GET ?owner=: who listens to an application's news."""
        return json_response(self._postman.endpoints(request.arg("owner")))

    async def _listen(self, request: Request) -> Response:
        """PUT {owner: client id, url, host?}: where an application's pushes go."""
        body = request.json(dict[str, Any])
        key = _hash(body["owner"])[:24]
        endpoint = msgspec.convert({"id": f"sub-{key}", **body}, Endpoint)
        self._postman.listen(endpoint)
        return json_response({"endpoint": endpoint, "topicArn": topic(endpoint.owner)})

    async def _plan(self, request: Request) -> Response:
        """PUT {rate, burst, pace_s}: another usage plan, another pace."""
        body = request.json(dict[str, float])
        self.buckets = Buckets(
            body.get("rate", self.buckets.rate), int(body.get("burst", self.buckets.burst))
        )
        self.life.pace_s = body.get("pace_s", self.life.pace_s)
        return json_response({"rate": self.buckets.rate, "burst": self.buckets.burst})

    async def _change_items(self, request: Request) -> Response:
        """PUT [item, ...]: add or replace products."""
        for item in request.json(list[Item]):
            self.items[item.asin] = item
        return json_response({"items": len(self.items)})

    async def _orders(self, request: Request) -> Response:
        orders = self._store.newest("order", PlacedOrder, int(request.arg("limit") or 10_000))
        owner = request.arg("owner")
        return json_response([o for o in orders if owner in ("", o.application)])

    async def _advance(self, request: Request) -> Response:
        """One step further for every package of an order, whoever's it is."""
        return json_response({"moved": self.life.advance(request.parts["id"])})

    async def _index(self, request: Request) -> Response:
        orders = list(self._store.newest("order", PlacedOrder, 50))
        page = _PAGES.get_template("index.html").render(
            orders=orders, items=len(self.items), plan=self.buckets
        )
        return html_response(page)


def topic(application: str) -> str:
    """The topic that carries an application's pushes: `ab-` and the client id's last part."""
    return f"arn:aws:sns:us-east-1:000000000000:ab-{application.rpartition('.')[2]}"


def _push_headers(endpoint: Endpoint, body: bytes) -> dict[str, str]:
    return {"x-amz-sns-message-type": "Notification"}


def _forge(body: bytes) -> bytes:
    """The same push with another package in it: the signature no longer fits."""
    return body.replace(b"TBA", b"TBX")


def _oauth_error(status: int, code: str, text: str) -> Response:
    return json_response({"error": code, "error_description": text}, status)

"""The Amazon Pay peer's HTTP face: API, hosted page, notifications, control."""

import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.sandbox.amazon.sns import Signer
from guerdon.sandbox.amazon_pay import contract
from guerdon.sandbox.amazon_pay.book import Book, Kept
from guerdon.sandbox.amazon_pay.contract import Obj, Refusal
from guerdon.sandbox.amazon_pay.page import HostedPage
from guerdon.sandbox.amazon_pay.signatures import Merchant, signer
from guerdon.sandbox.delivery import Endpoint, Postman
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.store import Store
from guerdon.sandbox.web import Request, Response, Routes, Server, json_response

Work = Callable[[Merchant, Request, Obj], Obj]
_TOPIC = "arn:aws:sns:us-east-1:000000000000:amazon-pay-ipn"


class Replay(msgspec.Struct):
    """The first answer under an idempotency key; kept for ever."""

    fingerprint: str
    status: int
    body: str


class AmazonPayPeer:
    """Stores are registered with their public key; nothing is shared between them."""

    def __init__(self, state: Path, *, port: int = 0) -> None:
        self._port = port
        self._store = Store(state)
        self.knobs = KnobBox()
        self._signer = Signer(state)
        self._postman = Postman(self._store, self.knobs, _push_headers, _forge)
        self.book = Book(self._store, self._tell)
        self._page = HostedPage(self.book, self.knobs)
        routes = Routes()
        self._server = Server(routes, not_found=_unknown)
        add, api = routes.add, self._api
        add("POST", "/v2/checkoutSessions", api(self._create, contract.SESSION_CREATE, 201))
        add("GET", "/v2/checkoutSessions/{id}", api(self._session, contract.NOTHING))
        add("POST", "/v2/checkoutSessions/{id}/complete", api(self._complete, contract.COMPLETE))
        add("GET", "/v2/charges/{id}", api(self._get("charge"), contract.NOTHING))
        add("POST", "/v2/charges/{id}/capture", api(self._capture, contract.CAPTURE))
        add("DELETE", "/v2/charges/{id}/cancel", api(self._cancel, contract.CANCEL))
        add("POST", "/v2/refunds", api(self._refund, contract.REFUND, 201))
        add("GET", "/v2/refunds/{id}", api(self._get("refund"), contract.NOTHING))
        add("GET", "/checkout/{id}", self._page.show)
        add("POST", "/checkout/{id}", self._page.pay)
        add("GET", "/checkout/{id}/bank", self._page.bank)
        add("POST", "/checkout/{id}/bank", self._page.answer)
        add("GET", "/SimpleNotificationService-{key}.pem", self._certificate)
        add("GET", "/", self._index)
        add("GET", "/_control/knobs", self.knobs.show)
        add("PUT", "/_control/knobs", self.knobs.change)
        add("PUT", "/_control/stores", self._register)
        add("PUT", "/_control/endpoints", self._listen)
        add("GET", "/_control/endpoints", self._listeners)
        add("POST", "/_control/charges/{id}/lapse", self._lapse)
        add("POST", "/_control/sessions/{id}/forget", self._forget)
        add("GET", "/_control/objects/{kind}", self._objects)

    async def start(self) -> str:
        """Serve; returns the base address."""
        await self._server.start(self._port)
        self._postman.resume()
        return self._server.base_url

    async def stop(self) -> None:
        """Stop serving; state stays on disk."""
        self._server.close()
        await self._postman.close()
        self._store.close()

    # plumbing of the API
    def _api(
        self, work: Work, spec: Obj, status: int = 200
    ) -> Callable[[Request], Awaitable[Response]]:
        async def handler(request: Request) -> Response:
            try:
                return await self._call(request, work, spec, status)
            except Refusal as refusal:
                return refusal.response()

        return handler

    async def _call(self, request: Request, work: Work, spec: Obj, status: int) -> Response:
        merchant = signer(request, self._store)
        await self.knobs.now.pause()
        fault = self.knobs.now.fault(request.path)
        if fault == "drop_before":
            return Response(drop=True)
        if fault == "fail":
            raise Refusal(500, "InternalServerError", "There was an unknown error.")
        try:
            body = request.json() if request.body else {}
        except msgspec.DecodeError as error:
            raise Refusal(400, "InvalidRequestFormat", "The body is not JSON.") from error
        body = contract.conform(body, spec)
        key = request.headers.get("x-amz-pay-idempotency-key")
        if request.method == "POST" and key is not None:
            response = self._once(merchant, request, body, key, work, status)
        else:
            response = json_response(work(merchant, request, body), status)
        return Response(drop=True) if fault == "drop_after" else response

    def _once(
        self, merchant: Merchant, request: Request, body: Obj, key: str, work: Work, status: int
    ) -> Response:
        """The first answer under `key`, whatever became of the object since."""
        if not contract.KEY.fullmatch(key):
            raise Refusal(400, "InvalidHeaderValue", "An idempotency key has 1 to 32 characters.")
        asked = json.dumps([request.path, body], sort_keys=True)
        fingerprint = hashlib.sha256(asked.encode()).hexdigest()
        name = f"{merchant.merchant_id}/{key}"
        if kept := self._store.get("replay", name, Replay):
            if kept.fingerprint != fingerprint:
                raise Refusal(400, "DuplicateIdempotencyKey", "The key was used for another call.")
            return Response(kept.status, kept.body.encode())
        response = json_response(work(merchant, request, body), status)
        self._store.put("replay", name, Replay(fingerprint, status, response.body.decode()))
        return response

    # operations
    def _create(self, merchant: Merchant, request: Request, body: Obj) -> Obj:
        contract.check_session(body, merchant.store_id)
        return self.book.create_session(merchant.public_key_id, body, request.base_url)

    def _session(self, merchant: Merchant, request: Request, body: Obj) -> Obj:
        kept = self.book.find("session", merchant.public_key_id, request.parts["id"])
        return self.book.expire_if_due(kept).object

    def _complete(self, merchant: Merchant, request: Request, body: Obj) -> Obj:
        contract.need(body, "chargeAmount")
        kept = self.book.find("session", merchant.public_key_id, request.parts["id"])
        amount = contract.money(body["chargeAmount"], "chargeAmount")
        refuse = self.knobs.now.refusal(request.path, "HardDeclined")
        return self.book.complete(kept, amount, refuse=refuse)

    def _capture(self, merchant: Merchant, request: Request, body: Obj) -> Obj:
        contract.need(body, "captureAmount")
        charge = self.book.find("charge", merchant.public_key_id, request.parts["id"])
        if self.knobs.now.refusal(request.path, "expired"):
            self.book.cancel(charge, "ExpiredUnused")
        amount = contract.money(body["captureAmount"], "captureAmount")
        return self.book.capture(charge, amount, body.get("softDescriptor"))

    def _cancel(self, merchant: Merchant, request: Request, body: Obj) -> Obj:
        contract.need(body, "cancellationReason")
        charge = self.book.find("charge", merchant.public_key_id, request.parts["id"])
        return self.book.cancel(charge, "MerchantCanceled")

    def _refund(self, merchant: Merchant, request: Request, body: Obj) -> Obj:
        contract.need(body, "chargeId", "refundAmount")
        charge = self.book.find("charge", merchant.public_key_id, body["chargeId"])
        return self.book.refund(charge, contract.money(body["refundAmount"], "refundAmount"))

    def _get(self, kind: str) -> Work:
        return lambda merchant, request, body: (
            self.book.find(kind, merchant.public_key_id, request.parts["id"]).object
        )

    # notifications
    def _tell(self, owner: str, kind: str, key: str, permission: str) -> None:
        merchant = self._store.get("store", owner, Merchant)
        assert merchant is not None
        message = {
            "MerchantID": merchant.merchant_id,
            "ObjectType": kind,
            "ObjectId": key,
            "ChargePermissionId": permission,
            "NotificationType": "STATE_CHANGE",
            "NotificationId": str(uuid7()),
            "NotificationVersion": "V2",
        }
        signed = self._signer.signed(
            {
                "Type": "Notification",
                "MessageId": str(uuid7()),
                "TopicArn": _TOPIC,
                "Message": msgspec.json.encode(message).decode(),
                "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            },
            f"{self._server.base_url}/SimpleNotificationService-sandbox.pem",
        )
        self._postman.send(owner, kind, msgspec.json.encode(signed))

    async def _certificate(self, request: Request) -> Response:
        return Response(200, self._signer.certificate, "application/x-pem-file")

    # control
    async def _register(self, request: Request) -> Response:
        """PUT {public_key_id, public_key, store_id, merchant_id}: a store's key."""
        merchant = request.json(Merchant)
        self._store.put("store", merchant.public_key_id, merchant)
        return json_response({"registered": merchant.public_key_id})

    async def _listeners(self, request: Request) -> Response:
        """GET ?owner=: who listens to a store's news."""
        return json_response(self._postman.endpoints(request.arg("owner")))

    async def _listen(self, request: Request) -> Response:
        """PUT {owner: public key id, url, host?}: where a store's notifications go."""
        body = request.json(dict[str, Any])
        key = hashlib.sha256(body["owner"].encode()).hexdigest()[:24]
        endpoint = msgspec.convert({"id": f"ipn-{key}", **body}, Endpoint)
        self._postman.listen(endpoint)
        return json_response(endpoint)

    async def _lapse(self, request: Request) -> Response:
        """An authorisation lapses, as after thirty days."""
        kept = self._store.get("charge", request.parts["id"], Kept)
        if kept is None:
            return json_response({"error": "unknown"}, 404)
        return json_response(self.book.cancel(kept, "ExpiredUnused"))

    async def _forget(self, request: Request) -> Response:
        """A session is deleted for good, as after thirty days."""
        self._store.delete("session", request.parts["id"])
        return json_response({"forgotten": request.parts["id"]})

    async def _objects(self, request: Request) -> Response:
        """Objects of a kind, newest first, of all stores: for tests and curious people."""
        owner = request.arg("owner")
        kept = self._store.newest(request.parts["kind"], Kept)
        return json_response([k.object for k in kept if owner in ("", k.owner)])

    async def _index(self, request: Request) -> Response:
        return self._page.index(request, [k.object for k in self._store.newest("charge", Kept, 50)])


def _push_headers(endpoint: Endpoint, body: bytes) -> dict[str, str]:
    return {"x-amz-sns-message-type": "Notification"}


def _forge(body: bytes) -> bytes:
    """The same notification about another charge: the signature no longer fits."""
    return body.replace(b"S01-", b"S02-")


def _unknown(status: int) -> Response:
    return Refusal(status, "ResourceNotFound", "There is nothing at this address.").response()

"""The Stripe peer's HTTP face: API, hosted page, control."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.sandbox.delivery import Endpoint, Postman
from guerdon.sandbox.knobs import KnobBox
from guerdon.sandbox.store import Store
from guerdon.sandbox.stripe import contract
from guerdon.sandbox.stripe.book import Book, Kept, Obj, new_id
from guerdon.sandbox.stripe.contract import Refusal
from guerdon.sandbox.stripe.page import HostedPage
from guerdon.sandbox.web import Request, Response, Routes, Server, json_response

_KEY = re.compile(r"(sk|rk)_test_[A-Za-z0-9_]{8,}")
Work = Callable[[str, Request, contract.Params, str | None], Obj]


class Replay(msgspec.Struct):
    """The first answer under an idempotency key."""

    fingerprint: str
    status: int
    body: str


def sign(secret: str, body: bytes, at: int) -> str:
    """The Stripe-Signature header for `body`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


class StripePeer:
    """Accounts open when a well-formed test key is first used; nothing is shared between keys."""

    def __init__(self, state: Path, *, port: int = 0) -> None:
        self._port = port
        self._store = Store(state)
        self.knobs = KnobBox()
        self._postman = Postman(self._store, self.knobs, self._headers, self._forge)
        self.book = Book(self._store, self._emit)
        self._page = HostedPage(self.book, self.knobs)
        self._busy: set[str] = set()
        routes = Routes()
        self._server = Server(routes, not_found=self._unknown_url)
        api = self._api
        add = routes.add
        add("POST", "/v1/checkout/sessions", api(self._create_session, contract.SESSION_CREATE))
        add("GET", "/v1/checkout/sessions/{id}", api(self._session, contract.RETRIEVE))
        add("POST", "/v1/checkout/sessions/{id}/expire",
            api(self._expire_session, contract.SESSION_EXPIRE))  # fmt: skip
        add("GET", "/v1/payment_intents/{id}", api(self._intent, contract.RETRIEVE))
        add("POST", "/v1/payment_intents/{id}/capture", api(self._capture, contract.CAPTURE))
        add("POST", "/v1/payment_intents/{id}/cancel", api(self._cancel, contract.CANCEL))
        add("GET", "/v1/charges/{id}", api(self._get("charge"), contract.RETRIEVE))
        add("POST", "/v1/refunds", api(self._refund, contract.REFUND_CREATE))
        add("GET", "/v1/refunds", api(self._refunds, contract.REFUND_LIST))
        add("GET", "/v1/refunds/{id}", api(self._get("refund"), contract.RETRIEVE))
        add("GET", "/v1/events/{id}", api(self._get("event"), contract.RETRIEVE))
        add("GET", "/v1/balance", api(self._balance, contract.RETRIEVE))
        add("POST", "/v1/webhook_endpoints", api(self._create_endpoint, contract.ENDPOINT_CREATE))
        add("GET", "/c/pay/{id}", self._page.show)
        add("POST", "/c/pay/{id}", self._page.pay)
        add("GET", "/c/3ds/{id}", self._page.challenge)
        add("POST", "/c/3ds/{id}", self._page.answer)
        add("GET", "/", self._index)
        add("GET", "/_control/knobs", self.knobs.show)
        add("PUT", "/_control/knobs", self.knobs.change)
        add("PUT", "/_control/endpoints", self._listen)
        add("GET", "/_control/endpoints", self._listeners)
        add("POST", "/_control/payment_intents/{id}/lapse", self._lapse)
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
    def _api(self, work: Work, spec: contract.Params) -> Callable[[Request], Awaitable[Response]]:
        async def handler(request: Request) -> Response:
            try:
                return await self._call(request, work, spec)
            except Refusal as refusal:
                return refusal.response()

        return handler

    async def _call(self, request: Request, work: Work, spec: contract.Params) -> Response:
        account = _account(request)
        await self.knobs.now.pause()
        fault = self.knobs.now.fault(request.path)
        if fault == "drop_before":
            return Response(drop=True)
        if fault == "fail":
            raise Refusal("Something went wrong on Stripe's end.", status=500, kind="api_error")
        pairs = request.query if request.method == "GET" else request.form
        params = contract.conform(contract.decode_form(pairs), spec)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        if key is None:
            response = json_response(work(account, request, params, None))
        else:
            response = self._once(account, request, params, key, work)
        return Response(drop=True) if fault == "drop_after" else response

    def _once(
        self, account: str, request: Request, params: contract.Params, key: str, work: Work
    ) -> Response:
        """The first answer under `key`, replayed if there is one.

        As Stripe documents it: a refusal found before the work began is not kept; a key with other
        parameters is an error. The work itself runs without a pause, so no key is ever in flight
        twice.
        """
        if not 1 <= len(key) <= 255:
            raise Refusal("Idempotency-Key has 1 to 255 characters", kind="idempotency_error")
        asked = json.dumps([request.path, params], sort_keys=True)
        fingerprint = hashlib.sha256(asked.encode()).hexdigest()
        name = f"{account}/{key}"
        if kept := self._store.get("replay", name, Replay):
            if kept.fingerprint != fingerprint:
                raise Refusal(
                    "Keys for idempotent requests can only be used with the same parameters they"
                    f" were first used with. Try using a key other than '{key}' if you meant to"
                    " execute a different request.",
                    kind="idempotency_error",
                )
            return Response(
                kept.status, kept.body.encode(), headers={"idempotent-replayed": "true"}
            )
        response = json_response(work(account, request, params, key))
        self._store.put("replay", name, Replay(fingerprint, 200, response.body.decode()))
        return response

    def _emit(self, account: str, event: Obj) -> None:
        self._postman.send(account, event["type"], msgspec.json.encode(event))

    @staticmethod
    def _headers(endpoint: Endpoint, body: bytes) -> dict[str, str]:
        return {"stripe-signature": sign(endpoint.secret, body, int(time.time()))}

    @staticmethod
    def _forge(body: bytes) -> bytes:
        return body.replace(b'"livemode":false', b'"livemode":true ', 1)

    def _unknown_url(self, status: int) -> Response:
        return Refusal("Unrecognized request URL.", status=status).response()

    # operations
    def _create_session(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        total, currency = contract.check_session(params)
        return self.book.create_session(account, params, total, currency, request.base_url)

    def _session(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        kept = self.book.find("checkout.session", account, request.parts["id"])
        session = dict(self.book.expire_if_due(kept).object)
        if "payment_intent" in params.get("expand", []) and session["payment_intent"]:
            intent = self.book.find("payment_intent", account, session["payment_intent"])
            session["payment_intent"] = self._shown(intent, params, "payment_intent.")
        return session

    def _expire_session(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        kept = self.book.find("checkout.session", account, request.parts["id"])
        return self.book.expire_session(kept)

    def _intent(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        kept = self.book.find("payment_intent", account, request.parts["id"])
        return self._shown(kept, params, "")

    def _shown(self, intent: Kept, params: Obj, prefix: str) -> Obj:
        shown = dict(intent.object)
        if f"{prefix}latest_charge" in params.get("expand", []) and shown["latest_charge"]:
            charge = self.book.find("charge", intent.account, shown["latest_charge"])
            shown["latest_charge"] = charge.object
        return shown

    def _capture(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        intent = self.book.find("payment_intent", account, request.parts["id"])
        if self.knobs.now.refusal(request.path, "expired"):
            raise Refusal(
                "This charge can no longer be captured.", code="charge_expired_for_capture"
            )
        return self.book.capture(intent, params.get("amount_to_capture"), key)

    def _cancel(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        reason = params.get("cancellation_reason")
        if reason is not None and reason not in contract.CANCEL_REASONS:
            raise Refusal("Invalid cancellation_reason", param="cancellation_reason")
        intent = self.book.find("payment_intent", account, request.parts["id"])
        return self.book.cancel(intent, key, reason)

    def _refund(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        contract.require(params, "payment_intent")
        if params.get("reason", "duplicate") not in contract.REFUND_REASONS:
            raise Refusal("Invalid reason", param="reason")
        intent = self.book.find("payment_intent", account, params["payment_intent"])
        return self.book.refund(intent, params, key)

    def _refunds(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        data = [
            kept.object
            for kept in self._store.newest("refund", Kept, 10_000)
            if kept.account == account
            and params.get("payment_intent") in (None, kept.object["payment_intent"])
        ]
        limit = params.get("limit", 10)
        return {
            "object": "list", "url": "/v1/refunds", "data": data[:limit],
            "has_more": len(data) > limit,
        }  # fmt: skip

    def _get(self, kind: str) -> Work:
        return lambda account, request, params, key: (
            self.book.find(kind, account, request.parts["id"]).object
        )

    def _balance(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        return {"object": "balance", "available": [], "pending": [], "livemode": False}

    def _create_endpoint(self, account: str, request: Request, params: Obj, key: str | None) -> Obj:
        contract.require(params, "url", "enabled_events")
        endpoint = Endpoint(
            id=new_id("we"),
            owner=account,
            url=params["url"],
            secret=new_id("whsec"),
            events=params["enabled_events"],
        )
        self._postman.listen(endpoint)
        return {
            "id": endpoint.id, "object": "webhook_endpoint", "url": endpoint.url,
            "secret": endpoint.secret, "enabled_events": endpoint.events, "status": "enabled",
        }  # fmt: skip

    # control
    async def _listeners(self, request: Request) -> Response:
        """GET ?owner=: who listens to an account's news."""
        return json_response(self._postman.endpoints(request.arg("owner")))

    async def _listen(self, request: Request) -> Response:
        """PUT {owner, url, secret, host?, events?}: the account's listener, its secret chosen."""
        body = request.json(dict[str, Any])
        key = hashlib.sha256(body["owner"].encode()).hexdigest()[:24]
        endpoint = msgspec.convert({"id": f"we_{key}", **body}, Endpoint)
        self._postman.listen(endpoint)
        return json_response(endpoint)

    async def _lapse(self, request: Request) -> Response:
        """The bank lets an authorisation lapse, as after seven days."""
        kept = self._store.get("payment_intent", request.parts["id"], Kept)
        if kept is None:
            return json_response({"error": "unknown"}, 404)
        return json_response(self.book.cancel(kept, None, "automatic"))

    async def _objects(self, request: Request) -> Response:
        """Objects of a kind, newest first, of all accounts: for tests and curious people."""
        owner = request.arg("owner")
        kept = self._store.newest(request.parts["kind"], Kept)
        return json_response([k.object for k in kept if owner in ("", k.account)])

    async def _index(self, request: Request) -> Response:
        intents = [k.object for k in self._store.newest("payment_intent", Kept, 50)]
        return self._page.index(intents)


def _account(request: Request) -> str:
    """The API key, which is the account; a missing or malformed one is refused."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not value:
        raise Refusal("You did not provide an API key.", status=401)
    if not _KEY.fullmatch(value):
        raise Refusal(f"Invalid API Key provided: {value[:8]}****", status=401)
    return value


def request_id() -> str:
    """A request id in Stripe's shape."""
    return f"req_{uuid7().hex[:14]}"

"""Stripe: Checkout's hosted page with manual capture, through the official SDK in threads."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
import stripe

from guerdon.kit.money import Money
from guerdon.payments.errors import ForgedEventError, PaymentRefusedError
from guerdon.payments.port import (
    Checkout,
    EventKind,
    HostedPage,
    PaymentEvent,
    PaymentState,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from guerdon.payments.providers.connection import Connection
from guerdon.payments.providers.stripe_errors import translate

T = TypeVar("T")
Obj = dict[str, Any]

TIMEOUT_S: Final = 15
SIGNATURE_TOLERANCE: Final = timedelta(minutes=5)
# Stripe takes 30 minutes to 24 hours, counted from the session's creation; the page may be made a
# while after our row, and every attempt must say the same.
_PAGE_LIFETIME: Final = timedelta(hours=1)

_EVENTS: Final[dict[str, EventKind]] = {
    "checkout.session.completed": "checkout_completed",
    "checkout.session.expired": "checkout_expired",
    "payment_intent.amount_capturable_updated": "authorised",
    "payment_intent.succeeded": "captured",
    "payment_intent.canceled": "cancelled",
    "payment_intent.payment_failed": "declined",
    "charge.refunded": "refunded",
}
_REFUNDS: Final[dict[str, RefundStatus]] = {
    "succeeded": "done",
    "pending": "pending",
    "requires_action": "pending",
}
_LOCALES: Final = {"en": "en", "pt-BR": "pt-BR", "es": "es"}


@lru_cache(maxsize=256)
def _client(api_base: str, api_key: str) -> stripe.StripeClient:
    # One client per account keeps its connections; retries are ours, by the job.
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": api_base},
        max_network_retries=0,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
    )


class StripeProvider:
    """One tenant's Stripe account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = _client(connection.api_base, connection.api_key)

    async def create_checkout(self, checkout: Checkout) -> HostedPage:
        """A Checkout session; the idempotency key is our row's id."""
        parameters = self._connection.parameters
        amount, key = checkout.amount, str(checkout.id)
        metadata = {"checkout_id": key, "tenant_id": str(checkout.tenant_id)}
        expires_at = max(checkout.expires_at, _made_at(checkout.id) + _PAGE_LIFETIME)
        intent: Obj = {
            "capture_method": "manual",
            "description": checkout.title[:500],
            "metadata": metadata,
        }
        if statement := checkout.statement or parameters.statement:
            intent["statement_descriptor_suffix"] = statement
        params: Obj = {
            "mode": "payment",
            "success_url": checkout.return_url,
            "cancel_url": checkout.cancel_url,
            "client_reference_id": key,
            "expires_at": int(expires_at.timestamp()),
            "locale": _LOCALES.get(checkout.language, "auto"),
            "metadata": metadata,
            "payment_method_types": list(parameters.methods),
            "payment_intent_data": intent,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": amount.currency.lower(),
                        "unit_amount": amount.minor,
                        "product_data": {"name": checkout.title[:250]},
                    },
                }
            ],
        }
        if checkout.email:
            params["customer_email"] = checkout.email
        if checkout.brand_name:
            branding = {"display_name": checkout.brand_name}
            if checkout.brand_colour:
                branding["button_color"] = checkout.brand_colour
            params["branding_settings"] = branding
        sessions = self._client.v1.checkout.sessions
        session = await self._run(
            lambda: sessions.create(params, {"idempotency_key": f"checkout-{checkout.id.hex}"}),  # type: ignore[arg-type]
            mutates=True,
        )
        return HostedPage(url=session.url or "", reference=session.id)

    async def retrieve(self, reference: str) -> PaymentState:
        """The session and its intent; or the intent where `reference` is one."""
        session, intent = await self._look(reference)
        refunded = 0
        if intent is not None and intent.get("amount_received"):
            refunded = await self._refunded(intent["id"])
        return _state(reference, session, intent, refunded)

    async def authorise(self, reference: str, *, amount: Money, key: str) -> PaymentState:
        """The page has done it: manual capture reserves when the member pays."""
        return await self.retrieve(reference)

    async def capture(self, reference: str, *, amount: Money, key: str) -> PaymentState:
        """Capture on the intent; what is not captured is released."""
        session, intent = await self._look(reference)
        if intent is None:
            raise PaymentRefusedError("Nothing has been paid yet.", reason="unknown_reference")
        if intent["currency"].upper() != amount.currency:
            raise PaymentRefusedError("Another currency was paid.", reason="invalid_request")
        intents = self._client.v1.payment_intents
        captured = await self._run(
            lambda: intents.capture(
                intent["id"],
                {"amount_to_capture": amount.minor, "expand": ["latest_charge"]},
                {"idempotency_key": f"capture-{key}"},
            ),
            mutates=True,
        )
        return _state(reference, session, captured.to_dict(), 0)

    async def cancel(self, reference: str, *, key: str) -> PaymentState:
        """Expire an open page, cancel an intent that holds money."""
        session, intent = await self._look(reference)
        state = _state(reference, session, intent, 0)
        if state.status == "captured":
            raise PaymentRefusedError("The money is already taken.", reason="already_captured")
        if state.status == "open" and session is not None:
            await self._expire(session["id"], key)
        elif state.status in ("open", "authorised") and intent is not None:
            await self._cancel_intent(intent["id"], key)
        else:
            return state
        return await self.retrieve(reference)

    async def refund(self, reference: str, *, amount: Money, key: str) -> Refund:
        """A refund on the intent."""
        _, intent = await self._look(reference)
        if intent is None:
            raise PaymentRefusedError("Nothing has been paid yet.", reason="unknown_reference")
        if intent["currency"].upper() != amount.currency:
            raise PaymentRefusedError("Another currency was paid.", reason="invalid_request")
        refund = await self._run(
            lambda: self._client.v1.refunds.create(
                {"payment_intent": intent["id"], "amount": amount.minor},
                {"idempotency_key": f"refund-{key}"},
            ),
            mutates=True,
        )
        return Refund(
            reference=refund.id,
            status=_REFUNDS.get(refund.status or "", "failed"),
            amount=Money(refund.amount, refund.currency.upper()),
        )

    async def verify_event(
        self, raw: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> PaymentEvent:
        """Signature over the raw bytes, no older than five minutes."""
        header = headers.get("stripe-signature", "")
        try:
            signed_at = datetime.fromtimestamp(
                int(dict(part.split("=", 1) for part in header.split(","))["t"]), UTC
            )
        except (KeyError, ValueError, OverflowError, OSError) as error:
            raise ForgedEventError("There is no readable signature.") from error
        if abs(now - signed_at) > SIGNATURE_TOLERANCE or not self._connection.webhook_secret:
            raise ForgedEventError("The signature is too old.")
        try:
            stripe.WebhookSignature.verify_header(
                raw.decode(), header, self._connection.webhook_secret
            )
            event = msgspec.json.decode(raw, type=_Event)
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise ForgedEventError("The signature does not fit.") from error
        except msgspec.MsgspecError as error:
            raise ForgedEventError("The event cannot be read.") from error
        return event.understood()

    async def check(self) -> None:
        """The balance, which nobody reads."""
        await self._run(lambda: self._client.v1.balance.retrieve())

    async def _look(self, reference: str) -> tuple[Obj | None, Obj | None]:
        if reference.startswith("pi_"):
            found = await self._run(
                lambda: self._client.v1.payment_intents.retrieve(
                    reference, {"expand": ["latest_charge"]}
                )
            )
            return None, found.to_dict()
        session = await self._run(
            lambda: self._client.v1.checkout.sessions.retrieve(
                reference, {"expand": ["payment_intent", "payment_intent.latest_charge"]}
            )
        )
        plain = session.to_dict()
        return plain, plain.get("payment_intent")

    async def _refunded(self, intent: str) -> int:
        refunds = await self._run(
            lambda: self._client.v1.refunds.list({"payment_intent": intent, "limit": 100})
        )
        return sum(r.amount for r in refunds.data if r.status not in ("failed", "canceled"))

    async def _expire(self, session: str, key: str) -> None:
        sessions = self._client.v1.checkout.sessions
        try:
            await self._run(
                lambda: sessions.expire(session, {}, {"idempotency_key": f"expire-{key}"}),
                mutates=True,
            )
        except PaymentRefusedError:
            # Just paid, or just expired: the retrieve that follows tells which.
            session_now, intent = await self._look(session)
            if _state(session, session_now, intent, 0).status != "authorised" or intent is None:
                return
            await self._cancel_intent(intent["id"], key)

    async def _cancel_intent(self, intent: str, key: str) -> None:
        intents = self._client.v1.payment_intents
        await self._run(
            lambda: intents.cancel(intent, {}, {"idempotency_key": f"cancel-{key}"}), mutates=True
        )

    async def _run(self, call: Callable[[], T], *, mutates: bool = False) -> T:
        try:
            return await asyncio.to_thread(call)
        except stripe.StripeError as error:
            raise translate(error, mutates=mutates) from error


class _Event(msgspec.Struct):
    """The fields of an event that are read."""

    id: str
    type: str
    created: int
    data: Obj

    def understood(self) -> PaymentEvent:
        """The event in the port's words."""
        obj = self.data.get("object", {})
        kind = _EVENTS.get(self.type, "other")
        reference = obj.get("payment_intent") if obj.get("object") == "charge" else obj.get("id")
        return PaymentEvent(
            id=self.id,
            kind=kind,
            reference=reference if isinstance(reference, str) else None,
            checkout_id=_id_in(obj, "checkout_id"),
            tenant_id=_id_in(obj, "tenant_id"),
            occurred_at=datetime.fromtimestamp(self.created, UTC),
        )


def _id_in(obj: Obj, name: str) -> UUID | None:
    try:
        return UUID((obj.get("metadata") or {}).get(name, ""))
    except (ValueError, AttributeError, TypeError):
        return None


def _made_at(row_id: UUID) -> datetime:
    """When a UUIDv7 was made."""
    return datetime.fromtimestamp((row_id.int >> 80) / 1000, UTC)


def _status(session: Obj | None, intent: Obj | None) -> PaymentStatus:
    if intent is not None:
        if intent["status"] == "requires_capture":
            return "authorised"
        if intent["status"] == "succeeded":
            return "captured"
    if session is not None and session["status"] == "expired":
        return "expired"
    if intent is not None and intent["status"] == "canceled":
        return "cancelled"
    return "open"


def _state(reference: str, session: Obj | None, intent: Obj | None, refunded: int) -> PaymentState:
    source = intent or session or {}
    currency = source["currency"].upper()
    amount = intent["amount"] if intent else source["amount_total"]
    charge = (intent or {}).get("latest_charge")
    card = None
    if isinstance(charge, dict):
        details = (charge.get("payment_method_details") or {}).get("card") or {}
        card = f"{details.get('brand', 'card')} {details.get('last4', '')}".strip()
    failure = (intent or {}).get("last_payment_error") or {}
    metadata = (session or intent or {}).get("metadata") or {}
    return PaymentState(
        reference=reference,
        status=_status(session, intent),
        amount=Money(amount, currency),
        captured=Money((intent or {}).get("amount_received") or 0, currency),
        refunded=Money(refunded, currency),
        checkout_id=UUID(metadata["checkout_id"]) if "checkout_id" in metadata else None,
        payment_reference=intent["id"] if intent else None,
        url=(session or {}).get("url"),
        decline=failure.get("decline_code") or failure.get("code"),
        card=card,
    )

"""Sessions, intents, charges and refunds: their states, and the events that tell of them."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec

from guerdon.sandbox.store import Store
from guerdon.sandbox.stripe.cards import Card
from guerdon.sandbox.stripe.contract import Refusal

Obj = dict[str, Any]
API_VERSION = "2026-10-28.endive"
AUTHORISATION_LIFETIME_S = 7 * 86_400


class Kept(msgspec.Struct):
    """An object of one account. `hidden` never leaves the peer."""

    account: str
    object: Obj
    hidden: Obj = {}


def new_id(prefix: str) -> str:
    """An id in Stripe's shape."""
    return f"{prefix}_{secrets.token_urlsafe(18).replace('-', 'a').replace('_', 'b')}"


class Book:
    """Every object of every account. `emit(account, event)` is called for each event."""

    def __init__(self, store: Store, emit: Callable[[str, Obj], None]) -> None:
        self._store = store
        self._emit = emit

    # objects
    def find(self, kind: str, account: str, key: str) -> Kept:
        """The object, or Stripe's resource_missing."""
        kept = self._store.get(kind, key, Kept)
        if kept is None or kept.account != account:
            raise Refusal(
                f"No such {kind}: '{key}'", status=404, code="resource_missing", param="id"
            )
        return kept

    def session_by_id(self, key: str) -> Kept | None:
        """A session, whoever's it is: the hosted page knows nothing but its id."""
        return self._store.get("checkout.session", key, Kept)

    def save(self, kind: str, kept: Kept) -> None:
        """Keep a changed object."""
        self._store.put(kind, kept.object["id"], kept)

    def event(self, account: str, kind: str, obj: Obj, key: str | None = None) -> None:
        """Record an event and send it to whoever listens."""
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "data": {"object": obj},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": key},
            "type": kind,
        }
        self._store.put("event", str(event["id"]), Kept(account, event))
        self._emit(account, event)

    # checkout
    def create_session(
        self, account: str, params: Obj, total: int, currency: str, base: str
    ) -> Obj:
        """A new open session with its page's address."""
        now = int(time.time())
        key = new_id("cs_test")
        session: Obj = {
            "id": key,
            "object": "checkout.session",
            "amount_subtotal": total,
            "amount_total": total,
            "cancel_url": params.get("cancel_url"),
            "client_reference_id": params.get("client_reference_id"),
            "created": now,
            "currency": currency,
            "customer_email": params.get("customer_email"),
            "expires_at": params.get("expires_at", now + 86_400),
            "livemode": False,
            "locale": params.get("locale"),
            "metadata": params.get("metadata", {}),
            "mode": "payment",
            "payment_intent": None,
            "payment_method_types": params.get("payment_method_types", ["card"]),
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "ui_mode": "hosted_page",
            "url": f"{base}/c/pay/{key}",
        }
        hidden = {
            "intent_data": params.get("payment_intent_data", {}),
            "branding": params.get("branding_settings", {}),
            "lines": params["line_items"],
        }
        self.save("checkout.session", Kept(account, session, hidden))
        return session

    def expire_if_due(self, kept: Kept) -> Kept:
        """An open session past its time becomes expired when somebody looks."""
        if kept.object["status"] == "open" and kept.object["expires_at"] <= time.time():
            self._expire(kept)
        return kept

    def expire_session(self, kept: Kept) -> Obj:
        """Expire an open session; another state is refused."""
        if self.expire_if_due(kept).object["status"] != "open":
            raise Refusal(
                'Only Checkout Sessions with a status in ["open"] can be expired.'
                f" This Checkout Session has a status of {kept.object['status']}."
            )
        self._expire(kept)
        return kept.object

    def _expire(self, kept: Kept) -> None:
        kept.object |= {"status": "expired", "url": None}
        self.save("checkout.session", kept)
        intent_id = kept.object["payment_intent"]
        if intent_id:
            intent = self.find("payment_intent", kept.account, intent_id)
            self.cancel(intent, None, "void_invoice")
        self.event(kept.account, "checkout.session.expired", kept.object)

    # payment
    def _intent(self, session: Kept) -> Kept:
        """The session's intent, made when the member first tries to pay."""
        if session.object["payment_intent"]:
            return self.find("payment_intent", session.account, session.object["payment_intent"])
        data = session.hidden["intent_data"]
        key = new_id("pi")
        intent: Obj = {
            "id": key,
            "object": "payment_intent",
            "amount": session.object["amount_total"],
            "amount_capturable": 0,
            "amount_received": 0,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": data.get("capture_method", "automatic"),
            "client_secret": f"{key}_secret_{secrets.token_hex(12)}",
            "created": int(time.time()),
            "currency": session.object["currency"],
            "description": data.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": data.get("metadata", {}),
            "next_action": None,
            "payment_method_types": ["card"],
            "receipt_email": data.get("receipt_email"),
            "statement_descriptor": data.get("statement_descriptor"),
            "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
        }
        kept = Kept(session.account, intent, {"session": session.object["id"]})
        self.save("payment_intent", kept)
        session.object["payment_intent"] = key
        self.save("checkout.session", session)
        self.event(session.account, "payment_intent.created", intent)
        return kept

    def challenge(self, session: Kept, card: Card) -> None:
        """The bank wants to ask the member (3-D Secure)."""
        intent = self._intent(session)
        intent.object |= {"status": "requires_action", "next_action": {"type": "redirect_to_url"}}
        intent.hidden["card"] = card.number
        self.save("payment_intent", intent)
        self.event(session.account, "payment_intent.requires_action", intent.object)

    def decline(self, session: Kept, card: Card, *, code: str, decline_code: str | None) -> None:
        """The attempt failed; the member may try another card."""
        intent = self._intent(session)
        error = {
            "type": "card_error", "code": code, "decline_code": decline_code,
            "message": "Your card was declined.",
        }  # fmt: skip
        intent.object |= {
            "status": "requires_payment_method", "next_action": None, "last_payment_error": error,
        }  # fmt: skip
        self._charge(intent, card, failed=decline_code or code)
        self.save("payment_intent", intent)
        self.event(session.account, "payment_intent.payment_failed", intent.object)

    def authorise(self, session: Kept, card: Card) -> None:
        """The card pays: reserve the money, or take it when capture is automatic."""
        intent = self._intent(session)
        manual = intent.object["capture_method"] == "manual"
        amount = intent.object["amount"]
        charge = self._charge(intent, card, failed=None)
        intent.object |= {
            "status": "requires_capture" if manual else "succeeded",
            "amount_capturable": amount if manual else 0,
            "amount_received": 0 if manual else amount,
            "latest_charge": charge["id"],
            "last_payment_error": None,
            "next_action": None,
        }
        self.save("payment_intent", intent)
        session.object |= {"status": "complete", "url": None}
        session.object["payment_status"] = "unpaid" if manual else "paid"
        self.save("checkout.session", session)
        kind = "amount_capturable_updated" if manual else "succeeded"
        self.event(session.account, f"payment_intent.{kind}", intent.object)
        self.event(session.account, "checkout.session.completed", session.object)

    def _charge(self, intent: Kept, card: Card, *, failed: str | None) -> Obj:
        manual = intent.object["capture_method"] == "manual"
        charge: Obj = {
            "id": new_id("ch"),
            "object": "charge",
            "amount": intent.object["amount"],
            "amount_captured": 0 if manual or failed else intent.object["amount"],
            "amount_refunded": 0,
            "captured": not manual and not failed,
            "created": int(time.time()),
            "currency": intent.object["currency"],
            "failure_code": failed,
            "livemode": False,
            "metadata": intent.object["metadata"],
            "paid": failed is None,
            "payment_intent": intent.object["id"],
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": card.brand,
                    "last4": card.number[-4:],
                    "capture_before": int(time.time()) + AUTHORISATION_LIFETIME_S,
                },
            },
            "refunded": False,
            "status": "failed" if failed else "succeeded",
        }
        self.save("charge", Kept(intent.account, charge))
        return charge

    def capture(self, intent: Kept, amount: int | None, key: str | None) -> Obj:
        """Take up to what is reserved, once; the rest is released."""
        obj = intent.object
        if obj["status"] != "requires_capture":
            raise Refusal(
                f"This PaymentIntent could not be captured because it has a status of"
                f" {obj['status']}. Only a PaymentIntent with one of the following statuses may be"
                " captured: requires_capture.",
                code="payment_intent_unexpected_state",
            )
        take = obj["amount_capturable"] if amount is None else amount
        if take < 1:
            raise Refusal("Invalid positive integer", code="parameter_invalid_integer",
                          param="amount_to_capture")  # fmt: skip
        if take > obj["amount_capturable"]:
            raise Refusal(
                f"The remaining amount that you can capture for this PaymentIntent is"
                f" {obj['amount_capturable']}, which is less than {take}.",
                code="amount_too_large",
                param="amount_to_capture",
            )
        charge = self.find("charge", intent.account, obj["latest_charge"])
        charge.object |= {
            "captured": True, "amount_captured": take,
            "amount_refunded": charge.object["amount"] - take,
        }  # fmt: skip
        self.save("charge", charge)
        obj |= {"status": "succeeded", "amount_received": take, "amount_capturable": 0}
        self.save("payment_intent", intent)
        self._mark_paid(intent)
        self.event(intent.account, "charge.captured", charge.object, key)
        self.event(intent.account, "payment_intent.succeeded", obj, key)
        return obj

    def _mark_paid(self, intent: Kept) -> None:
        session = self._store.get("checkout.session", intent.hidden.get("session", ""), Kept)
        if session is not None:
            session.object["payment_status"] = "paid"
            self.save("checkout.session", session)

    def cancel(self, intent: Kept, key: str | None, reason: str | None) -> Obj:
        """Release what is reserved; captured or already cancelled is refused."""
        obj = intent.object
        if obj["status"] in ("succeeded", "canceled"):
            raise Refusal(
                f"You cannot cancel this PaymentIntent because it has a status of {obj['status']}.",
                code="payment_intent_unexpected_state",
            )
        obj |= {
            "status": "canceled", "amount_capturable": 0, "canceled_at": int(time.time()),
            "cancellation_reason": reason, "next_action": None,
        }  # fmt: skip
        self.save("payment_intent", intent)
        self.event(intent.account, "payment_intent.canceled", obj, key)
        return obj

    def refund(self, intent: Kept, params: Obj, key: str | None) -> Obj:
        """Give back what was captured, never more than is left of it."""
        obj = intent.object
        if obj["status"] != "succeeded":
            raise Refusal(
                f"This PaymentIntent ({obj['id']}) does not have a successful charge to refund."
            )
        charge = self.find("charge", intent.account, obj["latest_charge"])
        before = intent.hidden.get("refunded", 0)
        left = obj["amount_received"] - before
        amount = params.get("amount", left)
        if left == 0:
            raise Refusal(
                f"Charge {charge.object['id']} has already been refunded.",
                code="charge_already_refunded",
            )
        if amount < 1:
            raise Refusal("Invalid positive integer", code="parameter_invalid_integer",
                          param="amount")  # fmt: skip
        if amount > left:
            raise Refusal(
                f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
                param="amount",
            )
        refund: Obj = {
            "id": new_id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge.object["id"],
            "created": int(time.time()),
            "currency": obj["currency"],
            "metadata": params.get("metadata", {}),
            "payment_intent": obj["id"],
            "reason": params.get("reason"),
            "status": "succeeded",
        }
        self.save("refund", Kept(intent.account, refund))
        intent.hidden["refunded"] = before + amount
        self.save("payment_intent", intent)
        charge.object["amount_refunded"] += amount
        charge.object["refunded"] = left == amount
        self.save("charge", charge)
        self.event(intent.account, "refund.created", refund, key)
        self.event(intent.account, "charge.refunded", charge.object, key)
        return refund

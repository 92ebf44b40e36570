"""Checkout sessions, charges and refunds: their states, and who is told of a change."""

import random
import time
from collections.abc import Callable

import msgspec

from guerdon.kit.ids import uuid7
from guerdon.kit.money import Money
from guerdon.sandbox.amazon_pay.contract import Obj, Refusal, price
from guerdon.sandbox.amazon_pay.wallet import PaymentMethod
from guerdon.sandbox.store import Store

SESSION_LIFETIME_S = 86_400
CHARGE_LIFETIME_S = 30 * 86_400


class Kept(msgspec.Struct):
    """An object of one store. `hidden` never leaves the peer."""

    owner: str
    object: Obj
    hidden: Obj = {}


def instant(at: float) -> str:
    """A time as the API writes it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))


def _status(state: str, reason: str | None = None) -> Obj:
    return {
        "state": state, "reasonCode": reason, "reasonDescription": None,
        "lastUpdatedTimestamp": instant(time.time()),
    }  # fmt: skip


def amount_of(obj: Obj, name: str) -> Money:
    """An amount of an object; nothing where it has none yet."""
    if (found := obj.get(name)) is None:
        return Money.zero(obj["chargeAmount"]["currencyCode"])
    return Money.parse(found["amount"], found["currencyCode"])


class Book:
    """Every object of every store. `tell(owner, object type, object id, permission)` sends news."""

    def __init__(self, store: Store, tell: Callable[[str, str, str, str], None]) -> None:
        self._store = store
        self._tell = tell

    def find(self, kind: str, owner: str, key: str) -> Kept:
        """The object, or ResourceNotFound."""
        kept = self._store.get(kind, key, Kept)
        if kept is None or kept.owner != owner:
            raise Refusal(404, "ResourceNotFound", f"No {kind} has the id {key}.")
        return kept

    def session_by_id(self, key: str) -> Kept | None:
        """A session, whoever's it is: the hosted page knows nothing but its id."""
        kept = self._store.get("session", key, Kept)
        return None if kept is None else self.expire_if_due(kept)

    def _save(self, kind: str, key: str, kept: Kept) -> None:
        self._store.put(kind, key, kept)

    # sessions
    def create_session(self, owner: str, body: Obj, base: str) -> Obj:
        """A new open session with its page's address."""
        now, key = time.time(), str(uuid7())
        web = {"checkoutReviewReturnUrl": None, "checkoutCancelUrl": None}
        session: Obj = {
            "checkoutSessionId": key,
            "webCheckoutDetails": {
                **web,
                **body["webCheckoutDetails"],
                "amazonPayRedirectUrl": f"{base}/checkout/{key}",
            },
            "productType": "PayOnly",
            "paymentDetails": body["paymentDetails"],
            "chargePermissionType": body["chargePermissionType"],
            "merchantMetadata": body.get("merchantMetadata", {}),
            "statusDetails": _status("Open"),
            "storeId": body["storeId"],
            "buyer": None,
            "paymentPreferences": None,
            "constraints": [],
            "creationTimestamp": instant(now),
            "expirationTimestamp": instant(now + SESSION_LIFETIME_S),
            "chargePermissionId": None,
            "chargeId": None,
            "releaseEnvironment": "Sandbox",
        }  # fmt: skip
        self._save("session", key, Kept(owner, session, {"expires": now + SESSION_LIFETIME_S}))
        return session

    def expire_if_due(self, kept: Kept) -> Kept:
        """An open session past its day is cancelled when somebody looks."""
        if kept.object["statusDetails"]["state"] == "Open" and kept.hidden["expires"] < time.time():
            self.end_session(kept, "Expired")
        return kept

    def end_session(self, kept: Kept, reason: str) -> None:
        """Cancel an open session."""
        kept.object["statusDetails"] = _status("Canceled", reason)
        kept.object["webCheckoutDetails"]["amazonPayRedirectUrl"] = None
        self._save("session", kept.object["checkoutSessionId"], kept)

    def ask(self, kept: Kept, method: PaymentMethod) -> None:
        """The bank wants to ask the buyer first."""
        kept.hidden["asked"] = method.key
        self._save("session", kept.object["checkoutSessionId"], kept)

    def decline(self, kept: Kept, method: PaymentMethod) -> None:
        """The bank refuses; after a hard decline the checkout is over."""
        kept.hidden.pop("asked", None)
        if method.behaviour == "hard":
            self.end_session(kept, "Declined")
        else:
            self._save("session", kept.object["checkoutSessionId"], kept)

    def agree(self, kept: Kept, method: PaymentMethod) -> None:
        """The buyer has chosen how to pay; nothing moves until the store completes it."""
        kept.hidden["method"] = method.key
        kept.object |= {
            "buyer": {"name": "Ana Souza", "email": "ana@example.com", "buyerId": "amzn1.A"},
            "paymentPreferences": [{"paymentDescriptor": f"{method.descriptor} (Amazon Pay)"}],
        }
        self._save("session", kept.object["checkoutSessionId"], kept)

    def complete(self, kept: Kept, amount: Money, *, refuse: str | None) -> Obj:
        """Authorise (or capture) what the buyer has agreed to, once."""
        obj = self.expire_if_due(kept).object
        state = obj["statusDetails"]["state"]
        if state == "Canceled":
            raise Refusal(422, "CheckoutSessionCanceled", "The checkout session is canceled.")
        if state != "Open" or not obj["paymentPreferences"]:
            raise Refusal(
                422, "InvalidCheckoutSessionStatus", "The buyer has not finished, or it is done."
            )
        asked = obj["paymentDetails"]["chargeAmount"]
        if price(amount) != asked:
            raise Refusal(422, "AmountMismatch", "The amount is not the session's.")
        if refuse:
            self.end_session(kept, "Declined")
            raise Refusal(422, refuse, "The payment was declined.")
        charge = self._charge(kept, amount)
        obj |= {
            "statusDetails": _status("Completed"),
            "chargeId": charge["chargeId"],
            "chargePermissionId": charge["chargePermissionId"],
            "buyer": None,
            "paymentPreferences": None,
        }
        obj["webCheckoutDetails"]["amazonPayRedirectUrl"] = None
        self._save("session", obj["checkoutSessionId"], kept)
        self._news(kept.owner, charge)
        return obj

    # charges
    def _charge(self, session: Kept, amount: Money) -> Obj:
        now = time.time()
        permission = f"S01-{random.randrange(10**7):07d}-{random.randrange(10**7):07d}"
        take = session.object["paymentDetails"]["paymentIntent"] == "AuthorizeWithCapture"
        charge: Obj = {
            "chargeId": f"{permission}-C{random.randrange(10**6):06d}",
            "chargePermissionId": permission,
            "chargeAmount": price(amount),
            "captureAmount": price(amount) if take else None,
            "refundedAmount": None,
            "softDescriptor": session.object["paymentDetails"].get("softDescriptor"),
            "merchantMetadata": session.object["merchantMetadata"],
            "statusDetails": _status("Captured" if take else "Authorized"),
            "creationTimestamp": instant(now),
            "expirationTimestamp": instant(now + CHARGE_LIFETIME_S),
            "releaseEnvironment": "Sandbox",
        }
        self._save("charge", charge["chargeId"], Kept(session.owner, charge))
        return charge

    def capture(self, kept: Kept, amount: Money, descriptor: str | None) -> Obj:
        """Take up to what is reserved, once; the rest is released."""
        obj = kept.object
        if obj["statusDetails"]["state"] != "Authorized":
            state = obj["statusDetails"]["state"]
            raise Refusal(422, "InvalidChargeStatus", f"A charge that is {state} is not captured.")
        held = amount_of(obj, "chargeAmount")
        if amount.currency != held.currency:
            raise Refusal(422, "CurrencyMismatch", "The currency is not the charge's.")
        if amount.minor > held.minor:
            raise Refusal(422, "TransactionAmountExceeded", "More than was authorized.")
        obj |= {"captureAmount": price(amount), "statusDetails": _status("Captured")}
        if descriptor:
            obj["softDescriptor"] = descriptor
        self._save("charge", obj["chargeId"], kept)
        self._news(kept.owner, obj)
        return obj

    def cancel(self, kept: Kept, reason: str) -> Obj:
        """Release what is reserved; a captured charge is refused."""
        obj = kept.object
        state = obj["statusDetails"]["state"]
        if state in ("Captured", "CaptureInitiated", "Declined"):
            raise Refusal(422, "InvalidChargeStatus", f"A charge that is {state} is not canceled.")
        if state != "Canceled":
            obj["statusDetails"] = _status("Canceled", reason)
            self._save("charge", obj["chargeId"], kept)
            self._news(kept.owner, obj)
        return obj

    def refund(self, kept: Kept, amount: Money) -> Obj:
        """Give back what was captured, never more than is left of it."""
        obj = kept.object
        if obj["statusDetails"]["state"] != "Captured":
            raise Refusal(422, "InvalidChargeStatus", "Only a captured charge is refunded.")
        left = amount_of(obj, "captureAmount") - amount_of(obj, "refundedAmount")
        if amount.currency != left.currency:
            raise Refusal(422, "CurrencyMismatch", "The currency is not the charge's.")
        if amount.minor > left.minor:
            raise Refusal(422, "TransactionAmountExceeded", "More than is left of the charge.")
        obj["refundedAmount"] = price(amount_of(obj, "refundedAmount") + amount)
        self._save("charge", obj["chargeId"], kept)
        refund: Obj = {
            "refundId": f"{obj['chargePermissionId']}-R{random.randrange(10**6):06d}",
            "chargeId": obj["chargeId"],
            "refundAmount": price(amount),
            "statusDetails": _status("Refunded"),
            "creationTimestamp": instant(time.time()),
            "releaseEnvironment": "Sandbox",
        }
        self._save("refund", refund["refundId"], Kept(kept.owner, refund))
        self._tell(kept.owner, "REFUND", refund["refundId"], obj["chargePermissionId"])
        return refund

    def _news(self, owner: str, charge: Obj) -> None:
        self._tell(owner, "CHARGE", charge["chargeId"], charge["chargePermissionId"])

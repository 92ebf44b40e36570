"""Amazon Pay (API v2): a checkout session on Amazon's page, authorised first and captured later.

The member agrees on the page; nothing is reserved until the session is completed by us, so a
session that we leave alone lapses by itself. A session is forgotten after thirty days: what is
kept of a payment from its authorisation on is the charge.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.kit.money import Money
from guerdon.payments.errors import (
    ForgedEventError,
    PaymentRefusedError,
    PaymentUnavailableError,
)
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
from guerdon.payments.providers.amazon_pay_client import (
    AmazonPayClient,
    Obj,
    WrongStateError,
    key_of,
)
from guerdon.payments.providers.connection import AmazonPayConnection
from guerdon.plumbing.sns import SnsForgedError, SnsUnavailableError, open_message

# The currencies in which Amazon Pay takes money (presentmentCurrency).
CURRENCIES: Final = frozenset({
    "AUD", "CHF", "DKK", "EUR", "GBP", "HKD", "JPY", "NOK", "NZD", "SEK", "USD", "ZAR",
})  # fmt: skip
STATEMENT_MAX: Final = 16
_CHARGE_ID: Final = re.compile(r"[A-Z]\d\d-\d{7}-\d{7}-C[0-9A-Z]{6}")
_STORE_NAME_MAX: Final = 50
_NOTE_MAX: Final = 255
_CHARGES: Final[dict[str, PaymentStatus]] = {
    "AuthorizationInitiated": "open",
    "Authorized": "authorised",
    "CaptureInitiated": "authorised",
    "Captured": "captured",
    "Canceled": "cancelled",
    "Declined": "declined",
}
_EVENTS: Final[dict[PaymentStatus, EventKind]] = {
    "authorised": "authorised",
    "captured": "captured",
    "cancelled": "cancelled",
    "declined": "declined",
}
_REFUNDS: Final[dict[str, RefundStatus]] = {
    "RefundInitiated": "pending",
    "Refunded": "done",
    "Declined": "failed",
}


class AmazonPayProvider:
    """One tenant's store at Amazon Pay."""

    def __init__(self, connection: AmazonPayConnection) -> None:
        self._connection = connection
        self._client = AmazonPayClient(connection)

    async def create_checkout(self, checkout: Checkout) -> HostedPage:
        """A checkout session with everything decided, so that the member only agrees."""
        amount = _price(checkout.amount)
        body: Obj = {
            "webCheckoutDetails": {
                "checkoutMode": "ProcessOrder",
                "checkoutResultReturnUrl": checkout.return_url,
                "checkoutCancelUrl": checkout.cancel_url,
            },
            "storeId": self._connection.store_id,
            "chargePermissionType": "OneTime",
            "paymentDetails": {
                "paymentIntent": "Authorize",
                "canHandlePendingAuthorization": False,
                "chargeAmount": amount,
                "presentmentCurrency": checkout.amount.currency,
            },
            "merchantMetadata": {
                "merchantReferenceId": checkout.id.hex,
                "merchantStoreName": checkout.brand_name[:_STORE_NAME_MAX],
                "noteToBuyer": checkout.title[:_NOTE_MAX],
            },
        }
        session = await self._client.post(
            "/checkoutSessions", body, key=key_of("checkout", checkout.id.hex)
        )
        return HostedPage(
            url=session["webCheckoutDetails"]["amazonPayRedirectUrl"],
            reference=session["checkoutSessionId"],
        )

    async def retrieve(self, reference: str) -> PaymentState:
        """The charge where there is one, else the session that may lead to it."""
        if _CHARGE_ID.fullmatch(reference):
            return _charge_state(await self._client.get(f"/charges/{reference}"))
        session = await self._client.get(f"/checkoutSessions/{reference}")
        if charge_id := session.get("chargeId"):
            return _charge_state(await self._client.get(f"/charges/{charge_id}"))
        return _session_state(session)

    async def authorise(self, reference: str, *, amount: Money, key: str) -> PaymentState:
        """Complete the session: Amazon reserves the money now, or says that it cannot."""
        if not _CHARGE_ID.fullmatch(reference):
            try:
                await self._client.post(
                    f"/checkoutSessions/{reference}/complete",
                    {"chargeAmount": _price(amount)},
                    key=key_of("complete", key),
                )
            except WrongStateError:
                pass  # completed before, cancelled, or not agreed to yet: the state tells
            except PaymentRefusedError as error:
                if error.reason not in {
                    "already_cancelled", "declined", "authentication_failed",
                }:  # fmt: skip
                    raise
        return await self.retrieve(reference)

    async def capture(self, reference: str, *, amount: Money, key: str) -> PaymentState:
        """Capture on the charge; what is not captured is released."""
        charge_id = await self._charge_of(reference)
        body: Obj = {"captureAmount": _price(amount)}
        # The programme may have another provider by now, and a text that was made for that one.
        if statement := self._connection.parameters.statement[:STATEMENT_MAX]:
            body["softDescriptor"] = statement
        try:
            charge = await self._client.post(
                f"/charges/{charge_id}/capture", body, key=key_of("capture", key)
            )
        except WrongStateError as error:
            raise _why_not(await self.retrieve(charge_id)) from error
        if charge["statusDetails"]["state"] == "CaptureInitiated":
            # The answer under a key stays the first one for ever; only asking tells the end.
            return await self.retrieve(charge["chargeId"])
        return _charge_state(charge)

    async def cancel(self, reference: str, *, key: str) -> PaymentState:
        """Cancel the charge. A session that was not completed can take no money: it is left."""
        state = await self.retrieve(reference)
        if state.status == "captured":
            raise PaymentRefusedError("The money is already taken.", reason="already_captured")
        if state.payment_reference is None:
            if state.status in {"open", "approved"}:
                return msgspec.structs.replace(state, status="cancelled", url=None)
            return state
        if state.status in {"open", "authorised"}:
            try:
                charge = await self._client.delete(
                    f"/charges/{state.payment_reference}/cancel",
                    {"cancellationReason": "The order was not placed."},
                )
            except WrongStateError:
                return await self.retrieve(state.payment_reference)
            return _charge_state(charge)
        return state

    async def refund(self, reference: str, *, amount: Money, key: str) -> Refund:
        """A refund on the charge."""
        charge = await self._charge_of(reference)
        try:
            refund = await self._client.post(
                "/refunds",
                {"chargeId": charge, "refundAmount": _price(amount)},
                key=key_of("refund", key),
            )
        except WrongStateError as error:
            raise PaymentRefusedError("Nothing was taken.", reason="invalid_request") from error
        except PaymentRefusedError as error:
            if error.reason != "amount_too_large":
                raise
            state = await self.retrieve(charge)
            if state.refunded.minor < state.captured.minor:
                raise
            raise PaymentRefusedError("All of it went back.", reason="already_refunded") from error
        return Refund(
            reference=refund["refundId"],
            status=_REFUNDS.get(refund["statusDetails"]["state"], "failed"),
            amount=_money(refund["refundAmount"]),
        )

    async def verify_event(
        self, raw: bytes, headers: Mapping[str, str], *, now: datetime
    ) -> PaymentEvent:
        """A notification that SNS signed; whose charge it is about is asked with our own key."""
        try:
            message = await open_message(
                raw,
                egress=self._connection.egress,
                peer_base=self._connection.api_base,
                now=now,
                versions=frozenset({"1", "2"}),
            )
            told = msgspec.json.decode(message.text, type=_Notification)
        except (SnsForgedError, msgspec.MsgspecError) as error:
            raise ForgedEventError("The notification is not genuine.") from error
        except SnsUnavailableError as error:
            raise PaymentUnavailableError("The certificate cannot be fetched.") from error
        kind: EventKind = "refunded" if told.ObjectType == "REFUND" else "other"
        state = None
        if told.ObjectType == "CHARGE" and _CHARGE_ID.fullmatch(told.ObjectId):
            try:
                state = await self.retrieve(told.ObjectId)
            except PaymentRefusedError as error:
                if error.reason != "unknown_reference":
                    raise
            else:
                kind = _EVENTS.get(state.status, "other")
        return PaymentEvent(
            id=message.id,
            kind=kind,
            reference=told.ObjectId,
            checkout_id=None if state is None else state.checkout_id,
            occurred_at=message.sent_at,
        )

    async def check(self) -> None:
        """Ask for a charge that cannot be: with good credentials it is simply not found."""
        try:
            await self._client.get("/charges/S00-0000000-0000000-C000000")
        except PaymentRefusedError as error:
            if error.reason != "unknown_reference":
                raise

    async def _charge_of(self, reference: str) -> str:
        if _CHARGE_ID.fullmatch(reference):
            return reference
        session = await self._client.get(f"/checkoutSessions/{reference}")
        charge: str | None = session.get("chargeId")
        if charge is None:
            raise PaymentRefusedError("Nothing has been paid yet.", reason="unknown_reference")
        return charge


class _Notification(msgspec.Struct):
    """The fields of a notification that are read."""

    ObjectType: str
    ObjectId: str


def _price(amount: Money) -> Obj:
    return {"amount": str(amount.decimal), "currencyCode": amount.currency}


def _money(price: Obj) -> Money:
    return Money.parse(price["amount"], price["currencyCode"])


def _why_not(state: PaymentState) -> PaymentRefusedError:
    reason = {
        "captured": "already_captured",
        "cancelled": "already_cancelled",
        "expired": "authorisation_expired",
        "declined": "declined",
    }.get(state.status, "invalid_request")
    return PaymentRefusedError(f"The payment is {state.status}.", reason=reason)


def _checkout_id(obj: Obj) -> UUID | None:
    try:
        return UUID((obj.get("merchantMetadata") or {}).get("merchantReferenceId") or "")
    except ValueError:
        return None


def _session_state(session: Obj) -> PaymentState:
    details = session["statusDetails"]
    reason = details.get("reasonCode") or ""
    status: PaymentStatus = "approved" if session.get("paymentPreferences") else "open"
    if details["state"] == "Canceled":
        status = {"Expired": "expired", "Declined": "declined"}.get(reason, "cancelled")  # type: ignore[assignment]
    amount = _money(session["paymentDetails"]["chargeAmount"])
    return PaymentState(
        reference=session["checkoutSessionId"],
        status=status,
        amount=amount,
        captured=Money.zero(amount.currency),
        refunded=Money.zero(amount.currency),
        checkout_id=_checkout_id(session),
        url=session["webCheckoutDetails"].get("amazonPayRedirectUrl") if status == "open" else None,
        decline="declined" if status == "declined" else None,
    )


def _charge_state(charge: Obj) -> PaymentState:
    details = charge["statusDetails"]
    amount = _money(charge["chargeAmount"])
    status = _CHARGES.get(details["state"], "open")
    captured, refunded = charge.get("captureAmount"), charge.get("refundedAmount")
    zero = Money.zero(amount.currency)
    return PaymentState(
        reference=charge["chargeId"],
        status=status,
        amount=amount,
        captured=_money(captured) if captured and status == "captured" else zero,
        refunded=_money(refunded) if refunded else zero,
        checkout_id=_checkout_id(charge),
        payment_reference=charge["chargeId"],
        decline="declined" if status == "declined" else None,
    )

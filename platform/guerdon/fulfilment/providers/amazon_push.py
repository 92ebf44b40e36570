"""Package-tracking pushes: signed by Amazon SNS, checked before anything is believed."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from guerdon.fulfilment.errors import ForgedPushError, SupplierUnavailableError
from guerdon.fulfilment.port import Package, Push
from guerdon.fulfilment.providers.amazon_wire import PACKAGE_STATES
from guerdon.plumbing.egress import Egress, EgressFailedError, EgressRefusedError

BYTES_MAX: Final = 256_000
# SNS repeats an undelivered message for about an hour.
AGE_MAX: Final = timedelta(hours=1, minutes=15)
_SIGNED: Final[Mapping[str, tuple[str, ...]]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
_CERTIFICATE_HOST: Final = re.compile(r"sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?")
_CERTIFICATE_PATH: Final = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]+\.pem")
_certificates: dict[str, rsa.RSAPublicKey] = {}


class _Tracking(msgspec.Struct, rename={"event_ms": "eventTimeStampInEpochMillis"}):
    """What Amazon Business documents of a package-tracking push."""

    orderId: str
    shipmentId: str
    packageId: str
    deliveryStatus: str
    event_ms: int
    trackingId: str = ""
    poNumber: str = ""


async def verify(raw: bytes, *, topic: str, egress: Egress, api_base: str, now: datetime) -> Push:
    """The push in `raw` if SNS signed it for `topic`; else ForgedPushError."""
    if len(raw) > BYTES_MAX or not topic:
        raise ForgedPushError
    try:
        message = msgspec.json.decode(raw, type=dict[str, str])
        fields = _SIGNED[message["Type"]]
        signature = base64.b64decode(message["Signature"], validate=True)
        sent_at = datetime.fromisoformat(message["Timestamp"]).astimezone(UTC)
        certificate_url = message["SigningCertURL"]
        event_id = message["MessageId"]
    except (msgspec.MsgspecError, KeyError, ValueError, binascii.Error) as error:
        raise ForgedPushError from error
    if message.get("TopicArn") != topic or message.get("SignatureVersion") != "2":
        raise ForgedPushError
    if abs(now - sent_at) > AGE_MAX:
        raise ForgedPushError("The push is too old.")
    public_key = await _public_key(certificate_url, egress, api_base)
    text = "".join(f"{name}\n{message[name]}\n" for name in fields if name in message)
    try:
        public_key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise ForgedPushError("The signature does not fit.") from error
    if message["Type"] == "SubscriptionConfirmation":
        return Push(id=event_id, confirm_url=message.get("SubscribeURL"))
    return _read(event_id, message.get("Message", ""))


def _read(event_id: str, text: str) -> Push:
    try:
        told = msgspec.json.decode(text, type=_Tracking)
        at = datetime.fromtimestamp(told.event_ms / 1000, UTC)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise ForgedPushError("The push cannot be read.") from error
    return Push(
        id=event_id,
        purchase_order=told.poNumber,
        supplier_reference=told.orderId,
        package=Package(
            reference=f"{told.shipmentId}/{told.packageId}",
            state=PACKAGE_STATES.get(told.deliveryStatus, "in_transit"),
            tracking_number=told.trackingId,
            occurred_at=at,
        ),
    )


async def _public_key(url: str, egress: Egress, api_base: str) -> rsa.RSAPublicKey:
    """The key behind a certificate of Amazon's, or of the operator's sandbox peer."""
    if (known := _certificates.get(url)) is not None:
        return known
    parts = urlsplit(url)
    ours = url.startswith(f"{api_base.rstrip('/')}/") and egress.excepted(url)
    amazons = parts.scheme == "https" and bool(_CERTIFICATE_HOST.fullmatch(parts.netloc))
    if not (ours or amazons) or not _CERTIFICATE_PATH.fullmatch(parts.path) or parts.query:
        raise ForgedPushError("The certificate is not the supplier's.")
    try:
        answer = await egress.request("GET", url)
    except (EgressFailedError, EgressRefusedError) as error:
        raise SupplierUnavailableError("The certificate cannot be fetched.") from error
    if answer.status != 200:
        raise SupplierUnavailableError("The certificate cannot be fetched.")
    try:
        key = x509.load_pem_x509_certificate(answer.body).public_key()
    except ValueError as error:
        raise ForgedPushError("The certificate cannot be read.") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise ForgedPushError("The certificate has another kind of key.")
    _certificates[url] = key
    return key

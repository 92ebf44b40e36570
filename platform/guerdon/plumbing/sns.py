"""Messages that Amazon SNS signs: checked before anything in them is believed."""

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

from guerdon.kit.errors import UnavailableError
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
_HASHES: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "1": hashes.SHA1(),  # noqa: S303  (what SNS signs version 1 with)
    "2": hashes.SHA256(),
}
_CERTIFICATE_HOST: Final = re.compile(r"sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?")
_CERTIFICATE_PATH: Final = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]+\.pem")
_certificates: dict[str, rsa.RSAPublicKey] = {}


class SnsForgedError(Exception):
    """Not a message of SNS, or too old; the text says what does not fit."""


class SnsUnavailableError(UnavailableError):
    """The certificate cannot be fetched now: the message may be genuine, take it later."""

    code = "certificate_unavailable"


class SnsMessage(msgspec.Struct, frozen=True):
    """A genuine message. `confirm_url` is set where a subscription wants to be confirmed."""

    id: str
    topic: str
    text: str
    sent_at: datetime
    confirm_url: str | None = None


async def open_message(
    raw: bytes,
    *,
    egress: Egress,
    peer_base: str,
    now: datetime,
    versions: frozenset[str] = frozenset({"2"}),
) -> SnsMessage:
    """The message in `raw`, if SNS signed it, or the operator's sandbox peer at `peer_base` did.

    `versions` are the signature versions taken: 2 is SHA-256; 1 is SHA-1, for senders whose topics
    are not ours to set up. Raises SnsForgedError, SnsUnavailableError.
    """
    if len(raw) > BYTES_MAX:
        raise SnsForgedError("The message is too large.")
    try:
        message = msgspec.json.decode(raw, type=dict[str, str])
        fields = _SIGNED[message["Type"]]
        signature = base64.b64decode(message["Signature"], validate=True)
        sent_at = datetime.fromisoformat(message["Timestamp"]).astimezone(UTC)
        certificate_url = message["SigningCertURL"]
        opened = SnsMessage(
            id=message["MessageId"],
            topic=message["TopicArn"],
            text=message.get("Message", ""),
            sent_at=sent_at,
            confirm_url=message.get("SubscribeURL")
            if message["Type"] == "SubscriptionConfirmation"
            else None,
        )
    except (msgspec.MsgspecError, KeyError, ValueError, binascii.Error) as error:
        raise SnsForgedError("The message is not one of SNS.") from error
    version = message.get("SignatureVersion", "")
    if version not in versions:
        raise SnsForgedError(f"Signature version {version!r} is not taken here.")
    if abs(now - sent_at) > AGE_MAX:
        raise SnsForgedError("The message is too old.")
    public_key = await _public_key(certificate_url, egress, peer_base)
    text = "".join(f"{name}\n{message[name]}\n" for name in fields if name in message)
    try:
        public_key.verify(signature, text.encode(), padding.PKCS1v15(), _HASHES[version])
    except InvalidSignature as error:
        raise SnsForgedError("The signature does not fit.") from error
    return opened


async def _public_key(url: str, egress: Egress, peer_base: str) -> rsa.RSAPublicKey:
    """The key behind a certificate of Amazon's, or of the operator's sandbox peer."""
    if (known := _certificates.get(url)) is not None:
        return known
    parts = urlsplit(url)
    ours = url.startswith(f"{peer_base.rstrip('/')}/") and egress.excepted(url)
    amazons = parts.scheme == "https" and bool(_CERTIFICATE_HOST.fullmatch(parts.netloc))
    if not (ours or amazons) or not _CERTIFICATE_PATH.fullmatch(parts.path) or parts.query:
        raise SnsForgedError("The certificate is not Amazon's.")
    try:
        answer = await egress.request("GET", url)
    except (EgressFailedError, EgressRefusedError) as error:
        raise SnsUnavailableError from error
    if answer.status != 200:
        raise SnsUnavailableError
    try:
        key = x509.load_pem_x509_certificate(answer.body).public_key()
    except ValueError as error:
        raise SnsForgedError("The certificate cannot be read.") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise SnsForgedError("The certificate has another kind of key.")
    _certificates[url] = key
    return key

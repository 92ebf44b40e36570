"""Checking who signed a request: the store whose public key was registered.

Written from Amazon Pay API v2, "Signing requests".
"""

import base64
import binascii
import hashlib
import re
import time
from calendar import timegm
from urllib.parse import quote

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from guerdon.sandbox.amazon_pay.contract import Refusal
from guerdon.sandbox.store import Store
from guerdon.sandbox.web import Request

ALGORITHM = "AMZN-PAY-RSASSA-PSS-V2"
CLOCK_SKEW_S = 900
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} PublicKeyId=([A-Za-z0-9-]+), SignedHeaders=([a-z0-9;-]+), Signature=(\S+)"
)
_ALWAYS_SIGNED = {
    "accept", "content-type", "x-amz-pay-date", "x-amz-pay-host", "x-amz-pay-region",
}  # fmt: skip


class Merchant(msgspec.Struct):
    """A merchant's store: what was entered in Seller Central."""

    public_key_id: str
    public_key: str
    store_id: str
    merchant_id: str


def signer(request: Request, store: Store) -> Merchant:
    """The store that signed `request`; a missing, old or wrong signature is refused."""
    headers = request.headers
    found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if found is None:
        raise Refusal(403, "InvalidRequestSignature", "The request is not signed.")
    public_key_id, names, signature = found.groups()
    merchant = store.get("store", public_key_id, Merchant)
    if merchant is None:
        raise Refusal(403, "UnauthorizedAccess", "The PublicKeyId is not known.")
    signed = names.split(";")
    if signed != sorted(signed) or not set(signed) >= _ALWAYS_SIGNED:
        raise Refusal(403, "InvalidRequestSignature", "Headers are missing from the signature.")
    _check_date(headers.get("x-amz-pay-date", ""))
    if headers.get("x-amz-pay-host") != headers.get("host"):
        raise Refusal(403, "InvalidRequestSignature", "x-amz-pay-host is another host.")
    canonical = "\n".join([
        request.method,
        quote(request.path, safe="/"),
        "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(request.query)),
        *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed),
        "",
        names,
        hashlib.sha256(request.body).hexdigest(),
    ])  # fmt: skip
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = serialization.load_pem_public_key(merchant.public_key.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(
            base64.b64decode(signature, validate=True),
            text.encode(),
            padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32),
            hashes.SHA256(),
        )
    except (InvalidSignature, binascii.Error) as error:
        raise Refusal(403, "InvalidRequestSignature", "The signature does not fit.") from error
    return merchant


def _check_date(text: str) -> None:
    try:
        at = timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))
    except ValueError as error:
        raise Refusal(400, "InvalidHeaderValue", "x-amz-pay-date cannot be read.") from error
    if abs(time.time() - at) > CLOCK_SKEW_S:
        raise Refusal(403, "InvalidRequestSignature", "The request is too old.")

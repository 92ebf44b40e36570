"""Signing requests for Amazon Pay: AMZN-PAY-RSASSA-PSS-V2.

Source: Amazon Pay API v2, "Signing requests": a canonical form of the request, its SHA-256 after
the name of the algorithm, RSASSA-PSS over that with a salt of 32 bytes.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from guerdon.payments.errors import PaymentRefusedError

ALGORITHM: Final = "AMZN-PAY-RSASSA-PSS-V2"
_SALT_BYTES: Final = 32
_REGIONS: Final = {"com": "na", "eu": "eu", "jp": "jp"}


@lru_cache(maxsize=256)
def _private_key(pem: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError) as error:
        raise PaymentRefusedError(
            "The private key cannot be read: it is a PEM without a password.", reason="credentials"
        ) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise PaymentRefusedError("The private key is not one of RSA.", reason="credentials")
    return key


def canonical(method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
    """The request in the form that both sides hash; `headers` have lower-case names."""
    names = sorted(headers)
    return "\n".join([
        method,
        quote(path, safe="/"),
        "",  # no call of ours has a query
        *(f"{name}:{' '.join(headers[name].split())}" for name in names),
        "",
        ";".join(names),
        hashlib.sha256(body).hexdigest(),
    ])  # fmt: skip


def signed_headers(
    *,
    method: str,
    url: str,
    body: bytes,
    public_key_id: str,
    private_key: str,
    idempotency_key: str | None,
    now: datetime,
) -> dict[str, str]:
    """The headers of a request, its signature among them."""
    parts = urlsplit(url)
    headers = {
        "accept": "application/json",
        "content-type": "application/json",
        "x-amz-pay-date": f"{now:%Y%m%dT%H%M%SZ}",
        "x-amz-pay-host": parts.netloc,
        "x-amz-pay-region": _REGIONS.get((parts.hostname or "").rpartition(".")[2], "na"),
    }
    if idempotency_key is not None:
        headers["x-amz-pay-idempotency-key"] = idempotency_key
    digest = hashlib.sha256(canonical(method, parts.path, headers, body).encode()).hexdigest()
    signature = _private_key(private_key).sign(
        f"{ALGORITHM}\n{digest}".encode(),
        padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_SALT_BYTES),
        hashes.SHA256(),
    )
    headers["authorization"] = (
        f"{ALGORITHM} PublicKeyId={public_key_id}, SignedHeaders={';'.join(sorted(headers))},"
        f" Signature={base64.b64encode(signature).decode()}"
    )
    return headers

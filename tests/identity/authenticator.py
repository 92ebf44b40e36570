"""A security key made of software: real CBOR, COSE keys and signatures, and knobs to misbehave."""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT, USER_VERIFIED, BACKUP, ATTESTED = 0x01, 0x04, 0x18, 0x40


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Credential:
    """One resident key with its counter."""

    id: bytes
    private: ec.EllipticCurvePrivateKey
    rp_id: str
    user: bytes
    count: int = 0


@dataclass
class Authenticator:
    """Registers and answers like a browser with a platform key at `origin`."""

    origin: str
    verifies_user: bool = True
    counts: bool = True
    credentials: list[Credential] = field(default_factory=list)

    def create(self, options: dict[str, Any], **lies: Any) -> dict[str, Any]:
        """`navigator.credentials.create`: `lies` are origin, rp_id, challenge, type."""
        rp_id = lies.get("rp_id", options["rp"]["id"])
        made = Credential(
            os.urandom(32), ec.generate_private_key(ec.SECP256R1()), rp_id,
            _raw(options["user"]["id"]),
        )  # fmt: skip
        self.credentials.append(made)
        numbers = made.private.public_key().public_numbers()
        cose = {
            1: 2, 3: -7, -1: 1,
            -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big"),
        }  # fmt: skip
        data = (
            self._data(made, ATTESTED)
            + bytes(16)
            + struct.pack(">H", len(made.id))
            + made.id
            + cbor2.dumps(cose)
        )
        client = self._client("webauthn.create", options["challenge"], lies)
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        return {
            "id": _text(made.id), "rawId": _text(made.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": _text(client),
                "attestationObject": _text(cbor2.dumps(statement)),
                "transports": ["internal"],
            },
        }  # fmt: skip

    def get(
        self, options: dict[str, Any], *, using: Credential | None = None, **lies: Any
    ) -> dict[str, Any]:
        """`navigator.credentials.get` with the key made last, or `using` another."""
        chosen = using or self.credentials[-1]
        if self.counts:
            chosen.count = lies.get("count", chosen.count + 1)
        data = self._data(chosen, 0, lies.get("rp_id"))
        client = self._client("webauthn.get", options["challenge"], lies)
        signed = data + hashlib.sha256(client).digest()
        signature = chosen.private.sign(signed, ec.ECDSA(hashes.SHA256()))
        return {
            "id": _text(chosen.id), "rawId": _text(chosen.id), "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": _text(client), "authenticatorData": _text(data),
                "signature": _text(lies.get("signature", signature)),
                "userHandle": _text(chosen.user),
            },
        }  # fmt: skip

    def _data(self, made: Credential, more: int, rp_id: str | None = None) -> bytes:
        flags = USER_PRESENT | more | (USER_VERIFIED if self.verifies_user else 0)
        return (
            hashlib.sha256((rp_id or made.rp_id).encode()).digest()
            + bytes([flags])
            + struct.pack(">I", made.count)
        )

    def _client(self, kind: str, challenge: str, lies: dict[str, Any]) -> bytes:
        return json.dumps(
            {
                "type": lies.get("type", kind),
                "challenge": lies.get("challenge", challenge),
                "origin": lies.get("origin", self.origin),
                "crossOrigin": False,
            }
        ).encode()

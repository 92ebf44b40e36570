"""Sealing: AES-256-GCM-SIV with a data key per tenant, wrapped by the deployment's master key.

What a sealed value is bound to (tenant, name, version) is authenticated: moved elsewhere, it does
not open.
"""

import os
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from guerdon.plumbing.db import ReadSession, WriteSession


class SealBrokenError(Exception):
    """A sealed value does not open: another key, another place, or altered."""


class KeyWrapper(Protocol):
    """Wraps data keys: the master key here, a key management service elsewhere."""

    def wrap(self, data_key: bytes, bound_to: bytes) -> bytes:
        """The data key, sealed."""
        ...

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        """The data key; SealBrokenError if it was not wrapped here."""
        ...


def seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """Nonce and ciphertext of `plain`, bound to `bound_to`."""
    nonce = os.urandom(12)
    return nonce + AESGCMSIV(key).encrypt(nonce, plain, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """What `seal` took; SealBrokenError otherwise."""
    try:
        return AESGCMSIV(key).decrypt(sealed[:12], sealed[12:], bound_to)
    except InvalidTag as error:
        raise SealBrokenError("a sealed value does not open") from error


class MasterKey:
    """A KeyWrapper over a key in the deployment's settings."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def wrap(self, data_key: bytes, bound_to: bytes) -> bytes:
        return seal(self._key, data_key, bound_to)

    def unwrap(self, wrapped: bytes, bound_to: bytes) -> bytes:
        return unseal(self._key, wrapped, bound_to)


class SecretBox:
    """A tenant's secrets by name: written once, opened only by the code that needs them."""

    def __init__(self, wrapper: KeyWrapper) -> None:
        self._wrapper = wrapper
        self._data_keys: dict[UUID, bytes] = {}

    async def data_key(self, s: ReadSession) -> bytes | None:
        """The tenant's data key, or None when it has none yet."""
        if s.tenant_id in self._data_keys:
            return self._data_keys[s.tenant_id]
        wrapped = await s.value(
            "SELECT wrapped FROM app.data_key WHERE tenant_id = %(tenant_id)s AND version = 1"
        )
        if wrapped is None:
            return None
        key = self._wrapper.unwrap(bytes(wrapped), f"{s.tenant_id}|1".encode())
        if not isinstance(s, WriteSession):
            # What a writer reads may yet be rolled back; such a key would seal what never opens.
            self._data_keys[s.tenant_id] = key
        return key

    async def ensure_data_key(self, s: WriteSession) -> bytes:
        """The tenant's data key, made when there is none."""
        if (key := await self.data_key(s)) is not None:
            return key
        wrapped = self._wrapper.wrap(os.urandom(32), f"{s.tenant_id}|1".encode())
        await s.execute(
            "INSERT INTO app.data_key (tenant_id, version, wrapped)"
            " VALUES (%(tenant_id)s, 1, %(wrapped)s) ON CONFLICT DO NOTHING",
            {"wrapped": wrapped},
        )
        stored = await s.value(
            "SELECT wrapped FROM app.data_key WHERE tenant_id = %(tenant_id)s AND version = 1"
        )
        return self._wrapper.unwrap(bytes(stored), f"{s.tenant_id}|1".encode())

    async def seal(self, s: WriteSession, place: str, value: str) -> bytes:
        """`value` sealed for one `place`, a column and its row: elsewhere it stays shut."""
        return seal(await self.ensure_data_key(s), value.encode(), _bound(s, place))

    async def open(self, s: ReadSession, place: str, sealed: bytes) -> str:
        """What was sealed for `place`; SealBrokenError for anything else."""
        key = await self.data_key(s)
        if key is None:
            raise SealBrokenError("the tenant has no data key")
        return unseal(key, bytes(sealed), _bound(s, place)).decode()

    async def put(self, s: WriteSession, name: str, value: str) -> None:
        """Keep a secret under `name`, in place of an earlier one."""
        await s.execute(
            "INSERT INTO app.secret (tenant_id, name, sealed)"
            " VALUES (%(tenant_id)s, %(name)s, %(sealed)s)"
            " ON CONFLICT (tenant_id, name) DO UPDATE SET sealed = excluded.sealed,"
            " updated_at = now()",
            {"name": name, "sealed": await self.seal(s, f"secret|{name}", value)},
        )

    async def get(self, s: ReadSession, name: str) -> str | None:
        """The secret under `name`, or None."""
        sealed = await s.value(
            "SELECT sealed FROM app.secret WHERE tenant_id = %(tenant_id)s AND name = %(name)s",
            {"name": name},
        )
        if sealed is None or await self.data_key(s) is None:
            return None
        return await self.open(s, f"secret|{name}", sealed)


def _bound(s: ReadSession, place: str) -> bytes:
    return f"{s.tenant_id}|{place}".encode()

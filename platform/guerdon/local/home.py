"""`GUERDON_HOME`: what a local run keeps between runs, its secrets included."""

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from guerdon.local import places

BRANDS = "brands.json"
PLATFORM = "platform.json"
# The corporate identity provider of a run: its people and clients, and where it listens.
PROVIDER_FILE = "identity-provider.json"
IDENTITY_URL = "GUERDON_DEMO_IDENTITY_URL"


class HomeBusyError(RuntimeError):
    """Another supervisor works on this home."""


@dataclass(frozen=True)
class Home:
    """The folder and the names in it."""

    path: Path

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def valkey(self) -> Path:
        return self.path / "valkey"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def environment_file(self) -> Path:
        return self.path / "demo.env"

    @property
    def description_file(self) -> Path:
        return self.path / "demo.json"

    def folder(self, name: str) -> Path:
        """A folder of that name, made if missing."""
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def claim(self) -> IO[str]:
        """Hold the returned file open for as long as this home is yours."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise HomeBusyError(
                f"a Guerdon already runs on {self.path} (process {owner}): stop that one, "
                "or set GUERDON_HOME and PORT for a second"
            ) from None
        lock.seek(0)
        lock.truncate()
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        return lock

    def secret(self, name: str) -> str:
        """64 random hexadecimal digits, the same ones for ever."""
        file = self.path / f"{name}.secret"
        if not file.exists():
            self.write_private(file.name, secrets.token_hex(32))
        return file.read_text().strip()

    def key_pair(self, name: str) -> tuple[str, str]:
        """An RSA key's private and public half as PEM, the same ones for ever."""
        file = self.path / f"{name}.pem"
        if not file.exists():
            made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            pem = made.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            self.write_private(file.name, pem.decode())
        private = file.read_text()
        public = (
            serialization.load_pem_private_key(private.encode(), None)
            .public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        return private, public.decode()

    def write_environment(self, environment: Mapping[str, str]) -> None:
        """Leave the settings of this run where `guerdon` commands find them."""
        text = "".join(f"{name}={value}\n" for name, value in sorted(environment.items()))
        self.write_private(self.environment_file.name, text)

    def brands(self) -> list[dict[str, Any]]:
        """What `guerdon.local.brands` told of each brand."""
        told: list[dict[str, Any]] = json.loads((self.path / BRANDS).read_text())
        return told

    def platform_staff(self) -> list[dict[str, Any]]:
        """What `guerdon.local.brands` told of the platform's own staff."""
        told: list[dict[str, Any]] = json.loads((self.path / PLATFORM).read_text())
        return told

    def write_description(self, description: Mapping[str, Any]) -> None:
        """Write demo.json; it holds passwords of demo members."""
        text = json.dumps(description, indent=2, ensure_ascii=False) + "\n"
        self.write_private(self.description_file.name, text)

    def write_private(self, name: str, text: str) -> None:
        """Write a file that only its owner may read; it is never seen half-written."""
        file = self.path / name
        partial = file.with_name(f"{file.name}.{os.getpid()}.part")
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(text)
        partial.replace(file)

    def remove(self) -> None:
        """Remove the folder and what was placed elsewhere for it."""
        if not self.path.exists():
            return
        with self.claim():
            for server in (self.postgres, self.valkey):
                places.remove_place(server)
            places.remove_tree(self.path)

"""A SAML provider that nobody here wrote: SimpleSAMLphp, run by PHP's own server."""

import json
import os
import re
import secrets
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from tests import calls

PASSWORD = "a long passphrase"
PEOPLE = [
    {"user": "zelda", "name": "Zelda Quill", "groups": ["loyalty-admins", "finance"]},
    {"user": "marta", "name": "Marta Reis", "groups": ["marketing"]},
    {"user": "otto", "name": "Otto Lund", "groups": ["warehouse"]},
]
READY_S = 20


class SimpleSaml:
    """The running provider; `key` and `certificate` are what it signs with."""

    def __init__(self, root: Path, port: int, folder: Path) -> None:
        subprocess.run([root / "scripts" / "saml-peer.sh"], check=True, cwd=root)
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self.entity_id = f"{self.url}/saml2/idp/metadata.php"
        self.sign_on_url = f"{self.url}/saml2/idp/SSOService.php"
        self.key, self.certificate = pair(folder)
        (folder / "tmp").mkdir()
        (folder / "sessions").mkdir()
        people = [{**one, "password": PASSWORD} for one in PEOPLE]
        (folder / "people.json").write_text(json.dumps(people))
        (folder / "services.json").write_text("[]")
        config = root / "scripts" / "saml-peer"
        self.process = subprocess.Popen(
            ["php", "-d", "session.save_path=" + str(folder / "sessions"), "-S",
             f"127.0.0.1:{port}", "-t", "/usr/share/simplesamlphp/www", config / "router.php"],
            env={
                "PATH": os.environ["PATH"], "SIMPLESAMLPHP_CONFIG_DIR": str(config),
                "SAML_PEER_HOME": str(folder), "SAML_PEER_URL": self.url,
                "SAML_PEER_SALT": secrets.token_hex(16),
            },
            stdout=subprocess.DEVNULL, stderr=(folder / "php.log").open("wb"),
        )  # fmt: skip
        until = time.monotonic() + READY_S
        while not self._listens(port):
            assert self.process.poll() is None, (folder / "php.log").read_text()[-2000:]
            assert time.monotonic() < until
            time.sleep(0.05)  # it tells nobody here when it listens

    @staticmethod
    def _listens(port: int) -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    def register(self, entity_id: str, acs: str, **more: bool) -> None:
        """Let a service ask."""
        file = self.folder / "services.json"
        known = json.loads(file.read_text())
        partial = file.with_suffix(".part")
        partial.write_text(json.dumps([*known, {"entity_id": entity_id, "acs": acs, **more}]))
        partial.replace(file)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(10)

    async def sign_in(self, url: str, acs: str, user: str = "zelda") -> str:
        """User name and password in a fresh browser; the answer that its form would post."""
        async with httpx2.AsyncClient(
            follow_redirects=False, trust_env=False, verify=calls.NO_AUTHORITIES
        ) as browser:
            answer = await browser.get(url)
            for _ in range(10):
                if location := answer.headers.get("location"):
                    url = urljoin(url, location)
                    answer = await browser.get(url)
                    continue
                page = answer.text
                given = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
                action = re.search(r'<form[^>]*action="([^"]+)"', page)
                if "SAMLResponse" in given:
                    assert action is not None
                    assert unescape(action[1]) == acs
                    return unescape(given["SAMLResponse"])
                state = re.search(r'name="AuthState"[^>]*value="([^"]*)"', page)
                assert state, page[:2000]
                form = {"username": user, "password": PASSWORD, "AuthState": unescape(state[1])}
                answer = await browser.post(url, data=form)
        raise AssertionError(f"the provider goes in circles at {url}")


def pair(folder: Path) -> tuple[rsa.RSAPrivateKey, str]:
    """A key and its certificate, as PHP reads them; the certificate as metadata has it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "id.brand.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    (folder / "server.crt").write_text(pem)
    (folder / "server.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return key, "".join(pem.split("-----")[2].split())

"""A provider that nobody here wrote: canaille, as a process, and a person's way through it."""

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from tests import calls

PASSWORD = "a long passphrase"
MEMBER_CALLBACK = "http://brand.localhost/sso/own/cb"
PEOPLE = [
    {"user_name": "zelda", "name": "Zelda Quill", "groups": ["loyalty-admins", "finance"]},
    {"user_name": "marta", "name": "Marta Reis", "groups": ["marketing"]},
    {"user_name": "otto", "name": "Otto Lund", "groups": ["warehouse"]},
    {"user_name": "nora", "name": "Nora None"},
]


class Canaille:
    """The running provider."""

    def __init__(self, root: Path, port: int, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        told = {
            "register": True,
            "people": [
                {**p, "email": f"{p['user_name']}@brand.example", "password": PASSWORD}
                for p in PEOPLE
            ],
            "clients": [
                {
                    "id": "guerdon", "secret": "canaille's secret", "name": "Guerdon",
                    "redirect_uris": [MEMBER_CALLBACK],
                }
            ],
        }  # fmt: skip
        file = folder / "people.json"
        file.write_text(json.dumps(told))
        subprocess.run([root / "scripts" / "environment.sh", "canaille"], check=True, cwd=root)
        python = root / ".cache" / "peers" / "canaille" / "bin" / "python"
        self.process = subprocess.Popen(
            [python, root / "scripts" / "canaille" / "serve.py", str(port), str(file)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def register(self, callback: str) -> tuple[str, str]:
        """A client for this address (OpenID Connect Dynamic Client Registration): id, secret."""
        answer = calls.post(
            f"{self.url}/oauth/register",
            json={
                "client_name": "Guerdon", "client_uri": "https://brand.example",
                "redirect_uris": [callback], "grant_types": ["authorization_code"],
                "response_types": ["code"], "scope": "openid email profile groups",
                "token_endpoint_auth_method": "client_secret_basic",
                "id_token_signed_response_alg": "RS256",
            },
            trust_env=False,
        ).raise_for_status().json()  # fmt: skip
        return answer["client_id"], answer["client_secret"]

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=10)


class Person:
    """Somebody with a browser of their own at the provider."""

    def __init__(self, user_name: str) -> None:
        self.user_name = user_name
        self.client = httpx2.AsyncClient(
            follow_redirects=False, trust_env=False, verify=calls.NO_AUTHORITIES
        )

    async def go(self, url: str, until: str) -> dict[str, str]:
        """User name, password, consent; the query that comes back to the address `until`."""
        answer = await self.client.get(url)
        filled = {"login": self.user_name, "password": PASSWORD}
        for _ in range(12):
            if location := answer.headers.get("location"):
                url = urljoin(url, location)
                if url.startswith(until):
                    return {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
                answer = await self.client.get(url)
                continue
            page = answer.text
            names = {unescape(n) for n in re.findall(r'name="([^"]+)"', page)}
            form = {name: value for name, value in filled.items() if name in names}
            if not form and "answer" in names:
                form = {"answer": "accept"}
            action = re.search(r'<form[^>]*action="([^"]+)"', page)
            url = urljoin(url, unescape(action[1])) if action else url
            answer = await self.client.post(url, data=form)
        raise AssertionError(f"the provider goes in circles at {url}: {page[:500]}")


async def walk(url: str, until: str, user_name: str = "zelda") -> dict[str, str]:
    """What a fresh browser does at the provider: user name, password, consent; then back."""
    person = Person(user_name)
    async with person.client:
        return await person.go(url, until)

"""Somebody at the platform's own host, as a browser without scripts would be."""

import re
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import httpx2

from guerdon.app import Application
from guerdon.identity import codes
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID

COMPANY = {
    "person": "Ana Souza", "legal_name": "Padaria da Ana Ltda", "country": "BR",
    "tax_id": "11.222.333/0001-81",
}  # fmt: skip


class Stranger:
    """Fills in forms; keeps cookies; sends each form's own token."""

    def __init__(self, application: Application, *, address: str = "203.0.113.9") -> None:
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(
                app=application, raise_app_exceptions=False, client=(address, 4000)
            ),
            base_url="http://localhost",
        )
        self.cookies: dict[str, str] = {}
        self.token = ""

    def _headers(self) -> dict[str, str]:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {
            "cookie": jar, "accept-language": "en", "sec-fetch-site": "same-origin",
            "origin": "http://localhost",
        }  # fmt: skip

    def _seen(self, answer: httpx2.Response) -> httpx2.Response:
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        if found := re.search(r'name="csrf_token" value="([^"]+)"', answer.text):
            self.token = found[1]
        return answer

    async def get(self, path: str) -> httpx2.Response:
        return self._seen(await self.client.get(path, headers=self._headers()))

    async def post(
        self, path: str, fields: dict[str, str] | None = None, files: Any = None
    ) -> httpx2.Response:
        data = {"csrf_token": self.token, **(fields or {})}
        return self._seen(
            await self.client.post(path, data=data, files=files, headers=self._headers())
        )

    async def arrive(self, rt: Runtime, email: str) -> httpx2.Response:
        """Prove the address; the answer to the code."""
        await self.get("/sign-up")
        asked = await self.post("/sign-up", {"email": email})
        assert asked.status_code == 200, asked.text
        found = re.search(r'name="challenge" value="([^"]+)"', asked.text)
        assert found
        return await self.post(
            "/sign-up/code",
            {"email": email, "challenge": found[1], "code": await code_of(rt, UUID(found[1]))},
        )

    async def fill_in(self, name: str, slug: str, *, blueprint: str = "coffee") -> None:
        """Every step up to the review, each leading to the next."""
        steps: list[tuple[str, dict[str, str]]] = [
            ("company", COMPANY),
            ("terms", {"terms": "2026-11"}),
            ("brand", {"name": name, "slug": slug, "language": "pt-BR"}),
            ("blueprint", {"blueprint": blueprint}),
            ("look", {"colour": "#7a1f5c"}),
            ("points", {"one": "estrela", "other": "estrelas", "currency": "BRL",
                        "earn_factor": "2", "price_factor": "40"}),
            ("catalogue", {"source": "blueprint"}),
        ]  # fmt: skip
        for (step, fields), following in zip(
            steps, [*(key for key, _ in steps[1:]), "review"], strict=True
        ):
            page = await self.get(f"/sign-up/{step}")
            assert page.status_code == 200, (step, page.text[-2000:])
            answer = await self.post(f"/sign-up/{step}", fields)
            assert answer.headers.get("location") == f"/sign-up/{following}", answer.text[:9000]

    async def found(self) -> httpx2.Response:
        """Press the button of the review."""
        assert (await self.get("/sign-up/review")).status_code == 200
        return await self.post("/sign-up/found")


async def code_of(rt: Runtime, challenge: UUID) -> str:
    """What the mail says."""
    async with rt.db.read(OPERATOR_ID) as s:
        letter = await codes.letter(s, rt.settings, code_id=challenge, now=datetime.now(UTC))
    assert letter is not None
    return letter.code

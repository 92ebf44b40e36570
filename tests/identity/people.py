"""A brand's people in tests: their browsers, their authenticator apps, their invitations."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import msgspec

from guerdon.app import Application
from guerdon.identity import houses, staff, staff_links, staff_people, totp
from guerdon.identity.staff_people import Invitation
from guerdon.identity.staff_sessions import cookie_name
from guerdon.kit.ids import uuid7
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

PASSWORD = "Quiet-Harbour-Lamp-58"


class Browser:
    """A browser at the console's host: keeps `__Host-` cookies, calls like the console's pages."""

    def __init__(self, application: Application, rt: Runtime, tenant: Tenant) -> None:
        self.rt, self.tenant = rt, tenant
        self.jar: dict[str, str] = {}
        self.csrf = ""
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=application, raise_app_exceptions=False),
            base_url=houses.url(rt.settings, tenant.id),
        )

    @property
    def own(self) -> str:
        """The brand's paths."""
        return f"/api/admin/v1/{self.tenant.slug}"

    @property
    def session_cookie(self) -> str:
        """The secret of the session, if the browser has one."""
        return self.jar.get(cookie_name(self.tenant.slug), "")

    async def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx2.Response:
        """A call of a page of the console, with what it would send along."""
        sent = {
            "sec-fetch-site": "same-origin", "x-csrf-token": self.csrf,
            "cookie": "; ".join(f"{k}={v}" for k, v in self.jar.items()),
        }  # fmt: skip
        if method != "GET":
            sent |= {"idempotency-key": str(uuid7()), "content-type": "application/json"}
        sent |= {k.replace("_", "-"): v for k, v in headers.items()}
        content = (
            None if method == "GET" else (b"{}" if body is None else msgspec.json.encode(body))
        )
        answer = await self.client.request(method, path, content=content, headers=sent)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            assert name.startswith("__Host-"), line
            assert {"Path=/", "Secure", "HttpOnly"} <= set(line.split("; ")), line
            assert "Domain" not in line, line
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        return answer

    async def step(self, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """A step of signing in."""
        return await self.call(
            "POST", f"/api/admin/v1/sign-in/{self.tenant.slug}/{path}", body, **headers
        )

    async def me(self) -> httpx2.Response:
        """Who is signed in here; learns the form token."""
        answer = await self.call("GET", f"{self.own}/me")
        if answer.status_code == 200:
            self.csrf = answer.json()["csrfToken"]
        return answer

    async def act(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        """A changing call; a new form token is kept, as the console's pages do."""
        answer = await self.call(method, self.own + path, body)
        if answer.status_code < 300 and isinstance(answer.json(), dict):
            renewed = answer.json().get("session") or answer.json()
            self.csrf = renewed.get("csrfToken", self.csrf)
        return answer

    async def sign_in(self, person: "Somebody", code: str | None = None) -> httpx2.Response:
        """By password and code."""
        first = await self.step("password", {"email": person.email, "password": PASSWORD})
        if first.status_code != 200:
            return first
        given = code if code is not None else person.code()
        answer = await self.step("code", {"ticket": first.json()["ticket"], "code": given})
        if answer.status_code == 200:
            await self.me()
        return answer


class Somebody:
    """One of a brand's people with password and authenticator app."""

    def __init__(self, staff_id: UUID, email: str, key: str, recovery: list[str]) -> None:
        self.id, self.email, self.key, self.recovery = staff_id, email, key, recovery
        self._last = 0

    def code(self, *, steps: int | None = None) -> str:
        """A code that was not used yet: of this step, or of the next when that one was."""
        now = int(time.time()) // totp.STEP_S
        step = now + steps if steps is not None else max(now, self._last + 1)
        if steps is None:
            self._last = step
        return totp.code(self.key, now=datetime.fromtimestamp(step * totp.STEP_S, UTC))


async def invite(
    rt: Runtime,
    tenant: Tenant,
    *,
    roles: tuple[str, ...] = ("owner",),
    email: str = "",
    **more: Any,
) -> tuple[UUID, str, str]:
    """Somebody invited: id, e-mail, and what stands after the # of the link."""
    email = email or f"{uuid7().hex}@staff.example"
    now = rt.clock.now()
    async with rt.db.write(tenant.id) as s:
        (made,) = await staff_people.invite(
            s, people=[Invitation(email, roles, name="Nora Novak", **more)], by=None, actor="cli",
            now=now,
        )  # fmt: skip
    return made.staff_id, email, staff_links.token(rt.settings, tenant.id, made.link_id)


async def join(browser: Browser, *, roles: tuple[str, ...] = ("owner",), **more: Any) -> Somebody:
    """Somebody who took up an invitation in this browser; it stays signed in."""
    staff_id, email, token = await invite(browser.rt, browser.tenant, roles=roles, **more)
    first = await browser.step("link/password", {"token": token, "password": PASSWORD})
    assert first.status_code == 200, first.text
    person = Somebody(staff_id, email, first.json()["key"], [])
    # The code of the step before: those to come stay good for signing in.
    second = await browser.step("link/code", {"token": token, "code": person.code(steps=-1)})
    assert second.status_code == 200, second.text
    person.recovery = second.json()["recoveryCodes"]
    await browser.me()
    return person


async def account(rt: Runtime, tenant: Tenant, staff_id: UUID) -> staff.Staff:
    """The account as it stands."""
    async with rt.db.read(tenant.id) as s:
        found = await staff.find(s, staff_id)
    assert found is not None
    return found

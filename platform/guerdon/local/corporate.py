"""Puts the demo's corporate sign-in into force by a test login, as a brand's owner would.

`python -m guerdon.local.corporate`, with the settings of the run in its environment, when the web
and the provider listen.
"""

import asyncio
import re
import tomllib
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2

from guerdon.identity import providers, staff
from guerdon.identity.sso import operations, queries, test_logins
from guerdon.identity.sso.endpoints import address
from guerdon.identity.sso.schemas import Connection, OidcSettings
from guerdon.kit.ids import uuid7
from guerdon.local.brands import brand_folders
from guerdon.plumbing.egress import EgressFailedError
from guerdon.programme import SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import load_settings
from guerdon.tenancy.schemas import Tenant

_PATIENCE_S: Final = 60
_STEPS_MAX: Final = 15


class CorporateError(RuntimeError):
    """The test login did not work; the message says where."""


async def put_into_force() -> None:
    """Every demo brand that has a corporate provider."""
    async with open_runtime(load_settings(), role="app", sections=SECTIONS) as rt:
        for path in brand_folders():
            told = _told(path)
            if "corporate" in told:
                tenant = await rt.directory.by_slug(path.name)
                await _one(rt, tenant, told)


def _told(path: Path) -> dict[str, Any]:
    file = path / "demo.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


async def _one(rt: Runtime, tenant: Tenant, told: dict[str, Any]) -> None:
    corporate = told["corporate"]
    async with rt.db.read(tenant.id) as r:
        found = [c for c in await queries.connections(r) if c.title == corporate["title"]]
    if not found or (found[0].open and not found[0].pending):
        return
    connection, person = found[0], corporate["people"][0]
    await _listens(rt, connection)
    test_id = uuid7()
    async with rt.db.write(tenant.id) as s:
        starter = await staff.by_email(s, told["staff"][0]["email"])
        if starter is None:
            raise CorporateError("nobody is there to start the test login")
        await test_logins.start(
            s, id=test_id, connection_id=connection.id, started_by=starter.id, now=rt.clock.now()
        )
    async with asyncio.timeout(_PATIENCE_S):
        await _walk(rt, connection, f"?test={test_id}", person["user"], person["password"])
    async with rt.db.write(tenant.id) as s:
        test = await queries.test_login(s, connection_id=connection.id, test_id=test_id)
        if test.outcome != "passed":
            raise CorporateError(f"the test login failed: {test.reason} {test.detail}")
        await operations.enable(s, connection_id=connection.id, now=rt.clock.now())


async def _listens(rt: Runtime, connection: Connection) -> None:
    """Wait until the provider describes itself."""
    issuer = connection.draft.issuer if isinstance(connection.draft, OidcSettings) else ""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                await providers.metadata(rt, issuer)
            except EgressFailedError:
                await asyncio.sleep(0.3)
            else:
                return


async def _walk(rt: Runtime, connection: Connection, query: str, user: str, password: str) -> None:
    """A person's way from the console to the provider and back. Names below `localhost` do not
    resolve outside browsers: connect by number, name the host."""
    host = rt.settings.console_authority
    port = urlsplit(f"//{host}").port or 80
    callback = address(rt, connection.tenant_id, connection.endpoint_id, "callback")
    cookie = ""

    async with httpx2.AsyncClient(trust_env=False, follow_redirects=False) as browser:

        async def at_console(path: str) -> httpx2.Response:
            nonlocal cookie
            answer = await browser.get(
                f"http://127.0.0.1:{port}{path}", headers={"host": host, "cookie": cookie}
            )
            for line in answer.headers.get_list("set-cookie"):
                cookie = line.partition(";")[0]
            return answer

        begun = await at_console(f"{urlsplit(callback).path.replace('/callback', '/start')}{query}")
        url = begun.headers["location"]
        answer = await browser.get(url)
        for _ in range(_STEPS_MAX):
            if location := answer.headers.get("location"):
                url = urljoin(url, location)
                if url.startswith(callback):
                    parts = urlsplit(url)
                    await at_console(f"{parts.path}?{parts.query}")
                    return
                answer = await browser.get(url)
                continue
            names = {unescape(name) for name in re.findall(r'name="([^"]+)"', answer.text)}
            filled = {"login": user, "password": password}
            form = {name: value for name, value in filled.items() if name in names}
            if not form and "answer" in names:
                form = {"answer": "accept"}
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            url = urljoin(url, unescape(action[1])) if action else url
            answer = await browser.post(url, data=form)
    raise CorporateError(f"the provider asks on and on at {url}")


if __name__ == "__main__":
    asyncio.run(put_into_force())

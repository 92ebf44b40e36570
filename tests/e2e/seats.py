"""Somebody who is signed in at a demo that runs: their session's cookie, made by the product."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext, Page

from guerdon.cli._houses import house
from guerdon.identity import sessions, staff, staff_sessions
from guerdon.identity.visit import SESSION_COOKIE
from guerdon.kit.ids import uuid7
from guerdon.members import operations as members
from guerdon.members import queries
from guerdon.programme import RULES, SECTIONS
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import PREFIX, load_settings
from guerdon.tenancy.schemas import Tenant

NEWCOMER = "screens@newcomer.example"
_IDLE, _LENGTH = timedelta(hours=1), timedelta(hours=2)
T = TypeVar("T")


def member_state(home: Path, tenant: dict[str, Any], email: str) -> Any:
    """A browser's state with a member's session; NEWCOMER joins when they have not yet."""

    async def session(rt: Runtime, found: Tenant) -> str:
        now = rt.clock.now()
        snapshot = await rt.snapshot(found.id, now)
        async with rt.db.write(found.id) as s:
            member = await queries.find_by_email(s, email_norm=email)
            if member is None:
                assert email == NEWCOMER, f"{email} is not a member of the demo"
                member = await members.join(
                    s, id=uuid7(), email=email, name="Noa Newcomer", email_verified=True,
                    snapshot=snapshot, now=now,
                )  # fmt: skip
        token, _ = await sessions.start(
            rt.valkey, tenant_id=found.id, member_id=member.id, host=found.canonical_host,
            method="screens", idle=_IDLE, absolute=_LENGTH, now=now,
        )  # fmt: skip
        return token

    cookie = {
        "name": SESSION_COOKIE, "value": with_runtime(home, tenant["slug"], session), "path": "/",
        "domain": tenant["host"].partition(":")[0], "secure": True, "httpOnly": True,
        "sameSite": "Lax", "expires": -1,
    }  # fmt: skip
    return {"cookies": [cookie], "origins": []}


def seat_owner(context: BrowserContext, page: Page, home: Path, slug: str, base: str) -> None:
    """Sign in the brand's first owner at the console; one is added where there is none."""
    host = base.partition("//")[2].partition(":")[0]

    async def session(rt: Runtime, found: Tenant) -> str:
        now = rt.clock.now()
        async with rt.db.read(found.id) as r:
            owners = await staff.active_owners(r)
        if not owners:
            owners = [uuid7()]
            async with rt.db.write(found.id) as s:
                await staff.add(
                    s, id=owners[0], email="screens@staff.example", name="Olga Owner",
                    roles=("owner",), now=now,
                )  # fmt: skip
        token, _ = await staff_sessions.start(
            rt.valkey, tenant_id=found.id, staff_id=owners[0], host=host, method="screens",
            idle=_IDLE, absolute=_LENGTH, now=now,
        )  # fmt: skip
        return token

    below = context.new_cdp_session(page)
    below.send(
        "Network.setCookie",
        {"name": staff_sessions.cookie_name(slug), "value": with_runtime(home, slug, session),
         "path": "/", "secure": True, "url": base.replace("http:", "https:"), "httpOnly": True,
         "sameSite": "Lax"},
    )  # fmt: skip


def with_runtime(home: Path, slug: str, act: Callable[[Runtime, Tenant], Awaitable[T]]) -> T:
    """What `act` makes of the house of that name, in the demo at `home`."""
    for line in (home / "demo.env").read_text().splitlines():
        name, _, value = line.partition("=")
        if name.startswith(PREFIX):
            os.environ[name] = value

    async def run() -> T:
        async with open_runtime(load_settings(), role="app", sections=SECTIONS, rules=RULES) as rt:
            return await act(rt, await house(rt, slug))

    # Playwright runs a loop of its own in this thread.
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, run()).result()

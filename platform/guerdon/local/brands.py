"""The demo's brands: applied from their folders, connected to the sandbox, given keys.

`python -m guerdon.local.brands` does it, with the settings of the run in its environment.
"""

import asyncio
import logging
import os
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec
import structlog

from guerdon.identity import api_keys, passwords
from guerdon.identity.policy import API_SCOPES
from guerdon.kit.ids import uuid7
from guerdon.kit.paths import bundled
from guerdon.local import people, purchases, recommended
from guerdon.local.accounts import connect_to_peers
from guerdon.local.history import Named, make_history
from guerdon.local.history_plan import HABITS
from guerdon.local.home import BRANDS, PLATFORM, Home
from guerdon.members import operations, queries, sign_in
from guerdon.programme import RULES, SECTIONS
from guerdon.programme.folder import apply_folder, read_folder
from guerdon.programme.operator import ensure_operator
from guerdon.runtime import Runtime, open_runtime
from guerdon.settings import load_settings
from guerdon.tenancy.schemas import Tenant


def brand_folders() -> list[Path]:
    """The demo brands' folders, in the order they are shown."""
    demo = bundled("tenants") / "demo"
    return sorted(p for p in demo.glob("*") if (p / "tenant.toml").is_file())


def prepare(home: Home) -> None:
    """Make every demo brand what its folder says; safe to repeat."""

    async def work() -> None:
        settings, bar = load_settings(), HistoryBar(sys.stdout)
        async with (
            open_runtime(settings, role="app", sections=SECTIONS, rules=RULES) as rt,
            open_runtime(settings, role="worker", sections=SECTIONS, rules=RULES) as worker,
        ):
            told = await asyncio.gather(
                *(_brand(rt, worker, home, folder, bar) for folder in brand_folders())
            )
            now = rt.clock.now()
            operator = await ensure_operator(rt, now=now)
            staff = await people.ensure_staff(rt, operator, people.PLATFORM, now)
        home.write_private(BRANDS, msgspec.json.encode(told).decode())
        home.write_private(PLATFORM, msgspec.json.encode(staff).decode())

    asyncio.run(work())


class HistoryBar:
    """How far the brands' histories are, on one line of a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out if out.isatty() else None
        self._done: dict[str, tuple[int, int]] = {}

    def show(self, slug: str, done: int, whole: int) -> None:
        """`slug` has `done` of `whole` windows behind it."""
        self._done[slug] = (done, whole)
        if self._out is not None:
            parts = "   ".join(
                f"{name} {'█' * (10 * d // w):░<10} {100 * d // w:3} %"
                for name, (d, w) in sorted(self._done.items())
            )
            print(f"  history: {parts}", end="\r", file=self._out, flush=True)


async def _brand(
    rt: Runtime, worker: Runtime, home: Home, path: Path, bar: HistoryBar
) -> dict[str, Any]:
    folder = read_folder(path)
    told = _told(path)
    now: datetime = rt.clock.now()
    applied = await apply_folder(rt, folder, author="demo", now=now)
    tenant = applied.tenant
    await connect_to_peers(rt, home, tenant, now)
    if tenant.slug in HABITS:
        await make_history(
            rt,
            worker,
            tenant=tenant,
            named=[
                Named(
                    name=m["name"],
                    email=m["email"],
                    phone=m.get("phone", ""),
                    language=m["language"],
                    story=m["story"],
                )
                for m in told.get("members", [])
            ],
            now=now,
            progress=lambda done, whole: bar.show(tenant.slug, done, whole),
        )
    members = await _members(rt, tenant, path, now)
    await purchases.ensure_cards(rt, tenant, path, now)
    await purchases.ensure_tickets(rt, tenant, told.get("tickets", []), now)
    await purchases.ensure_purchases(rt, tenant, told.get("purchases", []), now)
    await recommended.ensure_recommended(rt, tenant, now)
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "host": f"{tenant.canonical_host}:{rt.settings.base_host.rpartition(':')[2]}",
        "url": rt.settings.tenant_url(tenant.canonical_host),
        "api_key": await _api_key(rt, home, tenant, now),
        "members": members,
        "staff": await people.ensure_staff(rt, tenant, told.get("staff", []), now),
        "corporate": await people.ensure_connection(rt, home, tenant, told.get("corporate"), now),
    }


async def _api_key(rt: Runtime, home: Home, tenant: Tenant, now: datetime) -> str:
    """The brand's key: the one this home keeps while it is good, else a new one."""
    kept = home.path / f"api-key-{tenant.slug}.secret"
    if kept.exists():
        secret = kept.read_text().strip()
        if await api_keys.authenticate(rt, tenant.id, secret, now=now) is not None:
            return secret
    async with rt.db.write(tenant.id) as s:
        issued = await api_keys.create(
            s, name="Demo", scopes=tuple(API_SCOPES), mode="test", now=now
        )
    home.write_private(kept.name, issued.secret)
    return issued.secret


def _told(path: Path) -> dict[str, Any]:
    """The people in the folder's demo.toml: members, staff, the corporate provider."""
    file = path / "demo.toml"
    if not file.is_file():
        return {}
    told: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    return told


async def _members(rt: Runtime, tenant: Tenant, path: Path, now: datetime) -> list[dict[str, str]]:
    """Who can sign in, by the folder's demo.toml; they join when they have not yet."""
    told = _told(path).get("members", [])
    snapshot = await rt.snapshot(tenant.id, now)
    for each in told:
        async with rt.db.write(tenant.id) as s:
            member = await queries.find_by_email(s, email_norm=each["email"])
            if member is None:
                member = await operations.join(
                    s,
                    id=uuid7(),
                    email=each["email"],
                    name=each["name"],
                    language=each.get("language"),
                    phone=each.get("phone", ""),
                    email_verified=True,
                    snapshot=snapshot,
                    now=now,
                )
            has_password = await passwords.stored_password(s, member_id=member.id) is not None
        if not has_password:
            await sign_in.set_password(
                rt, tenant=tenant, member_id=member.id, password=each["password"], now=now
            )
    return [{"email": m["email"], "password": m["password"]} for m in told]


if __name__ == "__main__":
    # A thousand jobs of the past are no news.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    prepare(Home(Path(os.environ["GUERDON_HOME"])))

"""The demo's brands: applied from their folders, connected to the sandbox, given keys.

`python -m guerdon.local.brands` does it, with the settings of the run in its environment.
"""

import asyncio
import os
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from guerdon.kit.paths import bundled
from guerdon.local.home import BRANDS, Home
from guerdon.programme import SECTIONS
from guerdon.programme.folder import apply_folder, read_folder
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
        async with open_runtime(load_settings(), role="app", sections=SECTIONS) as rt:
            told = [await _brand(rt, home, folder) for folder in brand_folders()]
        home.write_private(BRANDS, msgspec.json.encode(told).decode())

    asyncio.run(work())


async def _brand(rt: Runtime, home: Home, path: Path) -> dict[str, Any]:
    folder = read_folder(path)
    now: datetime = rt.clock.now()
    applied = await apply_folder(rt, folder, author="demo", now=now)
    tenant = applied.tenant
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "host": f"{tenant.canonical_host}:{rt.settings.base_host.rpartition(':')[2]}",
        "url": rt.settings.tenant_url(tenant.canonical_host),
        "api_key": await _api_key(rt, home, tenant, now),
        "members": _members(path),
    }


async def _api_key(rt: Runtime, home: Home, tenant: Tenant, now: datetime) -> str:
    return ""


def _members(path: Path) -> list[dict[str, str]]:
    """Who can sign in: the folder's demo.toml."""
    file = path / "demo.toml"
    if not file.is_file():
        return []
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    return [{"email": m["email"], "password": m["password"]} for m in content["members"]]


if __name__ == "__main__":
    prepare(Home(Path(os.environ["GUERDON_HOME"])))

"""Brands that live a life."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.redemption.world import World
from tests.simulation.programmes import MEMBERS, NOW, Brand

from guerdon.identity import sessions
from guerdon.identity.visit import SESSION_COOKIE
from guerdon.kit.clock import MovableClock


@pytest.fixture
def open_brand(rt: Any, worker_rt: Any, make_tenant: Any) -> Any:
    """`await open_brand(sections)`: a brand with goods and members, a hundred days ago."""
    early = replace(rt, clock=MovableClock(NOW - timedelta(days=100)))

    async def make(sections: dict[str, Any]) -> Brand:
        return await Brand(World(early, worker_rt, await make_tenant(**sections))).open(MEMBERS)

    return make


@pytest.fixture
def sign_in(rt: Any) -> Any:
    """`await sign_in(tenant, member_id)`: the cookie of a member who has signed in."""

    async def start(tenant: Any, member_id: UUID) -> str:
        token, _ = await sessions.start(
            rt.valkey, tenant_id=tenant.id, member_id=member_id, host=tenant.canonical_host,
            method="test", idle=timedelta(hours=1), absolute=timedelta(hours=8),
            now=rt.clock.now(),
        )  # fmt: skip
        return f"{SESSION_COOKIE}={token}"

    return start

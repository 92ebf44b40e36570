"""Brands that live a life."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.redemption.world import World
from tests.simulation.programmes import MEMBERS, NOW, Brand

from guerdon.kit.clock import MovableClock


@pytest.fixture
def open_brand(rt: Any, worker_rt: Any, make_tenant: Any) -> Any:
    """`await open_brand(sections)`: a brand with goods and members, a hundred days ago."""
    early = replace(rt, clock=MovableClock(NOW - timedelta(days=100)))

    async def make(sections: dict[str, Any]) -> Brand:
        return await Brand(World(early, worker_rt, await make_tenant(**sections))).open(MEMBERS)

    return make

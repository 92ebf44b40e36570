"""A brand's own model that answers, hangs and comes back: what its members get meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.brand_api.shop import join
from tests.conftest import MakeTenant
from tests.outside import Outside

from guerdon.plumbing.breaker import FAILURES_MAX, Breaker
from guerdon.plumbing.cache import key, open_valkey
from guerdon.recommendations.parameters import ExternalScores
from guerdon.recommendations.scores import External, Scores
from guerdon.runtime import Runtime
from guerdon.sandbox.web import Request, Response, Routes, Server
from guerdon.tenancy.schemas import Tenant

BUDGET_MS = 300
# A page waits for the budget; the rest is room for a machine that does other things, too.
PAGE_S = BUDGET_MS / 1_000 + 0.9
BY_MODEL = {"seat": "0.9", "bag": "0.1"}
BY_RULES = {"seat": "0.5", "bag": "0.5"}
BASKET = {"kind": "basket", "items": [{"sku": "LATTE"}]}


class Model:
    """The brand's model, a real server: it prefers seats, and while it hangs it says nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.well = asyncio.Event()
        routes = Routes()
        routes.add("POST", "/scores", self._score)
        self.server = Server(routes)

    async def _score(self, request: Request) -> Response:
        wanted = msgspec.json.decode(request.body)
        self.asked.append(wanted["member"])
        await self.well.wait()
        scores = {offer: float(BY_MODEL[offer]) for offer in wanted["offers"]}
        # Nobody keeps a connection to a server of one test.
        headers = {"connection": "close"}
        return Response(200, msgspec.json.encode({"scores": scores}), headers=headers)


@pytest.fixture
async def model(outside: Outside) -> AsyncIterator[Model]:
    made = Model()
    await made.server.start(outside.scores)
    yield made
    made.well.set()
    made.server.close()


def parameters(model: Model, cache_s: int) -> dict[str, Any]:
    return {
        "kinds": {"ancillary": {"enabled": True, "exploration_percent": 0, "holdout_percent": 0}},
        "placements": [{"key": "after", "kinds": ["ancillary"], "slots": 5}],
        "offers": [{"key": k, "kind": "ancillary", "name": {"en": k}} for k in BY_MODEL],
        "external_scores": {
            "url": f"{model.server.base_url}/scores", "timeout_ms": BUDGET_MS, "cache_s": cache_s,
        },
    }  # fmt: skip


async def slate(api: Any, member: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Where the scores come from, and each offer's; never later than a page may be."""
    began = time.monotonic()
    given = {"memberId": member["id"], "placement": "after", "context": BASKET}
    answered = await api.post("/recommendations/slate", json=given, key="")
    assert time.monotonic() - began < PAGE_S
    assert answered.status_code == 200, answered.text
    body = answered.json()
    return body["externalScores"], {i["offer"]: i["score"] for i in body["items"]}


async def opened(rt: Runtime, tenant: Tenant) -> None:
    """The breaker is open; the slate that opened it did not wait for that."""
    async with asyncio.timeout(5):
        while not await rt.valkey.exists(key(tenant.id, "breaker", "scores", "open")):
            await asyncio.sleep(0.01)  # between two looks


async def test_a_model_that_hangs_is_left_alone_and_taken_back(
    rt: Runtime, make_tenant: MakeTenant, make_api: Any, model: Model
) -> None:
    tenant = await make_tenant(recommendations=parameters(model, cache_s=0))
    api = await make_api(tenant)
    members = [await join(api) for _ in range(FAILURES_MAX)]
    model.well.set()
    assert await slate(api, members[0]) == ("model", BY_MODEL)
    model.well.clear()
    for member in members:
        assert await slate(api, member) == ("rules", BY_RULES)
    await opened(rt, tenant)
    asked = len(model.asked)
    assert asked > 1
    # Open: it is not asked at all.
    for member in members:
        assert await slate(api, member) == ("rules", BY_RULES)
    assert len(model.asked) == asked
    # Half open: of many at once, one finds out; it still hangs, so that it is left alone again.
    await rt.valkey.delete(key(tenant.id, "breaker", "scores", "open"))
    found = await asyncio.gather(*(slate(api, member) for member in members))
    assert found == [("rules", BY_RULES)] * FAILURES_MAX
    await opened(rt, tenant)
    assert len(model.asked) == asked + 1
    # Half open, and it answers: closed for everybody.
    await rt.valkey.delete(key(tenant.id, "breaker", "scores", "open"))
    model.well.set()
    assert await slate(api, members[0]) == ("model", BY_MODEL)
    async with asyncio.timeout(5):
        while await Breaker(rt.valkey, tenant.id, "scores").wait_s():
            await asyncio.sleep(0.01)  # between two looks
    found = await asyncio.gather(*(slate(api, member) for member in members))
    assert found == [("model", BY_MODEL)] * FAILURES_MAX


async def test_what_it_said_last_counts_while_it_hangs(
    make_tenant: MakeTenant, make_api: Any, model: Model
) -> None:
    api = await make_api(await make_tenant(recommendations=parameters(model, cache_s=1)))
    ana, bea = await join(api), await join(api)
    model.well.set()
    assert await slate(api, ana) == ("model", BY_MODEL)
    assert await slate(api, ana) == ("cache", BY_MODEL)
    model.well.clear()
    async with asyncio.timeout(5):
        while model.asked == [ana["id"]]:
            assert await slate(api, ana) == ("cache", BY_MODEL)
            await asyncio.sleep(0.05)  # until a score is too old to count without asking
    assert model.asked == [ana["id"]] * 2
    # Of somebody else it never said anything.
    assert await slate(api, bea) == ("rules", BY_RULES)


async def test_the_budget_is_for_everything_that_asking_takes(
    rt: Runtime, tenant: Tenant, model: Model
) -> None:
    """Here for a Valkey that takes connections and never says a word."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    valkey = open_valkey(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    external = External(replace(rt, valkey=valkey))
    began = time.monotonic()
    asked = await external.ask(
        ExternalScores(url=f"{model.server.base_url}/scores", timeout_ms=BUDGET_MS),
        tenant_id=tenant.id, member_id=uuid4(), placement="after", keys=["bag"],
    )  # fmt: skip
    assert time.monotonic() - began < PAGE_S
    assert asked == Scores({}, "rules")
    assert model.asked == []
    await valkey.aclose()
    server.close()

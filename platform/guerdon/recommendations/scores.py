"""Scores of a model of the brand's own, asked over the network and never waited for long.

Within the time budget its scores count; else the last known ones do, as long as they are good;
else the rules alone. Which of them it was is told with the slate. The budget is for everything
that asking takes: the breaker, the key, the name's address, the answer.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Coroutine, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from guerdon.kit.errors import InvalidError, ProviderRefusedError
from guerdon.plumbing.breaker import Breaker
from guerdon.plumbing.egress import EgressFailedError, EgressRefusedError
from guerdon.recommendations.candidates import ONE
from guerdon.recommendations.parameters import ExternalScores
from guerdon.runtime import Runtime

Source = Literal["none", "model", "cache", "rules"]
SECRET: Final = "recommendations.scores"  # noqa: S105
SECRETS: Final = MappingProxyType({SECRET: "Key of the model"})
_MEMBERS_MAX: Final = 20_000
# An answer that is too late for this slate is good for the next one.
_AGAIN: Final = 10


class _Answer(msgspec.Struct):
    scores: dict[str, float]
    version: str = ""


class Scores(msgspec.Struct, frozen=True):
    """Scores by key in millionths, where they come from, and the version of the model."""

    by_key: Mapping[str, int]
    source: Source
    version: str = ""


NONE: Final = Scores({}, "none")


class _Known(msgspec.Struct, frozen=True):
    scores: Scores
    at: float


class External:
    """What this process knows of the brands' own models."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._known: OrderedDict[tuple[UUID, str, UUID, str], _Known] = OrderedDict()
        self._telling: set[asyncio.Task[None]] = set()

    async def ask(
        self,
        parameters: ExternalScores,
        *,
        tenant_id: UUID,
        member_id: UUID,
        placement: str,
        keys: Sequence[str],
    ) -> Scores:
        """The member's scores, by the model, from before, or none."""
        if not parameters.url or not keys:
            return NONE
        key = (tenant_id, parameters.url, member_id, placement)
        known = self._known.get(key)
        age = time.monotonic() - known.at if known else 0.0
        if known and age < parameters.cache_s:
            return Scores(known.scores.by_key, "cache", known.scores.version)
        answered = await self._call(parameters, tenant_id, member_id, placement, keys)
        if answered is not None:
            self._known[key] = _Known(answered, time.monotonic())
            if len(self._known) > _MEMBERS_MAX:
                self._known.popitem(last=False)
            return answered
        if known and age < parameters.cache_s * _AGAIN:
            return Scores(known.scores.by_key, "cache", known.scores.version)
        return Scores({}, "rules")

    def forget(self, tenant_id: UUID) -> None:
        """Ask anew at the next slate."""
        for key in [key for key in self._known if key[0] == tenant_id]:
            del self._known[key]

    async def _call(
        self,
        parameters: ExternalScores,
        tenant_id: UUID,
        member_id: UUID,
        placement: str,
        keys: Sequence[str],
    ) -> Scores | None:
        """What the model says within the budget; None where it is left alone or says nothing."""
        breaker = Breaker(self._rt.valkey, tenant_id, "scores")
        try:
            async with asyncio.timeout(parameters.timeout_ms / 1000):
                if await breaker.wait_s():
                    return None
                answer = await _answer(
                    self._rt,
                    parameters,
                    tenant_id,
                    member=str(member_id),
                    placement=placement,
                    keys=keys,
                )
        except (TimeoutError, EgressFailedError, EgressRefusedError, ProviderRefusedError):
            self._tell(breaker.failed())
            return None
        self._tell(breaker.worked())
        scores = {
            name: int(min(max(score, 0.0), 1.0) * ONE)
            for name, score in answer.scores.items()
            if score == score
        }
        return Scores(scores, "model", answer.version[:60])

    def _tell(self, breaker: Coroutine[Any, Any, None]) -> None:
        """The breaker hears of it while the slate goes on."""
        task = asyncio.create_task(breaker)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)


async def check(rt: Runtime, parameters: ExternalScores, *, tenant_id: UUID) -> None:
    """Ask the model for the scores of nothing.

    Raises InvalidError without an address, ProviderRefusedError where it wants another key, and
    UnavailableError where it gives no answer that can be read within the time budget.
    """
    if not parameters.url:
        raise InvalidError("The model has no address in the recommendations' parameters.")
    try:
        await _answer(rt, parameters, tenant_id, member="", placement="", keys=())
    except EgressRefusedError as error:
        raise InvalidError("The model's address may not be called from here.") from error


async def _answer(
    rt: Runtime,
    parameters: ExternalScores,
    tenant_id: UUID,
    *,
    member: str,
    placement: str,
    keys: Sequence[str],
) -> _Answer:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    async with rt.db.read(tenant_id) as s:
        secret = await rt.secrets.get(s, SECRET)
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    response = await rt.egress.request(
        "POST",
        parameters.url,
        headers=headers,
        content=msgspec.json.encode(
            {"member": member, "placement": placement, "offers": list(keys)}
        ),
        timeout_s=parameters.timeout_ms / 1000,
    )
    if response.status in {401, 403}:
        raise ProviderRefusedError("The model wants another key.", reason="key_refused")
    if response.status != 200:
        raise EgressFailedError("The model answered with an error.", maybe_done=True)
    try:
        return msgspec.json.decode(response.body, type=_Answer)
    except msgspec.DecodeError as error:
        raise EgressFailedError("The model's answer cannot be read.", maybe_done=True) from error

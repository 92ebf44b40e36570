"""What the tenant's own jobs find: signs of abuse, and its pulse."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from guerdon.identity.jobs import CodesRefused
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.events import DomainEvent, listen
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.runtime import Runtime
from guerdon.support import pulse, signs


class LookingAtCodes(Effect[CodesRefused]):
    """Wrong codes were given back in the last seconds."""

    message = CodesRefused

    async def apply(self, rt: Runtime, s: WriteSession, m: CodesRefused, now: datetime) -> None:
        await signs.after_wrong_codes(rt, s, now=now)


class TakePulse(Message, frozen=True):
    """Look at the tenant's webhooks, letters and orders."""

    topic: ClassVar[str] = "support.take_pulse"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class TakingPulse(Effect[TakePulse]):
    """Keeps what was found where the platform's staff see it."""

    message = TakePulse

    async def apply(self, rt: Runtime, s: WriteSession, m: TakePulse, now: datetime) -> None:
        await pulse.keep(s, await pulse.take(rt, s, now=now), now=now)


async def _placed(rt: Runtime, s: WriteSession, m: DomainEvent, now: datetime) -> None:
    await signs.after_redemption(
        rt, s, redemption_id=UUID(m.data["redemptionId"]), member_id=m.member_id, now=now
    )


listen("redemption.placed", _placed)

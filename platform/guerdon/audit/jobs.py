"""Each day the end of every trail goes into the log, which leaves the machine."""

from datetime import datetime
from typing import Any, ClassVar

import structlog

from guerdon.audit.verify import checkpoint
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message

log = structlog.get_logger(__name__)


class TellCheckpoint(Message, frozen=True):
    """Tell how the tenant's trail ends."""

    topic: ClassVar[str] = "audit.checkpoint"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class CheckpointTold(Effect[TellCheckpoint]):
    """Writes the checkpoint as a log line: `guerdon audit verify --checkpoints` takes it."""

    message = TellCheckpoint

    async def apply(self, rt: Any, s: WriteSession, m: TellCheckpoint, now: datetime) -> None:
        """Nothing is told of a tenant whose trail is empty."""
        made = await checkpoint(s, rt.settings, now=now)
        if made is not None:
            log.info(
                "audit.checkpoint", tenant_id=str(made.tenant_id), seq=made.seq, hash=made.hash,
                at=made.at.isoformat(), code=made.code,
            )  # fmt: skip

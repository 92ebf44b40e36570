"""The counter's part of the journey: hand over against a code."""

from datetime import datetime

from guerdon.fulfilment import operations as fulfilment
from guerdon.fulfilment.operations import Collected
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.redemption.messages import TrackOrder
from guerdon.runtime import Runtime


async def hand_over(
    rt: Runtime, s: WriteSession, *, code: str, by: str, now: datetime
) -> Collected:
    """Hand over what waits under `code`, once; the redemption follows to delivered.

    Raises UnknownCodeError for a code that is not known or was used.
    """
    data_key = await rt.secrets.ensure_data_key(s)
    done = await fulfilment.collect(s, code=code, data_key=data_key, by=by, now=now)
    await outbox.put(s, TrackOrder(redemption_id=done.id))
    return done

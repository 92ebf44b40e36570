"""A tenant's sheet: the figures that a list of all tenants shows, counted by a job of the tenant.

What a list sorts by is kept in one row a tenant (`ctl.tenant_sheet`); one tenant's page counts
anew.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Final

import msgspec

from guerdon.ledger import statistics
from guerdon.members import queries as members
from guerdon.plumbing import outbox
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.plumbing.jobs import Effect
from guerdon.plumbing.outbox import Message
from guerdon.redemption import queries as redemption
from guerdon.runtime import Runtime
from guerdon.support import pulse, traffic
from guerdon.tenancy import sheets
from guerdon.tenancy.operator import OPERATOR_ID

WELL: Final = 0
WARNING: Final = 1
UNWELL: Final = 2
# A job that is due is taken within seconds; one that waits for minutes tells of workers that are
# gone or of a tenant that asks for more than its share.
LATE: Final = timedelta(minutes=5)
VERY_LATE: Final = timedelta(hours=1)
REFRESH_EVERY_S: Final = 900
ANSWERS_OF: Final = timedelta(hours=1)


class Figures(msgspec.Struct, frozen=True):
    """How a tenant does. `problems`: what is wrong, by stable words; `late_s`: how long the
    oldest job that is due has waited; `requests`, `failed`: answers of the last hour, and those of
    them from 500 on."""

    members: int
    points_outstanding: int
    points_held: int
    open_orders: int
    parked: int
    late_s: int
    requests: int
    failed: int
    health: int
    problems: tuple[str, ...]


async def figures(rt: Runtime, s: ReadSession, *, now: datetime) -> Figures:
    """Count everything of the tenant in context."""
    points = await statistics.outstanding(s)
    counted = await members.counts(s, before=now, since=now, until=now)
    queue = await outbox.backlog(s)
    orders = await redemption.open_orders(s)
    answered = await traffic.answered(s, since=now - ANSWERS_OF, until=now)
    attention = await redemption.wanting_attention(s)
    found = dict(_problems(queue, attention, await pulse.take(rt, s, now=now)))
    return Figures(
        members=counted.members,
        points_outstanding=points.points,
        points_held=points.held,
        open_orders=orders,
        parked=queue.parked,
        late_s=queue.late_s,
        requests=answered.requests,
        failed=answered.failed,
        health=max(found.values(), default=WELL),
        problems=tuple(found),
    )


def _problems(
    queue: outbox.Backlog, attention: int, found_ill: pulse.Found
) -> list[tuple[str, int]]:
    found = []
    if queue.parked:
        found.append(("parked_jobs", UNWELL))
    late = timedelta(seconds=queue.late_s)
    if late >= LATE:
        found.append(("late_jobs", UNWELL if late >= VERY_LATE else WARNING))
    if attention:
        found.append(("orders_wanting_attention", WARNING))
    if found_ill.providers_failing:
        found.append(("providers_failing", WARNING))
    if found_ill.webhooks_failing or found_ill.endpoints_off:
        found.append(("webhooks_failing", WARNING))
    if found_ill.mails_failed or found_ill.texts_failed:
        found.append(("letters_failing", WARNING))
    return found


class RefreshSheet(Message, frozen=True):
    """Count a tenant's figures for the list of all tenants."""

    topic: ClassVar[str] = "support.refresh_sheet"
    queue: ClassVar[str] = "bulk"
    real_time: ClassVar[bool] = True


class SheetRefreshed(Effect[RefreshSheet]):
    """Counts, and writes the tenant's one row; the operator has none."""

    message = RefreshSheet

    async def apply(self, rt: Runtime, s: WriteSession, m: RefreshSheet, now: datetime) -> None:
        if s.tenant_id == OPERATOR_ID:
            return
        found = await figures(rt, s, now=now)
        await sheets.save(s, figures=msgspec.structs.asdict(found), now=now)

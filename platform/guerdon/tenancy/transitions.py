"""Leading a brand from one state to another, audited in the same transaction."""

from datetime import datetime
from typing import Final

import msgspec

from guerdon.audit.operations import record
from guerdon.kit.clock import TenantClock
from guerdon.kit.errors import ConflictError, ForbiddenError, InvalidError
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.refusals import refusal
from guerdon.tenancy.lifecycle import INTERRUPTIONS, State, Transition, Who, ending, onward, ways
from guerdon.tenancy.messages import RemoveData, StateChanged

REASON_LENGTH_MAX: Final = 500
# The letters that tell of the end are written from what is about to be removed.
_LAST_LETTERS_S: Final = 300


@refusal
class TransitionRefusedError(ConflictError):
    """A brand does not go from this state (`source`) to that one (`target`); `reason` says why.

    `no_such_way`, `elsewhere` (it goes back only to where it came from), `too_early` (`until`),
    `open_orders` (`orders`), `changed_meanwhile`.
    """

    code = "transition_refused"
    title = "The brand's state cannot be changed like this"


class ClockMovedError(ConflictError):
    """The sandbox's clock was moved: points of the future are no brand's business."""

    code = "clock_moved"
    title = "A sandbox whose clock was moved cannot go live"


class TransitionForbiddenError(ForbiddenError):
    """There is such a way, for somebody else (`by`)."""

    code = "transition_forbidden"
    title = "Somebody else has to change the brand's state"


class Standing(msgspec.Struct, frozen=True):
    """Where a brand stands, since when, and where its interruptions lead back to."""

    slug: str
    status: State
    status_since: datetime
    came_from: tuple[State, ...]


class Changed(msgspec.Struct, frozen=True):
    """A change of state that was made."""

    source: State
    target: State


async def change_state(
    s: WriteSession,
    *,
    to: State,
    by: Who,
    actor: str,
    reason: str,
    now: datetime,
    open_orders: int | None = None,
    address: str = "",
    request_id: str = "",
) -> Changed:
    """Lead the tenant in context to `to`; every process follows within a second, owners are told.

    `open_orders` has to be given where the way asks for none; `now` is real. What a closed brand
    has is removed by a worker. Raises TransitionRefusedError, TransitionForbiddenError,
    ClockMovedError, InvalidError where the reason is missing.
    """
    found = await s.one(Standing, "SELECT * FROM ctl.lock_tenant_v1(%(tenant_id)s)")
    way = _find(found, to, by, now)
    if (found.status, to) == (State.SANDBOX, State.LIVE):
        await _check_clock(s)
    said = " ".join(reason.split())
    if (way.reason and not said) or len(said) > REASON_LENGTH_MAX:
        raise InvalidError(
            f"Give a reason of 1 to {REASON_LENGTH_MAX} characters: the brand's people read it in"
            " their trail.",
            field="reason",
        )
    if way.settled:
        _check_settled(found.status, to, open_orders)
    kept = found.came_from[:-1] if way.back else found.came_from
    came_from = (*kept, found.status) if to in INTERRUPTIONS and not way.back else kept
    await s.execute(
        "SELECT ctl.move_tenant_v1(%(tenant_id)s, %(source)s, %(target)s, %(came_from)s, %(now)s)",
        {
            "source": found.status.value,
            "target": to.value,
            "came_from": [one.value for one in came_from],
            "now": now,
        },
    )
    await record(
        s,
        actor=actor,
        action="tenant.state_changed",
        subject=f"tenant:{found.slug}",
        summary={"from": found.status.value, "to": to.value, "by": by.value, "reason": said},
        now=now,
        address=address,
        request_id=request_id,
    )
    last = ending(to)
    await outbox.put(
        s,
        StateChanged(
            source=found.status.value,
            target=to.value,
            reason=said,
            ends_at=None if last is None else now + last.after,
        ),
    )
    if to is State.CLOSED:
        await outbox.put(s, RemoveData(), delay_s=_LAST_LETTERS_S)
    return Changed(found.status, to)


def _find(found: Standing, to: State, by: Who, now: datetime) -> Transition:
    state = found.status
    declared = ways(state, to)
    if not declared:
        raise _no(found, to, "no_such_way", f"A brand does not go from {state} to {to}.")
    if declared[0].back and found.came_from[-1:] != (to,):
        before = found.came_from[-1] if found.came_from else "nowhere"
        raise _no(
            found, to, "elsewhere", f"The brand goes back to {before}, where it came from, not to"
            f" {to}.",
        )  # fmt: skip
    own = [one for one in declared if by in one.by]
    if not own:
        who = sorted({one.value for way in declared for one in way.by})
        raise TransitionForbiddenError(
            f"From {state} to {to} a brand is led by {' or '.join(who)}, not by {by}.",
            source=state.value,
            target=to.value,
            by=", ".join(who),
        )
    way = min(own, key=lambda one: one.after)
    until = found.status_since + way.after
    if way.after and now < until:
        raise _no(
            found, to, "too_early", f"A brand goes from {state} to {to} not before"
            f" {until:%Y-%m-%d %H:%M} UTC.",
            until=until.isoformat(),
        )  # fmt: skip
    return way


async def _check_clock(s: WriteSession) -> None:
    clock = await s.one(TenantClock, "SELECT * FROM ctl.tenant_clock_v1(%(tenant_id)s)")
    if clock.moved:
        raise ClockMovedError(
            "This sandbox is ahead of real time, and what happened in it stays there. Take its"
            " parameters to a new brand (`guerdon tenants export`, then `apply`) and go live with"
            " that one.",
            field="state",
        )


def _check_settled(state: State, to: State, open_orders: int | None) -> None:
    if open_orders is None:
        raise TypeError(f"from {state} to {to} the open orders have to be counted")
    if open_orders:
        raise TransitionRefusedError(
            f"{open_orders} orders are open. Deliver, cancel or refund them; then the brand can go"
            f" from {state} to {to}.",
            source=state.value,
            target=to.value,
            reason="open_orders",
            orders=open_orders,
        )


def _no(
    found: Standing, to: State, reason: str, why: str, *, until: str | None = None
) -> TransitionRefusedError:
    targets = dict.fromkeys(one.target.value for one in onward(found.status, found.came_from))
    return TransitionRefusedError(
        f"{why} From {found.status} it goes to: {', '.join(targets) or 'nothing any more'}.",
        field="state",
        source=found.status.value,
        target=to.value,
        reason=reason,
        until=until,
    )

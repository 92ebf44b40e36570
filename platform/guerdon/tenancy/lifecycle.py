"""The life of a brand: its states, what each allows, and who may lead from one to the next.

All of it is declared here and nowhere else. The host router, the gate and the desk ask
`require`; `transitions.change_state` asks `find`.
"""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec


class State(StrEnum):
    """Where a brand stands."""

    PENDING = "pending"
    SANDBOX = "sandbox"
    LIVE = "live"
    PAST_DUE = "past_due"
    SUSPENDED = "suspended"
    CLOSING = "closing"
    CLOSED = "closed"


class Act(StrEnum):
    """What somebody wants of a brand."""

    VISIT = "visit"  # a member or a guest looks at the site
    TAKE_PART = "take_part"  # a member changes something: redeems, signs in, edits the profile
    JOIN = "join"  # somebody becomes a member, at the site or by the brand's system
    CALL = "call"  # a system or an app reads by the API
    CHANGE = "change"  # a system or an app writes by the API
    EARN = "earn"  # points are credited for what a member did
    SETTLE = "settle"  # a provider tells of money or goods on their way; staff see orders through
    LOOK = "look"  # staff read in the console, and look after their own account
    RUN = "run"  # staff change something of the brand in the console
    SCHEDULE = "schedule"  # what happens again and again: expiries, statements, checks


class Who(StrEnum):
    """Who leads a brand from one state to another."""

    PLATFORM = "platform"
    OWNER = "owner"
    SYSTEM = "system"


# Money and goods on their way arrive in every state: a callback refused would be lost.
_ALWAYS = frozenset({Act.SETTLE})
_EVERYTHING = frozenset(Act)

ALLOWS: Final[dict[State, frozenset[Act]]] = {
    State.PENDING: _ALWAYS | {Act.LOOK, Act.RUN},
    State.SANDBOX: _EVERYTHING,
    State.LIVE: _EVERYTHING,
    # Members are not made to pay for a bill of the brand's: only its people are told.
    State.PAST_DUE: _EVERYTHING,
    State.SUSPENDED: _ALWAYS | {Act.LOOK, Act.SCHEDULE},
    # Members spend what they have until the last day; nothing new is promised to anybody.
    State.CLOSING: _EVERYTHING - {Act.JOIN, Act.EARN},
    State.CLOSED: _ALWAYS,
}

PAST_DUE_GRACE: Final = timedelta(days=14)
CLOSING_GRACE: Final = timedelta(days=30)


class Transition(msgspec.Struct, frozen=True):
    """A way from one state to another.

    `after`: not before the brand has been in `source` this long. `back`: only to where the brand
    came from, so that nobody leaves a suspension by another door. `settled`: no order is open.
    """

    source: State
    target: State
    by: frozenset[Who]
    after: timedelta = timedelta(0)
    reason: bool = True
    back: bool = False
    settled: bool = False


def _way(
    source: State,
    target: State,
    *by: Who,
    after: timedelta = timedelta(0),
    reason: bool = True,
    back: bool = False,
    settled: bool = False,
) -> Transition:
    return Transition(source, target, frozenset(by), after, reason, back, settled)


_PLATFORM, _OWNER, _SYSTEM = Who.PLATFORM, Who.OWNER, Who.SYSTEM

TRANSITIONS: Final = (
    _way(State.PENDING, State.SANDBOX, _SYSTEM, _PLATFORM, reason=False),
    _way(State.PENDING, State.CLOSED, _PLATFORM),
    _way(State.SANDBOX, State.LIVE, _OWNER, _PLATFORM, reason=False),
    _way(State.SANDBOX, State.SUSPENDED, _PLATFORM),
    _way(State.SANDBOX, State.CLOSING, _OWNER, _PLATFORM),
    _way(State.LIVE, State.PAST_DUE, _SYSTEM, _PLATFORM),
    _way(State.LIVE, State.SUSPENDED, _PLATFORM),
    _way(State.LIVE, State.CLOSING, _OWNER, _PLATFORM),
    _way(State.PAST_DUE, State.LIVE, _SYSTEM, _PLATFORM),
    _way(State.PAST_DUE, State.SUSPENDED, _PLATFORM),
    _way(State.PAST_DUE, State.SUSPENDED, _SYSTEM, after=PAST_DUE_GRACE),
    _way(State.PAST_DUE, State.CLOSING, _OWNER, _PLATFORM),
    _way(State.SUSPENDED, State.SANDBOX, _PLATFORM, back=True),
    _way(State.SUSPENDED, State.LIVE, _PLATFORM, back=True),
    # By the system: only what the end of the grace suspended, once everything is paid.
    _way(State.SUSPENDED, State.PAST_DUE, _SYSTEM, _PLATFORM, back=True),
    _way(State.SUSPENDED, State.CLOSING, _PLATFORM),
    _way(State.CLOSING, State.SANDBOX, _OWNER, _PLATFORM, back=True),
    _way(State.CLOSING, State.LIVE, _OWNER, _PLATFORM, back=True),
    _way(State.CLOSING, State.PAST_DUE, _OWNER, _PLATFORM, back=True),
    _way(State.CLOSING, State.SUSPENDED, _PLATFORM, back=True),
    _way(State.CLOSING, State.CLOSED, _SYSTEM, _PLATFORM, after=CLOSING_GRACE, settled=True),
)
# Left by going back to the state before.
INTERRUPTIONS: Final = frozenset({State.SUSPENDED, State.CLOSING})
BEGINNINGS: Final = (State.PENDING, State.SANDBOX, State.LIVE)


def allows(state: State, act: Act) -> bool:
    """Whether a brand in `state` lets `act` happen."""
    return act in ALLOWS[state]


def ways(source: State, target: State) -> list[Transition]:
    """Every declared way between two states."""
    return [one for one in TRANSITIONS if (one.source, one.target) == (source, target)]


def onward(state: State, came_from: tuple[State, ...] = ()) -> Iterator[Transition]:
    """Every way that is open from `state`, for somebody, now or later."""
    for one in TRANSITIONS:
        if one.source is state and (not one.back or came_from[-1:] == (one.target,)):
            yield one


def ending(state: State) -> Transition | None:
    """The way by which the system ends `state` after its grace; None if it lasts."""
    for one in TRANSITIONS:
        if one.source is state and Who.SYSTEM in one.by and one.after:
            return one
    return None


def beginning_of(state: State) -> State:
    """How a copy of a brand in `state` begins elsewhere."""
    if state in BEGINNINGS:
        return state
    return State.LIVE if state is State.PAST_DUE else State.SANDBOX

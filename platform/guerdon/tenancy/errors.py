"""Refusals of the control plane."""

from typing import Final

from guerdon.kit.errors import ConflictError, GuerdonError, UnavailableError
from guerdon.plumbing.refusals import refusal
from guerdon.tenancy.lifecycle import Act, State


@refusal
class HostTakenError(ConflictError):
    """Another tenant has this host."""

    code = "host_taken"
    title = "Another brand uses this address"


class UnknownHostError(GuerdonError):
    """No brand lives at this host."""

    code = "unknown_host"
    status = 421
    title = "No brand lives at this address"


class TenantPendingError(UnavailableError):
    """The brand is being set up and has not opened yet."""

    code = "tenant_pending"
    title = "This programme is not open yet"


class TenantSuspendedError(UnavailableError):
    """The brand's site is closed for now; nothing is lost."""

    code = "tenant_suspended"
    title = "This programme is paused"


class TenantClosedError(GuerdonError):
    """The brand has left for good."""

    code = "tenant_closed"
    status = 410
    title = "This programme has ended"


class TenantStateError(ConflictError):
    """The brand's state (`state`) does not allow this (`act`)."""

    code = "tenant_state"
    title = "The state of the programme does not allow this"


class TermsNotAcceptedError(ConflictError):
    """The terms in force (`version`) have not been accepted."""

    code = "platform_terms"
    title = "Accept the terms first"


class TermsDueError(ConflictError):
    """New terms (`version`) are in force (`effective_at`), and no owner has accepted them yet."""

    code = "platform_terms_due"
    title = "New terms wait for an owner"


_OUTSIDE: Final = frozenset(
    {Act.VISIT, Act.TAKE_PART, Act.JOIN, Act.CALL, Act.CHANGE, Act.EARN},
)
_SHUT: Final[dict[State, tuple[type[GuerdonError], str]]] = {
    State.PENDING: (TenantPendingError, "This programme is not open yet. Come back soon."),
    State.SUSPENDED: (TenantSuspendedError, "This programme is paused. Your points are safe."),
    State.CLOSED: (TenantClosedError, "This programme has ended."),
}
_TOLD: Final[dict[tuple[State, Act], str]] = {
    (State.CLOSING, Act.JOIN): (
        "The programme is closing: nobody can join any more. Members go on until the last day."
    ),
    (State.CLOSING, Act.EARN): (
        "The programme is closing: no points are credited any more. Corrections and redemptions"
        " are taken until the last day."
    ),
    (State.SUSPENDED, Act.RUN): (
        "The brand is suspended: its console can be read, and orders can be seen through. Write to"
        " the platform's support to have it resumed."
    ),
}


def refused(state: State, act: Act) -> GuerdonError:
    """What is told where a brand in `state` does not let `act` happen."""
    if act in _OUTSIDE and state in _SHUT:
        error, detail = _SHUT[state]
        return error(detail)
    detail = _TOLD.get((state, act), f"The brand is {state}, which does not allow this.")
    return TenantStateError(detail, state=state.value, act=act.value)

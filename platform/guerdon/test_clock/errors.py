"""What moving a clock refuses."""

from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.plumbing.refusals import refusal


@refusal
class ClockNotMovableError(ConflictError):
    """Only a sandbox's clock can be moved, and only forward."""

    code = "clock_not_movable"
    title = "This clock cannot be moved"


class ClockUnderWayError(ConflictError):
    """The clock is on its way to `target`."""

    code = "clock_under_way"
    title = "The clock is being moved"


class ClockTargetError(InvalidError):
    """The instant is not after the clock, or too far away."""

    code = "clock_target"
    title = "The clock cannot be moved there"

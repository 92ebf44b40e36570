"""Refusals on the way to being live."""

from guerdon.kit.errors import ConflictError


class NotReadyError(ConflictError):
    """Points of the checklist are open (`open`, their codes); each names the screen that closes it.

    `payments_points_only` alone among them is closed by saying so (`pointsOnly`).
    """

    code = "not_ready"
    title = "The programme is not ready to go live"

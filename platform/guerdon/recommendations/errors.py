"""Why a slate or what became of it is refused."""

from guerdon.kit.errors import InvalidError, NotFoundError


class PlacementNotFoundError(NotFoundError):
    """The parameters in force name no placement like this (`placement`)."""

    code = "placement_not_found"
    title = "There is no such placement"


class FeedbackInvalidError(InvalidError):
    """The id is of no slate of this brand; send the `feedbackId` of an offer as it was answered."""

    code = "feedback_invalid"
    title = "This is no feedback id of this brand"

"""What is told at the end of a quota."""

from guerdon.kit.errors import GuerdonError


class QuotaReachedError(GuerdonError):
    """The brand's plan ends here: `quota` says which one, `limit` how far it goes.

    Nothing that is there is lost. An owner chooses a larger plan on the screen "Plan and usage".
    """

    code = "quota_reached"
    status = 403
    title = "The brand's plan does not include more"


class CallQuotaReachedError(GuerdonError):
    """The API calls of the month (`limit`) are used up; the next month begins anew."""

    code = "call_quota_reached"
    status = 429
    title = "The API calls of this month are used up"

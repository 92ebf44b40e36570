"""Errors that a caller can act on. Each carries its problem type and HTTP status (RFC 9457).

A feature declares its errors beside the code that raises them, as subclasses of `GuerdonError`
with a stable `code`. One handler in each face renders them; an expected failure never looks like
a crash. `detail` is English; faces translate by `code` with `params`.
"""

from typing import ClassVar

Param = str | int | None


class GuerdonError(Exception):
    """An expected refusal.

    `code` is stable and documented; `field` names the input at fault (a JSON pointer or form
    field); `params` are the values that a translated message needs.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        retry_after_s: int | None = None,
        **params: Param,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.field = field
        self.retry_after_s = retry_after_s
        self.params = params


class NotFoundError(GuerdonError):
    """There is no such thing here; also the answer for another tenant's things."""

    code = "not_found"
    status = 404
    title = "Not found"


class InvalidError(GuerdonError):
    """The input breaks a rule; `field` names where."""

    code = "invalid"
    status = 422
    title = "The input cannot be accepted"


class ConflictError(GuerdonError):
    """The request is at odds with the present state."""

    code = "conflict"
    status = 409
    title = "The state does not allow this"


class UnauthenticatedError(GuerdonError):
    """Nobody is signed in, or the credential is not good (any more)."""

    code = "unauthenticated"
    status = 401
    title = "Sign in first"


class ForbiddenError(GuerdonError):
    """The principal may not do this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class TooManyRequestsError(GuerdonError):
    """A limit is reached; `retry_after_s` tells when to try again."""

    code = "rate_limited"
    status = 429
    title = "Too many requests"


class UnavailableError(GuerdonError):
    """Something that is needed does not answer at present."""

    code = "unavailable"
    status = 503
    title = "Not available right now"


class ProviderUnavailableError(UnavailableError):
    """A provider did not do what was asked, for certain; ask again later with the same key.

    Raised when the connection could not be made, or the provider said that it did nothing
    (429, 503). `retry_after_s` carries the provider's wish.
    """

    code = "provider_unavailable"
    title = "The provider does not answer at present"


class OutcomeUnknownError(UnavailableError):
    """A provider may or may not have done what was asked: the answer was lost.

    Never place or charge under a new key after this: ask by our own reference, or repeat with the
    same key.
    """

    code = "outcome_unknown"
    title = "The provider's answer was lost"


class ProviderRefusedError(GuerdonError):
    """A provider understood and declined, for good. `reason` is a stable code of ours."""

    code = "provider_refused"
    status = 409
    title = "The provider declined"

    def __init__(
        self, detail: str = "", *, reason: str, field: str | None = None, **params: Param
    ) -> None:
        super().__init__(detail, field=field)
        self.params = {"reason": reason, **params}
        self.reason = reason

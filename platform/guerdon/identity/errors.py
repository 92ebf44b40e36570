"""Refusals of identity: what a caller can act on, and nothing that helps to guess."""

from guerdon.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    UnauthenticatedError,
)


class CodeRefusedError(InvalidError):
    """Wrong, used, expired or unknown: the answer does not tell which."""

    code = "code_refused"
    title = "This code is not valid (any more)"


class SignInRefusedError(UnauthenticatedError):
    """The e-mail or the password is not right: the answer does not tell which."""

    code = "sign_in_refused"
    title = "E-mail or password is not right"


class WeakPasswordError(InvalidError):
    """Too short, too long, or among the most common passwords."""

    code = "weak_password"
    title = "Choose a longer or less common password"


class StepUpRequiredError(ForbiddenError):
    """This action asks for a fresh sign-in."""

    code = "step_up_required"
    title = "Confirm that it is you"


class CrossSiteError(ForbiddenError):
    """The request does not come from a page of ours, or its form is too old."""

    code = "cross_site"
    title = "This form is too old; load the page again"


class ScopeMissingError(ForbiddenError):
    """The key or token is good but does not cover this call."""

    code = "scope_missing"
    title = "The credential does not cover this"


class PermissionMissingError(ForbiddenError):
    """The person is signed in, but none of their roles allows this."""

    code = "permission_missing"
    title = "Your roles do not allow this"


class ConnectionRefusedByPolicyError(UnauthenticatedError):
    """The sign-in at the brand's own identity provider did not hold up."""

    code = "sso_refused"
    title = "The sign-in with your provider did not work"


class AlreadyLinkedError(ConflictError):
    """This outside identity belongs to another member."""

    code = "already_linked"
    title = "This sign-in belongs to another account"


class TokenRefusedError(InvalidError):
    """A token request that RFC 6749 answers with `error`."""

    code = "token_refused"
    status = 400
    title = "The token request was refused"


class UnknownConnectionError(InvalidError):
    """The brand has no such connection."""

    code = "unknown_connection"
    status = 404
    title = "There is no such sign-in here"

"""Refusals around single sign-on: what is wrong, and what somebody can do about it."""

from guerdon.identity.refusals import Reason
from guerdon.kit.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class SsoRefusedError(ForbiddenError):
    """A sign-in that does not hold up."""

    code = "sign_in_refused_by_policy"
    title = "This sign-in was refused"

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or self.title, reason=reason)
        self.reason = reason


class UnknownConnectionError(NotFoundError):
    """There is no such connection, or it takes nobody in at present."""

    code = "connection_not_found"
    title = "There is no such connection"


class StaleConnectionError(ConflictError):
    """Somebody else changed the connection in between."""

    code = "stale_connection"
    title = "This connection was changed in the meantime"


class UntestedConnectionError(ConflictError):
    """The settings as they stand have not seen a successful test login."""

    code = "connection_untested"
    title = "Make a test login with these settings first"


class LockOutError(ConflictError):
    """Enforcing single sign-on now could lock everybody out."""

    code = "would_lock_out"
    title = "This could lock everybody out"


class ConnectionStateError(ConflictError):
    """The connection's state does not allow this."""

    code = "connection_state"
    title = "The connection's state does not allow this"


class ConnectionSettingsError(InvalidError):
    """A setting breaks a rule; `field` names it."""

    code = "connection_settings"
    title = "This setting cannot be used"


class DomainUnprovedError(ConflictError):
    """The proof of an e-mail domain was not found."""

    code = "domain_unproved"
    title = "The domain's proof was not found"

"""Refusals around a brand's people: what they can act on, and nothing that helps to guess."""

from guerdon.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    UnauthenticatedError,
)


class PasskeyRefusedError(UnauthenticatedError):
    """Unknown key, other host, wrong signature, used challenge: the answer does not tell which."""

    code = "passkey_refused"
    title = "This passkey does not open this account"


class ProofExpiredError(UnauthenticatedError):
    """The first step of the sign-in is too long ago, used up, or was made in another browser."""

    code = "sign_in_expired"
    title = "The sign-in took too long; start again"


class LinkRefusedError(InvalidError):
    """Used, expired, taken back or unknown: the answer does not tell which."""

    code = "link_refused"
    title = "This link is not valid (any more)"


class SsoEnforcedError(ForbiddenError):
    """The brand's people sign in with their corporate account only."""

    code = "sso_enforced"
    title = "Sign in with your corporate account"


class LastOwnerError(ConflictError):
    """A brand always has an owner who can sign in."""

    code = "last_owner"
    title = "This is the brand's last active owner"


class OwnRolesError(ForbiddenError):
    """Nobody changes their own roles or access."""

    code = "own_roles"
    title = "Ask a colleague to change your own access"


class OwnersOnlyError(ForbiddenError):
    """Owners are made, changed and unmade by owners."""

    code = "owners_only"
    title = "Only an owner can do this to an owner"


class AlreadyInvitedError(ConflictError):
    """Somebody with this e-mail is among the brand's people already."""

    code = "already_among_people"
    title = "This e-mail belongs to somebody here already"


class PersonStateError(ConflictError):
    """The person's state does not allow this."""

    code = "person_state"
    title = "This person's state does not allow this"


class LastWayInError(ConflictError):
    """An account keeps a way to sign in: a password with a code, or a passkey."""

    code = "last_way_in"
    title = "This is the only way into your account"


class TooManyPasskeysError(ConflictError):
    """An account keeps a bounded number of passkeys."""

    code = "too_many_passkeys"
    title = "Remove a passkey before you add another"

"""Refusals around members."""

from guerdon.kit.errors import ConflictError, InvalidError, NotFoundError
from guerdon.plumbing.refusals import refusal


@refusal
class MemberNotFoundError(NotFoundError):
    """There is no such member here."""

    code = "member_not_found"
    title = "There is no such member"


class EmailTakenError(ConflictError):
    """The e-mail belongs to another member of this brand."""

    code = "email_taken"
    title = "This e-mail belongs to another account"


class ExternalIdTakenError(ConflictError):
    """The brand's own id belongs to another member."""

    code = "external_id_taken"
    title = "This external id belongs to another member"


class MemberNotActiveError(ConflictError):
    """The member is blocked or erased."""

    code = "member_not_active"
    title = "This account is not active"


class TermsNotAcceptedError(InvalidError):
    """Joining asks for the present version of the terms."""

    code = "terms_not_accepted"
    title = "Accept the terms to join"


class AddressInvalidError(InvalidError):
    """A part of an address is missing or does not fit its country."""

    code = "address_invalid"
    title = "This address is not complete"


class TooManyAddressesError(ConflictError):
    """The address book is full."""

    code = "too_many_addresses"
    title = "The address book is full"


class ErasureBlockedError(ConflictError):
    """Something under way still needs the member's data (an order that is not delivered)."""

    code = "erasure_blocked"
    title = "Your data is still needed for an order that is under way"

"""Refusals around a brand's own domains."""

from guerdon.kit.errors import ConflictError, InvalidError
from guerdon.plumbing.refusals import refusal


class DomainNameError(InvalidError):
    """Not a name that a member site can have; `reason` says why.

    `malformed`, `address` (an IP address), `too_short` (no domain above it), `public_suffix`,
    `platform` (a name of the deployment itself).
    """

    code = "domain_name"
    title = "A member site cannot have this name"


class DomainLimitError(ConflictError):
    """A brand has a bounded number of domains (`max`)."""

    code = "domain_limit"
    title = "There are no more domains to add"


@refusal
class HostUnprovedError(ConflictError):
    """Links can only carry an address that is the brand's and proved."""

    code = "host_unproved"
    title = "This address is not proved"
